"""`manage.py load_demo_cocreation`: forums, meetings and contributions to look at."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from action_plans.imports.demonstration_cocreation import load


class Command(BaseCommand):
    """Make invented forums, meetings and contributions, once."""

    help = (
        "Gives each action plan of the demonstration an invented forum, meetings and contributions. Only where DEMONSTRATION is "
        "set; a second run changes nothing. Needs the plans and load_demo_people. Nothing is sent."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("Invented contributions are made only where DEMONSTRATION=true.")
        try:
            count = load(now=timezone.now())
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Demonstration of co-creation: round {count} plans")
