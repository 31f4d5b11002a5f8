"""`manage.py sign_demonstration ACT.pdf OUT.pdf`: an advanced electronic signature to try the portal with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from municipalities.actions import RefusedError
from municipalities.choices import Office
from municipalities.imports import demonstration_signing
from municipalities.imports.demonstration_people import HERE
from municipalities.models import Authority, TrustedCertificate


class Command(BaseCommand):
    """Sign a PDF as the mayor of the demonstration's municipality, with the demonstration's own authority."""

    help = (
        "Signs the PDF ACT as the mayor of the demonstration's municipality and writes it to OUT, to send it as a signed act. "
        "Only where DEMONSTRATION is set: the signature proves nothing. Needs load_demo."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("act", type=Path, help="the act as it was downloaded")
        parser.add_argument("out", type=Path, help="where to write it signed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("This authority vouches for nobody: it signs only where DEMONSTRATION=true.")
        now = timezone.now()
        in_office = Authority.objects.on(timezone.localdate(now)).filter(municipality=HERE, office=Office.MAYOR)
        mayor = in_office.select_related("municipality").first()
        authority = demonstration_signing.authority(Path(settings.BASE_DIR) / ".local")
        if mayor is None or not TrustedCertificate.objects.filter(fingerprint=authority.fingerprint).exists():
            raise CommandError("The demonstration is not loaded here. Run load_demo first.")
        try:
            content = options["act"].read_bytes()
            signed = demonstration_signing.sign(content, by=authority, name=mayor.name, run=mayor.run, at=now)
            options["out"].write_bytes(signed)
        except (OSError, RefusedError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Signed as {mayor.name}: {options['out']}")
