"""Celery's door to the work functions of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from municipalities.notifications import people as notifications


@shared_task(
    base=DjangoTask, autoretry_for=(OSError,), retry_backoff=30, max_retries=8, soft_time_limit=50, time_limit=60
)
def send_invitation(invitation_id: int) -> None:
    """Mail an invitation, once. `OSError` covers a mail server that is away (SMTP errors included)."""
    notifications.send_invitation(invitation_id, now=timezone.now())
