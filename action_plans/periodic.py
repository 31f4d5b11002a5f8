"""Celery's clock of this app: reminders of meetings, the deletion of what identifies citizens, reports left unfinished."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from action_plans import tasks
from action_plans.actions import personal_data
from action_plans.notifications import news, reminders
from action_plans.reports import yearly


@shared_task(base=DjangoTask)
def remind_of_meetings() -> None:
    """Remind those who signed up, two weeks and one day before."""
    reminders.write_reminders(now=timezone.now())


@shared_task(base=DjangoTask)
def tell_followers() -> None:
    """Tell those who follow a plan what is new, in one mail a day."""
    news.write_news(now=timezone.now())


@shared_task(base=DjangoTask)
def forget_citizens() -> None:
    """Delete what identifies those whose time is over, and what nobody confirmed."""
    personal_data.forget(now=timezone.now())


@shared_task(base=DjangoTask)
def catch_up_reports() -> None:
    """Have the yearly reports made that a killed worker left behind."""
    for report_id in yearly.left_behind(now=timezone.now()):
        tasks.make_report.delay(report_id)
