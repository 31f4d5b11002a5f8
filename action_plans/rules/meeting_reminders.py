"""When those who signed up for a meeting are reminded: two weeks and one day before. Pure."""

from datetime import datetime, timedelta
from typing import Final

DAYS_BEFORE: Final = (14, 1)
"""From the earliest reminder to the last."""


def due(*, starts_at: datetime, confirmed_at: datetime, now: datetime) -> int | None:
    """Which reminder speaks now, as days before the meeting; None when none does.

    The latest whose moment has come speaks alone, so that a clock that stood still sends one and not two; whoever signed up
    after that moment has just been written to.
    """
    if now >= starts_at:
        return None
    come = [days for days in DAYS_BEFORE if now >= starts_at - timedelta(days=days)]
    if not come:
        return None
    days = min(come)
    return days if confirmed_at < starts_at - timedelta(days=days) else None
