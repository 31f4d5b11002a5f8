"""What the council asks of the table of diagnostics in its address, and the diagnostics that answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.http import QueryDict
from django.utils import timezone

from diagnostics.choices import DiagnosticState
from diagnostics.forms.rounds import (
    BELOW_HALF,
    COMPLETE,
    INCOMPLETE,
    LATE,
    NOT_BEGUN,
    SOON_DAYS,
    DiagnosticFilterForm,
)
from diagnostics.models import Diagnostic, DiagnosticQuerySet, Round
from diagnostics.rules.diagnostic_states import WRITABLE
from municipalities.filters.desk import DeskFilter
from municipalities.filters.directory import find
from municipalities.models import Region

if TYPE_CHECKING:
    from accounts.models import User

_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "nombre": ("municipality__search",),
    "region": ("municipality__region__order", "municipality__search"),
    "ronda": ("round__opens", "municipality__search"),
    "estado": ("state_place", "municipality__search"),
    "avance": ("percent", "municipality__search"),
    "movimiento": ("moved_at", "municipality__search"),
    "plazo": ("closes_on", "municipality__search"),
}
NOT_BEGUN_Q: Final = Q(state=DiagnosticState.OPEN, answered=0)
BELOW_HALF_Q: Final = Q(state__in=WRITABLE, percent__lt=50)


def late_q(today: date) -> Q:
    """Of rows with their standing: what should have been submitted before today."""
    return Q(state__in=WRITABLE, closes_on__lt=today)


class DiagnosticFilter(DeskFilter):
    """The table as one address asks for it, for one person; cancelled ones show when asked for."""

    filters = ("buscar", "estado", "ronda", "region", "avance", "plazo")
    orders = _ORDERS

    def __init__(self, asked: QueryDict, *, user: User, now: datetime) -> None:
        self.user, self.today = user, timezone.localdate(now)
        self.rounds = list(Round.objects.all())
        self.form = DiagnosticFilterForm(asked, regions=Region.objects.all(), rounds=self.rounds)
        super().__init__(self.form)

    @cached_property
    def round_(self) -> Round | None:
        """The round asked for, if it is one alone."""
        wanted = self.values.get("ronda")
        return next((one for one in self.rounds if str(one.pk) == wanted), None)

    def rows(self) -> DiagnosticQuerySet:
        """The diagnostics that fulfil everything asked, with their standing, in no order."""
        rows = Diagnostic.objects.visible_to(self.user).with_standing()
        if not self.values.get("estado"):
            rows = rows.exclude(state__in=[DiagnosticState.CANCELLED, DiagnosticState.SUPERSEDED])
        return self.narrowed(rows)

    def ordered(self) -> DiagnosticQuerySet:
        """The answer in the order asked for, else the one whose time ends first."""
        places = [When(state=state.value, then=Value(place)) for place, state in enumerate(DiagnosticState)]
        rows = self.rows().annotate(state_place=Case(*places, output_field=IntegerField()))
        return rows.order_by(*self.order_by("plazo"), "pk").select_related("municipality__region", "round", "corrects")

    # --- One condition a filter --------------------------------------------------------------------------------------

    @staticmethod
    def _buscar(text: str) -> Q:
        return Q(municipality__in=find(text).scores)

    @staticmethod
    def _estado(states: list[str]) -> Q:
        return Q(state__in=states)

    @staticmethod
    def _ronda(pk: str) -> Q:
        return Q(round=int(pk))

    @staticmethod
    def _region(code: str) -> Q:
        return Q(municipality__region=code)

    @staticmethod
    def _avance(word: str) -> Q:
        return {
            NOT_BEGUN: NOT_BEGUN_Q,
            BELOW_HALF: BELOW_HALF_Q,
            INCOMPLETE: Q(state__in=WRITABLE, answered__lt=F("asked")),
            COMPLETE: Q(state__in=WRITABLE, answered=F("asked"), asked__gt=0),
        }[word]

    def _plazo(self, word: str) -> Q:
        if word == LATE:
            return late_q(self.today)
        return Q(state__in=WRITABLE, closes_on__gte=self.today, closes_on__lte=self.today + timedelta(days=SOON_DAYS))
