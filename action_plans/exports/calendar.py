"""The days of a plan and meetings as iCalendar (RFC 5545): the same for the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from action_plans.choices import MeetingState
from action_plans.models import Meeting
from action_plans.reports.opportunities import address_of
from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import CommitmentNow, MilestoneNow
from municipalities.reports.calendar import REFRESH


def of_plan(shown: PublicPlan, *, host: str, key: str = "") -> bytes:
    """The last day of each milestone and what became of it, as bytes. With `key`, of one commitment."""
    place = shown.plan.municipality
    calendar = _calendar(f"{place.name}: {shown.title}", host)
    if shown.edition and shown.now:
        stamp = shown.edition.published_at
        page = f"{settings.SITE_URL}/municipios/{place.cut}-{place.slug}/plan/{shown.plan.pk}/compromisos/"
        for commitment, milestone in shown.now.milestones:
            if milestone.ends and key in ("", commitment.key):
                calendar.add_component(_last_day(commitment, milestone, milestone.ends, stamp, host, page))
    return bytes(calendar.to_ical())


def of_meetings(meetings: Iterable[Meeting], *, name: str, host: str) -> bytes:
    """Meetings as bytes: one that was called off stays in calendars, marked so."""
    calendar = _calendar(name, host)
    for meeting in meetings:
        calendar.add_component(_meeting(meeting, host))
    return bytes(calendar.to_ical())


def _calendar(name: str, host: str) -> Calendar:
    """An empty calendar. The site's host makes the identifiers unique."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{host}//Gobierno abierto municipal//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", timezone.get_default_timezone_name())
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    return calendar


def _last_day(
    commitment: CommitmentNow, milestone: MilestoneNow, day: date, stamp: datetime, host: str, page: str
) -> Event:
    event = Event()
    event.add("uid", f"hito-{milestone.key}@{host}")
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", _("Last day: %(title)s") % {"title": milestone.title})
    event.add(
        "description", f"{commitment.number}. {commitment.title}\n{milestone.time_words}. {milestone.state_words}"
    )
    event.add("transp", "TRANSPARENT")
    event.add("url", f"{page}{commitment.key}/")
    return event


def _meeting(meeting: Meeting, host: str) -> Event:
    event = Event()
    event.add("uid", f"reunion-{meeting.key}@{host}")
    event.add("dtstamp", (meeting.announced_at or meeting.starts_at).astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("summary", f"{meeting.municipality}: {meeting.title}")
    event.add("description", meeting.state_reason or meeting.agenda)
    event.add("location", meeting.place or meeting.link)
    event.add("status", "CANCELLED" if meeting.state == MeetingState.CANCELLED else "CONFIRMED")
    event.add("url", settings.SITE_URL + address_of(meeting))
    return event
