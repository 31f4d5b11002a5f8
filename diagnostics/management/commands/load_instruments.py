"""Load the instruments that the app ships."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import DATA, SELF_ASSESSMENTS, load_instruments


class Command(BaseCommand):
    help = (
        "Publishes the versions of instruments that the app ships and the database does not have. Never changes what is "
        "published; a second run changes nothing. Ends with 1 and writes nothing if a file is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--path", type=Path, default=DATA, help="folder with the YAML files (default: the shipped one)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = [load_instruments(options["path"])]
            if options["path"] == DATA:
                reports.append(load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT))
        except (OSError, ValueError) as error:
            raise CommandError(f"The instruments were not loaded: {error}") from error
        for report in reports:
            self.stdout.write(f"{report.table}: {report.added} added, {report.unchanged} unchanged, {report.kept} kept")
            for sentence in report.changed:
                self.stdout.write(f"  {sentence}")
