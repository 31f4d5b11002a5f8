"""Celery's clock of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from diagnostics.notifications import reminders


@shared_task(base=DjangoTask)
def remind() -> None:
    """Remind the municipalities of the diagnostics that they have yet to submit."""
    reminders.write_reminders(now=timezone.now())
