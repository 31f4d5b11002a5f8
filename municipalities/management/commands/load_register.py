"""Load the register of municipalities."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from municipalities.imports.act_templates import load_act_template
from municipalities.imports.mail_templates import load_mail_templates
from municipalities.imports.register import DATA, TableReport, load_register


class Command(BaseCommand):
    help = (
        "Loads regions, provinces, communes, municipalities, aliases, populations, the text of the act and those of mails "
        "from the files the app ships. Adds and changes rows, never deletes, and leaves what staff edited; a second run "
        "changes nothing. "
        "Ends with 1 and writes nothing if a file is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--path", type=Path, default=DATA, help="folder with the CSV files (default: the shipped one)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                reports = [*load_register(options["path"]), load_mail_templates()]
                texts = load_act_template()
        except (OSError, KeyError, ValueError) as error:
            raise CommandError(f"The register was not loaded: {error}") from error
        for report in reports:
            self._print(report, verbosity=options["verbosity"])
        self.stdout.write(f"first text of the act: {texts} added")

    def _print(self, report: TableReport, *, verbosity: int) -> None:
        self.stdout.write(
            f"{report.table}: {report.added} added, {len(report.changed)} values changed, {report.unchanged} unchanged"
            + (f", {report.kept} not in the files and kept" if report.kept else "")
        )
        if verbosity:
            for sentence in report.changed:
                self.stdout.write(f"  {sentence}")
