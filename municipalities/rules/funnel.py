"""How adhesions move from state to state: how many came to each, and how long they stayed. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from statistics import median
from typing import Final, NamedTuple

from municipalities.choices import AdhesionState as S

STAGES: Final = (
    *(S.PROSPECT, S.INVITED, S.CONVERSING, S.ACT_ISSUED, S.SIGNED, S.UNDER_REVIEW, S.RETURNED, S.VERIFIED),
    *(S.IN_FORCE, S.SUSPENDED, S.WITHDRAWN, S.CONCLUDED),
)
"""The states in the order in which an adhesion meets them."""

SECONDS_A_DAY: Final = 24 * 60 * 60


class Move(NamedTuple):
    """An adhesion left the state `start` for `end`."""

    at: datetime
    start: str
    end: str


class Stage(NamedTuple):
    """A state: adhesions in it now, all that ever came to it, and the median days of those that left it.

    `days` is None where none has left it yet: that is not zero.
    """

    state: S
    now: int
    reached: int
    days: float | None


def funnel(lives: Iterable[tuple[str, datetime, Iterable[Move]]]) -> list[Stage]:
    """The stages of many adhesions, each given as (state now, when it was opened, its moves in order).

    A state that was left and entered again counts as two stays and as one adhesion that came to it.
    """
    now = dict.fromkeys(STAGES, 0)
    reached = dict.fromkeys(STAGES, 0)
    stays: dict[S, list[float]] = {state: [] for state in STAGES}
    for state, opened, moves in lives:
        met, since = {S.PROSPECT, S(state)}, opened
        for move in moves:
            stays[S(move.start)].append((move.at - since).total_seconds() / SECONDS_A_DAY)
            met |= {S(move.start), S(move.end)}
            since = move.at
        now[S(state)] += 1
        for entered in met:
            reached[entered] += 1
    return [Stage(state, now[state], reached[state], _median(stays, state)) for state in STAGES]


def _median(stays: Mapping[S, list[float]], state: S) -> float | None:
    return median(stays[state]) if stays[state] else None
