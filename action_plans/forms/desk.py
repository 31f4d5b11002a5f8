"""Forms of the municipality's desk about contributions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from action_plans.choices import HideReason, Verdict
from action_plans.models import Commitment, Contribution, Plan
from municipalities.forms.desk import LONGEST_SEARCH
from municipalities.models import Region

NEW, OWED, HIDDEN, APPEALS = "nuevos", "por-responder", "ocultos", "reclamos"
OBSERVATIONS = "evaluacion"
LATE = "atrasados"


class QueueForm(forms.Form):
    """The filter of the desk of contributions, as its address holds it. What it does not know asks for nothing."""

    buscar = forms.CharField(
        label=_("Words or author"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput({"type": "search"}),
    )
    cola = forms.ChoiceField(
        label=_("What waits"),
        required=False,
        choices=[
            ("", _("Any")),
            (NEW, _("New, to be read")),
            (OWED, _("Waiting for answer")),
            (HIDDEN, pgettext_lazy("contributions", "Hidden")),
            (APPEALS, _("With an appeal")),
        ],
    )
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    sobre = forms.ChoiceField(
        label=_("About"),
        required=False,
        choices=[
            ("", _("Any")),
            ("compromiso", _("A commitment")),
            ("libre", _("No commitment")),
            (OBSERVATIONS, _("An assessment")),
        ],
    )
    orden = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, plans: Iterable[Plan]) -> None:
        super().__init__(data, auto_id="filtro_%s")
        options = [("", _("Any")), *((str(plan.pk), plan.title) for plan in plans)]
        self.fields["plan"].choices = options  # type: ignore[attr-defined]

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in ("cola", "plan", "sobre")]


class OwedForm(forms.Form):
    """The filter of the council's table of contributions that wait. What it does not know asks for nothing."""

    buscar = forms.CharField(
        label=_("Municipality"), required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput({"type": "search"})
    )
    region = forms.ChoiceField(label=_("Region"), required=False)
    cola = forms.ChoiceField(
        label=_("What waits"),
        required=False,
        choices=[
            ("", _("Any")),
            (NEW, _("New, to be read")),
            (OWED, _("Waiting for answer")),
            (LATE, _("Waiting beyond their time")),
            (APPEALS, _("With an appeal")),
        ],
    )
    orden = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, regions: Iterable[Region]) -> None:
        super().__init__(data, auto_id="filtro_%s")
        options = [("", _("Any")), *((region.pk, region.short_name) for region in regions)]
        self.fields["region"].choices = options  # type: ignore[attr-defined]

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in ("region", "cola")]


class HideForm(forms.Form):
    """Why something is hidden: the reason stays visible in its place."""

    reason = forms.ChoiceField(label=_("Why"), choices=HideReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=300,
        help_text=_("Everyone reads it in the place of what you hide. Do not repeat it."),
        widget=forms.Textarea({"rows": 2}),
    )


class AnswerForm(forms.Form):
    """The reasoned response."""

    verdict = forms.ChoiceField(label=_("Decision"), choices=Verdict.choices, widget=forms.RadioSelect)
    reasons = forms.CharField(
        label=_("Reasons"),
        max_length=6_000,
        help_text=_("Everyone reads them, and the authors get them by mail. Say what was considered and where it led."),
        widget=forms.Textarea({"rows": 6}),
    )
    led_to: forms.ModelChoiceField[Commitment] = forms.ModelChoiceField(
        Commitment.objects.none(),
        label=_("It led to the commitment"),
        required=False,
        empty_label=_("To none"),
    )

    def __init__(self, *args: Any, commitments: QuerySet[Commitment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["led_to"].queryset = commitments  # type: ignore[attr-defined]


class _ContributionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Two may have the same title: who wrote it and how it begins tell them apart."""

    def label_from_instance(self, obj: Contribution) -> str:
        who = ", ".join(author.shown_as for author in obj.authors.all())
        words = Truncator(obj.text).words(12, truncate="…")
        return f"{obj.title}: {words} ({who})" if obj.title else f"{words} ({who})"


class JoinForm(forms.Form):
    """Which of those chosen stays; the others lead to it."""

    into = _ContributionField(
        Contribution.objects.none(),
        label=_("Which one stays?"),
        empty_label=None,
        widget=forms.RadioSelect,
        help_text=_("The others lead to it, and it counts the authors and supports of all. It can be taken back."),
    )

    def __init__(self, *args: Any, chosen: QuerySet[Contribution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = chosen  # type: ignore[attr-defined]


class NothingForm(forms.Form):
    """Nothing but the decision."""


class SplitForm(forms.Form):
    """The parts of a contribution, divided by a line with three hyphens."""

    text = forms.CharField(
        label=_("Its parts"),
        max_length=10_000,
        help_text=_("Put a line with --- where one part ends and the next begins. Each part gets its own answer."),
        widget=forms.Textarea({"rows": 12}),
    )

    def parts(self) -> list[str]:
        """The texts of a valid form."""
        parts: list[str] = []
        lines: list[str] = []
        for line in self.cleaned_data["text"].splitlines():
            if line.strip() == "---":
                parts.append("\n".join(lines))
                lines = []
            else:
                lines.append(line)
        return [*parts, "\n".join(lines)]


class DecideForm(forms.Form):
    """What becomes of an appeal."""

    granted = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("1", _("Show it again")), ("0", _("It stays hidden"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=_("Reasons"),
        max_length=2_000,
        help_text=_("The author gets them by mail."),
        widget=forms.Textarea({"rows": 4}),
    )
