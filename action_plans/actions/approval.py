"""A plan is approved: the act is attached and the step taken in one go, or neither."""

from __future__ import annotations

from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from accounts.permissions import Permission
from action_plans.actions.plans import move
from action_plans.choices import PlanStage
from action_plans.models import Plan
from config.numbers import day
from municipalities.actions import RefusedError
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


class Act(NamedTuple):
    """The act that approved a plan, of whom (by office) and when."""

    upload: IO[bytes]
    name: str
    approved_by: str
    approved_on: date


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
    sent = Act(upload, name, approved_by, approved_on)
    return _approve(by=by, plan=plan, sent=sent, seen=seen, now=now)


def record_earlier(*, by: User, plan: Plan, sent: Act, now: datetime) -> Plan:
    """Note that the plan was approved before it came to the portal: the same permission and the same act, but none of the stages
    between; the edition and the history say so. Raises as `approve`."""
    with translation.override(Language.SPANISH):
        words = _("Approved on %(day)s by %(office)s, before the plan came to the portal.")
        reason = words % {"day": day(sent.approved_on), "office": sent.approved_by}
    return _approve(by=by, plan=plan, sent=sent, seen=PlanStage.PREPARATION, now=now, brought=True, reason=reason)


def _approve(*, by: User, plan: Plan, sent: Act, seen: str, now: datetime, **more: Any) -> Plan:
    check_can(by, Permission.APPROVE_PLAN, plan.municipality)
    if sent.approved_on > timezone.localdate(now):
        raise RefusedError(_("The day of the approval is still to come."))
    with transaction.atomic():
        act = receive(
            by=by, municipality=plan.municipality, kind=DocumentKind.DECREE, upload=sent.upload, name=sent.name, now=now
        )
        return move(
            by=by,
            plan=plan,
            to=PlanStage.APPROVED,
            now=now,
            seen=seen,
            approval=act,
            approved_by=sent.approved_by,
            approved_on=sent.approved_on,
            **more,
        )
