"""`manage.py load_demo_country`: older plans, what was said of them, and a yearly report to look at."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from action_plans.imports.demonstration_country import load


class Command(BaseCommand):
    """Make invented plans of the years before, once."""

    help = (
        "Makes action plans of the last two years with forums, contributions and assessments, and publishes the report of last "
        "year. Only where DEMONSTRATION is set; a second run changes nothing. Needs the plans of load_demo_plans, "
        "load_instruments and adhesions in force. Nothing is sent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Invented plans are made only where DEMONSTRATION=true.")
        try:
            count = load(now=timezone.now())
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Demonstration of the country: {count} older plans")
