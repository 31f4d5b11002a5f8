"""From a signed act that arrived to its verdict: reads the rows, judges, writes the four facts and the report."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.actions import record_event
from municipalities.choices import CertificateKind, DocumentState, Fact, SignatureMethod, SignatureState
from municipalities.choices import Office as OfficeKind
from municipalities.imports.pades import Anchor, judge
from municipalities.models import Authority, RevocationList, Signature, TrustedCertificate
from municipalities.rules import verdict as rules
from municipalities.rules.verdict import Office, SigningTime, TimeSource, Verdict


def judge_signature(signature_id: int, now: datetime) -> bool:
    """Judge a waiting signature whose file may be opened, once; say whether it was judged.

    Judging reads the file and what staff trust today, and asks nothing of the network.
    """
    with transaction.atomic():
        signature = (
            Signature.objects.select_for_update(of=("self",))
            .select_related("act__document", "act__authority", "act__adhesion", "document")
            .filter(pk=signature_id, state=SignatureState.WAITING, document__state=DocumentState.CLEAN)
            .first()
        )
        if signature is None:
            return False
        verdict = _verdict(signature)
        for name, fact in verdict.facts.items():
            setattr(signature, name, fact)
        main = verdict.main
        if main is not None and signature.method != SignatureMethod.PORTAL:
            signature.signer_name, signature.signer_run, signature.signed_at = main.signer, main.run, main.signed_at
        signature.report = verdict.report
        signature.state, signature.judged_at = SignatureState.JUDGED, now
        signature.save()
        record_event(
            "adhesion.signature_judged",
            by=None,
            at=now,
            subject=signature.act.adhesion,
            municipality_cut=signature.act.adhesion.municipality_id,
            folio=signature.act.folio,
            holding=sum(fact == Fact.YES for fact in verdict.facts.values()),
        )
    return True


def offices_of(municipality_cut: str) -> list[Office]:
    """Who may have signed for a municipality, and when: its mayors and acting mayors."""
    rows = Authority.objects.filter(
        municipality=municipality_cut, office__in=[OfficeKind.MAYOR, OfficeKind.ACTING_MAYOR]
    )
    return [Office(row.run, row.starts, row.ends) for row in rows]


def trusted(kind: CertificateKind) -> list[Anchor]:
    """The certificates of a kind that staff listed, those of the past included."""
    rows = TrustedCertificate.objects.filter(kind=kind)
    return [Anchor(bytes(row.der), row.trusted_from, row.trusted_until) for row in rows]


def _verdict(signature: Signature) -> Verdict:
    act = signature.act
    offices = offices_of(act.adhesion.municipality_id)
    if signature.method == SignatureMethod.SCAN:
        day = timezone.localdate(signature.signed_at) if signature.signed_at else None
        return rules.on_paper(act.authority.run, offices, day)
    in_portal = signature.method == SignatureMethod.PORTAL
    found = judge(
        _content(signature.document.file),
        _content(act.document.file),
        roots=seal_anchor() if in_portal else trusted(CertificateKind.ROOT),
        intermediates=[] if in_portal else trusted(CertificateKind.INTERMEDIATE),
        crls=[bytes(row.der) for row in RevocationList.objects.all()],
        offices=offices,
        on=signature.received_at,
        issued_at=act.issued_at,
        named=act.authority.run,
    )
    return _by_session(found, signature, offices) if in_portal else found


def _by_session(found: Verdict, signature: Signature, offices: list[Office]) -> Verdict:
    """The seal names the portal, not the mayor: who signed is what the session with ClaveÚnica recorded."""
    at = signature.signed_at or signature.received_at
    answer = rules.is_mayor(
        [signature.signer_run] if signature.signer_run else [],
        offices,
        SigningTime(at, TimeSource.RECEIVED),
        day=timezone.localdate(at),
        received=timezone.localdate(signature.received_at),
        reliable=found.facts["is_intact"] == Fact.YES and found.facts["is_trusted"] == Fact.YES,
        named=signature.act.authority.run,
    )
    return rules.with_mayor(found, answer)


def _content(file: object) -> bytes:
    with file.open("rb") as opened:  # type: ignore[attr-defined]
        content: bytes = opened.read()
    return content


def seal_anchor() -> list[Anchor]:
    """The portal's own certificate, which vouches for what was signed in the portal; none where no seal is configured."""
    if not settings.SEAL_FILE:
        return []
    held = pkcs12.load_pkcs12(Path(settings.SEAL_FILE).read_bytes(), settings.SEAL_PASSWORD.encode() or None)
    if held.cert is None:
        return []
    certificate = held.cert.certificate
    return [Anchor(certificate.public_bytes(Encoding.DER), certificate.not_valid_before_utc.date())]


def unjudged(now: datetime) -> list[int]:
    """Ids of the signatures whose file may be opened and whose verdict is owed for two minutes or longer."""
    waiting = Signature.objects.filter(
        state=SignatureState.WAITING,
        document__state=DocumentState.CLEAN,
        received_at__lte=now - timedelta(minutes=2),
    )
    return list(waiting.values_list("pk", flat=True))
