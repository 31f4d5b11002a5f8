"""How the plans of the country are summed up: what was true of a year, and what two people say of one commitment. Pure.

- States are those of the last day of the year, or of today in the year that runs; happenings are those of the whole year.
- A commitment counts in a year if its plan was carried out on some day of it: from the approval until it closed.
- How far a commitment has come is told by three voices that are never mixed: its milestones, the municipality's own assessment,
  and the independent monitor's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from statistics import median
from typing import Final

from action_plans.choices import Completion, PlanStage
from action_plans.rules.plan_states import CARRYING_OUT
from diagnostics.rules.comparison import FEWEST

_LEVELS: Final = list(Completion)


def level_of(progress: Fraction | None) -> Completion | None:
    """OGP's level of completion that a progress stands for; None where it is not known. Half is a proposal of the portal."""
    if progress is None:
        return None
    if progress == 0:
        return Completion.NOT_STARTED
    if progress == 1:
        return Completion.COMPLETE
    return Completion.LIMITED if progress < Fraction(1, 2) else Completion.SUBSTANTIAL


def stage_at(stage: str, moves: Iterable[tuple[datetime, str]], moment: datetime) -> str:
    """The stage at a moment: from where the first step after it started. `moves` are (at, start) in order."""
    return next((start for at, start in moves if at >= moment), stage)


def is_known_in(before: str | None, after: str | None) -> bool:
    """Whether a plan belongs to a year: it was there at its end, and not closed since before it. None: it was not there."""
    if after in (None, PlanStage.CANCELLED):
        return False
    return not (before == after == PlanStage.CLOSED)


def is_carried_out_in(before: str | None, after: str | None) -> bool:
    """Whether a plan was carried out in a year whose beginning and end found it in these stages."""
    return after in CARRYING_OUT or (after == PlanStage.CLOSED and before != PlanStage.CLOSED)


def middle(values: Sequence[Fraction]) -> Fraction | None:
    """The median of a group; None of fewer than five: it would tell more of each than of the group."""
    return Fraction(median(values)) if len(values) >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the monitor of a commitment says the same as its municipality. `table`: [municipality's level][monitor's]."""

    table: tuple[tuple[int, ...], ...]

    @property
    def both(self) -> int:
        return sum(map(sum, self.table))

    @property
    def same(self) -> int:
        return sum(self.table[place][place] for place in range(len(_LEVELS)))

    @property
    def less(self) -> int:
        """The monitor says a lower level."""
        return sum(count for row, line in enumerate(self.table) for column, count in enumerate(line) if column < row)

    @property
    def more(self) -> int:
        return self.both - self.same - self.less


def agreement(pairs: Iterable[tuple[Completion | None, Completion | None]]) -> Agreement:
    """Of commitments that both assessed, as (municipality, monitor)."""
    table = [[0] * len(_LEVELS) for _level in _LEVELS]
    for own, monitor in pairs:
        if own is not None and monitor is not None:
            table[_LEVELS.index(own)][_LEVELS.index(monitor)] += 1
    return Agreement(tuple(map(tuple, table)))


# --- What is overdue --------------------------------------------------------------------------------------------------


def midterm_due(starts: date, ends: date) -> date:
    """The middle of a plan's time."""
    return starts + (ends - starts) / 2
