"""What people do with imports: bring a file, publish or discard what it brought, have it read again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.models import Event
from accounts.permissions import Permission
from budget import reports, tasks
from budget.choices import DatasetState, ImportState, Sector, Source
from budget.imports import publication, reading
from budget.imports.publication import is_stale
from budget.imports.sinim import check_kind
from budget.models import Dataset, Import, SourceFile, YearSummary
from budget.rules.import_states import IN_WORK, OPEN, may_move, permission_for
from budget.rules.problems import RefusedError, short
from config.numbers import number
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

MAX_BYTES: Final = 60 * 1024 * 1024
# Work that stands still so long is sent again; after so long it is left to a person.
PATIENCE: Final = timedelta(minutes=1)
GIVEN_UP: Final = timedelta(days=1)


class Begun(NamedTuple):
    """An import for a file; `is_new` is False when the same file is on its way already."""

    job: Import
    is_new: bool


class OvertakenError(ValidationError):
    """The import is not in the state that the step starts from: somebody else was quicker, or it was done already."""


def begin_import(
    file: IO[bytes], *, name: str, by: User | None, source: Source = Source.SINIM, queue: bool = True
) -> Begun:
    """Keep a file (once for the same bytes) and have it read.

    `by=None` is the portal itself, from a command. With `queue=False` no task is sent: the caller reads the file. Raises
    PermissionDenied, and ValidationError for a file that is too large or of another kind; nothing of it is kept then.
    """
    _check(by, Permission.IMPORT_BUDGET)
    digest, size = _measure(file)
    try:
        check_kind(file)
    except RefusedError as refused:
        problem = refused.problems[0]
        found = f" ({problem.found})" if problem.found else ""
        raise ValidationError(f"{problem.title}{found}. {problem.mend}", code=problem.kind) from refused
    now = timezone.now()
    with transaction.atomic():
        kept = _keep(file, digest, size, name, now)
        # Two clicks: the second waits here for the first, and finds its import.
        SourceFile.objects.select_for_update().get(pk=kept.pk)
        known = Import.objects.filter(file=kept, source=source, state__in=OPEN).first()
        if known:
            return Begun(known, is_new=False)
        job = Import.objects.create(file=kept, source=source, by=by, created_at=now)
        record_event("budget.import.begun", by=by, at=now, subject=job, file=kept.name)
        if queue:
            tasks.run_import.delay_on_commit(job.pk)
    return Begun(job, is_new=True)


def publish_import(job: Import, *, by: User | None, queue: bool = True) -> Import:
    """Have the drafts of a READY import brought into force. Raises OvertakenError, and PermissionDenied."""
    with transaction.atomic():
        locked = _take(job, ImportState.PUBLISHING, by)
        if is_stale(locked):
            raise OvertakenError(
                _("Another import was published after this file was read. Have it read again before you publish it."),
                code="stale",
            )
        _move(locked, ImportState.PUBLISHING, "budget.import.approved", by)
        if queue:
            tasks.publish.delay_on_commit(locked.pk)
    return locked


def discard_import(job: Import, *, by: User | None, reason: str = "") -> Import:
    """Throw the drafts of a READY import away. The file is kept. Raises OvertakenError, and PermissionDenied."""
    with transaction.atomic():
        locked = _take(job, ImportState.DISCARDED, by)
        locked.datasets.filter(state=DatasetState.DRAFT).update(state=DatasetState.DISCARDED)
        _move(locked, ImportState.DISCARDED, "budget.import.discarded", by, reason=reason, finished_at=timezone.now())
    return locked


def read_again(job: Import, *, by: User | None, queue: bool = True) -> Import:
    """Have a READY import read anew, or send a lost task of one in work again. Raises OvertakenError, PermissionDenied."""
    with transaction.atomic():
        _check(by, Permission.IMPORT_BUDGET)
        locked = Import.objects.select_for_update().get(pk=job.pk)
        if locked.state not in IN_WORK:
            locked = _take(job, ImportState.QUEUED, by)
            _move(locked, ImportState.QUEUED, "budget.import.read_again", by, finished_at=None)
        if queue:
            task = tasks.publish if locked.state == ImportState.PUBLISHING else tasks.run_import
            task.delay_on_commit(locked.pk)
    return locked


def resume_work(*, now: datetime) -> None:
    """Send again what should have been done by now and was not: imports in work, and summaries of what was published.

    For a worker killed in the middle, or a queue that was emptied. Nothing is done twice: whoever finds the work done, or
    another process at it, leaves. What has stood for a day waits for a person, so that a file that kills workers ends.
    """
    to = now - PATIENCE
    moved = Event.objects.filter(
        subject_type=Import._meta.label_lower, subject_id=Cast(OuterRef("pk"), CharField()), at__gt=now - GIVEN_UP
    )
    for job in Import.objects.filter(Exists(moved), state__in=IN_WORK, created_at__lt=to):
        (tasks.publish if job.state == ImportState.PUBLISHING else tasks.run_import).delay(job.pk)
    summary = YearSummary.objects.filter(municipality=OuterRef("municipality"), year=OuterRef("year"))
    published = Dataset.objects.published().filter(
        sector=Sector.MUNICIPAL, published_at__gt=now - GIVEN_UP, published_at__lt=to
    )
    # Demonstration data never stand before real data: their publication may change no summary.
    published = published.exclude(source=Source.DEMONSTRATION)
    behind = published.filter(~Exists(summary.filter(computed_at__gte=OuterRef("published_at"))))
    tasks.send_summaries(sorted(behind.values_list("municipality_id", "year").distinct()))


def bring_in(
    file: IO[bytes],
    *,
    name: str,
    by: User | None,
    source: Source = Source.SINIM,
    draft: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Import:
    """Read, publish and compute a file in this process, as the commands do; with `draft`, only read it.

    `progress` is told how many summaries are done, of how many. Raises what `begin_import` and `publish_import` raise. The import
    comes back READY, PUBLISHED, REFUSED, or DISCARDED when the file changes nothing.
    """
    job = begin_import(file, name=name, by=by, source=source, queue=False).job
    reading.run_import(job.pk, now=timezone.now())
    job.refresh_from_db()
    if draft or job.state != ImportState.READY:
        return job
    publish_import(job, by=by, queue=False)
    pairs = publication.publish(job.pk, now=timezone.now())
    done = 0

    def note(count: int) -> None:
        nonlocal done
        done += count
        if progress:
            progress(done, len(pairs))

    reports.compute_years(pairs, note)
    job.refresh_from_db()
    return job


def _check(by: User | None, permission: Permission) -> None:
    if by is not None:
        check_can(by, permission)


def _take(job: Import, end: ImportState, by: User | None) -> Import:
    """The import, locked, if it may move to `end` and the person may move it."""
    locked = Import.objects.select_for_update().get(pk=job.pk)
    start = ImportState(locked.state)
    if not may_move(start, end):
        raise OvertakenError(
            _("The import is now “%(state)s”. Somebody else was quicker, or this was done already.")
            % {"state": start.label},
            code="overtaken",
        )
    permission = permission_for(start, end)
    if permission is None:
        raise PermissionDenied
    _check(by, permission)
    return locked


def _move(job: Import, state: ImportState, kind: str, by: User | None, *, reason: str = "", **fields: Any) -> None:
    job.state = state
    for name, value in fields.items():
        setattr(job, name, value)
    job.save(update_fields=["state", *fields])
    record_event(kind, by=by, at=timezone.now(), subject=job, reason=reason)


def _measure(file: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and size, read in pieces; the file is left at its start."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(1024 * 1024):
        size += len(piece)
        if size > MAX_BYTES:
            limit = number(MAX_BYTES // (1024 * 1024))
            raise ValidationError(
                _("The file is too large: the limit is %(limit)s MB.") % {"limit": limit}, code="size"
            )
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest(), size


def _keep(file: IO[bytes], digest: str, size: int, name: str, now: Any) -> SourceFile:
    kept = SourceFile.objects.filter(sha256=digest).first()
    if kept:
        return kept
    kept, created = SourceFile.objects.get_or_create(
        sha256=digest, defaults={"name": short(name, 200), "size": size, "received_at": now}
    )
    if created:
        kept.file.save(f"{digest}.xml", File(file), save=True)
    return kept
