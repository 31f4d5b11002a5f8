"""Celery's door to the work functions of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.db import OperationalError
from django.utils import timezone

from municipalities.imports import antivirus, judging
from municipalities.notifications import people as notifications
from municipalities.notifications import sending


@shared_task(
    base=DjangoTask, autoretry_for=(OSError,), retry_backoff=30, max_retries=8, soft_time_limit=50, time_limit=60
)
def send_invitation(invitation_id: int) -> None:
    """Mail an invitation, once. `OSError` covers a mail server that is away (SMTP errors included)."""
    notifications.send_invitation(invitation_id, now=timezone.now())


@shared_task(
    base=DjangoTask, autoretry_for=(OSError,), retry_backoff=10, max_retries=4, soft_time_limit=170, time_limit=180
)
def scan_document(document_id: int) -> None:
    """Have a file scanned; then judge the signatures that it holds. `OSError` covers a scanner that is away."""
    for signature_id in antivirus.scan_document(document_id, now=timezone.now()):
        judge_signature.delay(signature_id)


@shared_task(
    base=DjangoTask, autoretry_for=(OSError,), retry_backoff=10, max_retries=4, soft_time_limit=110, time_limit=120
)
def judge_signature(signature_id: int) -> None:
    """Judge a signature, once. Nothing happens while its file may not be opened: the scan calls again."""
    judging.judge_signature(signature_id, now=timezone.now())


@shared_task(base=DjangoTask, autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def send_mails() -> None:
    """Send what is due of the outbox; a long campaign goes on in another task, so that others get their turn."""
    if sending.send_waiting():
        send_mails.delay()
