"""A small certification authority in the manner of the accredited Chilean ones, made anew at each run; and signed PDFs.

No key is ever written to disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from asn1crypto.crl import CertificateList
from asn1crypto.ocsp import OCSPResponse
from asn1crypto.pdf import RevocationInfoArchival
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

RUN_OF_HOLDER = x509.ObjectIdentifier("1.3.6.1.4.1.8321.1")
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = datetime(2034, 1, 1, tzinfo=UTC)


@cache
def key(owner: str) -> Any:
    """The key of somebody, the same during a run; stamps are signed with RSA, the rest with elliptic curves."""
    return (
        rsa.generate_private_key(65537, 2048) if "sello de tiempo" in owner else ec.generate_private_key(ec.SECP256R1())
    )


def name(common: str, serial: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    return x509.Name([*parts, x509.NameAttribute(NameOID.SERIAL_NUMBER, serial)] if serial else parts)


@dataclass(frozen=True)
class Issued:
    """A certificate, and the key of its holder by its owner's name."""

    certificate: x509.Certificate
    owner: str
    above: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def loaded(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.der)

    @property
    def private(self) -> asn1_keys.PrivateKeyInfo:
        return asn1_keys.PrivateKeyInfo.load(
            key(self.owner).private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )


def authority(owner: str, *, above: Issued | None = None, since: datetime = SINCE, until: datetime = UNTIL) -> Issued:
    """A root, or an authority under `above`."""
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    built = _builder(name(owner), above.certificate.subject if above else name(owner), owner, since, until)
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    built = built.add_extension(usage, critical=True)
    made = built.sign(key(above.owner if above else owner), hashes.SHA256())
    return Issued(made, owner, (above.certificate, *above.above) if above else ())


def person(
    owner: str,
    run: str,
    *,
    by: Issued | None,
    since: datetime = SINCE,
    until: datetime = UNTIL,
    serial: str | None = None,
    other_name: str | None = None,
    addresses: str = "",
    for_stamps: bool = False,
    for_answers: bool = False,
) -> Issued:
    """A certificate of a person. The RUN stands in the subject's serialNumber and in the otherName, unless told otherwise.

    `by=None` signs itself. `addresses` names a server for lists and issuers, as real certificates do.
    """
    subject = name(owner, run if serial is None else serial)
    built = _builder(subject, by.certificate.subject if by else subject, owner, since, until)
    built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    built = built.add_extension(
        x509.KeyUsage(True, True, False, False, False, False, False, False, False), critical=True
    )
    alternative = run if other_name is None else other_name
    if alternative:
        encoded = asn1_x509.IA5String(alternative).dump()
        names = [x509.RFC822Name("firma@ejemplo.cl"), x509.OtherName(RUN_OF_HOLDER, encoded)]
        built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if for_stamps:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    if for_answers:
        built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
    if addresses:
        place = x509.UniformResourceIdentifier(addresses)
        built = built.add_extension(
            x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]), critical=False
        )
        described = [
            x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.CA_ISSUERS, place),
            x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.OCSP, place),
        ]
        built = built.add_extension(x509.AuthorityInformationAccess(described), critical=False)
    made = built.sign(key(by.owner if by else owner), hashes.SHA256())
    return Issued(made, owner, (by.certificate, *by.above) if by else ())


