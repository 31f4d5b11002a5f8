"""What a reader of the public register of adhesions asks for in its address, and what answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Final
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from municipalities.choices import RuralClass, Standing
from municipalities.filters.directory import CLASSES, LONGEST_SEARCH, Found, find
from municipalities.models import Region
from municipalities.reports.adhesion_register import Entry
from municipalities.rules.terms import DISTANCE_BANDS

BANDS: Final[Mapping[str, Promise]] = {
    "hasta-100": _("Up to 100 km"),
    "100-a-300": _("100 to 300 km"),
    "300-a-600": _("300 to 600 km"),
    "600-a-1000": _("600 to 1,000 km"),
    "mas-de-1000": _("1,000 km or more"),
}
ORDERS: Final = ("nombre", "-nombre", "fecha", "-fecha", "distancia", "-distancia")

# The filters, by the names of their parameters, and what an entry is for each.
FILTERS: Final[Mapping[str, Callable[[Entry], str]]] = {
    "region": attrgetter("region"),
    "clase": attrgetter("rural_class"),
    "distancia": attrgetter("band.code"),
    "estado": attrgetter("standing"),
    "anio": attrgetter("year"),
}
OUTCOMES: Final = ("estado", "anio")

CURRENT: Final = mark_safe(' aria-current="true"')


@dataclass(frozen=True, slots=True)
class Choice:
    """One link of a filter: how many municipalities it would leave, given everything else that was asked."""

    label: str
    count: int
    chosen: bool
    href: str

    @property
    def current(self) -> str:
        """What tells a screen reader that it is chosen."""
        return CURRENT if self.chosen else ""


class Register:
    """The register as one address asks for it. Unknown values of a filter ask for nothing."""

    def __init__(self, asked: Mapping[str, str], entries: Sequence[Entry], regions: Mapping[str, Region]) -> None:
        self.entries = entries
        self.regions = regions
        self.search = asked.get("buscar", "").strip()[:LONGEST_SEARCH]
        order = asked.get("orden", "")
        self.order = order if order in ORDERS else ""
        self.years = sorted({entry.year for entry in entries if entry.year}, reverse=True)
        given = {name: asked.get(name, "") for name in FILTERS}
        given["clase"] = str(CLASSES.get(given["clase"], ""))
        known: dict[str, set[str]] = {
            "region": set(regions),
            "clase": set(RuralClass.values),
            "distancia": set(BANDS),
            "estado": set(Standing.values),
            "anio": set(self.years),
        }
        self.chosen = {name: value for name, value in given.items() if value in known[name]}

    @cached_property
    def found(self) -> Found | None:
        """What the search means, or None when nothing was searched."""
        return find(self.search, [(entry.pk, entry.search) for entry in self.entries]) if self.search else None

    @property
    def region(self) -> Region | None:
        return self.regions.get(self.chosen.get("region", ""))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for but an order."""
        return bool(self.search or self.chosen)

    @property
    def chosen_labels(self) -> list[str]:
        """What was chosen, in words."""
        return [option.label for name in self.chosen for option in self.options[name] if option.chosen]

    def _fitting(self, without: Collection[str] = ()) -> list[Entry]:
        """The entries, by name, that fulfil everything asked but for some filters."""
        fitting = list(self.entries)
        if self.found:
            fitting = [entry for entry in fitting if entry.pk in self.found.scores]
        for name in self.chosen.keys() - without:
            value, of = self.chosen[name], FILTERS[name]
            fitting = [entry for entry in fitting if of(entry) == value]
        return fitting

    @cached_property
    def matching(self) -> list[Entry]:
        return self._fitting()

    @cached_property
    def compared_with(self) -> list[Entry]:
        """Of whom those that match are a share: the entries that fulfil everything but state and year."""
        return self._fitting(without=OUTCOMES) if self.asks_outcome else self.matching

    @property
    def leaves_out(self) -> bool:
        """Whether the list lacks some municipality of its region."""
        return bool(self.search or len(self.chosen) > ("region" in self.chosen))

    @property
    def asks_outcome(self) -> bool:
        """Whether a state or a year was chosen: what became of a municipality, not where or what it is."""
        return any(name in OUTCOMES for name in self.chosen)

    @cached_property
    def rows(self) -> list[Entry]:
        """The answer in its order: the one asked for, else best match first, else who adhered last."""
        rows = list(self.matching)  # by name
        key = self.order.removeprefix("-")
        if not key and self.found:
            place = {pk: number for number, pk in enumerate(self.found.scores)}
            return sorted(rows, key=lambda entry: place[entry.pk])
        if key == "nombre":
            return rows[::-1] if self.order.startswith("-") else rows
        if key == "distancia":
            return sorted(rows, key=lambda entry: entry.distance_km, reverse=self.order.startswith("-"))
        dated = [entry for entry in rows if entry.shown]
        dated.sort(key=_started, reverse=key != "fecha" or self.order.startswith("-"))
        if not key:
            dated.sort(key=lambda entry: entry.standing == Standing.ENDED)
        return dated + [entry for entry in rows if not entry.shown]

    @cached_property
    def options(self) -> dict[str, list[Choice]]:
        """The links of each filter, by the name of its parameter."""
        offered: dict[str, list[tuple[str, str, str | Promise]]] = {
            "region": [(code, code, region.short_name) for code, region in self.regions.items()],
            "clase": [(word, value, value.label) for word, value in CLASSES.items()],
            "distancia": [(band.code, band.code, BANDS[band.code]) for band in DISTANCE_BANDS],
            "estado": [(value.value, value, value.label) for value in Standing],
            "anio": [(year, year, year) for year in self.years],
        }
        return {name: self._choices(name, choices) for name, choices in offered.items()}

    def _choices(self, name: str, offered: Sequence[tuple[str, str, str | Promise]]) -> list[Choice]:
        kept = self._words | {"buscar": self.search, "orden": self.order}
        query = urlencode({key: value for key, value in kept.items() if value and key != name})
        left = self._fitting(without=(name,)) if name in self.chosen else self.matching
        counts = Counter(map(FILTERS[name], left))
        return [
            Choice(
                str(label), counts[value], self.chosen.get(name) == value, f"?{query}&{name}={word}".replace("?&", "?")
            )
            for word, value, label in offered
        ]

    @cached_property
    def _words(self) -> dict[str, str]:
        """What was chosen, as addresses spell it."""
        words = {value.value: word for word, value in CLASSES.items()}
        return {name: words.get(value, value) if name == "clase" else value for name, value in self.chosen.items()}


def _started(entry: Entry) -> str:
    return entry.shown.starts.isoformat() if entry.shown else ""
