"""`manage.py load_demo_watch`: self-assessments and recommendations to look at."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from action_plans.imports.demonstration_watch import load


class Command(BaseCommand):
    """Make invented assessments and advice, once."""

    help = (
        "Advises on each action plan of the demonstration that is carried out, and assesses those in such a stage. Only where "
        "DEMONSTRATION is set; a second run changes nothing. Needs the plans and load_instruments. Nothing is sent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Invented assessments are made only where DEMONSTRATION=true.")
        try:
            count = load(now=timezone.now())
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Demonstration of monitoring: {count} plans")
