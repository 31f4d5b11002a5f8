from argparse import ArgumentTypeError
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from budget.choices import Sector
from budget.models import Dataset, Series, YearSummary
from budget.reports import compute_years


def cut(text: str) -> str:
    if len(text) != 5 or not text.isdigit():
        raise ArgumentTypeError(f"{text} is not the code of a municipality: five digits, such as 13120")
    return text


class Command(BaseCommand):
    help = "Compute the summaries and figures of every published budget whose inputs have changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, help="only this year")
        parser.add_argument("--municipality", type=cut, help="only the municipality with this code (CUT)")
        parser.add_argument("--all", action="store_true", help="also what has not changed")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {
            field: options[name]
            for field, name in (("year", "year"), ("municipality", "municipality"))
            if options[name] is not None
        }
        published: QuerySet[Dataset] = Dataset.objects.published().filter(sector=Sector.MUNICIPAL, **wanted)
        pairs = list(published.order_by("municipality_id", "year").values_list("municipality_id", "year").distinct())
        if not pairs:
            raise CommandError("No published budget answers to that.")
        if options["all"]:
            YearSummary.objects.filter(**wanted).update(inputs_hash="")
            Series.objects.filter(municipality__in={pair[0] for pair in pairs}).update(inputs_hash="")
        began, done = monotonic(), 0

        def show(more: int) -> None:
            nonlocal done
            done += more
            if self.stdout.isatty():
                self.stdout.write(f"\r{done} of {len(pairs)}", ending="")
                self.stdout.flush()

        outcome = compute_years(pairs, show)
        if self.stdout.isatty():
            self.stdout.write("")
        self.stdout.write(
            f"{outcome.computed} computed, {outcome.unchanged} unchanged, {outcome.without_edition} without edition, "
            f"in {monotonic() - began:.1f} s"
        )
