"""Celery's clock of this app: what a killed worker, or a queue that lost its messages, has left undone is asked again."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask

from diagnostics import tasks
from diagnostics.reports import scores


@shared_task(base=DjangoTask)
def catch_up_scores() -> None:
    """Have the scores computed of every diagnostic whose answers changed since."""
    for diagnostic_id in scores.behind().values_list("pk", flat=True):
        tasks.compute_scores.delay(diagnostic_id)
