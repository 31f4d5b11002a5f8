"""The people in a municipality to whom the council writes: while there is anyone, exactly one is the main contact."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import Contact, Municipality
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def add_contact(
    *,
    by: User,
    municipality: Municipality,
    name: str,
    position: str,
    email: str,
    phone: str,
    is_main: bool,
    source: str,
    now: datetime,
) -> Contact:
    """Add a contact; the first one is the main contact. Raises `RefusedError` for an e-mail that another contact has."""
    with transaction.atomic():
        _lock(by, municipality)
        contact = Contact(municipality=municipality, source=source, recorded_at=now)
        others = Contact.objects.filter(municipality=municipality)
        _write(contact, name=name, position=position, email=email, phone=phone, is_main=is_main or not others.exists())
        _record("contact.added", contact, by=by, at=now)
    return contact


def change_contact(
    *,
    by: User,
    contact: Contact,
    name: str,
    position: str,
    email: str,
    phone: str,
    is_main: bool,
    source: str,
    seen: str,
    now: datetime,
) -> Contact:
    """Change a contact. `seen` is `contact.fingerprint` as the person saw it: `OvertakenError` when it changed since."""
    with transaction.atomic():
        _lock(by, contact.municipality)
        locked = _again(contact)
        if locked.fingerprint != seen:
            raise OvertakenError(_("In the meantime someone changed this contact. Nothing of yours was done."))
        if locked.is_main and not is_main and _others(locked).exists():
            raise RefusedError(_("This is the main contact. To change that, make another person the main contact."))
        locked.source = source
        _write(locked, name=name, position=position, email=email, phone=phone, is_main=is_main or locked.is_main)
        _record("contact.changed", locked, by=by, at=now)
    return locked


def make_main(*, by: User, contact: Contact, now: datetime) -> Contact:
    """Let invitations go to this person; the one before stays a contact. Doing it twice changes nothing."""
    with transaction.atomic():
        _lock(by, contact.municipality)
        locked = _again(contact)
        if not locked.is_main:
            _others(locked).filter(is_main=True).update(is_main=False)
            locked.is_main = True
            locked.save(update_fields=["is_main"])
            _record("contact.main", locked, by=by, at=now)
    return locked


def remove_contact(*, by: User, contact: Contact, now: datetime) -> None:
    """Delete a contact: nothing personal of it stays but the name in the history. The main one goes last."""
    with transaction.atomic():
        _lock(by, contact.municipality)
        locked = _again(contact)
        if locked.is_main and _others(locked).exists():
            raise RefusedError(_("This is the main contact. Make another person the main contact first."))
        _record("contact.removed", locked, by=by, at=now)
        locked.delete()


def _lock(by: User, municipality: Municipality) -> None:
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    check_can(by, Permission.RECORD_AUTHORITY, municipality)


def _again(contact: Contact) -> Contact:
    locked = Contact.objects.select_for_update().filter(pk=contact.pk).first()
    if locked is None:
        raise OvertakenError(_("In the meantime someone removed this contact."))
    return locked


def _others(contact: Contact) -> QuerySet[Contact]:
    return Contact.objects.filter(municipality=contact.municipality_id).exclude(pk=contact.pk)


def _write(contact: Contact, *, name: str, position: str, email: str, phone: str, is_main: bool) -> None:
    contact.name, contact.position, contact.phone = name, position, phone
    contact.email = email.lower()
    if not contact.email and not contact.phone:
        raise RefusedError(_("Give an e-mail or a telephone."))
    if contact.email and (twin := _others(contact).filter(email=contact.email).first()):
        raise RefusedError(_("%(name)s already has this e-mail.") % {"name": twin.name})
    if is_main:
        _others(contact).filter(is_main=True).update(is_main=False)
    contact.is_main = is_main
    contact.save()


def _record(kind: str, contact: Contact, *, by: User, at: datetime) -> None:
    record_event(kind, by=by, at=at, subject=contact, municipality_cut=contact.municipality_id, person=contact.name)
