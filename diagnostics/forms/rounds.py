"""Forms of the council's pages about rounds: the round, the filter of its diagnostics, more time, reminders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from diagnostics.choices import DiagnosticState, EditionState, RoundKind
from diagnostics.models import InstrumentVersion, Round
from diagnostics.rules.reminders import EVERYONE
from municipalities.forms.days import day_field
from municipalities.forms.desk import LONGEST_SEARCH
from municipalities.models import Region

NOT_BEGUN, BELOW_HALF, INCOMPLETE, COMPLETE = "sin-comenzar", "menos-50", "incompletos", "completos"
LATE, SOON = "vencido", "pronto"
SOON_DAYS: Final = 7


class RoundForm(forms.Form):
    """A round: what is asked, when, and from where it starts. `confirmed` is asked for only where it is needed."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("As the municipalities read it: “Línea de base 2026”.")
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=RoundKind.choices)
    version: forms.ModelChoiceField[InstrumentVersion] = forms.ModelChoiceField(
        InstrumentVersion.objects.none(), label=_("Instrument"), help_text=_("Only published versions.")
    )
    previous: forms.ModelChoiceField[Round] = forms.ModelChoiceField(
        Round.objects.none(),
        label=_("It starts from the round"),
        required=False,
        empty_label=_("None: all begin with nothing answered"),
        help_text=_("With the same version its answers are put there, to be confirmed. That round stays as it was."),
    )
    opens = day_field(_("Opens"))
    closes = day_field(_("Closes"), help_text=_("The last day to submit."))
    public_from = day_field(
        _("Results public from"),
        required=False,
        help_text=_("Of what is validated. Empty: it is decided when each one is validated."),
    )
    confirmed = forms.BooleanField(label=_("Yes, close it on that day"), required=False)

    def __init__(self, *args: Any, round_: Round | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = InstrumentVersion.objects.filter(state=EditionState.PUBLISHED)
        rounds = Round.objects.all()
        if round_ is not None:
            versions |= InstrumentVersion.objects.filter(pk=round_.version_id)
            rounds = rounds.exclude(pk=round_.pk)
        self.fields["version"].queryset = versions.defer("content")  # type: ignore[attr-defined]
        self.fields["previous"].queryset = rounds  # type: ignore[attr-defined]
        if not self.data.get("confirmed"):
            self.fields["confirmed"].widget = forms.HiddenInput()

    def ask_to_confirm(self) -> None:
        """Show the box that was not needed until now."""
        self.fields["confirmed"].widget = forms.CheckboxInput()


class DiagnosticFilterForm(forms.Form):
    """The filter of the table of diagnostics, as its address holds it. What it does not know asks for nothing."""

    buscar = forms.CharField(
        label=_("Municipality"), required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput({"type": "search"})
    )
    estado = forms.MultipleChoiceField(
        label=_("State"), required=False, choices=DiagnosticState.choices, widget=forms.CheckboxSelectMultiple
    )
    ronda = forms.ChoiceField(label=_("Round"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    avance = forms.ChoiceField(
        label=_("Progress"),
        required=False,
        choices=[
            ("", _("Any")),
            (NOT_BEGUN, _("Not begun")),
            (BELOW_HALF, _("Less than half answered")),
            (INCOMPLETE, _("Something is missing")),
            (COMPLETE, _("All answered, not submitted")),
        ],
    )
    plazo = forms.ChoiceField(
        label=_("Time"),
        required=False,
        choices=[("", _("Any")), (LATE, pgettext_lazy("diagnostics", "Overdue")), (SOON, _("Ends in 7 days or less"))],
    )
    orden = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, regions: Iterable[Region], rounds: Iterable[Round]) -> None:
        super().__init__(data, auto_id="filtro_%s")
        options = {
            "region": [(region.pk, region.short_name) for region in regions],
            "ronda": [(str(one.pk), one.name) for one in rounds],
        }
        for name, choices in options.items():
            self.fields[name].choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]

    @property
    def selects(self) -> list[forms.BoundField]:
        """The fields that are neither the search nor boxes to tick."""
        return [self[name] for name in ("ronda", "region", "avance", "plazo")]


class MoreTimeForm(forms.Form):
    """Until when, and why."""

    until = day_field(_("New last day"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The municipalities read it in the mail that tells them."),
    )
    shorten = forms.BooleanField(
        label=_("Also shorten the time of those that have more"),
        required=False,
        help_text=_("To mend a day that was wrong."),
    )


class CancelForm(forms.Form):
    """Why a diagnostic is cancelled, as the person saw it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The municipality reads it in the mail that tells it."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class ReminderRuleForm(forms.Form):
    """A reminder: how many days before the last day, and to whom."""

    days_before = forms.IntegerField(label=_("Days before the last day"), min_value=0, max_value=180)
    below_percent = forms.IntegerField(
        label=_("To those with less than this share answered (%)"),
        min_value=1,
        max_value=EVERYONE,
        initial=EVERYONE,
        help_text=_("100: all that have not submitted, also those that answered everything."),
    )
