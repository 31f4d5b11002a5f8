"""Meetings are planned, announced, changed, called off and told of afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.actions.sign_ups import kept, locked_meeting
from action_plans.choices import MeetingKind, MeetingState, Sector
from action_plans.models import Meeting, Plan, SignUp
from action_plans.notifications import letters
from config.page_cache import forget_public_pages
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import Document, Municipality
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

TOLD: Final = ("starts_at", "ends_at", "place", "link")
"""What those who signed up are told of when it changes."""


@dataclass(frozen=True, slots=True)
class Details:
    """What is said of a meeting before it is held."""

    kind: MeetingKind
    title: str
    agenda: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    link: str = ""
    capacity: int | None = None
    plan: Plan | None = None


def plan_meeting(
    *, by: User, municipality: Municipality, key: UUID, details: Details, announce: bool, now: datetime
) -> Meeting:
    """Write a meeting down, and make it public if it is to be announced. `key` comes with the form: sent twice, it is one.

    One that was held before the portal knew of it may be written down too: its minutes follow. Raises `RefusedError`.
    """
    check_can(by, Permission.WRITE_PLAN, municipality)
    _check(municipality, details)
    with transaction.atomic():
        Municipality.objects.select_for_update(of=("self",), no_key=True).get(pk=municipality.pk)
        before = Meeting.objects.filter(key=key).first()
        if before and before.municipality_id != municipality.pk:
            raise RefusedError(_("This form belongs to another municipality. Open it again."))
        if before:
            return before
        meeting = Meeting.objects.create(municipality=municipality, key=key, **_fields(details))
        if announce:
            _announce(meeting, by=by, now=now)
    return meeting


def announce(*, by: User, meeting: Meeting, now: datetime) -> Meeting:
    """Make a meeting public, once: the day counts for the two weeks of notice."""
    check_can(by, Permission.WRITE_PLAN, meeting.municipality)
    with transaction.atomic():
        held = locked_meeting(meeting)
        if held.announced_at is None:
            _announce(held, by=by, now=now)
    return held


def _announce(held: Meeting, *, by: User, now: datetime) -> None:
    if held.starts_at <= now:
        raise RefusedError(_("The meeting would begin in the past: write its minutes instead."))
    held.announced_at = now
    held.save(update_fields=["announced_at"])
    _record("meeting.announced", by, held, now)
    transaction.on_commit(forget_public_pages, robust=True)


def change(*, by: User, meeting: Meeting, details: Details, seen: str, now: datetime) -> Meeting:
    """Change what is said of a meeting that was not held; those who come are told another day or place.

    Moved to an earlier day, its notice counts from now. Raises `OvertakenError` when it is not as the person saw it.
    """
    check_can(by, Permission.WRITE_PLAN, meeting.municipality)
    _check(meeting.municipality, details)
    with transaction.atomic():
        held = locked_meeting(meeting)
        if held.state != MeetingState.ANNOUNCED:
            raise OvertakenError(_("The meeting was already held or called off."))
        if fingerprint(held) != seen:
            raise OvertakenError(_("Somebody changed the meeting in the meantime. Look at it again and decide."))
        if held.announced_at and details.starts_at <= now:
            raise RefusedError(_("The meeting would begin in the past: write its minutes instead."))
        coming = list(held.sign_ups.coming())
        had_place = len(coming) if held.capacity is None else min(held.capacity, len(coming))
        if details.capacity is not None and details.capacity < had_place:
            raise RefusedError(_("%(count)d people have a place already.") % {"count": had_place})
        before = {name: getattr(held, name) for name in TOLD}
        for name, value in _fields(details).items():
            setattr(held, name, value)
        is_told = any(getattr(held, name) != value for name, value in before.items())
        if held.announced_at and held.starts_at < before["starts_at"]:
            held.announced_at = now
        held.save()
        SignUp.objects.filter(meeting=held, forgotten_at=None).update(forget_at=held.ends_at + kept())
        if held.announced_at and is_told:
            _record("meeting.changed", by, held, now)
            letters.meeting_changed(held, now=now)
        for row in coming[had_place : details.capacity]:
            letters.signed_up(row, has_place=True, now=now)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def cancel(*, by: User, meeting: Meeting, reason: str, now: datetime) -> Meeting:
    """Call a meeting off, with a reason that is public; those who signed up are told."""
    check_can(by, Permission.WRITE_PLAN, meeting.municipality)
    if not reason.strip():
        raise RefusedError(_("Say the reason: the other side will read it."))
    with transaction.atomic():
        held = locked_meeting(meeting)
        if held.state != MeetingState.ANNOUNCED:
            raise OvertakenError(_("The meeting was already held or called off."))
        held.state, held.state_reason = MeetingState.CANCELLED, reason.strip()
        held.save(update_fields=["state", "state_reason"])
        _record("meeting.cancelled", by, held, now, reason=reason)
        letters.meeting_cancelled(held, now=now)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def publish_minutes(
    *,
    by: User,
    meeting: Meeting,
    minutes: str,
    agreements: str,
    attendance: Mapping[Sector, int],
    now: datetime,
    document: Document | None = None,
) -> Meeting:
    """Say what was talked about and agreed, and how many came of each sector. A correction is published the same way."""
    check_can(by, Permission.WRITE_PLAN, meeting.municipality)
    if not minutes.strip():
        raise RefusedError(_("Write the minutes."))
    with transaction.atomic():
        held = locked_meeting(meeting)
        if held.state == MeetingState.CANCELLED:
            raise OvertakenError(_("The meeting was called off."))
        if held.starts_at > now:
            raise RefusedError(_("The meeting has not been held yet."))
        held.state, held.minutes, held.agreements = MeetingState.HELD, minutes.strip(), agreements.strip()
        held.attendance = {Sector(sector).value: number for sector, number in attendance.items() if number}
        held.minutes_document, held.minutes_published_at = document or held.minutes_document, now
        held.save()
        _record("meeting.minutes_published", by, held, now)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def fingerprint(meeting: Meeting) -> str:
    """What a person saw of a meeting: another one when anything of it changed."""
    told = [str(getattr(meeting, field.name)) for field in fields(Details)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()[:16]


def _fields(details: Details) -> dict[str, object]:
    return {field.name: getattr(details, field.name) for field in fields(details)}


def _check(municipality: Municipality, details: Details) -> None:
    if details.ends_at <= details.starts_at:
        raise RefusedError(_("The meeting must end after it begins."))
    if not (details.place.strip() or details.link):
        raise RefusedError(_("Say where: a place, a link, or both."))
    if details.plan is not None and details.plan.municipality_id != municipality.pk:
        raise RefusedError(_("The plan is of another municipality."))


def _record(kind: str, by: User, meeting: Meeting, now: datetime, *, reason: str = "") -> None:
    record_event(
        kind,
        by=by,
        at=now,
        subject=meeting,
        municipality_cut=meeting.municipality_id,
        reason=reason.strip(),
        title=meeting.title,
    )
