"""People sign up for meetings without an account, confirm their address, give their place back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from action_plans.choices import MeetingState, Sector
from action_plans.models import Meeting, SignUp
from action_plans.notifications import letters
from config.page_cache import forget_public_pages
from municipalities.actions import RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User


def kept() -> timedelta:
    """How long after a meeting the names and addresses of those who signed up are kept."""
    return timedelta(days=settings.SIGN_UPS_KEPT_DAYS)


def sign_up(*, meeting: Meeting, name: str, email: str, sector: Sector, now: datetime) -> SignUp:
    """Somebody wants to come; a mail asks them to confirm, and only then they have a place or wait for one.

    The same address again is the same sign-up. Raises `RefusedError` when one can no longer sign up.
    """
    with transaction.atomic():
        held = locked_meeting(meeting)
        if not is_open(held, now):
            raise RefusedError(_("One can no longer sign up for this meeting."))
        address = email.strip().lower()
        row = held.sign_ups.filter(email=address, left_at=None).first() or SignUp.objects.create(
            meeting=held,
            name=" ".join(name.split()),
            email=address,
            sector=sector,
            at=now,
            forget_at=held.ends_at + kept(),
        )
        if row.confirmed_at is None:
            letters.confirm_sign_up(row, now=now)
    return row


def confirm(*, token: UUID, now: datetime) -> SignUp:
    """The address is theirs: from now on they have a place, or the next one on the waiting list. Twice is once.

    Two people who confirm at once go one after the other, so that no place is given twice.
    """
    with transaction.atomic():
        row = _found(token)
        if row.confirmed_at is None:
            if not is_open(row.meeting, now) or row.left_at:
                raise RefusedError(_("One can no longer sign up for this meeting."))
            # Whoever came to the lock first stands first in line, whatever the clocks of two processes say.
            last = row.meeting.sign_ups.coming().last()
            row.confirmed_at = max(now, (last.confirmed_at or now) + timedelta(microseconds=1)) if last else now
            row.save(update_fields=["confirmed_at"])
            letters.signed_up(row, has_place=place_in_line(row) == 0, now=now)
            transaction.on_commit(forget_public_pages, robust=True)
    return row


def leave(*, token: UUID, now: datetime) -> SignUp:
    """Give the place back, with the link of the mail; whoever waits first gets it and is told. Twice is once."""
    with transaction.atomic():
        row = _found(token)
        if row.left_at is None:
            waiting = first_waiting(row.meeting)
            row.left_at = now
            row.save(update_fields=["left_at"])
            if waiting and waiting.pk != row.pk and place_in_line(waiting) == 0 and row.meeting.starts_at > now:
                letters.signed_up(waiting, has_place=True, now=now)
            transaction.on_commit(forget_public_pages, robust=True)
    return row


def place_in_line(row: SignUp) -> int:
    """0 for whoever has a place; else how many have to give theirs back first."""
    capacity = row.meeting.capacity
    if capacity is None:
        return 0
    keys = list(row.meeting.sign_ups.coming().values_list("pk", flat=True))
    return max(0, keys.index(row.pk) - capacity + 1) if row.pk in keys else 0


def first_waiting(meeting: Meeting) -> SignUp | None:
    """Whoever gets the next place that becomes free."""
    return meeting.sign_ups.coming()[meeting.capacity :].first() if meeting.capacity is not None else None


def mark_attendance(*, by: User, meeting: Meeting, came: Mapping[int, bool], now: datetime) -> int:
    """Who of those who signed up came. Returns how many rows changed."""
    check_can(by, Permission.WRITE_PLAN, meeting.municipality)
    changed = 0
    with transaction.atomic():
        held = locked_meeting(meeting)
        if held.starts_at > now:
            raise RefusedError(_("The meeting has not been held yet."))
        for row in held.sign_ups.select_for_update().filter(pk__in=came):
            if row.came != came[row.pk]:
                row.came = came[row.pk]
                row.save(update_fields=["came"])
                changed += 1
    return changed


def is_open(meeting: Meeting, now: datetime) -> bool:
    """Whether one may sign up for it."""
    return meeting.state == MeetingState.ANNOUNCED and meeting.announced_at is not None and meeting.starts_at > now


def locked_meeting(meeting: Meeting) -> Meeting:
    """The meeting, held until the end of the transaction: those who sign up go one after the other."""
    return Meeting.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=meeting.pk)


def _found(token: UUID) -> SignUp:
    known = SignUp.objects.select_related("meeting").filter(token=token, forgotten_at=None).first()
    if known is None:
        raise RefusedError(_("This link is no longer valid."))
    meeting = locked_meeting(known.meeting)
    row = SignUp.objects.select_for_update(of=("self",)).get(pk=known.pk)
    row.meeting = meeting
    return row