def _builder(
    subject: x509.Name, issuer: x509.Name, owner: str, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    built = built.public_key(key(owner).public_key()).serial_number(x509.random_serial_number())
    return built.not_valid_before(since).not_valid_after(until)


def revocation_list(
    by: Issued,
    revoked: Iterable[tuple[Issued, datetime]] = (),
    *,
    this: datetime,
    following: datetime | None = None,
    signed_by: str = "",
    part: bool = False,
) -> bytes:
    """A list of an authority in DER. `signed_by` forges it with the key of somebody else; `part` makes it a list of changes."""
    built = x509.CertificateRevocationListBuilder().issuer_name(by.certificate.subject)
    built = built.last_update(this).next_update(following or this + timedelta(days=30))
    for one, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number).revocation_date(at)
        built = built.add_revoked_certificate(entry.build())
    if part:
        built = built.add_extension(x509.DeltaCRLIndicator(1), critical=True)
    made = built.sign(key(signed_by or by.owner), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def answer(
    about: Issued,
    by: Issued,
    *,
    this: datetime,
    revoked_at: datetime | None = None,
    following: datetime | None = None,
    responder: Issued | None = None,
) -> bytes:
    """What an authority, or its `responder`, answers about a certificate (OCSP), in DER."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD
    speaker = responder or by
    built = ocsp.OCSPResponseBuilder().add_response(
        about.certificate, by.certificate, hashes.SHA1(), status, this, following, revoked_at, None
    )
    built = built.responder_id(ocsp.OCSPResponderEncoding.HASH, speaker.certificate)
    if responder:
        built = built.certificates([responder.certificate])
    made = built.sign(key(speaker.owner), hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


@cache
def act(folio: str = "MGAM-2026-0001", *, bytes_more: int = 0) -> bytes:
    """A PDF as the portal issues them; `bytes_more` adds pictures to its weight."""
    pages = "#lorem(300)\n"
    files: dict[str, Any] = {"main.typ": f"#set document(title: [Acta])\n= Acta {folio}\n{pages}".encode()}
    made: bytes = typst.compile(files["main.typ"], format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True)
    if not bytes_more:
        return made
    writer = IncrementalPdfFileWriter(BytesIO(made))
    heavy = StreamObject(
        {NameObject("/Type"): NameObject("/Metadata")}, stream_data=bytes(range(256)) * (bytes_more // 256)
    )
    writer.root["/Metadata"] = writer.add_object(heavy)
    writer.update_root()  # type: ignore[no-untyped-call]
    return written(writer)


def written(writer: BasePdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


class _Clocked(PdfSigner):
    """A signer whose computer believes that it is `at`."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


class _Carrying(SimpleSigner):
    """A signer whose signatures carry revocation lists and answers, as Adobe's programs make them."""

    attached: tuple[list[bytes], list[bytes]] | None = None

    async def signed_attrs(self, *args: Any, **kwargs: Any) -> Any:
        attributes = await super().signed_attrs(*args, **kwargs)
        if self.attached:
            lists, answers = self.attached
            carried = RevocationInfoArchival(
                {
                    "crl": [CertificateList.load(one) for one in lists],
                    "ocsp": [OCSPResponse.load(one) for one in answers],
                }
            )
            found = simple_cms_attribute("adobe_revocation_info_archival", carried)  # type: ignore[no-untyped-call]
            attributes.append(found)
        return attributes


def sign(
    pdf: bytes,
    by: Issued,
    at: datetime,
    *,
    field: str = "Firma",
    stamp: tuple[Issued, datetime] | None = None,
    box: tuple[int, int, int, int] | None = None,
    attached: tuple[list[bytes], list[bytes]] | None = None,
) -> bytes:
    """The PDF with one more signature, added to its end as signing programs do. `box` shows it on the first page; `attached`
    are revocation lists and answers that the signature carries (Adobe's attribute).
    """
    above = [asn1_x509.Certificate.load(_der(one)) for one in by.above]
    store = SimpleCertificateStore.from_certs(above)  # type: ignore[no-untyped-call]
    signer = _Carrying(by.loaded, by.private, store)
    signer.attached = attached
    stamper = DummyTimeStamper(stamp[0].loaded, stamp[0].private, store, fixed_dt=stamp[1]) if stamp else None
    meta = PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, signer_key_usage=set()
    )
    clocked = _Clocked(meta, signer, timestamper=stamper, new_field_spec=SigFieldSpec(field, box=box))
    clocked.at = at
    out = BytesIO()
    clocked.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=out)
    return out.getvalue()


def _der(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.DER)


def with_another_page_text(pdf: bytes) -> bytes:
    """A later revision in which the first page says something else."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)
    return written(writer)


def with_store(pdf: bytes, lists: Iterable[bytes] = (), answers: Iterable[bytes] = ()) -> bytes:
    """A later revision that adds revocation lists and answers for whoever verifies (PAdES, DSS)."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    held = {
        NameObject(f"/{kind}"): ArrayObject([writer.add_object(StreamObject(stream_data=one)) for one in found])
        for kind, found in (("CRLs", lists), ("OCSPs", answers))
    }
    writer.root[NameObject("/DSS")] = writer.add_object(DictionaryObject(held))  # type: ignore[no-untyped-call]
    writer.update_root()  # type: ignore[no-untyped-call]
    return written(writer)


def with_entry(pdf: bytes, key_name: str, value: DictionaryObject) -> bytes:
    """A later revision whose catalog has one more entry."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root[NameObject(key_name)] = writer.add_object(value)
    writer.update_root()  # type: ignore[no-untyped-call]
    return written(writer)
