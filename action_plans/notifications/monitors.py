"""Mails to independent monitors: that they were appointed, what is asked of them, and that their time is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from action_plans.choices import AssessmentKind
from action_plans.models import Monitor
from action_plans.rules.assessments import MONTHS
from config.numbers import day
from municipalities.choices import MailKind
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import recipient
from municipalities.notifications.words import link

CATCHES_UP: Final = timedelta(days=30)
"""How far back a clock that stood still tells of appointments that ended."""


def appointed(monitor: Monitor, *, now: datetime) -> None:
    """Tell a monitor of the appointment, or of its new dates: each once. One whose time is over already hears that."""
    if monitor.ends and monitor.ends < timezone.localdate(now):
        tell_ended([monitor], now=now)
        return
    with translation.override(Language.SPANISH):
        words = {
            "plazo": _dates(monitor),
            "tareas": "\n".join(
                [
                    _("- the inception assessment, within %(count)d months of the approval of the plan;")
                    % {"count": MONTHS[AssessmentKind.INCEPTION]},
                    _("- the assessment of each commitment, within one month of its end."),
                ]
            ),
            "enlace": link("action_plans:monitor", monitor.plan_id),
        }
    letter = _letter(monitor, words, f"monitor:{monitor.pk}:{monitor.starts}:{monitor.ends or ''}")
    queue_many(MailKind.MONITOR_APPOINTED, [letter], now=now, by=monitor.appointed_by)


def write_ended(*, now: datetime) -> int:
    """Tell those whose time ended lately; each once for the day of its end. Returns how many were written."""
    today = timezone.localdate(now)
    rows = Monitor.objects.filter(ends__lt=today, ends__gte=today - CATCHES_UP, user__is_active=True)
    return tell_ended(list(rows.select_related("user", "appointed_by", "plan__municipality__region")), now=now)


def tell_ended(monitors: list[Monitor], *, now: datetime) -> int:
    letters = []
    with translation.override(Language.SPANISH):
        for monitor in monitors:
            plan, place = monitor.plan, monitor.plan.municipality
            words = {
                "plazo": _dates(monitor),
                "enlace": link("action_plans:plan_assessments", place.cut, place.slug, plan.pk),
            }
            letters.append(_letter(monitor, words, f"monitor-ended:{monitor.pk}:{monitor.ends}"))
    return len(queue_many(MailKind.MONITOR_ENDED, letters, now=now))


def _letter(monitor: Monitor, words: dict[str, str], once: str) -> Letter:
    asked = monitor.appointed_by
    words |= {"titulo": monitor.plan.title, "contacto": f"{asked.name} ({asked.email})", "quien": str(asked)}
    return Letter(recipient(monitor.user), None, words, once, monitor.plan.municipality)


def _dates(monitor: Monitor) -> str:
    if monitor.ends is None:
        return _("from %(start)s") % {"start": day(monitor.starts)}
    return _("from %(start)s until %(end)s") % {"start": day(monitor.starts), "end": day(monitor.ends)}
