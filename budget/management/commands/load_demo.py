"""Demonstration budgets, people to sign in as, and municipalities that adhere."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from budget.imports.demonstration import BASE_YEAR
from budget.imports.demonstration_file import country, load


def years(text: str) -> list[int]:
    """`2019-2024` or `2024`."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


class Command(BaseCommand):
    help = (
        "Loads invented budgets of every municipality, marked as such, the demonstration people and municipalities that "
        "adhere. The same data every time; a second run changes nothing. Needs load_register and load_classifier."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        span = f"{BASE_YEAR - 5}-{BASE_YEAR}"
        parser.add_argument("--years", type=years, default=years(span), help=f"from-to (default {span})")
        parser.add_argument("--municipalities", type=int, metavar="N", help="only the first N by code")
        parser.add_argument("--without-people", action="store_true", help="budgets only")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            whole = country()
        except LookupError as error:
            raise CommandError(str(error)) from error
        cuts = [place.cut for place in whole.places[: options["municipalities"]]]
        with translation.override("es"):
            changed = load(whole, options["years"], cuts=cuts, say=self.say)
        self.stdout.write(f"Demonstration data: {changed} summaries computed in {time.monotonic() - began:.0f} s")
        if not options["without_people"]:
            call_command("load_demo_people", stdout=self.stdout)
            call_command("load_demo_adhesions", stdout=self.stdout)

    def say(self, what: str, done: int, total: int) -> None:
        """A bar for people; one line a step in a log."""
        if self.stdout.isatty():
            filled = 30 * done // total
            self.stdout.write(f"\r  {what} [{'#' * filled}{'.' * (30 - filled)}] {done}/{total}", ending="")
        if done == total:
            self.stdout.write("" if self.stdout.isatty() else f"  {what}: {total}")
