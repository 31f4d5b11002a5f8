"""One step for many municipalities: who would be affected, the step, and taking it back within a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.actions import new_event
from accounts.choices import CouncilRole
from accounts.models import Event
from accounts.permissions import Permission
from municipalities.actions.many import Moved, move_many, open_many
from municipalities.choices import AdhesionState, BulkKind
from municipalities.models import Adhesion, AdviserScope, BulkChange, Municipality
from municipalities.notifications.many import reachable
from municipalities.notifications.reminders import remind_many, would_remind
from municipalities.permissions import can, check_can
from municipalities.rules.bulk import ENDS, LeftOut, Situation, left_out, mark, steps_to
from municipalities.rules.reminders import KINDS

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Order:
    """What is asked for many: `adviser` for an assignment, `to` and perhaps `reason` for a change of state."""

    kind: BulkKind
    adviser: User | None = None
    to: AdhesionState | None = None
    reason: str = ""


@dataclass
class Plan:
    """By CUT, in the order given: who is reached, with the mark that the person sees, and who is not and why."""

    reached: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    newest: dict[str, Adhesion] = field(default_factory=dict)


def check_order(by: User, order: Order) -> None:
    """Raise `PermissionDenied` for a kind of change that is not theirs anywhere."""
    if order.kind == BulkKind.ASSIGN:
        check_can(by, Permission.ASSIGN_ADVISER)
    elif order.kind == BulkKind.STEP and order.to:
        if order.to not in ends_for(by):
            raise PermissionDenied(Permission.REGISTER_ADHESION.value)
    else:
        check_can(by, Permission.PROMOTE_ADHESION)


def ends_for(by: User) -> list[AdhesionState]:
    """The states to which the person's role may move many, in the order of an adhesion's life."""
    return [end for end in ENDS if any(taken.permission and can(by, taken.permission) for taken in steps_to(end))]


def plan(*, by: User, order: Order, municipalities: Sequence[str], now: datetime) -> Plan:
    """Who would be affected, and who not and why. Changes nothing; a fixed number of queries."""
    check_order(by, order)
    found = Plan()
    visible = set(Municipality.objects.visible_to(by).filter(pk__in=municipalities).values_list("pk", flat=True))
    newest = Adhesion.objects.filter(municipality__in=visible).order_by("municipality_id", "-created_at", "-pk")
    found.newest = {adhesion.municipality_id: adhesion for adhesion in newest.distinct("municipality_id")}
    writes = order.kind in {BulkKind.INVITE, BulkKind.REMIND}
    readers = reachable(sorted(visible)) if writes else visible
    reached = _left_to_remind(found.newest.values(), now) if order.kind == BulkKind.REMIND else {}
    for cut in municipalities:
        adhesion = found.newest.get(cut)
        at = Situation(
            state=AdhesionState(adhesion.state) if adhesion else None,
            adviser_id=adhesion.adviser_id if adhesion else None,
            has_email=cut in readers,
            reminded=adhesion is not None and reached.get(adhesion.pk) == 0,
        )
        why = LeftOut.NOT_FOUND if cut not in visible else _why(by, order, at)
        if why:
            found.left_out[cut] = why
        else:
            found.reached[cut] = mark(order.kind, at)
    return found


def _why(by: User, order: Order, at: Situation) -> LeftOut | None:
    why = left_out(order.kind, at, to=order.to, adviser_id=order.adviser.pk if order.adviser else None)
    if why or order.kind != BulkKind.STEP or not order.to:
        return why
    start = at.state or AdhesionState.PROSPECT
    mine = (taken for taken in steps_to(order.to) if taken.start == start and taken.permission)
    return None if any(taken.permission and can(by, taken.permission) for taken in mine) else LeftOut.NOT_YOURS


def _left_to_remind(adhesions: Iterable[Adhesion], now: datetime) -> dict[int, int]:
    """By adhesion, how many people a reminder would reach; those of whom nothing is asked are not named."""
    return would_remind([adhesion for adhesion in adhesions if adhesion.state in KINDS], now=now)


def change(*, by: User, order: Order, seen: Mapping[str, str], token: UUID, now: datetime) -> BulkChange:
    """Do it, once for each `token`: sent twice, the second gets the change of the first.

    `seen` holds, by CUT, the mark that the preview showed. Each municipality that is no longer as it was seen, or that the rule
    leaves out, is reported in `rows` and does not hold up the others. Raises `PermissionDenied`.
    """
    check_order(by, order)
    try:
        with transaction.atomic():
            made = BulkChange.objects.create(token=token, kind=order.kind, by=by, at=now, parameters=_told(order))
            made.rows = _do(by, order, seen, now)
            made.save(update_fields=["rows"])
    except IntegrityError:
        earlier = BulkChange.objects.filter(token=token, by=by).first()
        if earlier is None:
            raise
        return earlier
    return made


def _told(order: Order) -> dict[str, str]:
    told = {"reason": order.reason.strip()} if order.reason.strip() else {}
    if order.adviser:
        told |= {"adviser": str(order.adviser.pk), "adviser_name": str(order.adviser)}
    if order.to:
        told["to"] = order.to.value
    return told


def _do(by: User, order: Order, seen: Mapping[str, str], now: datetime) -> list[dict[str, Any]]:
    planned = plan(by=by, order=order, municipalities=list(seen), now=now)
    rows = {cut: _out(cut, why) for cut, why in planned.left_out.items()}
    kept: list[str] = []
    for cut, mark_now in planned.reached.items():
        if mark_now == seen[cut]:
            kept.append(cut)
        else:
            rows[cut] = _out(cut, LeftOut.OVERTAKEN)
    works = {BulkKind.ASSIGN: _assign, BulkKind.INVITE: _invite, BulkKind.REMIND: _remind, BulkKind.STEP: _step}
    rows |= works[order.kind](by, order, planned, kept, now)
    return [rows[cut] for cut in seen if cut in rows]


def _out(cut: str, why: LeftOut) -> dict[str, Any]:
    return {"cut": cut, "why": why.value}


def _assign(by: User, order: Order, planned: Plan, cuts: list[str], now: datetime) -> dict[str, dict[str, Any]]:
    adviser = order.adviser
    if adviser is None:
        raise PermissionDenied
    adhesions = _with_adhesion(by, planned, cuts, now)
    before = {cut: planned.newest[cut].adviser_id if cut in planned.newest else None for cut in cuts}
    locked = Adhesion.objects.filter(pk__in=[adhesion.pk for adhesion in adhesions.values()]).select_for_update()
    rows: dict[str, dict[str, Any]] = {}
    changed: list[Adhesion] = []
    for adhesion in locked.order_by("pk"):
        cut = adhesion.municipality_id
        # One that was opened just now may have inherited the adviser of the one before it.
        if cut in planned.newest and adhesion.pk == planned.newest[cut].pk and adhesion.adviser_id != before[cut]:
            rows[cut] = _out(cut, LeftOut.OVERTAKEN)
            continue
        rows[cut] = {"cut": cut, "adhesion": adhesion.pk, "before": adhesion.adviser_id}
        changed.append(adhesion)
    Adhesion.objects.filter(pk__in=[adhesion.pk for adhesion in changed]).update(adviser=adviser)
    for scope in _cover(adviser, [adhesion.municipality_id for adhesion in changed]):
        if scope.municipality_id:
            rows[scope.municipality_id]["scope"] = scope.pk
    _tell("adhesion.adviser_assigned", changed, by=by, now=now, adviser=str(adviser))
    return rows


def _cover(adviser: User, cuts: list[str]) -> list[AdviserScope]:
    """Let an adviser see the municipalities they are assigned, where no scope of theirs covers them yet."""
    if adviser.council_role != CouncilRole.ADVISER:
        return []
    covered = set(Municipality.objects.visible_to(adviser).filter(pk__in=cuts).values_list("pk", flat=True))
    return AdviserScope.objects.bulk_create(
        AdviserScope(user=adviser, municipality_id=cut) for cut in cuts if cut not in covered
    )


def _invite(by: User, order: Order, planned: Plan, cuts: list[str], now: datetime) -> dict[str, dict[str, Any]]:
    opened = open_many(by=by, municipalities=cuts, now=now)
    seen = {adhesion.pk: AdhesionState.PROSPECT.value for adhesion in opened.values()}
    return _moved(move_many(by=by, seen=seen, to=AdhesionState.INVITED, now=now), opened)


def _step(by: User, order: Order, planned: Plan, cuts: list[str], now: datetime) -> dict[str, dict[str, Any]]:
    if order.to is None:
        raise PermissionDenied
    adhesions = _with_adhesion(by, planned, cuts, now)
    seen = {
        adhesions[cut].pk: planned.newest[cut].state if cut in planned.newest else AdhesionState.PROSPECT.value
        for cut in cuts
    }
    return _moved(move_many(by=by, seen=seen, to=order.to, now=now, reason=order.reason), adhesions)


def _with_adhesion(by: User, planned: Plan, cuts: list[str], now: datetime) -> dict[str, Adhesion]:
    """By CUT, the newest adhesion, opened where there was none."""
    known = {cut: planned.newest[cut] for cut in cuts if cut in planned.newest}
    missing = [cut for cut in cuts if cut not in known]
    return known | (open_many(by=by, municipalities=missing, now=now) if missing else {})


def _moved(moved: Moved, adhesions: Mapping[str, Adhesion]) -> dict[str, dict[str, Any]]:
    cuts = {adhesion.pk: cut for cut, adhesion in adhesions.items()}
    rows = {cuts[pk]: _out(cuts[pk], why) for pk, why in moved.left_out.items()}
    for adhesion in moved.done:
        state, since = moved.before[adhesion.pk]
        rows[adhesion.municipality_id] = {
            "cut": adhesion.municipality_id,
            "adhesion": adhesion.pk,
            "before": state,
            "since": since.isoformat(),
            "after": adhesion.state,
            "mails": moved.mails.get(adhesion.pk, []),
        }
    return rows


def _remind(by: User, order: Order, planned: Plan, cuts: list[str], now: datetime) -> dict[str, dict[str, Any]]:
    adhesions = {planned.newest[cut].pk: planned.newest[cut].state for cut in cuts}
    locked = Adhesion.objects.filter(pk__in=adhesions).select_for_update(of=("self",))
    rows: dict[str, dict[str, Any]] = {}
    unchanged = []
    for adhesion in locked.select_related("municipality__region", "campaign", "adviser").order_by("pk"):
        if adhesion.state == adhesions[adhesion.pk]:
            unchanged.append(adhesion)
        else:
            rows[adhesion.municipality_id] = _out(adhesion.municipality_id, LeftOut.OVERTAKEN)
    mails: dict[int | None, list[int]] = defaultdict(list)
    for mail in remind_many(unchanged, by=by, now=now):
        mails[mail.adhesion_id].append(mail.pk)
    for adhesion in unchanged:
        cut, written = adhesion.municipality_id, mails[adhesion.pk]
        done = {"cut": cut, "adhesion": adhesion.pk, "mails": written}
        rows[cut] = done if written else _out(cut, LeftOut.REMINDED)
    _tell("adhesion.reminded", [adhesion for adhesion in unchanged if mails[adhesion.pk]], by=by, now=now)
    return rows


def _tell(kind: str, adhesions: Sequence[Adhesion], *, by: User, now: datetime, **data: str) -> None:
    Event.objects.bulk_create(
        new_event(kind, by=by, at=now, subject=adhesion, municipality_cut=adhesion.municipality_id, **data)
        for adhesion in adhesions
    )
