"""Reminders: to whom something was asked, when nothing was heard, and never the same twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from municipalities.actions.adhesions import move, open_adhesion
from municipalities.choices import AdhesionState, MailKind
from municipalities.models import Adhesion, Mail
from municipalities.notifications.reminders import remind, remind_many, remind_silent, reminded_before, would_remind
from municipalities.rules.reminders import ANSWER_DAYS, LEVELS, answer_by, level
from municipalities.rules.working_days import is_working_day
from tests.cast import Cast

pytestmark = pytest.mark.django_db

# A Tuesday at eleven in the morning; so are the days 14 and 28 days later.
NOW = datetime(2026, 11, 3, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def invited(cast: Cast) -> Adhesion:
    adhesion = open_adhesion(by=None, municipality=cast.here, now=NOW)
    return move(by=cast.administrator, adhesion=adhesion, to=AdhesionState.INVITED, now=NOW)


def reminders() -> int:
    return Mail.objects.filter(kind__in=[MailKind.ADHESION_REMINDER, MailKind.ACT_REMINDER]).count()


def test_a_reminder_reaches_coordinator_and_mayor_once(invited: Adhesion, cast: Cast) -> None:
    first = remind(invited, by=cast.adviser, now=NOW + DAY)
    assert first is not None
    assert first.kind == MailKind.ADHESION_REMINDER
    assert first.created_by == cast.adviser
    assert reminders() == 2
    assert remind(invited, by=cast.administrator, now=NOW + 2 * DAY) is None
    assert reminders() == 2


def test_after_the_next_level_has_passed_another_reminder_may_go(invited: Adhesion) -> None:
    days = [1, 13, 14, 20, 30, 300]
    sent = [remind(invited, by=None, now=NOW + day * DAY) is not None for day in days]
    assert sent == [True, False, True, False, True, False]


def test_an_adhesion_that_moved_on_is_reminded_anew(invited: Adhesion, cast: Cast) -> None:
    assert remind(invited, by=None, now=NOW + DAY)
    Adhesion.objects.filter(pk=invited.pk).update(state=AdhesionState.RETURNED, state_since=NOW + 2 * DAY)
    invited.refresh_from_db()
    mail = remind(invited, by=None, now=NOW + 3 * DAY)
    assert mail is not None
    assert mail.kind == MailKind.ACT_REMINDER


def test_who_owes_nothing_is_not_reminded(cast: Cast) -> None:
    adhesion = open_adhesion(by=None, municipality=cast.here, now=NOW)
    assert remind(adhesion, by=cast.adviser, now=NOW + DAY) is None
    assert would_remind([adhesion], now=NOW) == {adhesion.pk: 0}


def test_the_preview_counts_whom_a_reminder_would_reach(invited: Adhesion) -> None:
    assert would_remind([invited], now=NOW + DAY) == {invited.pk: 2}
    remind_many([invited], by=None, now=NOW + DAY)
    assert would_remind([invited], now=NOW + DAY) == {invited.pk: 0}
    assert reminded_before([invited]) == {invited.pk: NOW + DAY}


def test_the_portal_reminds_by_itself_after_fourteen_and_thirty_days(invited: Adhesion) -> None:
    written = {day: remind_silent(now=NOW + day * DAY) for day in range(1, 61)}
    assert {day: count for day, count in written.items() if count} == {14: 2, 30: 2}


def test_the_portal_does_not_remind_whom_somebody_has_just_reminded(invited: Adhesion, cast: Cast) -> None:
    remind(invited, by=cast.adviser, now=NOW + 13 * DAY)
    assert remind_silent(now=NOW + 14 * DAY) == 0
    assert remind_silent(now=NOW + 20 * DAY) == 2


def test_the_portal_does_not_remind_on_holidays(cast: Cast, invited: Adhesion) -> None:
    christmas = datetime(2026, 12, 25, 13, 0, tzinfo=UTC)
    assert remind_silent(now=christmas) == 0


def test_a_reminder_written_in_the_evening_leaves_the_next_morning(invited: Adhesion) -> None:
    mail = remind(invited, by=None, now=datetime(2026, 11, 6, 23, 0, tzinfo=UTC))
    assert mail is not None
    assert mail.not_before == datetime(2026, 11, 9, 12, 0, tzinfo=UTC)


def test_each_level_comes_before_the_answer_is_due() -> None:
    assert set(LEVELS) == set(ANSWER_DAYS)
    for state, levels in LEVELS.items():
        assert list(levels) == sorted(set(levels))
        assert levels[-1] < ANSWER_DAYS[state]


@given(st.sampled_from(AdhesionState), st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_an_answer_is_asked_for_on_a_working_day_at_least_a_week_ahead(
    state: AdhesionState, since: date, days: int
) -> None:
    today = since + days * DAY
    asked = answer_by(state, since, today)
    assert (asked is None) == (state not in ANSWER_DAYS)
    if asked:
        assert is_working_day(asked)
        assert asked >= today + 7 * DAY


@given(st.sampled_from(AdhesionState), st.integers(0, 1000))
def test_levels_only_rise(state: AdhesionState, days: int) -> None:
    assert 0 <= level(state, days) <= level(state, days + 1)
