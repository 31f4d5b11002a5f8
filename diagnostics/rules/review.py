"""Where the review of an answer stands, what stands between a diagnostic and its next step, and when reviews are due. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import ngettext

from diagnostics.choices import Opinion, Reply
from diagnostics.rules.instrument import QuestionKind
from municipalities.rules.working_days import is_working_day

REVIEW_DAYS: Final = 15
"""Working days for a review when nobody set a day: three weeks. A proposal of this portal; no norm sets it."""

CORRECTION_DAYS: Final = 10
"""Working days that a return offers for the correction, two weeks, as the extension of article 14 of Ley 20.285."""

PROPOSABLE: Final = frozenset({QuestionKind.LEVEL, QuestionKind.YES_NO, QuestionKind.ONE})
"""Kinds for which another level can be proposed: one choice among few. Of others a correction is asked in words."""


class Standing(StrEnum):
    """Of one answer in the turn in course. CHANGED since it was read; ANSWERED: the municipality left it as it was, with or
    without words; AGREED: the proposed level is its answer now."""

    UNREAD = "unread"
    CHANGED = "changed"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    COMMENTED = "commented"
    CORRECTION = "correction"
    PROPOSED = "proposed"
    AGREED = "agreed"


GOOD: Final = frozenset({Standing.ACCEPTED, Standing.COMMENTED, Standing.AGREED})
"""With these a diagnostic may be validated."""

ASKED: Final = frozenset({Standing.CORRECTION, Standing.PROPOSED})
"""These the municipality has to answer."""

REVIEWED: Final = GOOD | ASKED

LOCKS: Final = frozenset({Standing.ACCEPTED, Standing.AGREED})
"""What is checked is closed. A commented answer stays open: the municipality may follow the comment."""

_FRESH: Final = {
    Opinion.ACCEPTED: Standing.ACCEPTED,
    Opinion.COMMENTED: Standing.COMMENTED,
    Opinion.CORRECTION: Standing.CORRECTION,
    Opinion.OTHER_LEVEL: Standing.PROPOSED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """The last opinion on an answer: in which turn, of which version, and what the municipality replied."""

    opinion: str
    turn: int
    version: int
    proposed: Any = None
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Present:
    """The answer as it stands; `moved`: its evidence changed after the opinion."""

    version: int
    value: Any = None
    is_na: bool = False
    moved: bool = False


def standing(said: Said | None, present: Present, turn: int) -> Standing:
    """Where the review of an answer stands in `turn`. An opinion of an earlier turn goes on holding while nothing changed."""
    if said is None:
        return Standing.UNREAD
    if said.opinion == Opinion.OTHER_LEVEL and said.reply == Reply.AGREED:
        kept = present.value == said.proposed and not present.is_na and not present.moved
        return Standing.AGREED if kept else Standing.CHANGED
    if present.version != said.version or present.moved:
        return Standing.CHANGED
    fresh = _FRESH[Opinion(said.opinion)]
    return Standing.ANSWERED if fresh in ASKED and said.turn != turn else fresh


def due(submitted: date, given: date | None) -> date:
    """The last day of a review: the one someone set, or `REVIEW_DAYS` working days after it was submitted."""
    return given or after(submitted, REVIEW_DAYS)


def after(day: date, working_days: int) -> date:
    """The day on which so many working days have passed after `day`."""
    while working_days:
        day += timedelta(days=1)
        working_days -= is_working_day(day)
    return day


def chosen(keys: Collection[str], *, percent: int, seed: str) -> list[str]:
    """The sample of a seed: `percent` of the keys, rounded up. Whoever knows the seed finds the same ones, in whatever order
    the keys come, and nobody who chooses a seed can steer it by hand."""
    wanted = -(-len(keys) * percent // 100)
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())[:wanted]


def folio(year: int, number: int) -> str:
    """The public number of a validated diagnostic: `DGAM-2026-0001`."""
    return f"DGAM-{year}-{number:04d}"


def counted(standings: Iterable[Standing]) -> tuple[int, int]:
    """How many of how many are reviewed."""
    held = list(standings)
    return sum(one in REVIEWED for one in held), len(held)


def left_in_words(number: int) -> str:
    """ "Falta revisar 12 respuestas"."""
    words = ngettext("%(number)s answer is not reviewed yet.", "%(number)s answers are not reviewed yet.", number)
    return words % {"number": number}
