"""Celery's clock of the budget: what a killed worker, or a queue that lost its messages, has left undone is sent again."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from budget import actions


@shared_task(base=DjangoTask)
def resume() -> None:
    """Send again the work of imports and of publications that stands still."""
    actions.resume_work(now=timezone.now())
