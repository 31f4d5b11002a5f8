"""Rules about who holds an office, and since when. Pure: no ORM, no clock, no request."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from accounts.rules import InvalidRunError, normalise_run
from municipalities.choices import Office
from municipalities.rules.terms import Term, term_on

HELD_BY_ONE: Final = frozenset({Office.MAYOR, Office.SECRETARY})
"""Offices that two people never hold on the same day (a constraint of the table says the same). Acting mayors may overlap."""

_STORED_RUN: Final = re.compile(r"[1-9][0-9]{0,7}-[0-9K]")


def read_run(text: str) -> str:
    """A RUN as stored (`12345678-5`). Raises `InvalidRunError`, also for a number zero, whose check digit fits."""
    run = normalise_run(text)
    if not _STORED_RUN.fullmatch(run):
        raise InvalidRunError(text)
    return run


def mask_run(run: str) -> str:
    """A stored RUN of which only the end is read: `••.•••.678-5`. It says which of two people is meant, and no more."""
    number, digit = run.split("-")
    return f"••.•••.{number[-3:].rjust(3, '•')}-{digit}"


def after(last_day: date | None) -> date | None:
    """The first day without the office, as stored, from the last day in it, as people say it."""
    return last_day + timedelta(days=1) if last_day else None


def overlap(starts: date, ends: date | None, other_starts: date, other_ends: date | None) -> bool:
    """Whether two periods share a day; `ends` is the first day after, None for no end."""
    return (other_ends is None or starts < other_ends) and (ends is None or other_starts < ends)


def term_to_renew(adhered: int | None, today: date) -> Term | None:
    """The term in course, when the last adhesion (of the term that starts in `adhered`) belongs to an older one.

    None when there is nothing to renew: it never adhered, or adhered in this term.
    """
    if adhered is None:
        return None
    present = term_on(today)
    return present if adhered < present.year else None


def fingerprint(values: Iterable[object]) -> str:
    """A short name of what a person saw, to notice that someone changed it meanwhile. Says nothing about the values."""
    return hashlib.sha256("\x1f".join(str(value) for value in values).encode()).hexdigest()[:16]
