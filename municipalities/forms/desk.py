"""Forms of the council's desk of adhesions: its filter, saved filters, campaigns and bulk changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.choices import CouncilRole
from accounts.models import User
from accounts.permissions import COUNCIL, Permission
from config.numbers import grouped
from municipalities.choices import AdhesionState, RuralClass
from municipalities.forms.days import day_field
from municipalities.models import Campaign, Region
from municipalities.rules.bulk import needs_reason
from municipalities.rules.terms import DISTANCE_BANDS, DistanceBand

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LONGEST_SEARCH: Final = 80
CLASSES: Final = {"urbana": RuralClass.URBAN, "mixta": RuralClass.MIXED, "rural": RuralClass.RURAL}
REMOTE, NEAR = "alejados", "cercanos"
MINE, NOBODY = "yo", "sin"
COUNCIL_OWES, MUNICIPALITY_OWES = "consejo", "municipio"
COLUMNS: Final[dict[str, _StrPromise]] = {
    "region": _("Region"),
    "clase": _("Class"),
    "distancia": _("Distance to Santiago"),
    "estado": _("State"),
    "dias": _("Days without movement"),
    "asesor": _("Adviser"),
    "proximo": _("Next step"),
    "campana": _("Campaign"),
}


def band_label(band: DistanceBand) -> str:
    """`Up to 100 km`, `100 to 300 km`, `More than 1.000 km`."""
    low, high = grouped(band.low), grouped(band.high) if band.high else ""
    if not band.high:
        return str(_("%(low)s km or more")) % {"low": low}
    text = _("%(low)s to %(high)s km") if band.low else _("Up to %(high)s km")
    return str(text) % {"low": low, "high": high}


def advisers() -> list[User]:
    """The council's people who may accompany a municipality, by name."""
    roles = [role for role in CouncilRole if Permission.PROMOTE_ADHESION in COUNCIL[role]]
    return list(
        User.objects.filter(council_role__in=roles, is_active=True).only("pk", "name", "email").order_by("name")
    )


class FilterForm(forms.Form):
    """The filter of the table of adhesions, as its address holds it. What it does not know asks for nothing."""

    buscar = forms.CharField(
        label=_("Municipality"), required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput({"type": "search"})
    )
    estado = forms.MultipleChoiceField(
        label=_("State"), required=False, choices=AdhesionState.choices, widget=forms.CheckboxSelectMultiple
    )
    region = forms.ChoiceField(label=_("Region"), required=False)
    clase = forms.ChoiceField(label=_("Class"), required=False)
    distancia = forms.ChoiceField(label=_("Distance to Santiago"), required=False)
    dias = forms.IntegerField(
        label=_("Days without movement, at least"), required=False, min_value=0, max_value=9999, localize=False
    )
    asesor = forms.ChoiceField(label=_("Adviser"), required=False)
    campana = forms.ChoiceField(label=_("Campaign"), required=False)
    espera = forms.ChoiceField(label=_("Who owes the next step"), required=False)
    columnas = forms.MultipleChoiceField(
        label=_("Columns"), required=False, choices=list(COLUMNS.items()), widget=forms.CheckboxSelectMultiple
    )
    # What the rest of the page put into the address goes along.
    orden = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    vista = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, regions: Iterable[Region], campaigns: Iterable[Campaign], people: Iterable[User]):
        super().__init__(data, auto_id="filtro_%s")
        bands = [(band.code, band_label(band)) for band in DISTANCE_BANDS]
        farthest_near = max(band.high or 0 for band in DISTANCE_BANDS if not band.remote)
        options: dict[str, list[tuple[str, Any]]] = {
            "region": [(region.pk, region.short_name) for region in regions],
            "clase": [(code, value.label) for code, value in CLASSES.items()],
            "distancia": [
                (REMOTE, _("Remote: %(km)s km or more") % {"km": farthest_near}),
                (NEAR, _("Near: less than %(km)s km") % {"km": farthest_near}),
                *bands,
            ],
            "asesor": [
                (MINE, _("Me")),
                (NOBODY, _("Nobody")),
                *((str(person.pk), str(person)) for person in people),
            ],
            "campana": [
                *((str(campaign.pk), campaign.name) for campaign in campaigns),
                (NOBODY, pgettext_lazy("campaign", "None")),
            ],
            "espera": [(COUNCIL_OWES, _("The council")), (MUNICIPALITY_OWES, _("The municipality"))],
        }
        for name, choices in options.items():
            self.fields[name].choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]

    @property
    def selects(self) -> list[forms.BoundField]:
        """The fields that are neither the search nor boxes to tick."""
        return [self[name] for name in ("region", "clase", "distancia", "dias", "asesor", "campana", "espera")]


class SavedFilterForm(forms.Form):
    """A name for the filter in use."""

    name = forms.CharField(label=_("Name of this filter"), max_length=60)
    is_shared = forms.BooleanField(label=_("Offer it to all staff of the council"), required=False)
    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)


class CampaignForm(forms.Form):
    """A campaign: its name, its dates, and how many adhesions in force it wants in each region.

    `regions` with their `size`, the number of their municipalities.
    """

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("Description"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4})
    )
    starts = day_field(_("From"))
    ends = day_field(_("Until"), help_text=_("The last day."))

    def __init__(self, *args: Any, regions: Iterable[Region], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.regions = list(regions)
        for region in self.regions:
            size: int = region.size  # type: ignore[attr-defined] # an annotation
            self.fields[self.goal_name(region)] = forms.IntegerField(
                label=region.short_name,
                help_text=ngettext("%(count)s municipality", "%(count)s municipalities", size)
                % {"count": grouped(size)},
                required=False,
                min_value=0,
                max_value=999,
                widget=forms.NumberInput({"inputmode": "numeric"}),
            )

    @staticmethod
    def goal_name(region: Region) -> str:
        return f"goal_{region.pk}"

    @property
    def general_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "description", "starts", "ends")]

    @property
    def goal_fields(self) -> list[forms.BoundField]:
        return [self[self.goal_name(region)] for region in self.regions]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        starts: date | None = values.get("starts")
        ends: date | None = values.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", _("It ends before it starts."))
        return values

    def goals(self) -> dict[str, int]:
        """By code of region, those with a goal above zero."""
        wanted = {region.pk: self.cleaned_data.get(self.goal_name(region)) for region in self.regions}
        return {code: goal for code, goal in wanted.items() if goal}


class AssignForm(forms.Form):
    """Whom to assign."""

    adviser = forms.ChoiceField(label=_("Adviser"))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in advisers()}
        self.fields["adviser"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            *((key, str(person)) for key, person in self.people.items()),
        ]

    @property
    def chosen(self) -> User | None:
        return self.people.get(self["adviser"].value() or "")


class StepForm(forms.Form):
    """To which of the states `ends`; and why, where a step to that state asks for a reason."""

    to = forms.ChoiceField(label=_("New state"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The same for all. It stays in each file, and the municipality may read it."),
    )

    def __init__(self, *args: Any, ends: Iterable[AdhesionState], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.ends = list(ends)
        choices = [("", _("Choose")), *((state.value, state.label) for state in self.ends)]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]
        if self.chosen is None or not needs_reason(self.chosen):
            del self.fields["reason"]

    @property
    def chosen(self) -> AdhesionState | None:
        value = self["to"].value()
        return AdhesionState(value) if value in self.ends else None
