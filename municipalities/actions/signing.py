"""A mayor signs the act: in the portal with ClaveÚnica, or with FirmaGob. Each signature is recorded once."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import RunRefusedError, confirm_run, record_event
from accounts.permissions import Permission
from accounts.rules import hash_of_secret
from municipalities.actions import OvertakenError, RefusedError, documents
from municipalities.actions.adhesions import move, overtaken
from municipalities.choices import AdhesionState, DocumentKind, Office, SignatureMethod, SignatureState
from municipalities.imports import firmagob
from municipalities.models import Act, Adhesion, Authority, Signature
from municipalities.permissions import check_can
from municipalities.reports.seal import Prepared, seal
from municipalities.tasks import judge_signature

if TYPE_CHECKING:
    from accounts.models import User

TO_BE_SIGNED: Final = frozenset({AdhesionState.ACT_ISSUED, AdhesionState.RETURNED})
# A question to FirmaGob that failed is repeated with the same bytes, as long as the mayor may still be trying.
PREPARED_LASTS: Final = 15 * 60
REASON: Final = "Adhesión al Modelo de Gobierno Abierto Municipal"


def sign_in_portal(
    *,
    by: User,
    act: Act,
    run: str,
    name: str,
    session_key: str,
    address: str | None,
    now: datetime,
    seen: str,
) -> Signature:
    """Seal the act as the simple signature of the person whom ClaveÚnica just proved to be `run`, and move the adhesion on.

    The same person pressing twice gets the signature made by the first press. Raises `OvertakenError` when the act or the
    adhesion is no longer as seen, `RefusedError` when this person may not sign today.
    """
    municipality = act.adhesion.municipality
    check_can(by, Permission.SIGN_ACT, municipality)
    with transaction.atomic():
        done = _lock(act, by=by, method=SignatureMethod.PORTAL, seen=seen)
        if done:
            return done
        signer_in_office(act, run=run, now=now)
        try:
            confirm_run(by=by, run=run, now=now)
        except RunRefusedError as refusal:
            raise RefusedError(str(refusal)) from refusal
        signed = seal(issued_bytes(act), reason=_reason(act), now=now)
        signature = _record(act, signed, by=by, method=SignatureMethod.PORTAL, run=run, name=name, now=now)
        signature.session_hash, signature.address = hash_of_secret(session_key), address
        signature.save(update_fields=["session_hash", "address"])
        _move_on(signature, by=by, now=now, seen=seen)
    return signature


def sign_with_firmagob(*, by: User, act: Act, code: str, now: datetime, seen: str) -> Signature:
    """Have FirmaGob sign the act with the one-time code of the mayor in office.

    FirmaGob is asked outside any transaction, so nothing is held while it thinks; what it gives is recorded in one. Raises a
    `FirmaGobError`, `OvertakenError` or `RefusedError`: then nothing was recorded.
    """
    municipality = act.adhesion.municipality
    check_can(by, Permission.SIGN_ACT, municipality)
    with transaction.atomic():
        done = _lock(act, by=by, method=SignatureMethod.FIRMAGOB, seen=seen)
    if done:
        return done
    if not by.run:
        raise RefusedError(_("Write your RUN in “My account” first: FirmaGob asks whose certificate is to sign."))
    signer = signer_in_office(act, run=by.run, now=now)
    signed = firmagob.sign(_prepared(act, now=now), run=by.run, code=code, now=now)
    with transaction.atomic():
        # The second of two clicks finds the first one's work.
        done = _lock(act, by=by, method=SignatureMethod.FIRMAGOB, seen=seen)
        if done:
            return done
        signature = _record(act, signed, by=by, method=SignatureMethod.FIRMAGOB, run=by.run, name=signer.name, now=now)
        _move_on(signature, by=by, now=now, seen=seen)
    cache.delete(_key(act))
    return signature


def signers_in_office(act: Act, *, now: datetime) -> list[Authority]:
    """Who may sign the act today: whom it names, while they are in office. For anyone else it is issued again."""
    return list(
        Authority.objects.on(timezone.localdate(now)).filter(
            municipality=act.adhesion.municipality_id,
            office__in=[Office.MAYOR, Office.ACTING_MAYOR],
            run=act.authority.run,
        )
    )


def signer_in_office(act: Act, *, run: str, now: datetime) -> Authority:
    """Whom the act names, in office today, if this is their RUN. Raises `RefusedError`, which names no RUN."""
    in_office = signers_in_office(act, now=now)
    who = {"who": act.authority.name}
    if not in_office:
        raise RefusedError(
            _("The act names %(who)s, who is not in office today. Ask the council to issue it for whoever is.") % who
        )
    if run != act.authority.run:
        raise RefusedError(
            _(
                "Only %(who)s, whom the act names, may sign it. If someone else is to sign, ask the council to issue it anew."
            )
            % who
        )
    return in_office[0]


def issued_bytes(act: Act) -> bytes:
    """The act as it was issued. Raises `RefusedError` when the stored file is not that any more."""
    with act.document.file.open("rb") as file:
        content: bytes = file.read()
    if hashlib.sha256(content).hexdigest() != act.sha256:
        raise RefusedError(_("The stored act is not the one that was issued. Nothing was signed: tell the council."))
    return content


def pending_signature(act: Act) -> Signature | None:
    """The signature of this act that was not returned, if there is one."""
    return act.signatures.exclude(state=SignatureState.RETURNED).first()


def may_be_signed(act: Act) -> bool:
    """Whether the act waits for its signature, by what is known now; signing asks again, with the row locked."""
    return act.adhesion.state in TO_BE_SIGNED and act.replaced_at is None and pending_signature(act) is None


def _lock(act: Act, *, by: User, method: SignatureMethod, seen: str) -> Signature | None:
    """Lock the adhesion and see whether the act may still be signed. Gives the person's own signature if it was just made."""
    adhesion = Adhesion.objects.select_for_update(of=("self",)).get(pk=act.adhesion_id)
    pending = pending_signature(act)
    if pending and pending.submitted_by_id == by.pk and pending.method == method:
        return pending
    if pending or adhesion.state != seen or adhesion.state not in TO_BE_SIGNED:
        raise OvertakenError(overtaken(adhesion))
    if not Act.objects.current().filter(pk=act.pk).exists():
        raise OvertakenError(_("In the meantime the council issued another act. Read it before you sign."))
    return None


