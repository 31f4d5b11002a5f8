"""What is told of a commitment or one of its milestones, with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from action_plans.choices import MilestoneState
from action_plans.forms.plans import words_field
from action_plans.models import Milestone
from action_plans.rules.progress import MOST_UNDER_WAY
from diagnostics.forms.evidence import SourceForm
from diagnostics.models import Evidence, EvidenceQuerySet
from municipalities.forms.days import day_field


class ProgressForm(SourceForm):
    """What was done, and what shows it: pieces of the library, and one file or address more. `client_id` makes a second click
    the same."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    milestone = forms.ModelChoiceField(
        Milestone.objects.none(),
        label=_("What it is about"),
        required=False,
        empty_label=_("The commitment as a whole"),
        to_field_name="key",
    )
    text = words_field(_("What was done"), _("In a few words that a neighbour understands."), rows=4, required=True)
    state = forms.ChoiceField(
        label=_("State of the milestone"), required=False, choices=[("", _("As it was")), *MilestoneState.choices]
    )
    advance = forms.IntegerField(
        label=_("Advance (%)"),
        required=False,
        min_value=0,
        max_value=MOST_UNDER_WAY,
        help_text=_("Of a milestone under way. When it is done, say that it is met."),
    )
    met_on = day_field(_("Met on"), required=False, help_text=_("Of a milestone that is met; today if it is empty."))
    evidence = forms.ModelMultipleChoiceField(
        Evidence.objects.none(),
        label=_("Evidence of the library"),
        required=False,
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A milestone is met with evidence. The last pieces come first."),
    )
    is_public = forms.BooleanField(
        label=_("Everyone may read the new evidence"),
        required=False,
        initial=True,
        help_text=_("Do not mark it when the document names people who are not authorities."),
    )
    field_order = ("client_id", "key", "milestone", "text", "state", "advance", "met_on", "evidence", "file", "url")

    def __init__(self, *args: Any, milestones: Sequence[Milestone], library: EvidenceQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [each.key for each in milestones]
        self.fields["milestone"].queryset = Milestone.objects.filter(key__in=keys)  # type: ignore[attr-defined]
        self.fields["milestone"].label_from_instance = lambda each: each.title  # type: ignore[attr-defined]
        self.fields["evidence"].queryset = library  # type: ignore[attr-defined]
        self.fields["file"].label = _("Or a new file")

    def clean(self) -> dict[str, Any]:
        cleaned = forms.Form.clean(self) or self.cleaned_data
        if cleaned.get("file") and cleaned.get("url"):
            self.add_error("url", _("Send either a file or an address. For both, add two pieces of evidence."))
        if cleaned.get("state") and not cleaned.get("milestone"):
            self.add_error("milestone", _("Choose the milestone whose state this is."))
        if cleaned.get("advance") is not None and cleaned.get("state") != MilestoneState.UNDER_WAY:
            self.add_error("state", _("The advance is of a milestone under way: choose that state."))
        return cleaned

    @property
    def brings_evidence(self) -> bool:
        return bool(self.cleaned_data.get("file") or self.cleaned_data.get("url"))
