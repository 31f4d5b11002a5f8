from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from municipalities.reports.adhesion_diagram import adhesion_diagram


class DiagramCommand(BaseCommand):
    """Prints what `diagram` writes; with --write, into `document` of docs."""

    requires_system_checks: list[str] = []
    document: str
    diagram: Callable[[], str]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help=f"write docs/{self.document} instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            (Path(settings.BASE_DIR) / "docs" / self.document).write_text(self.diagram(), encoding="utf-8")
        else:
            self.stdout.write(self.diagram(), ending="")


class Command(DiagramCommand):
    help = "Print the life of an adhesion as a diagram and tables; with --write, into docs/adhesion.md."
    document = "adhesion.md"
    diagram = staticmethod(adhesion_diagram)
