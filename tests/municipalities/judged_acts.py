"""Signed acts whose files are read: an act that was issued, what arrived for it, whom the portal trusts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes

from municipalities.actions.documents import keep
from municipalities.choices import AdhesionState, CertificateKind, DocumentKind, SignatureMethod
from municipalities.models import Act, Adhesion, Signature, TrustedCertificate
from tests import signing
from tests.cast import Cast
from tests.municipalities import adhesions

ISSUED = datetime(2026, 11, 10, 15, tzinfo=UTC)
SIGNED = datetime(2026, 11, 12, 15, tzinfo=UTC)
RECEIVED = datetime(2026, 11, 13, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 13, 16, tzinfo=UTC)
MAYOR = adhesions.RUN


def issued_act(cast: Cast) -> Act:
    """An act of the municipality of the cast, whose mayor is in office since 2024."""
    adhesion = Adhesion.objects.create(
        municipality=cast.here, term_year=2024, state=AdhesionState.SIGNED, state_since=RECEIVED, created_at=ISSUED
    )
    return adhesions.act(adhesion, at=ISSUED, content=signing.act())


def received(
    cast: Cast, content: bytes, *, method: SignatureMethod = SignatureMethod.ADVANCED, **fields: Any
) -> Signature:
    """A signed act that arrived and whose file was found clean."""
    document = keep(
        municipality=cast.here, kind=DocumentKind.SIGNED_ACT, content=content, name="acta firmada.pdf", now=RECEIVED
    )
    given = {"act": fields.pop("act", None) or issued_act(cast), "document": document, "method": method}
    return Signature.objects.create(**given, submitted_by=cast.coordinator, received_at=RECEIVED, **fields)


def trust(one: signing.Issued, kind: CertificateKind = CertificateKind.ROOT, **fields: Any) -> TrustedCertificate:
    """The certificate in the portal's own list."""
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
