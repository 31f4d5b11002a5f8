"""Celery's clock of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from diagnostics import tasks
from diagnostics.imports import links


@shared_task(base=DjangoTask)
def look_at_links() -> None:
    """Have the links of evidence looked at that are due, a task a site."""
    for ids in links.due(timezone.now()):
        tasks.check_links.delay(ids)
