"""`manage.py load_demo_adhesions`: a country in the middle of adhering, to look at."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from municipalities.imports.adhesion_demonstration import load


class Command(BaseCommand):
    """Make invented campaigns, adhesions, acts and signatures, once."""

    help = (
        "Makes invented campaigns, adhesions, acts, signatures and mails, named so, in a database that has none of them. Only "
        "where DEMONSTRATION is set; a second run changes nothing. Needs load_register and load_demo_people. Nothing is sent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Invented adhesions are made only where DEMONSTRATION=true.")
        began = time.monotonic()
        try:
            count = load(now=timezone.now(), folder=Path(settings.BASE_DIR) / ".local")
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Demonstration of adhesion: {count} adhesions made in {time.monotonic() - began:.0f} s")
