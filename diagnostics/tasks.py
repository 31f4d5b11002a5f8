"""Celery's door to the work functions of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from diagnostics.reports import scores


@shared_task(base=DjangoTask, soft_time_limit=50, time_limit=60)
def compute_scores(diagnostic_id: int) -> None:
    """Compute the scores of a diagnostic."""
    scores.store_scores(diagnostic_id, now=timezone.now())
