"""Measure the portal against its bars."""

import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.bench import acts, adhesions, databases, diagnostics, first_view, mails, pages, plan_page, plans, work
from portal.bench.rows import Row, table

MEASURES: Final[dict[str, Callable[[Path], list[Row]]]] = {
    "import": work.importing,
    "recompute": work.recomputing,
    "page": pages.computed,
    "cached": pages.cached,
    "first-view": first_view.first_view,
    "register": adhesions.register,
    "acts": acts.acts,
    "mails": mails.mails,
    "diagnostics": diagnostics.diagnostics,
    "plan-page": plan_page.plan_page,
    "plans": plans.plans,
}
YEARS: Final = list(range(2015, 2025))


class Command(BaseCommand):
    help = (
        "Measures speed and size on databases of its own: 345 municipalities x 10 years of generated data, a real server on "
        "loopback, medians. Ends with 1 if a bar is missed. REAL_DATA_DIR makes it import the real file of 2024."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=MEASURES, action="append", metavar="NAME", help=", ".join(MEASURES))
        parser.add_argument(
            "--keep", action="store_true", help="use the databases of the last run and leave them there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["only"] or list(MEASURES)
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("messages", "--compile", stdout=StringIO())
        began, rows = time.monotonic(), []
        with tempfile.TemporaryDirectory() as folder:
            self.prepare(Path(folder), wanted, keep=options["keep"])
            for name in MEASURES:
                if name in wanted:
                    self.stdout.write(f"{time.monotonic() - began:5.0f} s  measuring: {name}")
                    found = MEASURES[name](Path(folder))
                    self.stdout.write("".join(f"         {row.work}: {row.measured}\n" for row in found), ending="")
                    rows += found
        if not options["keep"]:
            for name in ("all", "one", "reference"):
                databases.drop(name)
        self.stdout.write("\n" + table(rows))
        if any(row.passed is False for row in rows):
            raise CommandError("A bar is missed.")

    def prepare(self, folder: Path, wanted: list[str], *, keep: bool) -> None:
        """Make the databases that the wanted measures need, unless a kept one is there."""
        self.make("reference", keep=keep, fill=lambda: databases.inside("reference", folder, "reference"))
        if set(wanted) - {"import", "register", "acts", "mails", "diagnostics", "plan-page", "plans"}:
            self.make("one", keep=keep, fill=lambda: self.load("one", folder, 1))
            self.make(
                "all", keep=keep, fill=lambda: self.load("all", folder, None, summaries="recompute" not in wanted)
            )

    def make(self, name: str, *, keep: bool, fill: Callable[[], object]) -> None:
        if keep and databases.exists(name):
            return
        self.stdout.write(f"filling the database {name}")
        databases.create(name, template="" if name == "reference" else "reference")
        try:
            fill()
        except BaseException:
            databases.drop(name)  # half filled, it must not be kept for the next run
            raise

    def load(self, name: str, folder: Path, municipalities: int | None, *, summaries: bool = True) -> None:
        databases.inside(name, folder, "load_years", years=YEARS, municipalities=municipalities)
        if summaries:  # else the measure of that work is about to do it
            databases.inside(name, folder, "recompute", first=0, last=None)
