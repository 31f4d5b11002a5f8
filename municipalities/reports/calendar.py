"""An adviser's calendar as iCalendar (RFC 5545): the next steps that are theirs, and the ends of campaigns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from municipalities.models import Campaign
from municipalities.reports.contact_log import open_steps

if TYPE_CHECKING:
    from datetime import date

    from accounts.models import User

PAST: Final = timedelta(days=90)
REFRESH: Final = timedelta(hours=1)


def calendar_of(user: User, *, now: datetime, host: str, tasks_url: str) -> bytes:
    """The calendar as bytes, the same for the same rows. All events last a day; `host` makes their identifiers unique.

    Nothing is told but the municipality and the step: whoever holds the address reads it without signing in.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{host}//Calendario//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Municipal open government: next steps"))
    calendar.add("x-wr-timezone", timezone.get_default_timezone_name())
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for step in open_steps(user, everyone=False):
        if step.next_on is None:  # for the type alone: open steps have a date
            continue
        summary = f"{step.municipality}: {step.next_step}"
        calendar.add_component(
            _all_day(f"paso-{step.pk}@{host}", step.next_on, summary, stamp=step.recorded_at, url=tasks_url)
        )
    for campaign in Campaign.objects.filter(ends__gte=timezone.localdate(now) - PAST).order_by("ends", "pk"):
        summary = _("Last day of the campaign %(name)s") % {"name": campaign.name}
        calendar.add_component(
            _all_day(f"campana-{campaign.pk}@{host}", campaign.ends, summary, stamp=campaign.created_at)
        )
    return bytes(calendar.to_ical())


def _all_day(uid: str, day: date, summary: str, *, stamp: datetime, url: str = "") -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", summary)
    event.add("transp", "TRANSPARENT")
    if url:
        event.add("url", url)
    return event
