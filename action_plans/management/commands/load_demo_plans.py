"""`manage.py load_demo_plans`: plans in every stage, to look at."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from action_plans.imports.demonstration import load


class Command(BaseCommand):
    """Make invented plans, once."""

    help = (
        "Makes invented action plans, named so, for municipalities of the demonstration of diagnostics. Only where DEMONSTRATION "
        "is set; a second run changes nothing. Needs load_demo_diagnostics. Nothing is sent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Invented plans are made only where DEMONSTRATION=true.")
        began = time.monotonic()
        try:
            count = load(now=timezone.now())
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Demonstration of plans: {count} made in {time.monotonic() - began:.0f} s")
