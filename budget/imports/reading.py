"""An import from its file to draft editions: the work of the task `run_import` and of the command `import_sinim`."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction

from accounts.actions import record_event
from budget.choices import ImportState, Unit
from budget.imports import editions, review
from budget.imports.sinim import Known, Record, SinimTable, Variable
from budget.models import Import, Indicator
from budget.rules.import_states import may_move
from budget.rules.problems import Kind, Problem, RefusedError
from municipalities.models import Alias, Municipality

BATCH: Final = 20
"""Municipalities between two notes of progress."""


def run_import(import_id: int, *, now: datetime) -> None:
    """Read the file of an import and bring it to READY (with drafts), REFUSED (with problems) or DISCARDED (nothing changes).

    Idempotent and restartable: while it reads, nothing is written but the progress; what is read is written in one transaction,
    with the import locked. A second worker on the same import finds it done, or somebody at it, and leaves. `now` is when the
    work began.
    """
    job = Import.objects.select_related("file").get(pk=import_id)
    with editions.alone_with(job) as alone:
        if alone and _begin(job):
            _read(job, now)


def _read(job: Import, now: datetime) -> None:
    table = SinimTable(known(now.year))
    try:
        with editions.staging():
            with job.file.file.open("rb") as stream:
                for batch in _batches(table, job, stream.file):
                    editions.stage(batch)
            _write(job, table, now)
    except RefusedError as refused:
        _refuse(job, refused.problems, now)


def known(year: int) -> Known:
    """Indicators and municipalities as they stand; no table may speak of a year after `year`. Raises RefusedError when empty."""
    variables = {
        code: Variable(key, code, Unit(unit), name)
        for key, code, unit, name in Indicator.objects.values_list("pk", "code", "unit", "name")
    }
    names = {cut: [name] for cut, name in Municipality.objects.order_by("cut").values_list("cut", "name")}
    for cut, name in Alias.objects.values_list("municipality_id", "name"):
        names[cut].append(name)
    return Known(variables, names, year)


def _begin(job: Import) -> bool:
    """Whether there is work to do; takes up an import that waits, or whose reading was interrupted."""
    return bool(
        Import.objects.filter(pk=job.pk, state__in=[ImportState.QUEUED, ImportState.READING]).update(
            state=ImportState.READING, progress=0, total=job.file.size
        )
    )


def _batches(table: SinimTable, job: Import, stream: object) -> Iterator[list[Record]]:
    taken = 0

    def note(read: int) -> None:
        nonlocal taken
        taken = read

    if not table.known.names or not table.known.variables:
        raise RefusedError([Problem(Kind.NO_REFERENCE)])
    records = table.records(stream, note)  # type: ignore[arg-type]
    while batch := list(islice(records, BATCH)):
        yield batch
        # Seen at once by the page that polls: no transaction is open yet.
        Import.objects.filter(pk=job.pk).update(progress=min(taken, job.file.size))


@transaction.atomic
def _write(job: Import, table: SinimTable, now: datetime) -> None:
    locked = Import.objects.select_for_update().get(pk=job.pk)
    if locked.state != ImportState.READING:
        return
    counts = editions.write_drafts(job, unit=table.unit.value, now=now)
    drafts = counts["new"] + counts["changed"]
    locked.summary = counts | {
        "years": sorted({column.year for column in table.columns}),
        "variables": len({column.variable.code for column in table.columns}),
        "renamed": [list(change) for change in table.renamed],
        "findings": review.find(job),
    }
    _end(locked, ImportState.READY if drafts else ImportState.DISCARDED, now)


@transaction.atomic
def _refuse(job: Import, problems: list[Problem], now: datetime) -> None:
    locked = Import.objects.select_for_update().get(pk=job.pk)
    if locked.state != ImportState.READING:
        return
    locked.errors = [problem.as_json() for problem in problems]
    _end(locked, ImportState.REFUSED, now)


def _end(job: Import, state: ImportState, now: datetime) -> None:
    assert may_move(ImportState(job.state), state)  # noqa: S101 - the table of transitions holds for the portal too
    job.state = state
    job.progress = job.total
    job.finished_at = now
    job.save(update_fields=["state", "progress", "total", "summary", "errors", "finished_at"])
    kind = "unchanged" if state == ImportState.DISCARDED else state.value
    record_event(f"budget.import.{kind}", by=job.by, at=now, subject=job)
