"""What the council asks of the table of adhesions in its address, and the municipalities that answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import Case, CharField, F, FilteredRelation, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from municipalities.choices import AdhesionState
from municipalities.filters.desk import DeskFilter
from municipalities.filters.directory import find
from municipalities.forms.desk import (
    CLASSES,
    COLUMNS,
    COUNCIL_OWES,
    MINE,
    NEAR,
    NOBODY,
    REMOTE,
    FilterForm,
    advisers,
)
from municipalities.models import (
    Adhesion,
    Campaign,
    CampaignTarget,
    ContactNote,
    Municipality,
    MunicipalityQuerySet,
    Region,
)
from municipalities.rules.adhesion_states import IN_COUNCILS_HANDS, IN_MUNICIPALITYS_HANDS
from municipalities.rules.terms import DISTANCE_BANDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from accounts.models import User

TABLE: Final = "adhesions"
"""Its name among the saved filters."""

# `search` begins with the normalised name; what is missing comes last either way.
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "nombre": ("search",),
    "region": ("region__order", "search"),
    "clase": ("rural_class", "search"),
    "distancia": ("distance_km", "search"),
    "estado": ("state_place", "search"),
    "dias": ("days_order", "search"),
    "asesor": ("adviser_name", "search"),
    "proximo": ("next_on", "search"),
}


class Preset(NamedTuple):
    """A filter that everyone is offered."""

    query: str
    label: _StrPromise


PRESETS: Final = (
    Preset("estado=signed&estado=under_review&estado=verified", _("To be reviewed")),
    Preset("estado=prospect&distancia=alejados", _("Remote, to be contacted")),
    Preset("dias=30&espera=municipio", _("Silent for 30 days")),
    Preset("asesor=yo", _("Mine")),
)


def desk_rows(user: User) -> MunicipalityQuerySet:
    """Every municipality within the person's scope with its newest adhesion, whether it has one or not.

    Each carries `newest` (the adhesion's key or None), `state` (a prospect where there is none), `since`, `adviser_id`,
    `adviser_name` and `next_on` and `next_step` of the earliest contact that is due.
    """
    newest = Adhesion.objects.filter(municipality=OuterRef("pk")).order_by("-created_at", "-pk").values("pk")[:1]
    due = ContactNote.objects.filter(municipality=OuterRef("pk"), done_at__isnull=True, next_on__isnull=False).order_by(
        "next_on", "pk"
    )
    return (
        Municipality.objects.visible_to(user)
        .annotate(newest=Subquery(newest))
        .annotate(adhesion=FilteredRelation("adhesions", condition=Q(adhesions__pk=F("newest"))))
        .annotate(
            state=Coalesce("adhesion__state", Value(AdhesionState.PROSPECT.value), output_field=CharField()),
            since=F("adhesion__state_since"),
            adviser_id=F("adhesion__adviser_id"),
            adviser_name=F("adhesion__adviser__name"),
            next_on=Subquery(due.values("next_on")[:1]),
            next_step=Subquery(due.values("next_step")[:1]),
        )
    )


class AdhesionFilter(DeskFilter):
    """The table as one address asks for it, for one person."""

    filters = ("buscar", "estado", "region", "clase", "distancia", "dias", "asesor", "campana", "espera")
    orders = _ORDERS
    beside = ("columnas", "orden", "vista")

    def __init__(self, asked: QueryDict, *, user: User, now: datetime) -> None:
        self.user, self.now = user, now
        self.form = FilterForm(asked, regions=self.regions, campaigns=self.campaigns, people=self.people)
        super().__init__(self.form)
        self.values["vista"] = "tablero" if self.is_board else ""
        self.columns = tuple(self.values.get("columnas") or COLUMNS)

    @cached_property
    def regions(self) -> list[Region]:
        return list(Region.objects.all())

    @cached_property
    def campaigns(self) -> list[Campaign]:
        return list(Campaign.objects.visible_to(self.user))

    @cached_property
    def people(self) -> list[User]:
        return advisers()

    @property
    def presets(self) -> list[Preset]:
        """The filters offered to everyone, in the view in use."""
        view = "&vista=tablero" if self.is_board else ""
        return [Preset(preset.query + view, preset.label) for preset in PRESETS]

    @property
    def is_board(self) -> bool:
        return bool(self.values.get("vista") == "tablero")

    def rows(self) -> MunicipalityQuerySet:
        """The municipalities that fulfil everything asked, in no order."""
        return self.narrowed(desk_rows(self.user))

    def ordered(self) -> MunicipalityQuerySet:
        """The answer in the order asked for, else from north to south."""
        places = [When(state=state.value, then=Value(place)) for place, state in enumerate(AdhesionState)]
        rows = self.rows().annotate(
            state_place=Case(*places, output_field=IntegerField()), days_order=self.now - F("since")
        )
        return rows.select_related("region").order_by(*self.order_by("region"))

    # --- One condition a filter --------------------------------------------------------------------------------------

    @staticmethod
    def _buscar(text: str) -> Q:
        return Q(pk__in=find(text).scores)

    @staticmethod
    def _estado(states: list[str]) -> Q:
        return Q(state__in=states)

    @staticmethod
    def _region(code: str) -> Q:
        return Q(region=code)

    @staticmethod
    def _clase(word: str) -> Q:
        return Q(rural_class=CLASSES[word])

    @staticmethod
    def _distancia(code: str) -> Q:
        wanted = Q()
        for band in DISTANCE_BANDS:
            if code == band.code or (code == REMOTE and band.remote) or (code == NEAR and not band.remote):
                upper = Q() if band.high is None else Q(distance_km__lt=band.high)
                wanted |= Q(distance_km__gte=band.low) & upper
        return wanted

    def _dias(self, days: int) -> Q:
        return Q(since__lte=self.now - timedelta(days=days))

    def _asesor(self, who: str) -> Q:
        if who == NOBODY:
            return Q(adviser_id__isnull=True)
        return Q(adviser_id=self.user.pk if who == MINE else int(who))

    @staticmethod
    def _campana(which: str) -> Q:
        if which == NOBODY:
            return ~Q(pk__in=CampaignTarget.objects.values("municipality"))
        return Q(pk__in=CampaignTarget.objects.filter(campaign=int(which)).values("municipality"))

    @staticmethod
    def _espera(whom: str) -> Q:
        return Q(state__in=IN_COUNCILS_HANDS if whom == COUNCIL_OWES else IN_MUNICIPALITYS_HANDS)
