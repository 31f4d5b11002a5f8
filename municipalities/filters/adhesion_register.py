"""What a reader of the public register of adhesions asks for in its address, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from municipalities.choices import Standing
from municipalities.filters.directory import CLASSES
from municipalities.filters.narrowing import Narrowed, Offer
from municipalities.reports.adhesion_register import Entry
from municipalities.rules.terms import DISTANCE_BANDS

BANDS: Final[Mapping[str, Promise]] = {
    "hasta-100": _("Up to 100 km"),
    "100-a-300": _("100 to 300 km"),
    "300-a-600": _("300 to 600 km"),
    "600-a-1000": _("600 to 1,000 km"),
    "mas-de-1000": _("1,000 km or more"),
}
_values: Final[Callable[[Entry], tuple[str, ...]]] = attrgetter(
    "region", "rural_class", "band.code", "standing", "year"
)


class Register(Narrowed[Entry]):
    """The register as one address asks for it."""

    orders = ("nombre", "-nombre", "fecha", "-fecha", "distancia", "-distancia")
    outcomes = frozenset({"estado", "anio"})

    @cached_property
    def years(self) -> list[str]:
        """Those in which an adhesion came into force, the newest first."""
        return sorted({entry.year for entry in self.entries if entry.year}, reverse=True)

    @cached_property
    def offered(self) -> dict[str, list[Offer]]:
        return {
            "region": self.by_region(),
            "clase": [Offer(word, value, value.label) for word, value in CLASSES.items()],
            "distancia": [Offer(band.code, band.code, BANDS[band.code]) for band in DISTANCE_BANDS],
            "estado": [Offer(value.value, value, value.label) for value in Standing],
            "anio": [Offer(year, year, year) for year in self.years],
        }

    def values(self, entry: Entry) -> tuple[str, ...]:
        return _values(entry)

    @cached_property
    def rows(self) -> list[Entry]:
        """The answer in its order: the one asked for, else best match first, else who adhered last."""
        rows = list(self.matching)  # by name
        key = self.order.removeprefix("-")
        if not key and self.found:
            return self.best_first(rows)
        if key == "nombre":
            return rows[::-1] if self.order.startswith("-") else rows
        if key == "distancia":
            return sorted(rows, key=lambda entry: entry.distance_km, reverse=self.order.startswith("-"))
        dated = [entry for entry in rows if entry.shown]
        dated.sort(key=_started, reverse=key != "fecha" or self.order.startswith("-"))
        if not key:
            dated.sort(key=lambda entry: entry.standing == Standing.ENDED)
        return dated + [entry for entry in rows if not entry.shown]


def _started(entry: Entry) -> str:
    return entry.shown.starts.isoformat() if entry.shown else ""
