"""Scores: question, descriptor, dimension, index. Pure.

Weights and points are decimals, and a third has no decimal: sums are kept as exact ratios of decimals (`Fraction`) and turned
into a `Decimal` once, by `rounded`. So the order of the answers cannot matter, and a second computation agrees to the last digit.

- A question earns points in [0, 1]: a level v of n gives (v - 1) / (n - 1); yes 1, no 0; an option its points; several options
  the sum of theirs, at most 1; a number those of its band.
- A descriptor is the weighted mean of its questions, a dimension that of its descriptors, the index that of its dimensions.
- "No aplica" with a justification, and a question that is not shown, leave the mean: their weight goes to the siblings in
  proportion. A node without any question left leaves the mean of its parent in the same way.
- An unanswered question, one to be confirmed, and "no aplica" without a justification earn nothing and still count: they can
  never raise a score. `potential` is what would be reached if each of them earned all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from diagnostics.rules.answers import Given, is_answered, shown
from diagnostics.rules.instrument import Instrument, Question, QuestionKind

PLACES: Final = 20


class Standing(StrEnum):
    """Why a node counts as it does."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    NOT_APPLICABLE = "not_applicable"
    HIDDEN = "hidden"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class Node:
    """A scored node. `share` is its part of the parent after redistribution; `reached` and `potential` of 1, None when out."""

    key: str
    name: str
    weight: Decimal
    standing: Standing
    share: Fraction = Fraction(0)
    reached: Fraction | None = None
    potential: Fraction | None = None
    children: tuple[Node, ...] = ()

    @property
    def counts(self) -> bool:
        return self.reached is not None


def compute(instrument: Instrument, answers: Mapping[str, Given]) -> Node:
    """The index with everything below it. Answers to questions the instrument does not have are not looked at."""
    visible = shown(instrument, answers)
    return tree(instrument, lambda question: _question(question, answers.get(question.id), visible))


def tree(instrument: Instrument, leaf: Callable[[Question], Node]) -> Node:
    """The means of an instrument over what `leaf` gives for each question."""
    dimensions = []
    for dimension in instrument.dimensions:
        descriptors = [
            _mean(descriptor.id, descriptor.name, descriptor.weight, [leaf(each) for each in descriptor.questions])
            for descriptor in dimension.descriptors
        ]
        dimensions.append(_mean(dimension.id, dimension.name, dimension.weight, descriptors))
    return _mean("", instrument.title, Decimal(1), dimensions)


def leaves(node: Node) -> dict[str, Node]:
    """The questions below a node, by their identifiers."""
    if not node.children:
        return {node.key: node}
    return {key: leaf for child in node.children for key, leaf in leaves(child).items()}


def points(question: Question, given: Given) -> Fraction:
    """What a given value earns, in [0, 1]. The answer must be one (`is_answered`) and applicable."""
    value = given.value
    match question.kind:
        case QuestionKind.LEVEL:
            return Fraction(value - 1, len(question.levels) - 1)
        case QuestionKind.YES_NO:
            return Fraction(int(value))
        case QuestionKind.ONE:
            return next(Fraction(option.points) for option in question.options if option.id == value)
        case QuestionKind.SEVERAL:
            earned = sum((Fraction(option.points) for option in question.options if option.id in value), Fraction(0))
            return min(earned, Fraction(1))
        case QuestionKind.NUMBER:
            number = Decimal(value)
            return max((Fraction(band.points) for band in question.bands if number >= band.low), default=Fraction(0))
    raise ValueError(f"{question.kind} is never scored")


def step(score: Fraction | Decimal | None, levels: int) -> int | None:
    """The level of a scale of `levels` that a score in [0, 1] is in: equal parts, each with its lower bound. None stays None."""
    if score is None:
        return None
    return min(int(Fraction(score) * levels) + 1, levels)


def lower_bound(level: int, levels: int) -> Fraction:
    """The score at which a level begins."""
    return Fraction(level - 1, levels)


def rounded(value: Fraction | None) -> Decimal | None:
    """The one rounding: to 20 decimals, half to even. None stays None."""
    if value is None:
        return None
    exact = Context(prec=60, rounding=ROUND_HALF_EVEN)
    quotient = exact.divide(Decimal(value.numerator), Decimal(value.denominator))
    return quotient.quantize(Decimal(1).scaleb(-PLACES), rounding=ROUND_HALF_EVEN, context=exact)


def _question(question: Question, given: Given | None, visible: frozenset[str]) -> Node:
    def node(standing: Standing, reached: Fraction | None = None, potential: Fraction | None = None) -> Node:
        return Node(question.id, question.text, question.weight, standing, reached=reached, potential=potential)

    if not question.is_scored:
        return node(Standing.UNSCORED)
    if question.id not in visible:
        return node(Standing.HIDDEN)
    if given is None or not is_answered(question, given):
        return node(Standing.UNANSWERED, Fraction(0), Fraction(1))
    if given.is_na:
        return node(Standing.NOT_APPLICABLE)
    earned = points(question, given)
    return node(Standing.ANSWERED, earned, earned)


def written(value: Fraction | None) -> str | None:
    """`rounded` as text with all its decimals: JSON's numbers have fewer."""
    return None if value is None else format(rounded(value) or Decimal(0), f".{PLACES}f")


def ratio(value: Fraction | None) -> list[str] | None:
    """Numerator and denominator as text, for JSON, whose numbers end at 2 to the power of 53."""
    return None if value is None else [str(value.numerator), str(value.denominator)]


def thawed(data: Mapping[str, Any]) -> Node:
    """The tree that a snapshot froze (`diagnostics.reports.snapshots`); the shares follow from the weights."""

    def value(name: str) -> Fraction | None:
        exact = data["exact"][name]
        return None if exact is None else Fraction(int(exact[0]), int(exact[1]))

    return Node(
        data["key"],
        "",
        Decimal(data["weight"]),
        Standing(data["standing"]),
        reached=value("reached"),
        potential=value("potential"),
        children=_shared(thawed(child) for child in data.get("children", ())),
    )


def _shared(children: Iterable[Node]) -> tuple[Node, ...]:
    """The children with their shares: those that do not count leave theirs to the others, in proportion to the weights."""
    held = tuple(children)
    total = sum((Fraction(child.weight) for child in held if child.counts), Fraction(0))
    return tuple(
        replace(child, share=Fraction(child.weight) / total) if child.counts and total else child for child in held
    )


def _mean(key: str, name: str, weight: Decimal, children: Iterable[Node]) -> Node:
    shared = _shared(children)
    if not any(child.share for child in shared):
        return Node(key, name, weight, Standing.NOT_APPLICABLE, children=shared)
    reached = sum((child.share * (child.reached or 0) for child in shared), Fraction(0))
    potential = sum((child.share * (child.potential or 0) for child in shared), Fraction(0))
    complete = all(child.standing != Standing.UNANSWERED for child in shared)
    standing = Standing.ANSWERED if complete else Standing.UNANSWERED
    return Node(key, name, weight, standing, Fraction(0), reached, potential, shared)
