"""The signed act: sent by a municipality, checked, accepted or returned by the council, and what follows."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time
from typing import IO, TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.choices import Language
from accounts.permissions import Permission
from municipalities.actions import OvertakenError, RefusedError, documents
from municipalities.actions.acts import make_public_copy
from municipalities.actions.adhesions import lock, move, overtaken
from municipalities.choices import (
    AdhesionState,
    DocumentKind,
    DocumentState,
    ReturnReason,
    SignatureMethod,
    SignatureState,
)
from municipalities.models import Act, Adhesion, Signature, SignatureCheck, SignatureException
from municipalities.permissions import check_can
from municipalities.reports.return_reasons import return_reasons
from municipalities.rules.acceptance import acceptance
from municipalities.rules.adhesion_states import SIGNABLE

if TYPE_CHECKING:
    from accounts.models import User

UPLOADED: Final = {
    SignatureMethod.ADVANCED: DocumentKind.SIGNED_ACT,
    SignatureMethod.SCAN: DocumentKind.SCANNED_ACT,
}
"""The roads by which a file is sent, and what it is kept as."""


def submit_signature(
    *,
    by: User,
    act: Act,
    method: SignatureMethod,
    upload: IO[bytes],
    name: str,
    now: datetime,
    seen: str | None,
    declared_signed_on: date | None = None,
) -> Signature:
    """Record the signed act that a municipality sends; once this is committed a worker scans its file and judges it.

    A scan declares the day of its signing. The same file sent twice by the same person (two clicks) is received once. Raises
    `OvertakenError` when the act or its state changed, `RefusedError` for a file that cannot be it, `PermissionDenied`.
    """
    with transaction.atomic():
        adhesion = lock(act.adhesion_id, seen=None)
        check_can(by, Permission.SUBMIT_SIGNATURE, adhesion.municipality)
        digest = _digest(upload)
        if repeated := _pending(act, by=by, digest=digest):
            return repeated
        if adhesion.state not in SIGNABLE or (seen is not None and adhesion.state != seen):
            raise OvertakenError(overtaken(adhesion))
        if not Act.objects.current().filter(pk=act.pk).exists():
            raise OvertakenError(_("Meanwhile the Consejo issued another act in place of this one. Sign the new one."))
        _check_upload(act, digest)
        document = documents.receive(
            by=by, municipality=adhesion.municipality, kind=UPLOADED[method], upload=upload, name=name, now=now
        )
        signature = Signature.objects.create(
            act=act,
            method=method,
            document=document,
            submitted_by=by,
            received_at=now,
            signed_at=_noon(_checked_day(act, declared_signed_on, now)) if method == SignatureMethod.SCAN else None,
        )
        record_event(
            "adhesion.signature_sent",
            by=by,
            at=now,
            subject=adhesion,
            municipality_cut=adhesion.municipality_id,
            folio=act.folio,
            method=method.value,
        )
        move(by=by, adhesion=adhesion, to=AdhesionState.SIGNED, now=now, words={"folio": act.folio})
    return signature


def _digest(upload: IO[bytes]) -> str:
    """SHA-256 of the file, which is left at its start."""
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in iter(lambda: upload.read(2**16), b""):
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _pending(act: Act, *, by: User, digest: str) -> Signature | None:
    waiting = Signature.objects.filter(act=act, submitted_by=by, document__sha256=digest)
    return waiting.exclude(state=SignatureState.RETURNED).first()


def _check_upload(act: Act, digest: str) -> None:
    if digest == act.sha256:
        raise RefusedError(_("This is the act as it was issued, without a signature. Sign it first, then send it."))
    if Signature.objects.filter(act=act, document__sha256=digest).exists():
        raise RefusedError(_("This is the very file that was returned. Send the corrected one."))


def _checked_day(act: Act, day: date | None, now: datetime) -> date:
    if day is None:
        raise RefusedError(_("Say on which day the act was signed."))
    if not timezone.localdate(act.issued_at) <= day <= timezone.localdate(now):
        raise RefusedError(_("The day of signing lies between the day the act was issued and today."))
    return day


def _noon(day: date) -> datetime:
    """A declared day has no hour: noon is that day wherever the clock is read."""
    return timezone.make_aware(datetime.combine(day, time(12)))


def _lock_both(
    signature: Signature, *, by: User, seen: str | None, permission: Permission
) -> tuple[Adhesion, Signature]:
    """The adhesion and the signature with their rows locked, in that order everywhere, for someone who may decide on them."""
    adhesion = lock(signature.act.adhesion_id, seen=seen)
    check_can(by, permission, adhesion.municipality)
    locked = Signature.objects.select_for_update(of=("self",)).select_related("act", "document").get(pk=signature.pk)
    if locked.submitted_by_id == by.pk:
        raise PermissionDenied("who sent it does not decide")
    pending = locked.state in {SignatureState.WAITING, SignatureState.JUDGED} and locked.act.replaced_at is None
    if adhesion.state != AdhesionState.UNDER_REVIEW or not pending:
        raise OvertakenError(overtaken(adhesion))
    return adhesion, locked


def check_scan(*, by: User, signature: Signature, note: str, now: datetime) -> SignatureCheck:
    """Answer for a scanned act as one of the two who must. A second click finds the check done.

    Raises `OvertakenError` when it is no longer under review, `RefusedError` for another road or a file that may not be
    opened, `PermissionDenied` also for whoever sent it.
    """
    with transaction.atomic():
        adhesion, locked = _lock_both(signature, by=by, seen=None, permission=Permission.CHECK_SCAN)
        if locked.method != SignatureMethod.SCAN:
            raise RefusedError(_("Only scanned acts are checked by two people."))
        if locked.document.state != DocumentState.CLEAN:
            raise RefusedError(_("The file has not been checked for malware: it cannot be opened yet."))
        check, is_new = SignatureCheck.objects.get_or_create(
            signature=locked, by=by, defaults={"at": now, "note": note.strip()}
        )
        if is_new:
            record_event(
                "adhesion.scan_checked",
                by=by,
                at=now,
                subject=adhesion,
                municipality_cut=adhesion.municipality_id,
                reason=note.strip(),
                folio=locked.act.folio,
            )
    return check


def accept_signature(
    *, by: User, signature: Signature, now: datetime, seen: str | None, exception: str = ""
) -> Signature:
    """Accept the signed act: the adhesion is verified. `exception` is the reason to accept it although a fact is not known.

    Raises `OvertakenError` when someone decided first, `RefusedError` while it is not judged, when a fact speaks against it,
    when a scan lacks a check, or when a fact is not known and no reason is given; `PermissionDenied` also for whoever sent it.
    """
    with transaction.atomic():
        adhesion, locked = _lock_both(signature, by=by, seen=seen, permission=Permission.REVIEW_ADHESION)
        if locked.state != SignatureState.JUDGED or locked.document.state != DocumentState.CLEAN:
            raise RefusedError(_("The portal has not judged this file yet."))
        people = locked.checks.exclude(by=locked.submitted_by_id).values("by").distinct().count()
        found = acceptance(locked.facts, locked.method, people)
        if found.against:
            raise RefusedError(_("A fact speaks against this signature: return the act with its reason."))
        if found.checks:
            raise RefusedError(_("A scanned act is accepted after two different people of the Consejo checked it."))
        if found.open and not exception.strip():
            raise RefusedError(_("A fact is not known: say why the act is accepted all the same."))
        for fact in found.open:
            SignatureException.objects.update_or_create(
                signature=locked,
                fact=fact,
                defaults={"reason": exception.strip(), "granted_by": by, "granted_at": now},
            )
        if found.open:
            record_event(
                "adhesion.signature_excepted",
                by=by,
                at=now,
                subject=adhesion,
                municipality_cut=adhesion.municipality_id,
                reason=exception.strip(),
                folio=locked.act.folio,
                facts=[fact.value for fact in found.open],
            )
        _decide(locked, SignatureState.ACCEPTED, by=by, now=now)
        move(by=by, adhesion=adhesion, to=AdhesionState.VERIFIED, now=now, words={"folio": locked.act.folio})
    return locked


def return_signature(
    *, by: User, signature: Signature, reason: ReturnReason, note: str, now: datetime, seen: str | None
) -> Signature:
    """Return the signed act with a typed reason and, where there is one, an explanation. It stays in the history.

    Raises `OvertakenError` when someone decided first, `RefusedError` when “another reason” has no explanation,
    `PermissionDenied` also for whoever sent it.
    """
    with transaction.atomic():
        adhesion, locked = _lock_both(signature, by=by, seen=seen, permission=Permission.REVIEW_ADHESION)
        if reason == ReturnReason.OTHER and not note.strip():
            raise RefusedError(_("Explain the reason: the municipality will read it."))
        locked.return_reason, locked.return_note = reason, note.strip()
        _decide(locked, SignatureState.RETURNED, by=by, now=now)
        with translation.override(Language.SPANISH):
            label = str(reason.label)
        words = return_reasons()[reason]
        move(
            by=by,
            adhesion=adhesion,
            to=AdhesionState.RETURNED,
            now=now,
            reason=f"{label}. {note.strip()}".strip(),
            words={
                "folio": locked.act.folio,
                "motivo": f"{words.what} {note.strip()}".strip(),
                "que_hacer": words.do,
            },
        )
    return locked


def _decide(signature: Signature, state: SignatureState, *, by: User | None, now: datetime | None) -> None:
    signature.state, signature.decided_by, signature.decided_at = state, by, now
    signature.save(update_fields=["state", "decided_by", "decided_at", "return_reason", "return_note"])


def take_up_review(*, by: User, adhesion: Adhesion, now: datetime, seen: str | None, reason: str = "") -> Adhesion:
    """Begin the review of a signed act, or begin again that of a verified one, whose acceptance then no longer holds.

    Raises what `move` raises.
    """
    with transaction.atomic():
        locked = lock(adhesion.pk, seen=seen)
        accepted = Signature.objects.select_for_update(of=("self",)).filter(
            act__adhesion=locked, act__replaced_at__isnull=True, state=SignatureState.ACCEPTED
        )
        if locked.state == AdhesionState.VERIFIED:
            for signature in accepted:
                _decide(signature, SignatureState.JUDGED, by=None, now=None)
        return move(by=by, adhesion=locked, to=AdhesionState.UNDER_REVIEW, now=now, reason=reason)


def put_in_force(*, by: User, adhesion: Adhesion, now: datetime, seen: str | None, reason: str = "") -> Adhesion:
    """Put a verified adhesion in force, or a suspended one again: the register shows it and its public act.

    Raises what `move` raises.
    """
    with transaction.atomic():
        moved = move(by=by, adhesion=adhesion, to=AdhesionState.IN_FORCE, now=now, seen=seen, reason=reason)
        make_public(moved, now=now)
    return moved


def make_public(adhesion: Adhesion, *, now: datetime) -> None:
    """Give the accepted signature of the adhesion its public copy, unless it has one."""
    accepted = Signature.objects.filter(
        act__adhesion=adhesion, state=SignatureState.ACCEPTED, public_document__isnull=True
    )
    for signature in accepted.select_related("act"):
        make_public_copy(signature=signature, now=now)
