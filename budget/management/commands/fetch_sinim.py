"""Fetch a year from SINIM's own endpoint and import it."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import translation

from budget.imports.reference import finance_variables, sinim_numbers
from budget.imports.sinim import described
from budget.imports.sinim_client import Sinim, SinimError
from budget.management.commands import import_sinim
from budget.rules.problems import RefusedError


class Command(import_sinim.Command):
    help = (
        "Fetches variables of one year from SINIM and imports them as import_sinim does. Nothing is kept of an answer that "
        "is not a whole table. Ends with 0 when done, 1 when SINIM gave no table or it was refused, 2 when called wrongly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument(
            "--variables", nargs="+", metavar="CODE", help="codes such as IADM11 (default: the finance file)"
        )
        parser.add_argument("--draft", action="store_true", help="read only; publish later from the staff page")
        parser.add_argument("--by", metavar="EMAIL", help="the person in whose name it is done (default: the portal)")
        parser.add_argument("--save", type=Path, metavar="PATH", help="keep the file here and do not import it")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.person(options["by"])
        year = options["year"]
        if not 2000 <= year <= date.today().year:  # noqa: DTZ011 - a bound for typing errors, not a moment
            raise CommandError("SINIM holds the years from 2000 on.", returncode=2)
        codes = self.codes(options["variables"])
        sinim = Sinim(settings.SINIM_URL.rstrip("/"), settings.SINIM_TIMEOUT)
        with translation.override("es"):
            try:
                table = sinim.fetch([sinim_numbers()[code] for code in codes], year, self.stdout.write)
            except SinimError as error:
                raise CommandError(str(error)) from error
            with table:
                self.check_answer(table, set(codes), year)
                if options["save"]:
                    options["save"].write_bytes(table.read())
                elif not self.bring(table, f"sinim_{year}.xls", by, draft=options["draft"]):
                    raise CommandError("The table of SINIM was refused; nothing of it was kept.")

    def codes(self, wanted: list[str] | None) -> list[str]:
        known = sinim_numbers()
        unknown = [code for code in wanted or [] if code not in known]
        if unknown:
            raise CommandError(f"Not in the catalogue: {', '.join(unknown)}", returncode=2)
        return wanted or list(finance_variables())

    def check_answer(self, table: IO[bytes], codes: set[str], year: int) -> None:
        """SINIM numbers its years and variables; a table of others would be imported under the wrong name."""
        try:
            found, years = described(table)
        except RefusedError as refused:
            raise CommandError(str(refused)) from refused
        if found != codes or years != {str(year)}:
            raise CommandError(
                f"SINIM answered something else than what was asked: {len(found)} variables of {', '.join(sorted(years))}"
                f" instead of {len(codes)} of {year}. Its numbering may have changed."
            )
