from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from municipalities.reports.adhesion_diagram import adhesion_diagram


class Command(BaseCommand):
    help = "Print the life of an adhesion as a diagram and tables; with --write, into docs/adhesion.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/adhesion.md instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            (Path(settings.BASE_DIR) / "docs" / "adhesion.md").write_text(adhesion_diagram(), encoding="utf-8")
        else:
            self.stdout.write(adhesion_diagram(), ending="")
