"""Whom the portal trusts to certify signatures. Nothing is deleted: what was trusted on which day must stay answerable."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.choices import CertificateKind
from municipalities.imports.certificates import Certificate, read_certificate, read_list
from municipalities.models import RevocationList, TrustedCertificate
from municipalities.permissions import check_can
from municipalities.rules.uploads import NotKeptError

if TYPE_CHECKING:
    from accounts.models import User


def examine_certificate(content: bytes, kind: CertificateKind) -> Certificate:
    """What would be added. Raises `RefusedError` for what cannot be, the same certificate a second time included."""
    try:
        found = read_certificate(content, kind)
    except NotKeptError as refusal:
        raise RefusedError(str(refusal)) from None
    there = TrustedCertificate.objects.filter(fingerprint=found.fingerprint).first()
    if there:
        raise RefusedError(_already_there(there))
    return found


def _already_there(there: TrustedCertificate) -> str:
    day = date_format(there.added_at, "d-m-Y")
    if there.trusted_until:
        return _("This very certificate was added on %(day)s and its trust has an end. Change its dates instead.") % {
            "day": day
        }
    return _("This very certificate is already there, since %(day)s.") % {"day": day}


def add_certificate(
    *, by: User, content: bytes, kind: CertificateKind, note: str, trusted_from: date, now: datetime
) -> TrustedCertificate:
    """Trust a certificate from a day on. `note` says where it was obtained and how it was checked."""
    check_can(by, Permission.MANAGE_TRUST)
    found = examine_certificate(content, kind)
    try:
        with transaction.atomic():
            added = TrustedCertificate.objects.create(
                kind=kind,
                name=found.name,
                der=found.der,
                fingerprint=found.fingerprint,
                valid_from=found.valid_from,
                valid_until=found.valid_until,
                trusted_from=trusted_from,
                note=note,
                added_by=by,
                added_at=now,
            )
            record_event("trust.certificate_added", by=by, at=now, subject=added, certificate=added.name, reason=note)
    except IntegrityError:  # two clicks
        raise RefusedError(_("This very certificate is already there.")) from None
    return added


def set_trust(
    *, by: User, certificate: TrustedCertificate, until: date | None, reason: str, now: datetime
) -> TrustedCertificate:
    """End the trust in a certificate (`until`: the first day without it), or take a mistaken end back (None)."""
    check_can(by, Permission.MANAGE_TRUST)
    if not reason.strip():
        raise RefusedError(_("Say the reason."))
    with transaction.atomic():
        locked = TrustedCertificate.objects.select_for_update().get(pk=certificate.pk)
        if locked.trusted_until == until:
            raise RefusedError(_("Nothing changes: the date is the one it has."))
        if until is not None and until < locked.trusted_from:
            raise RefusedError(
                _("Its trust cannot end before it began, on %(day)s.") % {"day": _day(locked.trusted_from)}
            )
        locked.trusted_until = until
        locked.save(update_fields=["trusted_until"])
        record_event(
            "trust.ended" if until else "trust.resumed",
            by=by,
            at=now,
            subject=locked,
            certificate=locked.name,
            reason=reason.strip(),
            day=_day(until) if until else "",
        )
    return locked


def _day(day: date) -> str:
    return f"{day:%d-%m-%Y}"


def add_list(*, by: User, content: bytes, now: datetime) -> RevocationList:
    """Keep a revocation list that one of the listed authorities signed."""
    check_can(by, Permission.MANAGE_TRUST)
    authorities = [bytes(der) for der in TrustedCertificate.objects.values_list("der", flat=True)]
    try:
        found = read_list(content, authorities)
    except NotKeptError as refusal:
        raise RefusedError(str(refusal)) from None
    there = RevocationList.objects.filter(fingerprint=found.fingerprint).first()
    if there:
        day = date_format(there.added_at, "d-m-Y")
        raise RefusedError(_("This very list is already there, since %(day)s.") % {"day": day})
    with transaction.atomic():
        added = RevocationList.objects.create(
            issuer=found.issuer,
            der=found.der,
            fingerprint=found.fingerprint,
            this_update=found.this_update,
            next_update=found.next_update,
            added_by=by,
            added_at=now,
        )
        record_event("trust.list_added", by=by, at=now, subject=added, issuer=added.issuer, entries=found.entries)
    return added
