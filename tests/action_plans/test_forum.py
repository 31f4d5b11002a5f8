"""The forum and its meetings: seats, notice, places in line, reminders, minutes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from action_plans import periodic
from action_plans.actions import forum as forums
from action_plans.actions import meetings, sign_ups
from action_plans.actions.forum import Seat
from action_plans.actions.meetings import Details
from action_plans.choices import MeetingKind, MeetingState, Sector
from action_plans.models import Forum, ForumMember, Meeting, SignUp
from action_plans.notifications.reminders import write_reminders
from action_plans.rules.meeting_reminders import DAYS_BEFORE, due
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import MailKind
from tests.action_plans.citizens import meeting, written
from tests.action_plans.factories import NOW
from tests.at_once import at_once
from tests.cast import Cast

DAY = timedelta(days=1)
SEAT = Seat(Sector.CIVIL_SOCIETY, "Junta de vecinos 4", "Ana Soto", True, date(2026, 1, 1), date(2026, 6, 30))


def signed(held: Meeting, who: str = "ana", *, at: timedelta = timedelta()) -> SignUp:
    """Somebody signed up and confirmed."""
    row = sign_ups.sign_up(meeting=held, name=who.title(), email=f"{who}@ejemplo.cl", sector=Sector.OTHER, now=NOW + at)
    return sign_ups.confirm(token=row.token, now=NOW + at)


def details(held: Meeting, **more: Any) -> Details:
    names = ("title", "agenda", "starts_at", "ends_at", "place", "link", "capacity", "plan")
    given: dict[str, Any] = {name: getattr(held, name) for name in names}
    return Details(**{"kind": MeetingKind(held.kind), **given, **more})


@pytest.fixture
def forum(cast: Cast) -> Forum:
    return forums.publish_rules(by=cast.coordinator, municipality=cast.here, name="Foro", rules="Se reúne", now=NOW)


def test_the_rules_are_written_again_and_the_forum_is_one(cast: Cast, forum: Forum) -> None:
    again = forums.publish_rules(
        by=cast.coordinator, municipality=cast.here, name="Mesa", rules="Se reúne cada mes", now=NOW
    )
    assert (again.pk, Forum.objects.get().name) == (forum.pk, "Mesa")
    with pytest.raises(PermissionDenied):
        forums.publish_rules(by=cast.officer, municipality=cast.here, name="x", rules="x", now=NOW)


@pytest.mark.parametrize(
    ("starts", "ends", "fits"),
    [
        (date(2026, 7, 1), None, True),
        (date(2026, 6, 30), None, False),
        (date(2025, 1, 1), date(2025, 12, 31), True),
        (date(2025, 1, 1), date(2026, 1, 1), False),
        (date(2025, 1, 1), None, False),
    ],
)
def test_nobody_sits_twice_in_the_same_seat_on_one_day(
    cast: Cast, forum: Forum, starts: date, ends: date | None, fits: bool
) -> None:
    forums.add_member(by=cast.coordinator, forum=forum, seat=SEAT, now=NOW)
    second = replace(SEAT, person="ana soto", starts=starts, ends=ends)
    if not fits:
        with pytest.raises(RefusedError):
            forums.add_member(by=cast.coordinator, forum=forum, seat=second, now=NOW)
    else:
        forums.add_member(by=cast.coordinator, forum=forum, seat=second, now=NOW)
    assert ForumMember.objects.count() == 1 + fits


def test_a_seat_ends_with_its_last_day(cast: Cast, forum: Forum) -> None:
    member = forums.add_member(by=cast.coordinator, forum=forum, seat=replace(SEAT, ends=None), now=NOW)
    forums.change_member(by=cast.coordinator, member=member, seat=SEAT, now=NOW)
    assert forum.members.on(date(2026, 6, 30)).exists()
    assert not forum.members.on(date(2026, 7, 1)).exists()
    with pytest.raises(RefusedError):
        forums.change_member(by=cast.coordinator, member=member, seat=replace(SEAT, ends=date(2025, 1, 1)), now=NOW)


def test_a_meeting_sent_twice_is_one_and_its_notice_counts_once(cast: Cast) -> None:
    said = details(
        Meeting(kind="forum", title="Foro", agenda="x", starts_at=NOW + DAY, ends_at=NOW + 2 * DAY, place="x")
    )
    key = uuid4()
    for hours in range(2):
        made = meetings.plan_meeting(
            by=cast.officer,
            municipality=cast.here,
            key=key,
            details=said,
            announce=True,
            now=NOW + timedelta(hours=hours),
        )
    assert Meeting.objects.get() == made
    meetings.announce(by=cast.officer, meeting=made, now=NOW + timedelta(hours=3))
    assert Meeting.objects.get().announced_at == NOW
    with pytest.raises(PermissionDenied):
        meetings.announce(by=cast.reader, meeting=made, now=NOW)


@pytest.mark.parametrize("wrong", [{"place": ""}, {"ends_at": NOW}, {"starts_at": NOW - DAY, "ends_at": NOW}])
def test_a_meeting_that_cannot_be_is_refused(cast: Cast, wrong: dict[str, Any]) -> None:
    said = replace(details(meeting(cast.here)), **wrong)
    with pytest.raises(RefusedError):
        meetings.plan_meeting(
            by=cast.officer, municipality=cast.here, key=uuid4(), details=said, announce=True, now=NOW
        )
    assert Meeting.objects.count() == 1


def test_those_who_come_are_told_another_place_and_nobody_another_agenda(cast: Cast) -> None:
    held = meeting(cast.here)
    signed(held)
    seen = meetings.fingerprint(held)
    changed = meetings.change(
        by=cast.officer, meeting=held, details=details(held, agenda="Otra tabla"), seen=seen, now=NOW
    )
    assert not written(MailKind.MEETING_CHANGED)
    with pytest.raises(OvertakenError):
        meetings.change(by=cast.officer, meeting=held, details=details(held, place="Liceo"), seen=seen, now=NOW)
    seen = meetings.fingerprint(changed)
    meetings.change(by=cast.officer, meeting=held, details=details(changed, place="Liceo"), seen=seen, now=NOW)
    (mail,) = written(MailKind.MEETING_CHANGED)
    assert "Liceo" in mail.body


def test_a_meeting_moved_to_an_earlier_day_is_announced_anew(cast: Cast) -> None:
    held = meeting(cast.here)
    earlier = details(held, starts_at=NOW + 5 * DAY)
    meetings.change(by=cast.officer, meeting=held, details=earlier, seen=meetings.fingerprint(held), now=NOW + DAY)
    assert Meeting.objects.get().announced_at == NOW + DAY


def test_a_meeting_called_off_is_told_once_and_takes_nobody_more(cast: Cast) -> None:
    held = meeting(cast.here)
    signed(held)
    meetings.cancel(by=cast.officer, meeting=held, reason="Temporal", now=NOW)
    with pytest.raises(OvertakenError):
        meetings.cancel(by=cast.officer, meeting=held, reason="Temporal", now=NOW)
    assert len(written(MailKind.MEETING_CANCELLED)) == 1
    with pytest.raises(RefusedError):
        signed(held, "eva")


def test_one_signs_up_once_and_has_a_place_once_confirmed(cast: Cast) -> None:
    held = meeting(cast.here)
    rows = {
        sign_ups.sign_up(meeting=held, name="Ana", email=email, sector=Sector.OTHER, now=NOW)
        for email in ("ana@ejemplo.cl", " ANA@ejemplo.cl ")
    }
    (row,) = rows
    assert not held.sign_ups.coming().exists()
    assert len(written(MailKind.MEETING_CONFIRM)) == 1
    for _ in range(2):
        sign_ups.confirm(token=row.token, now=NOW)
    assert held.sign_ups.coming().get() == row
    (mail,) = written(MailKind.MEETING_SIGNED_UP)
    assert "Usted tiene un cupo" in mail.body


def test_past_the_last_place_people_wait_in_line_and_move_up(cast: Cast) -> None:
    held = meeting(cast.here, capacity=1)
    first, second, third = (
        signed(held, who, at=timedelta(minutes=number)) for number, who in enumerate(("ana", "eva", "ivo"))
    )
    assert [sign_ups.place_in_line(row) for row in (first, second, third)] == [0, 1, 2]
    assert "lista de espera" in written(MailKind.MEETING_SIGNED_UP)[1].body
    for _ in range(2):
        sign_ups.leave(token=first.token, now=NOW)
    assert [sign_ups.place_in_line(row) for row in (second, third)] == [0, 1]
    assert [mail.to for mail in written(MailKind.MEETING_SIGNED_UP)][3:] == ["eva@ejemplo.cl"]


def test_more_places_are_given_to_those_who_wait_and_none_is_taken_away(cast: Cast) -> None:
    held = meeting(cast.here, capacity=1)
    for number, who in enumerate(("ana", "eva", "ivo")):
        signed(held, who, at=timedelta(minutes=number))
    held.refresh_from_db()
    more = details(held, capacity=2)
    changed = meetings.change(by=cast.officer, meeting=held, details=more, seen=meetings.fingerprint(held), now=NOW)
    assert [mail.to for mail in written(MailKind.MEETING_SIGNED_UP)][3:] == ["eva@ejemplo.cl"]
    with pytest.raises(RefusedError):
        meetings.change(
            by=cast.officer,
            meeting=held,
            details=details(held, capacity=1),
            seen=meetings.fingerprint(changed),
            now=NOW,
        )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_gets_the_last_place(cast: Cast) -> None:
    held = meeting(cast.here, capacity=1)
    rows = [
        sign_ups.sign_up(meeting=held, name=who, email=f"{who}@ejemplo.cl", sector=Sector.OTHER, now=NOW)
        for who in ("ana", "eva")
    ]
    assert at_once(*((lambda token=row.token: sign_ups.confirm(token=token, now=NOW)) for row in rows)) == []
    said = [mail.body for mail in written(MailKind.MEETING_SIGNED_UP)]
    assert sorted("lista de espera" in body for body in said) == [False, True]


def test_minutes_are_published_after_the_meeting_and_corrected(cast: Cast) -> None:
    held = meeting(cast.here, days=1)
    said: dict[str, Any] = {"minutes": "Se habló", "agreements": "Uno", "attendance": {Sector.OTHER: 4}}
    with pytest.raises(RefusedError):
        meetings.publish_minutes(by=cast.officer, meeting=held, now=NOW, **said)
    later = NOW + 2 * DAY
    meetings.publish_minutes(by=cast.officer, meeting=held, now=later, **said)
    meetings.publish_minutes(by=cast.officer, meeting=held, now=later, **{**said, "agreements": "Uno\nDos"})
    held.refresh_from_db()
    assert (held.state, held.attendance, held.agreements) == (MeetingState.HELD, {"other": 4}, "Uno\nDos")
    with pytest.raises(OvertakenError):
        meetings.cancel(by=cast.officer, meeting=held, reason="x", now=later)


def test_who_came_is_marked_once_the_meeting_has_begun(cast: Cast) -> None:
    held = meeting(cast.here, days=1)
    row, stranger = signed(held), signed(meeting(cast.elsewhere))
    with pytest.raises(RefusedError):
        sign_ups.mark_attendance(by=cast.officer, meeting=held, came={row.pk: True}, now=NOW)
    came = {row.pk: True, stranger.pk: True}
    assert sign_ups.mark_attendance(by=cast.officer, meeting=held, came=came, now=NOW + DAY) == 1
    assert sign_ups.mark_attendance(by=cast.officer, meeting=held, came=came, now=NOW + DAY) == 0


def test_each_is_reminded_two_weeks_and_one_day_before_once(cast: Cast) -> None:
    held = meeting(cast.here, days=30, capacity=1)
    signed(held)
    signed(held, "espera", at=timedelta(minutes=1))
    moments = [timedelta(), 15 * DAY, 16 * DAY + timedelta(hours=1), 17 * DAY, 29 * DAY, 29 * DAY, 31 * DAY]
    assert [write_reminders(now=NOW + moment) for moment in moments] == [0, 0, 1, 0, 1, 0, 0]
    assert {mail.to for mail in written(MailKind.MEETING_REMINDER)} == {"ana@ejemplo.cl"}


def test_the_clock_reminds_and_forgets_without_fault(cast: Cast) -> None:
    periodic.remind_of_meetings()
    periodic.forget_citizens()


@given(before=st.integers(0, 60 * 24), signed_up=st.integers(0, 60 * 24))
def test_a_reminder_never_comes_after_the_meeting_nor_to_whoever_was_just_written_to(
    before: int, signed_up: int
) -> None:
    starts = NOW + timedelta(hours=before)
    found = due(starts_at=starts, confirmed_at=NOW - timedelta(hours=signed_up), now=NOW)
    if found is not None:
        assert found in DAYS_BEFORE
        assert NOW < starts <= NOW + found * DAY
        assert NOW - timedelta(hours=signed_up) < starts - found * DAY
