"""What a page tells of a forum and of a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from action_plans.choices import MeetingState, Sector
from action_plans.models import Forum, ForumMember, Meeting
from action_plans.reports.opportunities import NOTICE, notice_days
from municipalities.models import Municipality

HELD_SHOWN: Final = 30


@dataclass(frozen=True, slots=True)
class Told:
    """A meeting with what is computed of it. `left` is None where there is no limit."""

    meeting: Meeting
    notice: int | None
    is_late_notice: bool
    coming: int
    left: int | None
    waiting: int
    agreements: list[str]
    attendance: list[tuple[str, int]]

    @property
    def attended(self) -> int:
        return sum(count for _label, count in self.attendance)


@dataclass(frozen=True, slots=True)
class Shown:
    """A forum as everyone sees it; `forum` is None where the municipality has none yet."""

    forum: Forum | None
    members: list[ForumMember]
    former: list[ForumMember]
    coming: list[Meeting]
    held: list[Meeting]

    @property
    def sectors(self) -> list[tuple[str, list[ForumMember]]]:
        """The members of today, by the side of the table on which they sit."""
        by_sector = [(str(sector.label), [one for one in self.members if one.sector == sector]) for sector in Sector]
        return [(label, members) for label, members in by_sector if members]


def shown(municipality: Municipality, *, now: datetime) -> Shown:
    """The forum of a municipality, its members of today and before, its meetings; four queries."""
    today = timezone.localdate(now)
    forum = Forum.objects.filter(municipality=municipality).first()
    members = list(forum.members.filter(starts__lte=today)) if forum else []
    now_there = [one for one in members if one.ends is None or one.ends >= today]
    meetings = Meeting.objects.public().filter(municipality=municipality)
    return Shown(
        forum=forum,
        members=now_there,
        former=[one for one in members if one not in now_there],
        coming=list(meetings.coming(now)),
        held=list(meetings.past(now)[:HELD_SHOWN]),
    )


def told(meeting: Meeting, *, now: datetime) -> Told:
    """A meeting with its notice, its places, and who came; one query."""
    coming = meeting.sign_ups.coming().count()
    notice = notice_days(meeting)
    over = max(0, coming - meeting.capacity) if meeting.capacity is not None else 0
    return Told(
        meeting=meeting,
        notice=notice,
        is_late_notice=notice is not None and notice < NOTICE.days and meeting.state != MeetingState.CANCELLED,
        coming=coming - over,
        left=None if meeting.capacity is None else max(0, meeting.capacity - coming),
        waiting=over,
        agreements=[line.strip() for line in meeting.agreements.splitlines() if line.strip()],
        attendance=[
            (str(sector.label), meeting.attendance[sector.value])
            for sector in Sector
            if meeting.attendance.get(sector.value)
        ],
    )
