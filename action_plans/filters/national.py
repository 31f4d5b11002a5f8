"""What a reader of the country's commitments asks for in an address, and what answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from action_plans.choices import Completion, OgpValue
from action_plans.reports.national import National, Promise
from action_plans.reports.national_tables import NO_GOAL
from action_plans.rules.goals import GOALS
from action_plans.rules.open_words import VALUES
from municipalities.filters.narrowing import Choice, Offer

NO_VALUE: Final = "ninguno"
LEVELS: Final[dict[str, Completion | None]] = {
    "no-iniciado": Completion.NOT_STARTED,
    "limitado": Completion.LIMITED,
    "sustancial": Completion.SUBSTANTIAL,
    "completo": Completion.COMPLETE,
    "sin-hitos": None,
}
_WORDS: Final = {level: word for word, level in LEVELS.items()}


def _regions(promise: Promise) -> Iterable[str]:
    return (promise.region,)


def _themes(promise: Promise) -> Iterable[str]:
    return [str(goal) for goal in promise.goals] or (NO_GOAL,)


def _values(promise: Promise) -> Iterable[str]:
    return [VALUES[each] for each in promise.values] or (NO_VALUE,)


def _completion(promise: Promise) -> Iterable[str]:
    return (_WORDS[promise.level],)


_HELD: Final[dict[str, Callable[[Promise], Iterable[str]]]] = {
    "region": _regions,
    "tema": _themes,
    "valor": _values,
    "cumplimiento": _completion,
}


class Commitments:
    """The commitments of a year as one address asks for them. Unknown values of a filter ask for nothing.

    Unlike a municipality of `Narrowed`, a commitment may hold several values of one filter.
    """

    def __init__(self, asked: Mapping[str, str], found: National) -> None:
        self.found = found
        words = {name: {offer.word for offer in offers} for name, offers in self.offered.items()}
        self.chosen = {name: asked[name] for name in words if asked.get(name) in words[name]}
        self.year = str(found.period.year)

    @cached_property
    def offered(self) -> dict[str, list[Offer]]:
        """What each filter offers, by the name of its parameter."""
        return {
            "region": [Offer(each.pk, each.pk, each.short_name) for each in self.found.regions],
            "tema": [
                *(Offer(str(goal), str(goal), f"{goal}. {name}") for goal, name in GOALS.items()),
                Offer(NO_GOAL, NO_GOAL, _("Names no goal")),
            ],
            "valor": [
                *(Offer(VALUES[value], VALUES[value], value.label) for value in OgpValue),
                Offer(NO_VALUE, NO_VALUE, _("Names no value")),
            ],
            "cumplimiento": [
                Offer(word, word, level.label if level else _("Without milestones")) for word, level in LEVELS.items()
            ],
        }

    def _fitting(self, without: str = "") -> list[Promise]:
        rows = list(self.found.promises)
        for name, value in self.chosen.items():
            if name != without:
                rows = [each for each in rows if value in _HELD[name](each)]
        return rows

    @cached_property
    def rows(self) -> list[Promise]:
        return self._fitting()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.chosen)

    @property
    def chosen_labels(self) -> list[str]:
        """What was chosen, in words."""
        labels = {(name, offer.word): str(offer.label) for name, offers in self.offered.items() for offer in offers}
        return [labels[name, word] for name, word in self.chosen.items()]

    @property
    def query(self) -> str:
        """The whole of it as an address spells it."""
        return urlencode({"anio": self.year, **self.chosen})

    def link(self, name: str, word: str) -> str:
        """The same page narrowed by one more."""
        return f"?{urlencode({'anio': self.year, **self.chosen, name: word})}"

    def without(self, name: str) -> str:
        kept = {other: word for other, word in self.chosen.items() if other != name}
        return f"?{urlencode({'anio': self.year, **kept})}"

    @cached_property
    def options(self) -> list[tuple[str, str, list[Choice], str]]:
        """Each filter: its name, its words, its links that lead to something, and the link that takes it away (or nothing)."""
        titles = {"region": _("Region"), "tema": _("Theme"), "valor": _("Value"), "cumplimiento": _("Completion")}
        return [
            (name, titles[name], self._choices(name), self.without(name) if name in self.chosen else "")
            for name in self.offered
        ]

    def _choices(self, name: str) -> list[Choice]:
        counts = Counter(word for each in self._fitting(without=name) for word in _HELD[name](each))
        return [
            Choice(
                str(offer.label), counts[offer.word], self.chosen.get(name) == offer.word, self.link(name, offer.word)
            )
            for offer in self.offered[name]
            if counts[offer.word] or self.chosen.get(name) == offer.word
        ]
