"""Celery's clock of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from municipalities.actions import requests


@shared_task(base=DjangoTask)
def forget_adhesion_requests() -> None:
    """Delete what citizens wrote 90 days ago."""
    requests.forget_requests(now=timezone.now())
