"""What arrives about a plan as a whole: its begin, its texts, its steps, an exception."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from action_plans.choices import PlanStage
from action_plans.models import Plan
from action_plans.rules.plan_states import CARRYING_OUT, Step
from municipalities.forms.days import day_field
from municipalities.rules.uploads import LARGEST, TOO_LARGE

LONGEST_TEXT: Final = 20_000
PAPER: Final = ".pdf,.jpg,.jpeg,.png"


def words_field(label: Any, help_text: Any = "", *, rows: int = 4, required: bool = False) -> forms.CharField:
    """Room for a few sentences."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea({"rows": rows}),
    )


def reason_field(*, required: bool = True) -> forms.CharField:
    field = words_field(
        _("Why it changes"),
        _("The plan is approved: the reason is public, beside what changed."),
        rows=2,
        required=required,
    )
    field.error_messages["required"] = _("Say why it changes: everyone reads it beside what changed.")
    return field


class BeginForm(forms.Form):
    """Name and time of a plan."""

    title = forms.CharField(label=_("Title"), max_length=150)
    starts = day_field(_("From"))
    ends = day_field(_("Until"), help_text=_("The last day."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The plan must end after it begins."))
        return cleaned


class TextsForm(BeginForm):
    """The texts of a plan. `seen` is how the person saw them."""

    foreword = words_field(_("Foreword"), _("Who presents the plan, and why it is made."))
    challenges = words_field(
        _("Challenges and opportunities"), _("What the municipality did already to be more open, and what is hard.")
    )
    vision = words_field(_("Long-term vision"), _("How the municipality wants to be when the plan is over, and after."))
    coordination = words_field(
        _("Who coordinates it, and how"), _("The unit that answers for the plan, and how it works with its community.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if plan.stage in CARRYING_OUT:
            self.fields["reason"] = reason_field()

    def texts(self) -> dict[str, str]:
        names = ("title", "foreword", "challenges", "vision", "coordination")
        return {name: self.cleaned_data[name] for name in names}


class StepForm(forms.Form):
    """A step of the plan: the stage that was seen, and what the step asks for."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=15)

    def __init__(self, *args: Any, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step.end == PlanStage.APPROVED:
            self.fields["file"] = forms.FileField(
                label=_("Act that approves it"),
                max_length=200,
                help_text=_("The decree or the agreement of the council: PDF or picture, at most 20 MB. It is public."),
                widget=forms.FileInput({"accept": PAPER}),
            )
            self.fields["approved_by"] = forms.CharField(
                label=_("Who approved it"), max_length=150, help_text=_("The office, not a person: Concejo Municipal.")
            )
            self.fields["approved_on"] = day_field(_("Day of the approval"))
        elif step.reason:
            self.fields["reason"] = words_field(
                _("Reason"), _("It stays in the history of the plan."), rows=3, required=True
            )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(TOO_LARGE)
        return file


class WaiverForm(forms.Form):
    """An exception that is asked for."""

    reason = words_field(_("Reason"), _("Which contributions still wait, and why."), rows=3, required=True)
    until = day_field(_("Until"), help_text=_("The day by which every contribution has its response."))


class WithdrawForm(forms.Form):
    """Why a commitment leaves the plan."""

    reason = words_field(_("Reason"), _("It is public, beside what changed."), rows=3, required=True)


class GapsForm(forms.Form):
    """The gaps from which the plan starts."""

    gaps = forms.MultipleChoiceField(
        label=_("Gaps"), error_messages={"required": _("Tick at least one gap.")}, widget=forms.CheckboxSelectMultiple
    )
