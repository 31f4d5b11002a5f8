"""Celery's door to the work functions of this app."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from action_plans.reports import yearly


@shared_task(base=DjangoTask, soft_time_limit=110, time_limit=120)
def make_report(report_id: int) -> None:
    """Make the document of a yearly report, and publish it. Done twice, it is the same."""
    yearly.finish(report_id, now=timezone.now())
