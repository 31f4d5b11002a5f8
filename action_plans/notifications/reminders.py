"""Reminders to those who signed up for a meeting; each once, whatever becomes of the worker that writes them."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from action_plans.choices import MeetingState
from action_plans.models import Meeting, SignUp
from action_plans.notifications import letters
from action_plans.rules.meeting_reminders import DAYS_BEFORE, due


def write_reminders(*, now: datetime) -> int:
    """Write those that are due into the outbox. Returns how many; run again, none."""
    near = Meeting.objects.filter(
        state=MeetingState.ANNOUNCED,
        announced_at__isnull=False,
        starts_at__gt=now,
        starts_at__lte=now + timedelta(days=max(DAYS_BEFORE)),
    )
    written = 0
    for meeting in near.select_related("municipality__region"):
        speaking: dict[int, list[SignUp]] = defaultdict(list)
        with_place = meeting.sign_ups.coming()[: meeting.capacity]
        for row in with_place:
            days = due(starts_at=meeting.starts_at, confirmed_at=row.confirmed_at or row.at, now=now)
            if days is not None:
                speaking[days].append(row)
        for days, rows in speaking.items():
            written += letters.reminder(meeting, rows, days=days, now=now)
    return written
