"""When the council writes: working days and office hours of Santiago."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.rules.working_days import CLOSES, OPENS, SANTIAGO, is_working_day, working_day, working_moment

moments = st.datetimes(datetime(2024, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 11, 21),  # a Saturday
        date(2026, 11, 22),  # a Sunday
        date(2026, 9, 18),  # Independence
        date(2026, 12, 25),
        date(2027, 3, 26),  # Good Friday
        date(2028, 10, 27),  # the day of the Evangelical churches, moved to a Friday
    ],
)
def test_nobody_is_written_to_on_weekends_and_holidays(day: date) -> None:
    assert not is_working_day(day)


def test_an_ordinary_weekday_is_a_working_day() -> None:
    assert is_working_day(date(2026, 11, 24))
    assert working_day(date(2026, 11, 24)) == date(2026, 11, 24)


def test_before_the_long_weekend_of_september_it_waits_until_after_it() -> None:
    friday = datetime(2026, 9, 18, 11, 0, tzinfo=SANTIAGO)
    assert working_moment(friday) == datetime(2026, 9, 21, 9, 0, tzinfo=SANTIAGO)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (time(8, 59), datetime(2026, 11, 24, 9, 0, tzinfo=SANTIAGO)),
        (time(9, 0), datetime(2026, 11, 24, 9, 0, tzinfo=SANTIAGO)),
        (time(17, 59), datetime(2026, 11, 24, 17, 59, tzinfo=SANTIAGO)),
        (time(18, 0), datetime(2026, 11, 25, 9, 0, tzinfo=SANTIAGO)),
    ],
)
def test_office_hours_begin_at_nine_and_end_at_six(asked: time, answered: datetime) -> None:
    assert working_moment(datetime.combine(date(2026, 11, 24), asked, SANTIAGO)) == answered


def test_the_hour_is_that_of_santiago_whatever_the_clock_of_the_server_says() -> None:
    in_punta_arenas = datetime(2026, 6, 10, 9, 30, tzinfo=ZoneInfo("America/Punta_Arenas"))
    assert working_moment(in_punta_arenas) == datetime(2026, 6, 10, 9, 0, tzinfo=SANTIAGO)


@given(moments)
def test_the_moment_found_is_in_office_hours_and_never_before_the_one_asked(moment: datetime) -> None:
    found = working_moment(moment)
    local = found.astimezone(SANTIAGO)
    assert found >= moment
    assert is_working_day(local.date())
    assert OPENS <= local.time() < CLOSES
    assert working_moment(found) == found
