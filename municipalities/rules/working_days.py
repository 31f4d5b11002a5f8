"""When the council writes to municipalities: working days of Chile, in office hours of Santiago. Pure."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

SANTIAGO: Final = ZoneInfo("America/Santiago")
OPENS: Final = time(9)
CLOSES: Final = time(18)
"""The first moment at which nothing goes out any more."""

_SATURDAY: Final = 5


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    """National holidays; those of one region alone are working days in Santiago, where the council is."""
    return frozenset(holidays.country_holidays("CL", years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday, unless it is a national holiday."""
    return day.weekday() < _SATURDAY and day not in _holidays(day.year)


def working_day(day: date) -> date:
    """`day` itself if people work on it, else the next day on which they do."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_before(day: date) -> date:
    """`day` itself if people work on it, else the last day before it on which they did."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def working_moment(moment: datetime) -> datetime:
    """`moment` (aware) itself if it falls into office hours, else the next time the office opens."""
    local = moment.astimezone(SANTIAGO)
    day = local.date() if local.time() < CLOSES else local.date() + timedelta(days=1)
    opening = datetime.combine(working_day(day), OPENS, SANTIAGO)
    return max(moment, opening)