def _record(
    act: Act, signed: bytes, *, by: User, method: SignatureMethod, run: str, name: str, now: datetime
) -> Signature:
    document = documents.keep(
        municipality=act.adhesion.municipality,
        kind=DocumentKind.SIGNED_ACT,
        content=signed,
        name=f"{act.folio}-firmada.pdf",
        now=now,
    )
    return Signature.objects.create(
        act=act,
        method=method,
        document=document,
        submitted_by=by,
        received_at=now,
        signed_at=now,
        signer_name=name,
        signer_run=run,
    )


def _move_on(signature: Signature, *, by: User, now: datetime, seen: str) -> None:
    act = signature.act
    record_event(
        "adhesion.signed",
        by=by,
        at=now,
        subject=act.adhesion,
        municipality_cut=act.adhesion.municipality_id,
        folio=act.folio,
        method=signature.method,
        signer=signature.signer_name,
    )
    move(by=by, adhesion=act.adhesion, to=AdhesionState.SIGNED, now=now, seen=seen, words={"folio": act.folio})
    judge_signature.delay_on_commit(signature.pk)


def _reason(act: Act) -> str:
    return f"{REASON}. Acta {act.folio}"


def _key(act: Act) -> str:
    return f"firmagob:{act.pk}"


def _prepared(act: Act, *, now: datetime) -> Prepared:
    """The bytes that FirmaGob is asked to sign: the same for each attempt, so that two answers are of one document."""
    known = cache.get(_key(act))
    if known:
        return Prepared(*known)
    prepared = firmagob.prepare_for_firmagob(issued_bytes(act), reason=_reason(act), now=now)
    if not cache.add(_key(act), tuple(prepared), PREPARED_LASTS):
        return Prepared(*cache.get(_key(act), prepared))
    return prepared
