"""Publishing the drafts of an import: the work of the task `publish` and of the command `import_sinim`."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery

from accounts.actions import record_event
from budget.choices import DatasetState, ImportState
from budget.imports.editions import one_at_a_time
from budget.models import Dataset, Import
from config.page_cache import forget_public_pages

Pair = tuple[str, int]

SUPERSEDE = """
    UPDATE budget_dataset old SET state = 'superseded', superseded_at = %(now)s
    FROM budget_dataset new
    WHERE new.brought_by_id = %(import)s AND new.state = 'draft' AND old.state = 'published'
        AND old.municipality_id = new.municipality_id AND old.year = new.year AND old.sector = new.sector
        AND old.cut_off = new.cut_off AND old.source = new.source
"""


@transaction.atomic
def publish(import_id: int, *, now: datetime) -> list[Pair]:
    """Bring the drafts of a PUBLISHING import into force; return the (CUT, year) pairs whose summaries must be computed.

    Idempotent: of an import that is published already it returns the same pairs again, so that a worker killed between the commit
    and the sending of the next tasks loses nothing. If another import came into force since the drafts were made, this one
    goes back to QUEUED, to be read again. It and any other state give no pairs.
    """
    one_at_a_time()
    job = Import.objects.select_for_update().get(pk=import_id)
    if job.state == ImportState.PUBLISHING:
        if is_stale(job):
            _move(job, ImportState.QUEUED, now, kind="budget.import.overtaken")
            return []
        with connection.cursor() as cursor:
            cursor.execute(SUPERSEDE, {"now": now, "import": job.pk})
        job.datasets.filter(state=DatasetState.DRAFT).update(state=DatasetState.PUBLISHED, published_at=now)
        _move(job, ImportState.PUBLISHED, now, kind="budget.import.published")
        transaction.on_commit(forget_public_pages)
    elif job.state != ImportState.PUBLISHED:
        return []
    published = job.datasets.filter(state__in=[DatasetState.PUBLISHED, DatasetState.SUPERSEDED])
    return sorted(published.values_list("municipality_id", "year").distinct())


def is_stale(job: Import) -> bool:
    """Whether a draft of `job` was made from an edition that is no longer the one in force.

    Publishing it would take the newer values back.
    """
    in_force = Dataset.objects.published().filter(
        municipality=OuterRef("municipality"),
        year=OuterRef("year"),
        sector=OuterRef("sector"),
        cut_off=OuterRef("cut_off"),
        source=OuterRef("source"),
    )
    drafts = job.datasets.filter(state=DatasetState.DRAFT).annotate(in_force=Subquery(in_force.values("pk")))
    return drafts.exclude(based_on=F("in_force")).exclude(based_on=None, in_force=None).exists()


def _move(job: Import, state: ImportState, now: datetime, *, kind: str) -> None:
    job.state = state
    job.finished_at = now
    job.save(update_fields=["state", "finished_at"])
    record_event(kind, by=job.by, at=now, subject=job)
