"""Celery's clock of this app: mails that wait, reminders and digests."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from municipalities import tasks
from municipalities.notifications import digest, reminders, sending


@shared_task(base=DjangoTask)
def send_mails() -> None:
    """Take up what a killed worker left, then send what is due: whatever waited for office hours or for another attempt."""
    sending.recover(now=timezone.now())
    tasks.send_mails()


@shared_task(base=DjangoTask)
def remind() -> None:
    """Remind the municipalities from which nothing was heard."""
    reminders.remind_silent(now=timezone.now())


@shared_task(base=DjangoTask)
def digests() -> None:
    """Tell each person what waits for them, once a day at most."""
    digest.write_digests(now=timezone.now())
