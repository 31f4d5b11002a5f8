"""Ranked gaps: what would raise the index most for the least effort. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from diagnostics.rules.answers import Given, shown
from diagnostics.rules.instrument import Instrument, Question, QuestionKind
from diagnostics.rules.scores import Node, Standing, compute, points


class Better(NamedTuple):
    """A better answer, what it earns in [0, 1], and what it costs: the efforts of all the steps to it."""

    value: Any
    earned: Fraction
    effort: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that has not earned all. `gain` is what its next step adds to the index, `whole` what all of it would.

    `opens`: the next step has these other questions asked, or no longer asked; what they earn is not in the gain.
    """

    question: Question
    dimension: str
    descriptor: str
    now: Any
    then: Any
    gain: Fraction
    whole: Fraction
    opens: tuple[str, ...] = ()

    @property
    def worth(self) -> Fraction:
        """Gain for effort: what the list is ordered by."""
        return self.gain / self.question.effort


def ranked(instrument: Instrument, answers: Mapping[str, Given]) -> list[Gap]:
    """Every gap, the worthiest first; equal ones in the order of the instrument."""
    found: list[Gap] = []
    for dimension in compute(instrument, answers).children:
        for descriptor in dimension.children:
            for node in descriptor.children:
                if node.reached is None or node.reached >= 1:
                    continue
                to_index = dimension.share * descriptor.share * node.share
                found.append(_gap(instrument, dimension, descriptor, node, answers, to_index))
    return sorted(found, key=lambda gap: -gap.worth)


def _gap(
    instrument: Instrument,
    dimension: Node,
    descriptor: Node,
    node: Node,
    answers: Mapping[str, Given],
    to_index: Fraction,
) -> Gap:
    question = instrument.by_id[node.key]
    given = answers.get(question.id)
    now = given.value if given and node.standing == Standing.ANSWERED else None
    then, earned = _next(question, now)
    reached = node.reached or Fraction(0)
    return Gap(
        question=question,
        dimension=dimension.key,
        descriptor=descriptor.key,
        now=now,
        then=then,
        gain=to_index * (earned - reached),
        whole=to_index * (1 - reached),
        opens=opened(instrument, answers, question, then),
    )


def better(question: Question, now: Any) -> Iterator[Better]:
    """Every better answer than `now` (None: not answered), step by step, as long as it earns more."""
    earned = points(question, Given(value=now)) if now is not None else Fraction(0)
    effort = 0
    while earned < 1:
        now, more = _next(question, now)
        if more <= earned:
            return
        earned, effort = more, effort + question.effort
        yield Better(now, earned, effort)


def opened(instrument: Instrument, answers: Mapping[str, Given], question: Question, value: Any) -> tuple[str, ...]:
    """The scored questions that are asked, or no longer asked, when the answer to `question` becomes `value`."""
    if question.id not in instrument.asked_by_conditions:
        return ()
    changed = shown(instrument, answers) ^ shown(instrument, {**answers, question.id: Given(value=value)})
    return tuple(other.id for other in instrument.questions() if other.id in changed and other.is_scored)


def _next(question: Question, now: Any) -> tuple[Any, Fraction]:
    """The next better answer and what it earns: one level up, the next better option or band, one option more."""
    if question.kind == QuestionKind.LEVEL:
        # Level 1 earns nothing: who has not answered is asked for level 2.
        level = now + 1 if isinstance(now, int) else 2
        return level, points(question, Given(value=level))
    if question.kind == QuestionKind.YES_NO:
        return True, Fraction(1)
    if question.kind == QuestionKind.NUMBER:
        earned = points(question, Given(value=now)) if now is not None else Fraction(0)
        band = next((band for band in question.bands if Fraction(band.points) > earned), None)
        return (format(band.low, "f"), Fraction(band.points)) if band else (now, earned)
    if question.kind == QuestionKind.ONE:
        earned = points(question, Given(value=now)) if now is not None else Fraction(0)
        better = sorted(
            (option for option in question.options if Fraction(option.points) > earned), key=lambda o: o.points
        )
        return (better[0].id, Fraction(better[0].points)) if better else (now, earned)
    chosen = list(now) if isinstance(now, list) else []
    left = sorted((option for option in question.options if option.id not in chosen), key=lambda o: -o.points)
    if not left:
        return chosen, points(question, Given(value=chosen))
    more = sorted([*chosen, left[0].id])
    return more, points(question, Given(value=more))
