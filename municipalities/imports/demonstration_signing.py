"""A certification authority that a checkout makes for itself, to show the road of the advanced signature. It proves nothing."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes, SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from municipalities.reports.seal import DIGEST, prepare

NAME: Final = "Autoridad certificadora de demostración"
FILE: Final = "demonstration-authority.pem"
FIELD: Final = "Firma-de-demostracion"
# Where the accredited Chilean authorities write the RUN of the holder.
RUN_OF_HOLDER: Final = x509.ObjectIdentifier("1.3.6.1.4.1.8321.1")
USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
SINCE: Final = datetime(2016, 1, 1, tzinfo=UTC)
UNTIL: Final = datetime(2056, 1, 1, tzinfo=UTC)


class DemonstrationAuthority(NamedTuple):
    """Its certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256, as the register of trusted certificates names it."""
        return hashlib.sha256(self.der).hexdigest()


def authority(folder: Path) -> DemonstrationAuthority:
    """The authority kept in `folder`, made there at the first call, readable by the owner of the checkout alone."""
    path = folder / FILE
    if not path.exists():
        _make(path)
    content = path.read_bytes()
    key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} holds a key of another kind. Remove it, and the next run makes a new one.")
    return DemonstrationAuthority(x509.load_pem_x509_certificate(content), key)


def _make(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name(NAME), key.public_key(), SINCE, UNTIL)
        .issuer_name(_name(NAME))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )


def sign(pdf: bytes, *, by: DemonstrationAuthority, name: str, run: str, at: datetime) -> bytes:
    """The PDF with an advanced signature (PAdES) of the person named, whose certificate is made for this one signature.

    Raises `RefusedError` for what is no PDF that can be signed.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    holder = x509.OtherName(RUN_OF_HOLDER, asn1_x509.IA5String(run).dump())
    certificate = (
        _builder(_name(name, run), key.public_key(), at - timedelta(days=365), at + timedelta(days=730))
        .issuer_name(by.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature", "content_commitment"), critical=True)
        .add_extension(x509.SubjectAlternativeName([holder]), critical=False)
        .sign(by.key, hashes.SHA256())
    )
    signer = SimpleSigner(
        _loaded(certificate),
        asn1_keys.PrivateKeyInfo.load(
            key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        ),
        SimpleCertificateStore.from_certs([_loaded(by.certificate)]),  # type: ignore[no-untyped-call]
    )
    place = prepare(pdf, field=FIELD, reason="Firma de demostración, sin valor", now=at)
    signature: cms.ContentInfo = asyncio.run(
        signer.async_sign(place.digest, DIGEST, use_pades=True, signed_attr_settings=PdfCMSSignedAttributes())
    )
    return place.filled(signature.dump())


def _usage(*wanted: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in wanted for name in USAGES})


def _name(common: str, run: str = "") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"), x509.NameAttribute(NameOID.COMMON_NAME, common[:64])]
    return x509.Name([*parts, x509.NameAttribute(NameOID.SERIAL_NUMBER, run)] if run else parts)


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    built = x509.CertificateBuilder().subject_name(subject).public_key(key)
    return built.serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)


def _loaded(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
