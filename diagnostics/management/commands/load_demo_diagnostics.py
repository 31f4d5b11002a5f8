"""`manage.py load_demo_diagnostics`: a country that measures itself, to look at."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from diagnostics.imports.demonstration import load


class Command(BaseCommand):
    """Make invented rounds and diagnostics, once."""

    help = (
        "Makes two invented rounds of diagnostics, named so, for municipalities of the demonstration of adhesion. Only where "
        "DEMONSTRATION is set; a second run changes nothing. Needs load_instruments and load_demo_adhesions. Nothing is sent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Invented diagnostics are made only where DEMONSTRATION=true.")
        began = time.monotonic()
        try:
            count = load(now=timezone.now())
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Demonstration of diagnostics: {count} made in {time.monotonic() - began:.0f} s")
