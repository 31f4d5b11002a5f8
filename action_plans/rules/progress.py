"""How far a commitment and a plan have come, and what is late or at risk. Pure.

- A milestone is worth its weight among the weights of its commitment. Met, it counts whole; under way, its advance, and never
  the whole; not begun or not met, nothing.
- A plan is the plain mean of its commitments: none of them is more of a promise than another.
- Shares are exact ratios (`Fraction`); they are rounded once, where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final, NamedTuple

from action_plans.choices import MilestoneState

AT_RISK_DAYS: Final = 30
"""A milestone whose end is nearer than this and that has not come as far as its time is at risk. A proposal of the portal."""
MOST_UNDER_WAY: Final = 95
"""Hundredths that a milestone under way may claim: what is done is said by its state."""
_WHOLE: Final = 100


class Timeliness(StrEnum):
    """What the dates say of a milestone on a day."""

    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    LATE = "late"
    DONE = "done"
    MISSED = "missed"


class Step(NamedTuple):
    """A milestone as the rules see it. `advance` in hundredths."""

    weight: int
    state: MilestoneState | str
    advance: int = 0
    starts: date | None = None
    ends: date | None = None


class Term(NamedTuple):
    """A line of the sum: the milestone's weight among the `total` of its commitment, and how many hundredths of it are done."""

    weight: int
    total: int
    hundredths: int

    @property
    def share(self) -> Fraction:
        """The milestone's share of the commitment, in (0, 1]."""
        return Fraction(self.weight, self.total)

    @property
    def done(self) -> Fraction:
        """How much of the milestone is done, in [0, 1]."""
        return Fraction(self.hundredths, _WHOLE)

    @property
    def adds(self) -> Fraction:
        return self.share * self.done


def done(milestone: Step) -> int:
    """How many hundredths of a milestone are done."""
    if milestone.state == MilestoneState.MET:
        return _WHOLE
    return min(milestone.advance, MOST_UNDER_WAY) if milestone.state == MilestoneState.UNDER_WAY else 0


def terms(milestones: Sequence[Step]) -> list[Term]:
    """The arithmetic of a commitment, a line a milestone, in their order. The shares add up to one."""
    total = sum(milestone.weight for milestone in milestones)
    return [Term(milestone.weight, total, done(milestone)) for milestone in milestones]


def progress(milestones: Sequence[Step]) -> Fraction | None:
    """How far a commitment has come, in [0, 1]; None while it has no milestone: that is not known, not zero."""
    return summed(terms(milestones))


def summed(lines: Sequence[Term]) -> Fraction | None:
    """The sum of the lines of one commitment, which share their total; None where there is none."""
    return Fraction(sum(term.weight * term.hundredths for term in lines), lines[0].total * _WHOLE) if lines else None


def progress_of_plan(commitments: Iterable[Fraction | None]) -> Fraction | None:
    """The mean of the commitments whose progress is known; None when there is none."""
    known = [each for each in commitments if each is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def timeliness(milestone: Step, today: date) -> Timeliness:
    """What the dates say. Without an end nothing is late."""
    if milestone.state == MilestoneState.MET:
        return Timeliness.DONE
    if milestone.state == MilestoneState.NOT_MET:
        return Timeliness.MISSED
    if milestone.ends is None:
        return Timeliness.ON_TIME
    if milestone.ends < today:
        return Timeliness.LATE
    if milestone.ends - today > timedelta(days=AT_RISK_DAYS):
        return Timeliness.ON_TIME
    is_behind = Fraction(done(milestone), _WHOLE) < elapsed(milestone, today)
    return Timeliness.AT_RISK if is_behind else Timeliness.ON_TIME


def elapsed(milestone: Step, today: date) -> Fraction:
    """The part of a milestone's time that has gone by, in [0, 1]; all of it where its beginning is not known."""
    if milestone.ends is None:
        return Fraction(0)
    if milestone.starts is None or milestone.starts >= milestone.ends:
        return Fraction(1)
    gone = (today - milestone.starts).days
    return min(Fraction(1), max(Fraction(0), Fraction(gone, (milestone.ends - milestone.starts).days)))
