"""The days of a plan and meetings as iCalendar (RFC 5545): the same for the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from action_plans.choices import MeetingState
from action_plans.models import Meeting, PlanEdition
from action_plans.reports.opportunities import address_of
from action_plans.reports.published import PublicPlan, gone_of
from action_plans.reports.standing import MilestoneNow, as_day
from action_plans.rules.progress import Timeliness
from municipalities.reports.calendar import REFRESH


def of_plan(shown: PublicPlan, *, host: str, key: str = "") -> bytes | None:
    """The last day of each milestone and what became of it, as bytes. With `key`, of one commitment: None if no approved edition
    ever held it. What left the plan stays in calendars, marked as called off."""
    place = shown.plan.municipality
    calendar = _calendar(f"{place.name}: {shown.title}", host)
    edition, now = shown.edition, shown.now
    if edition and now:
        page = f"{settings.SITE_URL}/municipios/{place.cut}-{place.slug}/plan/{shown.plan.pk}/"
        standing = [pair for pair in now.milestones if key in ("", pair[0].key)]
        for commitment, milestone in standing:
            if milestone.ends:
                event = _last_day(milestone.data, milestone.ends, edition, host)
                event.add("description", f"{commitment.number}. {commitment.title}\n{_how(milestone)}")
                event.add("status", "CONFIRMED")
                event.add("url", f"{page}compromisos/{commitment.key}/")
                calendar.add_component(event)
        gone = [pair for pair in gone_of(shown) if key in ("", pair[0]["key"])]
        for left, last in gone:
            if day := as_day(last["ends"]):
                event = _last_day(last, day, edition, host)
                event.add("description", f"{left['number']}. {left['title']}")
                event.add("status", "CANCELLED")
                event.add("url", f"{page}ediciones/")
                calendar.add_component(event)
        if key and not gone and now.commitment(key) is None:
            return None
    return bytes(calendar.to_ical())


def _how(milestone: MilestoneNow) -> str:
    """How it stands: of one that is over its state says all."""
    if milestone.timeliness in (Timeliness.DONE, Timeliness.MISSED):
        return milestone.state_words
    return f"{milestone.time_words}. {milestone.state_words}"


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
    calendar.add("x-published-ttl", vDuration(REFRESH))
    return calendar


def _last_day(milestone: Mapping[str, Any], day: date, edition: PlanEdition, host: str) -> Event:
    """The same identifier in every edition; the number of the edition is the revision."""
    event = Event()
    event.add("uid", f"hito-{milestone['key']}@{host}")
    event.add("dtstamp", edition.published_at.astimezone(UTC))
    event.add("sequence", edition.number)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", _("Last day: %(title)s") % {"title": milestone["title"]})
    event.add("transp", "TRANSPARENT")
    return event


def _meeting(meeting: Meeting, host: str) -> Event:
    event = Event()
    event.add("uid", f"reunion-{meeting.key}@{host}")
    event.add("dtstamp", (meeting.announced_at or meeting.starts_at).astimezone(UTC))
    # Called off, it is a later revision than the one that calendars hold.
    event.add("sequence", int(meeting.state == MeetingState.CANCELLED))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("summary", f"{meeting.municipality}: {meeting.title}")
    event.add("description", meeting.state_reason or meeting.agenda)
    event.add("location", meeting.place or meeting.link)
    event.add("status", "CANCELLED" if meeting.state == MeetingState.CANCELLED else "CONFIRMED")
    event.add("url", settings.SITE_URL + address_of(meeting))
    return event
