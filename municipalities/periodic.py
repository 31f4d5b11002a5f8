"""Celery's clock of this app: what is owed to people is sent again, whatever became of the worker that had it."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from municipalities import tasks
from municipalities.actions import adhesions, mails, requests
from municipalities.imports import antivirus, judging
from municipalities.notifications import digest, reminders, sending


@shared_task(base=DjangoTask)
def catch_up_documents() -> None:
    """Ask the scanner again about the files it owes an answer for, and have the signatures judged that still wait."""
    now = timezone.now()
    for document_id in antivirus.unscanned(now):
        tasks.scan_document.delay(document_id)
    for signature_id in judging.unjudged(now):
        tasks.judge_signature.delay(signature_id)


@shared_task(base=DjangoTask)
def send_mails() -> None:
    """Take up what a killed worker left, then send what is due: whatever waited for office hours or for another attempt."""
    sending.recover(now=timezone.now())
    tasks.send_mails()


@shared_task(base=DjangoTask)
def note_bounces() -> None:
    """Mark the mails that came back. Nothing happens without a mailbox for them."""
    mails.note_bounces(now=timezone.now())


@shared_task(base=DjangoTask)
def remind() -> None:
    """Remind the municipalities from which nothing was heard."""
    reminders.remind_silent(now=timezone.now())


@shared_task(base=DjangoTask)
def digests() -> None:
    """Tell each person what waits for them, once a day at most."""
    digest.write_digests(now=timezone.now())


@shared_task(base=DjangoTask)
def forget_adhesion_requests() -> None:
    """Delete what citizens wrote 90 days ago."""
    requests.forget_requests(now=timezone.now())


@shared_task(base=DjangoTask)
def conclude_ended_terms() -> None:
    """Conclude the adhesions of a term of office that is over, each with a prospect for the new one."""
    adhesions.conclude_ended_terms(now=timezone.now())
