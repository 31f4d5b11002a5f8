"""The yearly report of the country's plans is published by the council, once a year is over; a correction is another edition."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans import tasks
from action_plans.choices import ReportState
from action_plans.models import YearlyReport
from action_plans.reports.editions import sha256
from action_plans.reports.national import years
from action_plans.reports.yearly import content_of
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def ask(*, by: User, year: int, seen: int, now: datetime, reason: str = "") -> YearlyReport:
    """Write down what was true of the year, and have its document made: then it is published, for good.

    `seen` is the number of the newest edition that the person saw, 0 for none. The same form sent twice is one edition. Raises
    `OvertakenError` when somebody else was quicker, `RefusedError`, `PermissionDenied`.
    """
    check_can(by, Permission.PUBLISH_REPORT)
    today, reason = timezone.localdate(now), reason.strip()
    if year not in years(today=today) or year >= today.year:
        raise RefusedError(_("A report can be published of a year that is over and had plans."))
    if seen and not reason:
        raise RefusedError(_("Say what this edition corrects: the reason is public."))
    with transaction.atomic():
        newest = YearlyReport.objects.select_for_update(of=("self",)).filter(year=year).defer("content").first()
        number = newest.number if newest else 0
        if newest and number == seen and newest.state == ReportState.MAKING:
            raise RefusedError(_("The edition before is still being made. Wait for it to be published."))
        if newest and number > seen:
            return _the_same(newest, by, seen, reason)
        content = content_of(year, now=now)
        fields = {"reason": reason, "content": content, "sha256": sha256(content), "asked_at": now, "asked_by": by}
        # Two at once: the second one waits for the first, and finds its row.
        report, is_new = YearlyReport.objects.get_or_create(year=year, number=seen + 1, defaults=fields)
        if not is_new:
            return _the_same(report, by, seen, reason)
        record_event("report.asked", by=by, at=now, subject=report, reason=reason, year=year, number=report.number)
        tasks.make_report.delay_on_commit(report.pk)
    return report


def _the_same(report: YearlyReport, by: User, seen: int, reason: str) -> YearlyReport:
    """The edition that is there already, if it is what the person asks for."""
    if (report.number, report.asked_by_id, report.reason) != (seen + 1, by.pk, reason):
        raise OvertakenError(
            _("In the meantime somebody asked for the edition %(number)d. Look at it first.")
            % {"number": report.number}
        )
    return report
