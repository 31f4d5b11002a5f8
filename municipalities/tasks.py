"""Celery's door to the work functions of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.db import OperationalError
from django.utils import timezone

from municipalities.notifications import people as notifications
from municipalities.notifications import sending


@shared_task(
    base=DjangoTask, autoretry_for=(OSError,), retry_backoff=30, max_retries=8, soft_time_limit=50, time_limit=60
)
def send_invitation(invitation_id: int) -> None:
    """Mail an invitation, once. `OSError` covers a mail server that is away (SMTP errors included)."""
    notifications.send_invitation(invitation_id, now=timezone.now())


@shared_task(base=DjangoTask, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def send_mails() -> None:
    """Send what is due of the outbox; a long campaign goes on in another task, so that others get their turn."""
    if sending.send_waiting():
        send_mails.delay()
