"""Celery's door to the work functions of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.db import OperationalError
from django.utils import timezone

from diagnostics.imports import carrying, links, workbooks
from diagnostics.reports import scores


@shared_task(base=DjangoTask, soft_time_limit=50, time_limit=60)
def compute_scores(diagnostic_id: int) -> None:
    """Compute the scores of a diagnostic."""
    scores.store_scores(diagnostic_id, now=timezone.now())


@shared_task(
    base=DjangoTask,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
    soft_time_limit=840,
    time_limit=900,
)
def carry_answers(migration_id: int) -> None:
    """Carry the answers of a round to the next version; what was done stays done."""
    carrying.carry_migration(migration_id, now=timezone.now())


@shared_task(base=DjangoTask, soft_time_limit=840, time_limit=900)
def check_links(version_ids: list[int]) -> None:
    """Look whether links of evidence answer. What a killed worker left is due the next night."""
    links.check_links(version_ids, now=timezone.now())


@shared_task(base=DjangoTask, max_retries=20, soft_time_limit=110, time_limit=120)
def read_workbook(workbook_id: int) -> None:
    """Read a workbook that came back, as soon as the scanner has seen its file. The clock asks again for those it gave up."""
    if not workbooks.read_workbook(workbook_id):
        raise read_workbook.retry(countdown=2)
