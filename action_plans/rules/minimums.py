"""Whether OGP's minimum requirements are met on a day, said before they are broken. Pure.

The numbers are data (`data/minimums.yaml`) with their source and version; here is only how they are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from action_plans.choices import Standing


@dataclass(frozen=True, slots=True)
class Finding:
    """How a requirement stands: since or until when, and the day of the record that it rests on.

    `due` is the day on which it breaks if nothing happens; None where nothing can break it.
    """

    standing: Standing
    due: date | None = None
    last: date | None = None
    count: int = 0


def at_least_every(days: int, happened: Iterable[date], *, since: date, today: date, warn: int) -> Finding:
    """Something happens at least each so many days, counted from `since` (the plan's begin) or from the last time.

    What never happened is not met: it is not due yet, until it is.
    """
    past = [day for day in happened if day <= today]
    last = max(past, default=None)
    due = max(since, last or since) + timedelta(days=days)
    standing = _until(due, today, warn)
    if last is None and standing == Standing.MET:
        standing = Standing.NOT_YET
    return Finding(standing, due, last, len(past))


def times_in(days: int, times: int, happened: Iterable[date], *, since: date, today: date, warn: int) -> Finding:
    """Something happened so many times in the last `days`; in the first ones it is not due yet."""
    recent = sorted(day for day in happened if today - timedelta(days=days) < day <= today)
    last = recent[-1] if recent else None
    first_due = since + timedelta(days=days)
    if len(recent) >= times:
        # It breaks when the oldest of those that are needed falls out of the window.
        due = max(first_due, recent[-times] + timedelta(days=days))
        return Finding(_until(due, today, warn), due, last, len(recent))
    if today < first_due:
        is_near = first_due - today <= timedelta(days=warn)
        return Finding(Standing.AT_RISK if is_near else Standing.NOT_YET, first_due, last, len(recent))
    return Finding(Standing.BROKEN, first_due, last, len(recent))


def announced_ahead(days: int, meetings: Sequence[tuple[date | None, date]], *, today: date, warn: int) -> Finding:
    """Each meeting, as (announced, held on), was announced so many days before. One not announced yet breaks it in time."""
    if not meetings:
        return Finding(Standing.NOT_YET)
    late = [held for announced, held in meetings if announced and announced > held - timedelta(days=days)]
    silent = [held - timedelta(days=days) for announced, held in meetings if announced is None]
    missed = [day for day in silent if day < today]
    if late or missed:
        return Finding(Standing.BROKEN, min([*late, *missed]), count=len(late) + len(missed))
    due = min(silent, default=None)
    standing = Standing.MET if due is None else _until(due, today, warn)
    return Finding(standing, due, count=len(meetings))


def answered_within(days: int, waiting: Iterable[date], *, today: date, warn: int) -> Finding:
    """Nothing published waits longer for its response; `waiting` holds the days on which unanswered ones were published."""
    oldest = sorted(waiting)
    if not oldest:
        return Finding(Standing.MET)
    due = oldest[0] + timedelta(days=days)
    return Finding(_until(due, today, warn), due, oldest[0], len(oldest))


def is_there(published: date | None) -> Finding:
    """Something is public."""
    return Finding(Standing.MET if published else Standing.BROKEN, last=published)


def _until(due: date, today: date, warn: int) -> Standing:
    if today > due:
        return Standing.BROKEN
    return Standing.AT_RISK if due - today <= timedelta(days=warn) else Standing.MET
