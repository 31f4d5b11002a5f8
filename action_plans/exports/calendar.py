"""The days of a plan as iCalendar (RFC 5545): the last day of each milestone, and what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import CommitmentNow, MilestoneNow

REFRESH: Final = timedelta(hours=12)


def as_ical(shown: PublicPlan, *, host: str, key: str = "") -> bytes:
    """The calendar as bytes, the same for the same edition and progress. With `key`, of one commitment."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{host}//Plan de accion//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    place = shown.plan.municipality
    calendar.add("x-wr-calname", f"{place.name}: {shown.title}")
    calendar.add("x-wr-timezone", timezone.get_default_timezone_name())
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    if shown.edition and shown.now:
        stamp = shown.edition.published_at
        page = f"{settings.SITE_URL}/municipios/{place.cut}-{place.slug}/plan/{shown.plan.pk}/compromisos/"
        for commitment, milestone in shown.now.milestones:
            if milestone.ends and key in ("", commitment.key):
                calendar.add_component(_event(commitment, milestone, milestone.ends, stamp, host, page))
    return bytes(calendar.to_ical())


def _event(
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
