"""A plan that was made elsewhere comes in: all of a workbook at once, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from action_plans.actions import commitments, plans
from action_plans.actions.commitments import Draft, MilestoneSent
from action_plans.models import Plan
from action_plans.reports.editions import TEXTS
from action_plans.rules.plan_states import DRAFTING
from municipalities.actions import RefusedError
from municipalities.models import Municipality
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

_NAMESPACE: Final = UUID("5d2b7a52-52f7-4a39-9d0c-0d5f9a4f6a51")


def bring(
    *, by: User, municipality: Municipality, plan: Plan | None, content: Mapping[str, Any], now: datetime
) -> Plan:
    """Write what `rules.plan_workbook.as_plain` gave: into `plan`, which is still being drafted, or into a new one.

    The same content again adds nothing. Raises `RefusedError`, `PermissionDenied`.
    """
    check_can(by, Permission.COORDINATE_PLAN, municipality)
    said = content["plan"]
    with transaction.atomic():
        if plan is None:
            plan = _opened(by, municipality, said, now)
        elif plan.stage not in DRAFTING:
            raise RefusedError(_("The plan is approved: its commitments are added one by one, with a reason."))
        texts = {name: said[name] for name in TEXTS if said.get(name)}
        if texts:
            plans.edit(by=by, plan=plan, texts=texts, starts=plan.starts, ends=plan.ends, now=now)
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        for row in sorted(content["commitments"], key=lambda each: each["number"]):
            key = uuid5(_NAMESPACE, f"{plan.pk} {digest} {row['number']}")
            commitments.add(by=by, plan=plan, draft=_draft(row, content["milestones"]), now=now, key=key)
    return plan


def _opened(by: User, municipality: Municipality, said: Mapping[str, Any], now: datetime) -> Plan:
    if not all(said.get(name) for name in ("title", "starts", "ends")):
        raise RefusedError(_("The sheet “Plan” must say the title and the time of the plan."))
    starts, ends = date.fromisoformat(said["starts"]), date.fromisoformat(said["ends"])
    return plans.open_plan(by=by, municipality=municipality, title=said["title"], starts=starts, ends=ends, now=now)


def _draft(row: Mapping[str, Any], milestones: list[dict[str, Any]]) -> Draft:
    own = {name: value for name, value in row.items() if name != "number"}
    for name in ("starts", "ends"):
        own[name] = _day(own.get(name))
    return Draft(
        own,
        [
            MilestoneSent(
                title=each["title"],
                starts=_day(each.get("starts")),
                ends=_day(each.get("ends")),
                office=each.get("office", ""),
                deliverable=each.get("deliverable", ""),
                weight=each.get("weight", 1),
            )
            for each in milestones
            if each["commitment"] == row["number"]
        ],
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
