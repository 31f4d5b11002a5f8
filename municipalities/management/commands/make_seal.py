"""`manage.py make_seal`: a certificate of one's own, to try sealing without an accredited one."""

from __future__ import annotations

import argparse
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

YEARS = 3
# The demonstration signs with it in the past; a real seal's dates are its issuer's.
YEARS_BEFORE = 4


class Command(BaseCommand):
    """Write a self-signed PKCS#12 and its password, for development and demonstration."""

    help = (
        "Writes a self-signed certificate with its key (PKCS#12) to FILE, readable by its owner alone. Its password is "
        "SEAL_PASSWORD; without one, a new one is written to FILE.password. For development and demonstration: on a server, use "
        "a certificate that others trust."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="where to write it; outside the repository, or in .local")
        parser.add_argument("--name", default="Portal de Gobierno Abierto Municipal (demostración)", help="its subject")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].resolve()
        inside = path.is_relative_to(settings.BASE_DIR) and not path.is_relative_to(settings.BASE_DIR / ".local")
        if inside:
            raise CommandError("A key does not belong in the repository. Write it elsewhere, or into .local.")
        if path.exists():
            raise CommandError(f"{path} exists. Remove it first: what was sealed with it is judged by it.")
        password = settings.SEAL_PASSWORD or secrets.token_urlsafe(24)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not settings.SEAL_PASSWORD:
            write(path.with_name(path.name + ".password"), password.encode())
            self.stdout.write(f"SEAL_PASSWORD is in {path}.password")
        write(path, pkcs12_of(options["name"], password))
        self.stdout.write(f"SEAL_FILE={path}")


def write(path: Path, content: bytes) -> None:
    """Write a secret that its owner alone may read, from its first byte on."""
    path.touch(mode=0o600)
    path.write_bytes(content)


def pkcs12_of(name: str, password: str) -> bytes:
    """A fresh key and its own certificate for signing, as PKCS#12."""
    now = timezone.now()
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "CL"), x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=365 * YEARS_BEFORE))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    encryption = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(b"sello", key, certificate, None, encryption)
