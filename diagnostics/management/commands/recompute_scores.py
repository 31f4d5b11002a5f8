"""Compute the scores of diagnostics again, and tell every difference."""

from argparse import ArgumentParser
from decimal import Decimal
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from diagnostics.models import Diagnostic, Score
from diagnostics.reports.scores import Difference, differences, store_scores

DIFFER, FAILED = 1, 2


class Command(BaseCommand):
    help = (
        "Computes every score from the answers and tells each one that differs from what is stored, then stores it. A second "
        "run changes nothing. With --dry-run it stores nothing, and ends with 1 if anything differs. Ends with 2 if a "
        "diagnostic could not be computed; the others are done all the same."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--diagnostic", type=int, metavar="ID", help="only this one")
        parser.add_argument("--dry-run", action="store_true", help="tell the differences and store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Diagnostic.objects.order_by("pk")
        if options["diagnostic"] is not None:
            wanted = wanted.filter(pk=options["diagnostic"])
        ids = list(wanted.values_list("pk", flat=True))
        if not ids and options["diagnostic"] is not None:
            raise CommandError(f"There is no diagnostic {options['diagnostic']}.", returncode=FAILED)
        began, differing, failed = monotonic(), 0, 0
        for done, pk in enumerate(ids, 1):
            try:
                found = differences(pk, now=timezone.now())
                if found and not options["dry_run"]:
                    store_scores(pk, now=timezone.now())
            except Exception as fault:  # one that cannot be computed must not keep the others from it
                failed += 1
                self.stderr.write(f"Diagnostic {pk} was not computed: {fault!r}")
                continue
            differing += bool(found)
            self.tell(pk, found)
            self.show(done, len(ids))
        self.stdout.write(
            f"{len(ids)} diagnostics, {differing} with differences, {failed} not computed, in {monotonic() - began:.1f} s"
        )
        if failed:
            raise CommandError(f"{failed} diagnostics were not computed.", returncode=FAILED)
        if differing and options["dry_run"]:
            raise CommandError(f"{differing} diagnostics differ from their answers.", returncode=DIFFER)

    def show(self, done: int, total: int) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r{done} of {total}", ending="" if done < total else "\n")
            self.stdout.flush()

    def tell(self, pk: int, found: list[Difference]) -> None:
        """A line for each score whose numbers differ; those whose words alone differ are counted."""
        words = [each for each in found if each.is_of_words]
        for each in found:
            if not each.is_of_words:
                name = f"{each.level.value} {each.key}".strip()
                self.stdout.write(f"diagnostic {pk}, {name}: {_numbers(each.before)} -> {_numbers(each.after)}")
        if words:
            self.stdout.write(f"diagnostic {pk}: {len(words)} explanations differ, their numbers do not")


def _numbers(row: Score | None) -> str:
    if row is None:
        return "none"
    reached, potential = (_plain(value) for value in (row.reached, row.potential))
    return f"{reached} of {potential} (level {row.step})" if row.step else "does not count"


def _plain(value: Decimal | None) -> str:
    """Without the zeros that say nothing."""
    return "" if value is None else format(value.normalize(), "f")
