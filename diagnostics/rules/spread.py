"""How the scores of a group lie: median and quartiles, of five or more. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

FEWEST: Final = 5
"""Of fewer nothing is told: a middle of three says more of one than of the group."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A quarter lies below `lower`, half below `median`, three quarters below `upper`; `count` is how many there are."""

    count: int
    lower: Decimal
    median: Decimal
    upper: Decimal


def spread(scores: Iterable[Decimal]) -> Spread | None:
    """The spread of a group; None when it has fewer than five. Quartiles lie between neighbours in proportion (inclusive)."""
    held = sorted(scores)
    if len(held) < FEWEST:
        return None
    return Spread(len(held), _at(held, 1), _at(held, 2), _at(held, 3))


def _at(held: list[Decimal], quarter: int) -> Decimal:
    place, rest = divmod((len(held) - 1) * quarter, 4)
    if not rest:
        return held[place]
    return held[place] + (held[place + 1] - held[place]) * rest / 4
