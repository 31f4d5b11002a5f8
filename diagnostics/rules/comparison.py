"""Comparing scores: two rounds of one municipality, also across versions of the instrument, and one among many. Pure.

Two rounds are compared on what both asked: the questions that the mapping calls the same. Both sides are then weighed as the
later version weighs them, so that a change is one of the municipality, never of the instrument. `comparable` says how much of
the later version's weight that is.

Of many, the median and the quartiles are told, and only of five or more: of fewer, they would tell what each one reached.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from diagnostics.rules.instrument import Instrument, Question
from diagnostics.rules.mapping import Relation, VersionMap
from diagnostics.rules.scores import Node, Standing, leaves, tree

FEWEST: Final = 5


# --- Two rounds -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A node then and now, on what both rounds asked; `comparable` is that part of its weight, in [0, 1]. `then` and `now` are
    None where nothing of it counted."""

    key: str
    name: str
    then: Fraction | None
    now: Fraction | None
    comparable: Fraction
    children: tuple[Change, ...] = ()

    @property
    def difference(self) -> Fraction | None:
        return None if self.then is None or self.now is None else self.now - self.then


def changes(instrument: Instrument, then: Node, now: Node, same: Mapping[str, str]) -> Change:
    """From an earlier round to one of `instrument`. `same`: what each question that both asked was called then."""
    before, after = leaves(then), leaves(now)

    def earlier(question: Question) -> Node:
        return _leaf(question, before.get(same.get(question.id, "")))

    def later(question: Question) -> Node:
        return _leaf(question, after.get(question.id) if same.get(question.id) in before else None)

    def known(question: Question) -> Node:
        if not question.is_scored:
            return _leaf(question, None)
        found = Fraction(int(same.get(question.id) in before))
        return Node(question.id, question.text, question.weight, Standing.ANSWERED, reached=found, potential=found)

    return _change(tree(instrument, earlier), tree(instrument, later), tree(instrument, known))


def _leaf(question: Question, found: Node | None) -> Node:
    if found is None:
        return Node(question.id, question.text, question.weight, Standing.UNSCORED)
    return Node(
        question.id,
        question.text,
        question.weight,
        found.standing,
        reached=found.reached,
        potential=found.potential,
    )


def _change(then: Node, now: Node, known: Node) -> Change:
    parts = zip(then.children, now.children, known.children, strict=True)
    return Change(
        then.key,
        then.name,
        then.reached,
        now.reached,
        known.reached or Fraction(0),
        tuple(_change(*each) for each in parts),
    )


def same_across(maps: Iterable[VersionMap], old: str, new: str) -> dict[str, str] | None:
    """For each question of version `new`, its identifier in version `old`, where every mapping on the way calls it the same. None
    when no mappings lead from one to the other."""
    steps: dict[str, list[VersionMap]] = {}
    for each in maps:
        steps.setdefault(each.old, []).append(each)
    # The shortest way: each version with the mappings that lead to it.
    ways: dict[str, list[VersionMap]] = {old: []}
    queue = deque([old])
    while queue and new not in ways:
        here = queue.popleft()
        for each in steps.get(here, ()):
            if each.new not in ways:
                ways[each.new] = [*ways[here], each]
                queue.append(each.new)
    if new not in ways:
        return None
    found: dict[str, str] | None = None
    for each in ways[new]:
        one = {link.new[0]: link.old[0] for link in each.links if link.relation == Relation.SAME}
        found = one if found is None else {name: found[before] for name, before in one.items() if before in found}
    return found


# --- One among many ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spread:
    """A quarter of `count` values lies at or below `low`, half at or below `median`, three quarters at or below `high`."""

    count: int
    low: Fraction
    median: Fraction
    high: Fraction


class Quarter(StrEnum):
    """Where a value lies in a spread. MIDDLE: at the median itself."""

    LOWEST = "lowest"
    LOWER = "lower"
    MIDDLE = "middle"
    UPPER = "upper"
    HIGHEST = "highest"


def quarter(value: Fraction, of: Spread) -> Quarter:
    if value == of.median:
        return Quarter.MIDDLE
    if value < of.median:
        return Quarter.LOWEST if value < of.low else Quarter.LOWER
    return Quarter.HIGHEST if value > of.high else Quarter.UPPER


def spread(values: Sequence[Fraction]) -> Spread | None:
    """None of fewer than five."""
    if len(values) < FEWEST:
        return None
    ranked = sorted(values)
    low, median, high = (_at(ranked, Fraction(quarter, 4)) for quarter in (1, 2, 3))
    return Spread(len(ranked), low, median, high)


def _at(ranked: Sequence[Fraction], part: Fraction) -> Fraction:
    """The value at a part of the way from the lowest to the highest, in a straight line between two neighbours."""
    place = part * (len(ranked) - 1)
    before = place.numerator // place.denominator
    after = min(before + 1, len(ranked) - 1)
    return ranked[before] + (place - before) * (ranked[after] - ranked[before])
