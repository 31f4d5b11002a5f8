"""A plan is approved: the act is attached and the step taken in one go, or neither."""

from __future__ import annotations

from datetime import date, datetime
from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from action_plans.actions.plans import move
from action_plans.choices import PlanStage
from action_plans.models import Plan
from municipalities.actions import RefusedError
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def approve(
    *,
    by: User,
    plan: Plan,
    upload: IO[bytes],
    name: str,
    approved_by: str,
    approved_on: date,
    seen: str,
    now: datetime,
) -> Plan:
    """Attach the act and approve. `approved_by` names the authority by its office.

    Raises `RefusedError` for a file that is not kept, a day to come or what `reports.readiness` finds, `OvertakenError`,
    `PermissionDenied`.
    """
    check_can(by, Permission.APPROVE_PLAN, plan.municipality)
    if approved_on > timezone.localdate(now):
        raise RefusedError(_("The day of the approval is still to come."))
    with transaction.atomic():
        act = receive(
            by=by, municipality=plan.municipality, kind=DocumentKind.DECREE, upload=upload, name=name, now=now
        )
        return move(
            by=by,
            plan=plan,
            to=PlanStage.APPROVED,
            now=now,
            seen=seen,
            approval=act,
            approved_by=approved_by,
            approved_on=approved_on,
        )
