"""Rows of a signed act that arrived, as the actions would have left them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes

from municipalities.actions.documents import keep
from municipalities.choices import (
    AdhesionState,
    CertificateKind,
    DocumentKind,
    EditionState,
    Office,
    SignatureMethod,
)
from municipalities.models import Act, ActTemplate, Adhesion, Authority, Signature, TrustedCertificate
from tests.cast import Cast
from tests.signing import Issued, act

ISSUED = datetime(2026, 11, 10, 15, tzinfo=UTC)
SIGNED = datetime(2026, 11, 12, 15, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 13, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 13, 16, tzinfo=UTC)
MAYOR = "12345678-5"


def issued_act(cast: Cast, content: bytes | None = None) -> Act:
    """An act of the municipality of the cast, whose mayor is in office since 2024."""
    pdf = act() if content is None else content
    authority = Authority.objects.create(
        municipality=cast.here,
        office=Office.MAYOR,
        name="Alcaldesa de Prueba",
        run=MAYOR,
        starts=date(2024, 12, 6),
        decree="Acta de proclamación",
        recorded_at=ISSUED,
    )
    adhesion = Adhesion.objects.create(
        municipality=cast.here, term_year=2024, state=AdhesionState.SIGNED, state_since=RECEIVED, created_at=ISSUED
    )
    template, _ = ActTemplate.objects.get_or_create(
        number=1,
        defaults={
            "title": "Acta",
            "body": "x",
            "commitments": "x",
            "state": EditionState.PUBLISHED,
            "created_at": ISSUED,
            "updated_at": ISSUED,
        },
    )
    document = keep(municipality=cast.here, kind=DocumentKind.ACT, content=pdf, name="acta.pdf", now=ISSUED)
    return Act.objects.create(
        adhesion=adhesion,
        year=2026,
        number=1,
        folio="MGAM-2026-0001",
        template=template,
        authority=authority,
        fields={},
        document=document,
        sha256=document.sha256,
        issued_at=ISSUED,
    )


def received(
    cast: Cast, content: bytes, *, method: SignatureMethod = SignatureMethod.ADVANCED, **fields: Any
) -> Signature:
    """A signed act that arrived and whose file was found clean."""
    document = keep(
        municipality=cast.here, kind=DocumentKind.SIGNED_ACT, content=content, name="acta firmada.pdf", now=RECEIVED
    )
    given = {"act": fields.pop("act", None) or issued_act(cast), "document": document, "method": method}
    return Signature.objects.create(**given, submitted_by=cast.coordinator, received_at=RECEIVED, **fields)


def trust(one: Issued, kind: CertificateKind = CertificateKind.ROOT, **fields: Any) -> TrustedCertificate:
    return TrustedCertificate.objects.create(
        kind=kind,
        name=one.owner,
        der=one.der,
        fingerprint=one.certificate.fingerprint(hashes.SHA256()).hex(),
        valid_from=one.certificate.not_valid_before_utc,
        valid_until=one.certificate.not_valid_after_utc,
        note="prueba",
        added_at=ISSUED,
        **{"trusted_from": date(2024, 1, 1), **fields},
    )
