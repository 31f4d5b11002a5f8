"""What the IRM criticised in commitments, said before a plan is approved. None of it blocks. Pure.

The Independent Reporting Mechanism's report on Chile's plan of 2018-2020 asks for expected outcomes, and earlier ones for
commitments specific enough to be verified (sources in `docs/action-plan.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

SHORTEST: Final = 20
"""Letters that say nothing yet: "por definir" is no baseline."""


class Lack(StrEnum):
    """What is missing in a commitment."""

    PROBLEM = "problem"
    BASELINE = "baseline"
    OUTCOME = "outcome"
    RELEVANCE = "relevance"
    COUNTERPART = "counterpart"
    INDICATOR = "indicator"
    MILESTONES = "milestones"
    DELIVERABLE = "deliverable"
    MILESTONE_DATE = "milestone_date"
    MILESTONE_OUTSIDE = "milestone_outside"


@dataclass(frozen=True, slots=True)
class MilestoneSeen:
    """A milestone as the checks see it."""

    number: int
    deliverable: str
    ends: date | None


@dataclass(frozen=True, slots=True)
class CommitmentSeen:
    """A commitment as the checks see it. `measured`: an indicator has a baseline and a target."""

    problem: str
    baseline: str
    outcome: str
    values: Sequence[str]
    counterpart: str
    measured: bool
    starts: date | None
    ends: date | None
    milestones: Sequence[MilestoneSeen]


@dataclass(frozen=True, slots=True)
class Remark:
    """`milestone` is its number, where it is about one."""

    lack: Lack
    milestone: int | None = None


def remarks(commitment: CommitmentSeen) -> list[Remark]:
    """Everything that is missing, in the order of the form."""
    plain = {
        Lack.PROBLEM: _says(commitment.problem),
        Lack.BASELINE: _says(commitment.baseline) or commitment.measured,
        Lack.OUTCOME: _says(commitment.outcome),
        Lack.RELEVANCE: bool(commitment.values),
        Lack.COUNTERPART: bool(commitment.counterpart.strip()),
        Lack.INDICATOR: commitment.measured,
        Lack.MILESTONES: bool(commitment.milestones),
    }
    found = [Remark(lack) for lack, is_there in plain.items() if not is_there]
    for milestone in commitment.milestones:
        found += [Remark(lack, milestone.number) for lack in _of_milestone(commitment, milestone)]
    return found


def _of_milestone(commitment: CommitmentSeen, milestone: MilestoneSeen) -> list[Lack]:
    lacks = [] if _says(milestone.deliverable) else [Lack.DELIVERABLE]
    if milestone.ends is None:
        return [*lacks, Lack.MILESTONE_DATE]
    is_before = commitment.starts is not None and milestone.ends < commitment.starts
    is_after = commitment.ends is not None and milestone.ends > commitment.ends
    return [*lacks, Lack.MILESTONE_OUTSIDE] if is_before or is_after else lacks


def _says(text: str) -> bool:
    return len("".join(text.split())) >= SHORTEST
