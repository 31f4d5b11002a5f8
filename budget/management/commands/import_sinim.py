"""Import files of SINIM, from a terminal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from accounts.models import User
from budget.actions import bring_in
from budget.choices import ImportState
from budget.models import Import
from budget.rules.problems import Problem


class Command(BaseCommand):
    help = (
        "Imports files of SINIM: reads, checks, publishes and computes what the public sees. A file is taken whole or not at "
        "all; the same file twice changes nothing. Ends with 0 when done, 1 when a file was refused, 2 when called wrongly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--draft", action="store_true", help="read only; publish later from the staff page")
        parser.add_argument("--by", metavar="EMAIL", help="the person in whose name it is done (default: the portal)")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.person(options["by"])
        missing = [str(path) for path in options["files"] if not path.is_file()]
        if missing:
            raise CommandError(f"There is no such file: {', '.join(missing)}", returncode=2)
        refused = 0
        with translation.override("es"):
            for path in options["files"]:
                self.stdout.write(f"{path.name}")
                with path.open("rb") as file:
                    refused += not self.bring(file, path.name, by, draft=options["draft"])
        if refused:
            raise CommandError(f"{refused} of {len(options['files'])} files refused; nothing of them was kept.")

    def person(self, email: str | None) -> User | None:
        if email is None:
            return None
        person = User.objects.filter(email=email.lower(), is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {email}.", returncode=2)
        return person

    def bring(self, file: Any, name: str, by: User | None, *, draft: bool) -> bool:
        """Import one file and tell how it went; False when it was refused."""
        try:
            job = bring_in(file, name=name, by=by, draft=draft, progress=self.progress)
        except PermissionDenied as error:
            raise CommandError(f"{by} may not do this: {error}", returncode=2) from error
        except ValidationError as error:
            self.stderr.write("  " + " ".join(error.messages))
            return False
        self.tell(job)
        return job.state != ImportState.REFUSED

    def progress(self, done: int, total: int) -> None:
        """A bar for people; nothing in a log."""
        if self.stdout.isatty() and total:
            filled = 30 * done // total
            self.stdout.write(f"\r  [{'#' * filled}{'.' * (30 - filled)}] {done}/{total}", ending="")
            if done >= total:
                self.stdout.write("")

    def tell(self, job: Import) -> None:
        if job.state == ImportState.REFUSED:
            for stored in job.errors:
                problem = Problem.from_json(stored)
                place = f"{problem.row or '-':>6} {problem.column_letters or '-':>4} {problem.code:<12.12}"
                self.stderr.write(f"  {place} {problem.title}: {problem.found} | {problem.expected} | {problem.mend}")
            return
        if job.state == ImportState.DISCARDED:
            self.stdout.write("  changes nothing: all of it is published already")
            return
        counts = job.summary
        years = counts["years"]
        self.stdout.write(
            f"  {job.state}: {counts['municipalities']} municipalities, {years[0]}-{years[-1]}, "
            f"{counts['variables']} variables; {counts['new']} new, {counts['changed']} changed, "
            f"{counts['unchanged']} unchanged; {counts['missing']} values missing; "
            f"findings: {', '.join(f'{count} {name}' for name, count in sorted(counts['findings'].items())) or 'none'}"
        )
