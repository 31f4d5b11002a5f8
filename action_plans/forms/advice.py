"""Advice on a plan, its answer, and the appointment of monitors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from action_plans.choices import RecommendationState
from action_plans.forms.plans import words_field
from action_plans.models import Commitment
from municipalities.forms.days import day_field


class RecommendForm(forms.Form):
    """What an adviser recommends, after a visit or a reading."""

    text = words_field(_("What you recommend, and why"), _("The municipality gets it by mail."), rows=6, required=True)
    commitment: forms.ModelChoiceField[Commitment] = forms.ModelChoiceField(
        Commitment.objects.none(),
        label=_("About the commitment"),
        required=False,
        empty_label=_("The plan as a whole"),
        to_field_name="key",
    )
    ask_again = day_field(
        _("Ask again on"), required=False, help_text=_("The daily mail reminds you from that day on.")
    )

    def __init__(self, *args: Any, commitments: QuerySet[Commitment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commitment"].queryset = commitments  # type: ignore[attr-defined]


class FollowUpForm(forms.Form):
    """How an adviser goes on with a recommendation. `seen` is how it stood when the page was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=80)
    note = words_field(
        _("What you learnt"), _("It stays in the history of the plan: the municipality reads it."), rows=4
    )
    ask_again = day_field(
        _("Ask again on"), required=False, help_text=_("Empty: your desk asks no more about this recommendation.")
    )


class AdviceAnswerForm(forms.Form):
    """What the municipality does with it. `seen` is how it stood when the page was opened."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=80)
    state = forms.ChoiceField(
        label=_("What the municipality does"),
        choices=[each for each in RecommendationState.choices if each[0] != RecommendationState.PROPOSED],
        widget=forms.RadioSelect,
    )
    text = words_field(_("Answer of the municipality"), _("Not to follow it asks for reasons."), rows=5)


class MonitorForm(forms.Form):
    """An independent monitor, who has an account in the portal."""

    email = forms.EmailField(
        label=_("E-mail of their account"),
        max_length=254,
        help_text=_("They open their account themselves. Tell them to: their desk then leads to the plan."),
    )
    organisation = forms.CharField(label=_("Organisation"), max_length=150)
    basis = forms.CharField(label=_("Decision that appoints them"), max_length=200)
    starts = day_field(_("From"))
    ends = day_field(
        _("Until"), required=False, help_text=_("Empty: until it is changed. To change it, appoint them again.")
    )

    def clean_email(self) -> User:
        found = User.objects.filter(email__iexact=self.cleaned_data["email"], is_active=True).first()
        if found is None:
            raise forms.ValidationError(_("Nobody has an account with this e-mail. Ask them to make one first."))
        return found
