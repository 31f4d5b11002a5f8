"""Whether a certificate was revoked: by the lists that staff gave, and by what a signed file carries, lists and answers (OCSP).

Nothing is fetched, and where something was found proves nothing: a list counts if the certificate's issuer signed it, an answer
if the issuer did or whom it named for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any, Final, NamedTuple

from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import CertificateRevocationList, load_der_x509_certificate, load_der_x509_crl, ocsp
from cryptography.x509.extensions import (
    DeltaCRLIndicator,
    ExtendedKeyUsage,
    ExtensionNotFound,
    IssuingDistributionPoint,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MOST: Final = 40
"""Lists, and answers, that are read of one file."""
ANSWER_LASTS: Final = timedelta(days=1)
"""How long an answer holds that does not say it itself."""
_FAULTS: Final = (
    *(PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError),
    *(UnsupportedAlgorithm, InvalidSignature, RecursionError),
)
"""In how many ways a parser of hostile bytes fails."""


class Evidence(NamedTuple):
    """Lists and answers, whoever they come from."""

    lists: tuple[CertificateRevocationList, ...] = ()
    answers: tuple[ocsp.OCSPResponse, ...] = ()

    def __add__(self, other: object) -> Evidence:
        return Evidence(self.lists + other.lists, self.answers + other.answers) if isinstance(other, Evidence) else self


def inside(reader: PdfFileReader, embedded: EmbeddedPdfSignature) -> Evidence:
    """What the file brings for a signature: in its signed attributes (Adobe) and in the file's own store (PAdES, DSS)."""
    lists = [*_attached(embedded, "crl"), *_stored(reader, "/CRLs", DecodePurpose.CRL)]
    answers = [*_attached(embedded, "ocsp"), *_stored(reader, "/OCSPs", DecodePurpose.OCSP_RESPONSE)]
    return Evidence(tuple(_loaded(load_der_x509_crl, lists)), tuple(_loaded(ocsp.load_der_ocsp_response, answers)))


def _attached(embedded: EmbeddedPdfSignature, kind: str) -> list[bytes]:
    try:
        return [
            one.dump()
            for attribute in embedded.signer_info["signed_attrs"]
            if attribute["type"].native == "adobe_revocation_info_archival"
            for found in attribute["values"]
            for one in found[kind]
        ][:MOST]
    except _FAULTS:
        return []


def _stored(reader: PdfFileReader, kind: str, purpose: DecodePurpose) -> list[bytes]:
    """Whoever adds a store that cannot be read to a signed file spoils nothing by it."""
    try:
        places = reader.root["/DSS"][kind] if "/DSS" in reader.root and kind in reader.root["/DSS"] else ()
        return [place.get_object().read_data(purpose) for place in islice(places, MOST)]
    except _FAULTS:
        return []


def _loaded(load: Any, found: Iterable[bytes]) -> Iterator[Any]:
    """What can be read; what cannot proves nothing."""
    for der in found:
        try:
            yield load(der)
        except _FAULTS:
            continue


def revocation(chain: list[x509.Certificate], signed: datetime, known: Evidence) -> tuple[datetime | None, bool]:
    """When a certificate of the chain was revoked, and whether of each of them it is known that it was or was not: by a complete
    list, or an answer, that was current when it was signed, or newer."""
    revoked: list[datetime] = []
    covered = True
    for issuer, subject in pairwise(chain):
        by, to = load_der_x509_certificate(issuer.dump()), load_der_x509_certificate(subject.dump())
        lists = [found for found in known.lists if found.issuer == to.issuer and _is_signed(found, by)]
        for found in lists:
            entry = found.get_revoked_certificate_by_serial_number(to.serial_number)
            if entry is not None:
                revoked.append(entry.revocation_date_utc)
        said = list(_said(known.answers, issuer, by, to.serial_number))
        revoked += [one.revocation_time_utc for one in said if one.revocation_time_utc]
        covered = covered and (
            any(_is_whole(found) and _is_current(found, signed) for found in lists)
            or any(_holds(one, signed) for one in said)
        )
    return min(revoked, default=None), covered


def _is_signed(found: CertificateRevocationList, by: Any) -> bool:
    try:
        return bool(found.is_signature_valid(by.public_key()))
    except (TypeError, ValueError, UnsupportedAlgorithm):
        return False


def _is_current(found: CertificateRevocationList, signed: datetime) -> bool:
    return found.next_update_utc is None or found.next_update_utc >= signed.astimezone(UTC)


def _is_whole(found: CertificateRevocationList) -> bool:
    """Neither a list of changes to another list nor one of a part of the certificates or reasons."""
    for part in (DeltaCRLIndicator, IssuingDistributionPoint):
        try:
            found.extensions.get_extension_for_class(part)
        except ExtensionNotFound:
            continue
        return False
    return True


def _said(
    answers: Iterable[ocsp.OCSPResponse], issuer: x509.Certificate, by: pyca.Certificate, serial: int
) -> Iterator[ocsp.OCSPSingleResponse]:
    """What the answers say of the certificate with this number of this issuer, good or revoked."""
    keys = {"sha1": issuer.public_key.sha1, "sha256": issuer.public_key.sha256}
    for answer in answers:
        try:
            if answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL or not _may_answer(answer, by):
                continue
            for one in answer.responses:
                about_it = one.serial_number == serial and one.issuer_key_hash == keys.get(one.hash_algorithm.name)
                if about_it and one.certificate_status != ocsp.OCSPCertStatus.UNKNOWN:
                    yield one
        except _FAULTS:
            continue


def _holds(said: ocsp.OCSPSingleResponse, signed: datetime) -> bool:
    return (said.next_update_utc or said.this_update_utc + ANSWER_LASTS) >= signed.astimezone(UTC)


def _may_answer(answer: ocsp.OCSPResponse, by: pyca.Certificate) -> bool:
    """Whether the issuer signed the answer, or a certificate that it issued for answering and that was valid then."""
    return _fits(answer, by) or any(
        _is_named(one, by, answer.produced_at_utc) and _fits(answer, one) for one in answer.certificates[:MOST]
    )


def _is_named(one: pyca.Certificate, by: pyca.Certificate, then: datetime) -> bool:
    try:
        one.verify_directly_issued_by(by)
        purposes = one.extensions.get_extension_for_class(ExtendedKeyUsage).value
    except (*_FAULTS, ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in purposes and one.not_valid_before_utc <= then <= one.not_valid_after_utc


def _fits(answer: ocsp.OCSPResponse, signer: pyca.Certificate) -> bool:
    key, algorithm = signer.public_key(), answer.signature_hash_algorithm
    if algorithm is None or algorithm.name in {"md5", "sha1"}:  # such a hash is made to fit
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except _FAULTS:
        return False
    return True
