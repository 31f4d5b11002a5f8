"""A public list of municipalities that an address narrows: a search, filters with counts, an order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.safestring import mark_safe

from municipalities.filters.directory import LONGEST_SEARCH, Found, find
from municipalities.models import Region


class Listed(Protocol):
    """A municipality of the list; `search` is its name without accents."""

    @property
    def pk(self) -> str: ...
    @property
    def search(self) -> str: ...


E = TypeVar("E", bound=Listed)


class Offer(NamedTuple):
    """A value of a filter: how an address spells it, what an entry holds, and what people call it."""

    word: str
    value: str
    label: str | Promise


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


class Narrowed(ABC, Generic[E]):
    """The list as one address asks for it. Unknown values of a filter ask for nothing.

    `orders` are the orders that may be asked for; `outcomes` the filters that tell what became of a municipality, not where or
    what it is.
    """

    orders: ClassVar[tuple[str, ...]]
    outcomes: ClassVar[frozenset[str]]

    def __init__(self, asked: Mapping[str, str], entries: Sequence[E], regions: Mapping[str, Region]) -> None:
        self.entries = entries
        self.regions = regions
        self.search = asked.get("buscar", "").strip()[:LONGEST_SEARCH]
        order = asked.get("orden", "")
        self.order = order if order in self.orders else ""
        taken = {
            name: offer for name, offers in self.offered.items() for offer in offers if offer.word == asked.get(name)
        }
        self.chosen = {name: offer.value for name, offer in taken.items()}
        # As addresses spell it; `kept` is what else its links hold on to.
        self._words = {name: offer.word for name, offer in taken.items()}
        self.kept: dict[str, str] = {}

    @property
    @abstractmethod
    def offered(self) -> dict[str, list[Offer]]:
        """What each filter offers, by the name of its parameter."""

    @abstractmethod
    def values(self, entry: E) -> tuple[str, ...]:
        """What an entry is for each filter, in the order of `offered`."""

    def is_listed(self, entry: E) -> bool:
        """Whether an entry that fulfils everything is in the list; otherwise only the outcomes count it."""
        return True

    def by_region(self) -> list[Offer]:
        return [Offer(code, code, region.short_name) for code, region in self.regions.items()]

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

    @cached_property
    def _valued(self) -> list[tuple[E, tuple[str, ...]]]:
        """The entries that the search means, each with what it is for each filter."""
        if self.found is None:
            return [(entry, self.values(entry)) for entry in self.entries]
        return [(entry, self.values(entry)) for entry in self.entries if entry.pk in self.found.scores]

    def _fitting(self, without: Collection[str] = ()) -> list[tuple[E, tuple[str, ...]]]:
        """Those that fulfil everything asked, but for some filters."""
        fitting = self._valued
        for place, name in enumerate(self.offered):
            if name in self.chosen and name not in without:
                value = self.chosen[name]
                fitting = [pair for pair in fitting if pair[1][place] == value]
        return fitting

    def _counts(self, name: str) -> Counter[str]:
        """How many municipalities each value of a filter would leave."""
        place, left = tuple(self.offered).index(name), self._fitting(without=(name,))
        if name in self.outcomes:
            return Counter(values[place] for _entry, values in left)
        return Counter(values[place] for entry, values in left if self.is_listed(entry))

    @cached_property
    def matching(self) -> list[E]:
        return [entry for entry, _values in self._fitting()]

    @cached_property
    def compared_with(self) -> list[E]:
        """Of whom those that match are a share: the entries that fulfil everything but the outcomes."""
        return [entry for entry, _values in self._fitting(without=self.outcomes)]

    @property
    def leaves_out(self) -> bool:
        """Whether the list lacks some municipality of its region."""
        return bool(self.search or len(self.chosen) > ("region" in self.chosen))

    @property
    def asks_outcome(self) -> bool:
        """Whether an outcome was chosen."""
        return any(name in self.outcomes for name in self.chosen)

    def best_first(self, rows: Sequence[E]) -> list[E]:
        """The rows as well as they answer the search, which must have been asked."""
        place = {pk: number for number, pk in enumerate(self.found.scores)} if self.found else {}
        return sorted(rows, key=lambda entry: place[entry.pk])

    @cached_property
    def options(self) -> dict[str, list[Choice]]:
        """The links of each filter, by the name of its parameter."""
        return {name: self._choices(name, offers) for name, offers in self.offered.items()}

    def _choices(self, name: str, offers: Sequence[Offer]) -> list[Choice]:
        kept = self._words | {"buscar": self.search, "orden": self.order} | self.kept
        query = urlencode({key: value for key, value in kept.items() if value and key != name})
        counts = self._counts(name)
        return [
            Choice(
                str(offer.label),
                counts[offer.value],
                self.chosen.get(name) == offer.value,
                f"?{query}&{name}={offer.word}".replace("?&", "?"),
            )
            for offer in offers
        ]
