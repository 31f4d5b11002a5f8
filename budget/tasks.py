"""Celery's side of the budget: ids in, one work function each. A task that is delivered twice does its work once."""

from collections.abc import Sequence

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.db import OperationalError
from django.utils import timezone

from budget import reports
from budget.imports import publication, reading

CHUNK = 30
"""Pairs a task computes: about a second of work, so that several workers share a national import."""


@shared_task(base=DjangoTask, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def run_import(import_id: int) -> None:
    """Read the file of an import into drafts."""
    reading.run_import(import_id, now=timezone.now())


@shared_task(base=DjangoTask, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def publish(import_id: int) -> None:
    """Bring an import's drafts into force; then have their summaries computed, or read it again if it was overtaken."""
    pairs = publication.publish(import_id, now=timezone.now())
    send_summaries(pairs)
    if not pairs:
        # Does nothing unless the import is queued.
        run_import.delay(import_id)


@shared_task(base=DjangoTask, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def compute_years(pairs: list[list[str | int]]) -> None:
    """Compute the summaries and figures of some municipalities and years."""
    reports.compute_years(pairs)


def send_summaries(pairs: Sequence[tuple[str, int]]) -> None:
    """Queue the computing of municipalities' years (CUT, year), in pieces that several workers share."""
    for start in range(0, len(pairs), CHUNK):
        compute_years.delay([list(pair) for pair in pairs[start : start + CHUNK]])
