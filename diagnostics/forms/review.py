"""What arrives from the pages of a review."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from diagnostics.actions.reviews import Words
from diagnostics.choices import CorrectionReason, Opinion
from diagnostics.models import Round
from diagnostics.rules.controls import value_of
from diagnostics.rules.instrument import Question
from municipalities.forms.days import day_field
from municipalities.forms.review import SeenForm

LONGEST_NOTE: Final = 5_000
LONG: Final = forms.Textarea({"rows": 4})


class OpinionForm(forms.Form):
    """An opinion on one answer; its fields carry the question's name before them. `version` is the answer that was read."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    opinion = forms.ChoiceField(choices=Opinion.choices, required=False)
    reason = forms.ChoiceField(choices=[("", "—"), *CorrectionReason.choices], required=False)
    note = forms.CharField(max_length=LONGEST_NOTE, required=False)
    proposed = forms.CharField(max_length=80, required=False)

    def __init__(self, data: QueryDict, question: Question) -> None:
        super().__init__(data, prefix=question.id)
        self.question = question

    def words(self) -> Words:
        """What a valid form says."""
        sent = self.cleaned_data
        note = sent["note"].replace("\r\n", "\n").replace("\x00", "")
        return Words(Opinion(sent["opinion"]), sent["reason"], note, value_of(self.question, [sent["proposed"]]))


class ReviewReturnForm(SeenForm):
    """Returning a diagnostic: what the municipality reads first, and until when it corrects."""

    reason = forms.CharField(
        label=_("What you say to the municipality"),
        max_length=2000,
        widget=LONG,
        help_text=_("It stands above the list of what is asked, on its page and in the mail."),
    )
    until = day_field(_("Last day to correct"))


class CorrectForm(SeenForm):
    """Opening the correction of a validated diagnostic: what is wrong in it, and until when it is corrected."""

    reason = forms.CharField(
        label=_("What is wrong in it"),
        max_length=2000,
        widget=LONG,
        help_text=_("The municipality reads it now; everyone does once the correction took the place of this one."),
    )
    until = day_field(_("Last day to correct"))


class ValidateForm(SeenForm):
    public_from = day_field(_("Public from"), help_text=_("From this day everyone reads it."))


class ReviewerForm(forms.Form):
    """Who reviews a diagnostic, in which seat, and by when."""

    user = forms.ModelChoiceField(User.objects.none(), label=_("Person"))
    seat = forms.TypedChoiceField(label=_("Seat"), coerce=int, choices=[(1, _("First")), (2, _("Second"))])
    due = day_field(_("By when"), required=False, help_text=_("Empty: 15 working days after it was submitted."))

    def __init__(self, *args: Any, people: list[User], seats: tuple[int, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = User.objects.filter(pk__in=[person.pk for person in people]).order_by("name")
        self.fields["user"].queryset = able  # type: ignore[attr-defined]
        if seats == (1,):
            self.fields["seat"] = forms.IntegerField(initial=1, widget=forms.HiddenInput)


class SampleForm(forms.Form):
    """A share of a round for two independent reviewers."""

    round = forms.ModelChoiceField(Round.objects.order_by("-opens"), label=_("Round"))
    percent = forms.IntegerField(label=_("Share (%)"), min_value=1, max_value=100, initial=10)
    seed = forms.CharField(
        label=_("Seed"),
        max_length=40,
        help_text=_("Any word or number that nobody could choose with an aim: the sample follows from it."),
    )


class DisagreeForm(forms.Form):
    text = forms.CharField(
        label=_("Why it stays as it is"), max_length=LONGEST_NOTE, widget=LONG, help_text=_("The reviewer reads it.")
    )
