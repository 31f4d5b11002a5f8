"""Where and when one can take part: meetings that come, and plans that receive contributions now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from action_plans.choices import MeetingKind, MeetingState
from action_plans.models import Meeting, Plan
from action_plans.rules.plan_states import LISTENING
from municipalities.models import Municipality, Region

NOTICE: Final = timedelta(days=14)
"""How long before it is held OGP asks that a meeting be announced."""
PAST: Final = timedelta(days=90)
"""How far back calendars go."""


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A meeting that comes, as a list shows it. `pk` and `search` are those of its municipality."""

    pk: str
    search: str
    name: str
    region: str
    kind: str
    title: str
    starts_at: datetime
    place: str
    is_online: bool
    is_cancelled: bool
    href: str

    @property
    def kind_label(self) -> str:
        return str(MeetingKind(self.kind).label)


def coming(now: datetime) -> list[Opportunity]:
    """Every meeting that was announced and is not over, one that was called off among them; one query."""
    rows = Meeting.objects.public().coming(now).select_related("municipality")
    return [
        Opportunity(
            pk=meeting.municipality_id,
            search=meeting.municipality.search,
            name=meeting.municipality.name,
            region=meeting.municipality.region_id,
            kind=meeting.kind,
            title=meeting.title,
            starts_at=meeting.starts_at,
            place=meeting.place,
            is_online=bool(meeting.link),
            is_cancelled=meeting.state == MeetingState.CANCELLED,
            href=address_of(meeting),
        )
        for meeting in rows
    ]


def listening(region: Region | None = None, municipality: Municipality | None = None) -> list[Plan]:
    """The plans that receive contributions now, by municipality."""
    found = Plan.objects.filter(stage__in=LISTENING).select_related("municipality__region")
    if region is not None:
        found = found.filter(municipality__region=region)
    if municipality is not None:
        found = found.filter(municipality=municipality)
    return list(found.order_by("municipality__search"))


def meetings_for_calendars(
    now: datetime, *, region: str = "", municipality: Municipality | None = None
) -> QuerySet[Meeting]:
    """What a calendar program shows: what comes, and what was held lately."""
    found = Meeting.objects.public().filter(ends_at__gte=now - PAST).select_related("municipality")
    if region:
        found = found.filter(municipality__region=region)
    if municipality is not None:
        found = found.filter(municipality=municipality)
    return found.order_by("starts_at", "pk")


def address_of(meeting: Meeting) -> str:
    place = meeting.municipality
    return reverse("action_plans:meeting", args=[place.cut, place.slug, meeting.key])


def notice_days(meeting: Meeting) -> int | None:
    """How many days before it was held it was announced, in whole days; None for one that was not announced."""
    if meeting.announced_at is None:
        return None
    return max(0, (timezone.localdate(meeting.starts_at) - timezone.localdate(meeting.announced_at)).days)
