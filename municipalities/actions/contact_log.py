"""What the council notes of its contacts with a municipality, the steps that follow, and the address of a calendar."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from accounts.rules import hash_of_secret
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import CalendarFeed, ContactNote, Municipality
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from accounts.models import User

AGAIN: Final = timedelta(minutes=1)
"""The same note sent again by the same person within this time is a second click."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a form says of one contact made. `next_on` and `responsible` belong to `next_step`."""

    kind: str
    on: date
    with_whom: str
    notes: str
    next_step: str
    next_on: date | None
    responsible: User | None


def add_note(*, by: User, municipality: Municipality, noted: Noted, now: datetime) -> ContactNote:
    """Keep a contact made, and its next step; two clicks keep one note.

    Raises `RefusedError` for a responsible person without access there.
    """
    with transaction.atomic():
        Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
        check_can(by, Permission.PROMOTE_ADHESION, municipality)
        note = ContactNote(municipality=municipality, recorded_by=by, recorded_at=now)
        _write(note, noted, now)
        latest = ContactNote.objects.filter(municipality=municipality, recorded_by=by, recorded_at__gte=now - AGAIN)
        first = next((one for one in latest if one.fingerprint == note.fingerprint), None)
        if first:
            return first
        note.save()
    return note


def change_note(*, by: User, note: ContactNote, noted: Noted, seen: str, now: datetime) -> ContactNote:
    """Change a note. `seen` is `note.fingerprint` as the person saw it: `OvertakenError` when it changed since."""
    with transaction.atomic():
        check_can(by, Permission.PROMOTE_ADHESION, note.municipality)
        locked = ContactNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
        if locked.fingerprint != seen:
            raise OvertakenError(_("In the meantime someone changed this note. Nothing of yours was done."))
        _write(locked, noted, now)
        locked.save()
    return locked


def set_done(*, by: User, note: ContactNote, done: bool, now: datetime) -> ContactNote:
    """Mark the next step of a note as done, or take that back. Who did it first stays written; twice changes nothing."""
    with transaction.atomic():
        check_can(by, Permission.PROMOTE_ADHESION, note.municipality)
        locked = ContactNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
        if not locked.next_step:
            raise RefusedError(_("This note has no next step."))
        if done != bool(locked.done_at):
            locked.done_at, locked.done_by = (now, by) if done else (None, None)
            locked.save(update_fields=["done_at", "done_by"])
    return locked


def make_calendar_address(*, by: User, now: datetime) -> str:
    """Give a new secret for the person's calendar, the only time it is known; the address before opens nothing any more."""
    if not by.is_council or not can(by, Permission.VIEW_DESK):
        raise PermissionDenied(Permission.VIEW_DESK.value)
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(user=by, defaults={"secret_hash": hash_of_secret(secret), "made_at": now})
    return secret


def end_calendar_address(*, by: User) -> None:
    """Close the address of the person's calendar."""
    CalendarFeed.objects.filter(user=by).delete()


def _write(note: ContactNote, noted: Noted, now: datetime) -> None:
    if noted.on > timezone.localdate(now):
        raise RefusedError(_("A contact is noted once it was made: the date cannot be in the future."))
    if noted.next_step and (noted.next_on is None or noted.responsible is None):
        raise RefusedError(_("Say by when and by whom the next step is done."))
    if noted.next_step and not can(noted.responsible, Permission.PROMOTE_ADHESION, note.municipality):  # type: ignore[arg-type]
        raise RefusedError(_("%(person)s does not accompany this municipality.") % {"person": noted.responsible})
    note.kind, note.on, note.with_whom, note.notes = noted.kind, noted.on, noted.with_whom, noted.notes
    note.next_step = noted.next_step
    note.next_on, note.responsible = (noted.next_on, noted.responsible) if noted.next_step else (None, None)
    if not noted.next_step:
        note.done_at, note.done_by = None, None
