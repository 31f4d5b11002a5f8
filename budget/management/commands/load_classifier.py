"""Load the budget's reference data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budget.imports.reference import DATA, load_classifier


class Command(BaseCommand):
    help = (
        "Loads the classifier of accounts, the indicators and the price index from the files the app ships. Adds and changes "
        "rows, never deletes; a second run changes nothing. Ends with 1 and writes nothing if a file is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--path", type=Path, default=DATA, help="folder with the CSV files (default: the shipped one)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = load_classifier(options["path"])
        except (OSError, KeyError, ValueError, ArithmeticError) as error:
            raise CommandError(f"The classifier was not loaded: {error}") from error
        for report in reports:
            self.stdout.write(
                f"{report.table}: {report.added} added, {len(report.changed)} values changed, "
                f"{report.unchanged} unchanged" + (f", {report.kept} not in the files and kept" if report.kept else "")
            )
            if options["verbosity"]:
                for sentence in report.changed:
                    self.stdout.write(f"  {sentence}")
