"""A plan that was made elsewhere comes in: all of a workbook at once, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.choices import Language
from accounts.permissions import Permission
from action_plans.actions import commitments, plans
from action_plans.actions.approval import Act, record_earlier
from action_plans.actions.commitments import Draft, IndicatorSent, MilestoneSent
from action_plans.choices import MilestoneState, PlanStage
from action_plans.models import Commitment, Milestone, Plan, ProgressUpdate
from action_plans.reports.editions import TEXTS
from action_plans.rules.plan_states import DRAFTING
from municipalities.actions import RefusedError
from municipalities.models import Municipality
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

_NAMESPACE: Final = UUID("5d2b7a52-52f7-4a39-9d0c-0d5f9a4f6a51")


class File(NamedTuple):
    """The act of approval as it was sent."""

    content: IO[bytes]
    name: str


def bring(
    *,
    by: User,
    municipality: Municipality,
    plan: Plan | None,
    content: Mapping[str, Any],
    now: datetime,
    act: File | None = None,
) -> Plan:
    """Write what `rules.plan_workbook.as_plain` gave: into `plan`, which is still being drafted, or into a new one. One that was
    approved before it came here is new, brings its act, and tells how its milestones go.

    The same content again adds nothing. Raises `RefusedError`, `PermissionDenied`.
    """
    check_can(by, Permission.COORDINATE_PLAN, municipality)
    said, digest = content["plan"], hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    stage = PlanStage(said.get("stage", PlanStage.PREPARATION))
    with transaction.atomic():
        # Two who confirm the same at once come one after the other.
        Municipality.objects.select_for_update().get(pk=municipality.pk)
        before = _brought(municipality, content, digest)
        if before:
            return before
        if plan is None:
            plan = _opened(by, municipality, said, now)
        elif plan.stage not in DRAFTING:
            raise RefusedError(_("The plan is approved: its commitments are added one by one, with a reason."))
        elif stage != PlanStage.PREPARATION:
            raise RefusedError(
                _("The workbook brings a plan that was approved, and the municipality is preparing “%(title)s” here.")
                % {"title": plan.title}
            )
        _write(by, plan, content, digest, now)
        if stage != PlanStage.PREPARATION:
            plan = _carried_out(by, plan, content, digest, act, now)
        record_event(
            "plan.brought",
            by=by,
            at=now,
            subject=plan,
            municipality_cut=plan.municipality_id,
            title=plan.title,
            commitments=len(content["commitments"]),
            milestones=len(content["milestones"]),
        )
    return plan


def _brought(municipality: Municipality, content: Mapping[str, Any], digest: str) -> Plan | None:
    """The plan into which the same content came already."""
    first = content["commitments"][0]["number"]
    for plan in Plan.objects.filter(municipality=municipality).exclude(stage=PlanStage.CANCELLED):
        if Commitment.objects.filter(plan=plan, key=_key(plan, digest, first)).exists():
            return plan
    return None


def _key(plan: Plan, digest: str, number: int) -> UUID:
    return uuid5(_NAMESPACE, f"{plan.pk} {digest} {number}")


def _opened(by: User, municipality: Municipality, said: Mapping[str, Any], now: datetime) -> Plan:
    if not all(said.get(name) for name in ("title", "starts", "ends")):
        raise RefusedError(_("The sheet “Plan” must say the title and the time of the plan."))
    starts, ends = date.fromisoformat(said["starts"]), date.fromisoformat(said["ends"])
    return plans.open_plan(by=by, municipality=municipality, title=said["title"], starts=starts, ends=ends, now=now)


def _write(by: User, plan: Plan, content: Mapping[str, Any], digest: str, now: datetime) -> None:
    texts = {name: content["plan"][name] for name in TEXTS if content["plan"].get(name)}
    if texts:
        plans.edit(by=by, plan=plan, texts=texts, starts=plan.starts, ends=plan.ends, now=now)
    # A plan keeps the numbers by which people name its commitments; beside others they come at the end.
    keeps = not plan.commitments.exists()
    for row in _in_order(content):
        number = row["number"] if keeps else None
        key = _key(plan, digest, row["number"])
        commitments.add(by=by, plan=plan, draft=_draft(row, content), now=now, key=key, number=number)


def _carried_out(
    by: User, plan: Plan, content: Mapping[str, Any], digest: str, act: File | None, now: datetime
) -> Plan:
    """Approve with the act, go on as far as the workbook says, and tell the states of milestones."""
    said = content["plan"]
    if act is None:
        raise RefusedError(_("Attach the act that approved the plan."))
    sent = Act(act.content, act.name, said["approved_by"], date.fromisoformat(said["approved_on"]))
    plan = record_earlier(by=by, plan=plan, sent=sent, now=now)
    if said["stage"] == PlanStage.IMPLEMENTATION:
        plan = plans.move(by=by, plan=plan, to=PlanStage.IMPLEMENTATION, seen=plan.stage, now=now)
    with translation.override(Language.SPANISH):
        text = _("It came so from the municipality's workbook, when the plan was brought to the portal.")
    for row in _in_order(content):
        commitment = Commitment.objects.get(key=_key(plan, digest, row["number"]))
        standing = commitment.milestones.order_by("number")
        for milestone, said_of in zip(standing, _of(row, content["milestones"]), strict=True):
            if said_of.get("state", MilestoneState.SCHEDULED) != MilestoneState.SCHEDULED:
                _tell(by, milestone, said_of, text, now)
    return plan


def _tell(by: User, milestone: Milestone, said: Mapping[str, Any], text: str, now: datetime) -> None:
    """How a milestone went before the plan came here: told as such, without evidence."""
    milestone.state, milestone.met_on = said["state"], _day(said.get("met_on"))
    milestone.advance = said.get("advance", 0)
    milestone.save(update_fields=["state", "met_on", "advance"])
    ProgressUpdate.objects.create(
        commitment_id=milestone.commitment_id,
        milestone=milestone,
        client_id=uuid5(_NAMESPACE, f"{milestone.key} state"),
        text=text,
        state=milestone.state,
        advance=milestone.advance if milestone.state == MilestoneState.UNDER_WAY else None,
        at=now,
        by=by,
    )


def _in_order(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    return sorted(content["commitments"], key=lambda each: int(each["number"]))


def _of(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of another sheet that belong to a commitment."""
    return [each for each in rows if each["commitment"] == row["number"]]


def _draft(row: Mapping[str, Any], content: Mapping[str, Any]) -> Draft:
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
            for each in _of(row, content["milestones"])
        ],
        [
            IndicatorSent(
                each["title"],
                each.get("unit", ""),
                _number(each.get("baseline")),
                _number(each.get("target")),
                each.get("source", ""),
            )
            for each in _of(row, content["indicators"])
        ],
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
