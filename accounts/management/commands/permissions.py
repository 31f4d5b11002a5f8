from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts.reports import permission_tables


class Command(BaseCommand):
    help = "Print the tables of roles and permissions; with --write, into docs/permissions.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/permissions.md instead of printing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            (Path(settings.BASE_DIR) / "docs" / "permissions.md").write_text(permission_tables(), encoding="utf-8")
        else:
            self.stdout.write(permission_tables(), ending="")
