"""Meetings as iCalendar (RFC 5545): one that was called off stays in calendars, marked so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import TYPE_CHECKING

from django.utils import timezone
from icalendar import Calendar, Event

from action_plans.choices import MeetingState
from action_plans.models import Meeting
from action_plans.reports.opportunities import address_of
from municipalities.reports.calendar import REFRESH

if TYPE_CHECKING:
    from django.http import HttpRequest


def calendar_of(meetings: Iterable[Meeting], *, name: str, request: HttpRequest) -> bytes:
    """The calendar as bytes, the same for the same rows. The site's host makes the identifiers unique."""
    host = request.get_host()
    calendar = Calendar()
    calendar.add("prodid", f"-//{host}//Participacion//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", timezone.get_default_timezone_name())
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    for meeting in meetings:
        calendar.add_component(_event(meeting, host, request.build_absolute_uri(address_of(meeting))))
    return bytes(calendar.to_ical())


def _event(meeting: Meeting, host: str, url: str) -> Event:
    event = Event()
    event.add("uid", f"reunion-{meeting.key}@{host}")
    event.add("dtstamp", (meeting.announced_at or meeting.starts_at).astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("summary", f"{meeting.municipality}: {meeting.title}")
    event.add("description", meeting.state_reason or meeting.agenda)
    event.add("location", meeting.place or meeting.link)
    event.add("status", "CANCELLED" if meeting.state == MeetingState.CANCELLED else "CONFIRMED")
    event.add("url", url)
    return event
