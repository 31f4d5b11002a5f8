"""Reading the certificates and revocation lists that staff bring: PEM or DER, one at a time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import datetime
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext_lazy as _

from municipalities.choices import CertificateKind
from municipalities.rules.uploads import NotKeptError

LARGEST: Final = 10 * 1024 * 1024
_PEM: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.DOTALL)


class Certificate(NamedTuple):
    """What a certificate of an authority says of itself."""

    der: bytes
    name: str
    subject: str
    issuer: str
    fingerprint: str
    valid_from: datetime
    valid_until: datetime


class RevokedList(NamedTuple):
    der: bytes
    issuer: str
    fingerprint: str
    this_update: datetime
    next_update: datetime | None
    entries: int


def read_certificate(content: bytes, kind: CertificateKind) -> Certificate:
    """Read one certificate of an authority. Raises `NotKeptError` for what cannot vouch for others, or not as this kind."""
    der = _der(content, "CERTIFICATE")
    try:
        found = x509.load_der_x509_certificate(der)
        subject, issuer = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
    except (ValueError, UnsupportedAlgorithm):
        raise NotKeptError(_("The file is not a certificate (X.509, in PEM or DER).")) from None
    _check_authority(found)
    alone = _is_by_itself(found)
    if kind == CertificateKind.ROOT and not alone:
        raise NotKeptError(
            _("A root vouches for itself, and this certificate was issued by another. Add it as intermediate.")
        )
    if kind == CertificateKind.INTERMEDIATE and alone:
        raise NotKeptError(_("This certificate vouches for itself: it is a root, not an intermediate."))
    common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Certificate(
        der=der,
        name=str(common[0].value if common else subject)[:200],
        subject=subject,
        issuer=issuer,
        fingerprint=hashlib.sha256(der).hexdigest(),
        valid_from=found.not_valid_before_utc,
        valid_until=found.not_valid_after_utc,
    )


def _check_authority(found: x509.Certificate) -> None:
    try:
        is_authority = found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        usage = next((part.value for part in found.extensions if isinstance(part.value, x509.KeyUsage)), None)
    except (x509.ExtensionNotFound, ValueError):
        is_authority, usage = False, None
    if not is_authority or (usage is not None and not usage.key_cert_sign):
        raise NotKeptError(_("The certificate is of a person or a server: it cannot vouch for other certificates."))


def _is_by_itself(found: x509.Certificate) -> bool:
    if found.subject != found.issuer:
        return False
    try:
        found.verify_directly_issued_by(found)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        raise NotKeptError(_("The signature of the certificate does not fit: it was altered.")) from None
    return True


def read_list(content: bytes, authorities: list[bytes]) -> RevokedList:
    """Read a revocation list, whose signature must be of one of `authorities` (DER). Raises `NotKeptError` otherwise."""
    der = _der(content, "X509 CRL")
    try:
        found = x509.load_der_x509_crl(der)
        entries = len(found)
        partial = any(
            isinstance(part.value, x509.DeltaCRLIndicator)
            or (isinstance(part.value, x509.IssuingDistributionPoint) and part.value.indirect_crl)
            for part in found.extensions
        )
    except (ValueError, UnsupportedAlgorithm):
        raise NotKeptError(_("The file is not a revocation list (CRL, in PEM or DER).")) from None
    if partial:
        raise NotKeptError(_("This list only holds changes, or certificates of others. Bring the complete list."))
    known = [x509.load_der_x509_certificate(held) for held in authorities]
    issuers = [one for one in known if one.subject == found.issuer]
    if not issuers:
        raise NotKeptError(_("Nobody knows who issued this list. Add the certificate of its issuer first."))
    if not any(_fits(found, one) for one in issuers):
        raise NotKeptError(_("The signature of the list does not fit its issuer: it was altered or is not theirs."))
    return RevokedList(
        der=der,
        issuer=found.issuer.rfc4514_string()[:300],
        fingerprint=hashlib.sha256(der).hexdigest(),
        this_update=found.last_update_utc,
        next_update=found.next_update_utc,
        entries=entries,
    )


def _fits(found: x509.CertificateRevocationList, by: x509.Certificate) -> bool:
    try:
        return found.is_signature_valid(by.public_key())  # type: ignore[arg-type]
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _der(content: bytes, label: str) -> bytes:
    """The one thing of this label in a file, in DER."""
    if len(content) > LARGEST:
        raise NotKeptError(_("The file is larger than 10 MB."))
    if b"PRIVATE KEY-----" in content:
        raise NotKeptError(
            _("The file holds a private key. Do not send it to anybody: whoever has it can sign in its owner's name.")
        )
    blocks = _PEM.findall(content)
    if not blocks:
        return content
    wanted = [body for name, body in blocks if name.decode() == label]
    if len(wanted) != 1:
        raise NotKeptError(_("The file holds several things, or none of this kind. Bring one at a time."))
    try:
        return base64.b64decode(wanted[0], validate=False)
    except binascii.Error:
        raise NotKeptError(_("The file cannot be read: it is damaged. Save it again and send the new copy.")) from None


def as_pem(der: bytes) -> str:
    """A certificate as text, for whoever wants to check it with a program of their own."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()
