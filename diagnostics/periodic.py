"""Celery's clock of this app: what a killed worker, or a queue that lost its messages, has left undone is asked again."""

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from django.utils import timezone

from diagnostics import tasks
from diagnostics.actions import planning, publication
from diagnostics.imports import links, workbooks
from diagnostics.notifications import reminders
from diagnostics.reports import scores


@shared_task(base=DjangoTask)
def catch_up_scores() -> None:
    """Have the scores computed of every diagnostic whose answers changed since, and that nobody computes by now."""
    for diagnostic_id in scores.left_behind(timezone.now()).values_list("pk", flat=True):
        tasks.compute_scores.delay(diagnostic_id)


@shared_task(base=DjangoTask)
def show_what_became_public() -> None:
    """Let the pages tell of the diagnostics whose day has come."""
    publication.show_what_became_public(now=timezone.now())


@shared_task(base=DjangoTask)
def open_planned_rounds() -> None:
    """Open the rounds whose day has come."""
    now = timezone.now()
    for round_id in planning.due(timezone.localdate(now)):
        planning.open_planned(round_id, now=now)


@shared_task(base=DjangoTask)
def remind() -> None:
    """Remind the municipalities of the diagnostics that they have yet to submit."""
    reminders.write_reminders(now=timezone.now())


@shared_task(base=DjangoTask)
def look_at_links() -> None:
    """Have the links of evidence looked at that are due, a task a site."""
    for ids in links.due(timezone.now()):
        tasks.check_links.delay(ids)


@shared_task(base=DjangoTask)
def catch_up_workbooks() -> None:
    """Have the workbooks read that a killed worker, or a scanner that was long silent, left waiting."""
    for workbook_id in workbooks.waiting(timezone.now()):
        tasks.read_workbook.delay(workbook_id)
