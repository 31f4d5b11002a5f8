"""Commitments are written. A save names the version it started from: nobody overwrites what they did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.actions.plans import amend, check_writable, locked
from action_plans.models import Commitment, Milestone, Plan
from action_plans.rules.plan_states import DRAFTING
from diagnostics.reports.answers import instrument_of
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

FIELDS: Final = (
    *("title", "starts", "ends", "problem", "baseline", "status_quo", "action", "outcome", "contribution", "values"),
    *("unit", "office", "counterpart", "others", "resources", "goals", "pladeco", "accounts", "gaps"),
)
"""What a save of a commitment may hold."""


_AWAY: Final = 30_000
"""A number that no commitment has."""


class ConflictError(OvertakenError):
    """Somebody saved the commitment in between. `standing` is what is there now; `sent` is what could not be written."""

    def __init__(self, standing: Commitment, sent: dict[str, Any]) -> None:
        self.standing, self.sent = standing, sent
        super().__init__(_("Somebody changed this commitment meanwhile. Compare both texts, and save again."))


@dataclass(frozen=True, slots=True)
class MilestoneSent:
    """A milestone as it was written in the form; `key` is None for a new one."""

    title: str
    key: UUID | None = None
    starts: date | None = None
    ends: date | None = None
    office: str = ""
    deliverable: str = ""
    weight: int = 1


@dataclass(frozen=True, slots=True)
class IndicatorSent:
    name: str
    unit: str = ""
    baseline: Any = None
    target: Any = None
    source: str = ""


@dataclass(frozen=True)
class Draft:
    """A commitment as it was written: `fields` by the names of `FIELDS`, its milestones in their order, its indicators."""

    fields: dict[str, Any]
    milestones: Sequence[MilestoneSent] = field(default=())
    indicators: Sequence[IndicatorSent] = field(default=())


def add(
    *,
    by: User,
    plan: Plan,
    draft: Draft,
    now: datetime,
    reason: str = "",
    key: UUID | None = None,
    number: int | None = None,
) -> Commitment:
    """Add a commitment, at the end of the plan or with a `number` that is free. `key` is made when its form is shown: sent twice,
    it is added once."""
    check_can(by, Permission.WRITE_PLAN, plan.municipality)
    with transaction.atomic():
        held = locked(plan)
        check_writable(held, reason)
        there = Commitment.objects.filter(key=key).first() if key else None
        if there is not None:
            if there.plan_id != held.pk:
                raise RefusedError(_("This form belongs to another plan. Open it again."))
            return there
        last = held.commitments.aggregate(last=Max("number"))["last"] or 0
        commitment = Commitment(plan=held, number=number or last + 1, created_at=now, key=key or uuid4())
        _write(commitment, draft)
        _record("commitment.added", by, commitment, now, reason)
        amend(held, by=by, reason=reason, now=now)
    return commitment


def add_for_gap(*, by: User, plan: Plan, question: str, now: datetime) -> Commitment:
    """Add a commitment that starts from a gap of the plan's diagnostic: its recommendation, and the link that stays.

    Asked twice, it gives the one that is there.
    """
    if plan.diagnostic is None:
        raise RefusedError(_("The plan does not start from a diagnostic."))
    asked = instrument_of(plan.diagnostic.version).by_id.get(question)
    if asked is None:
        raise RefusedError(_("This question does not belong to the diagnostic."))
    with transaction.atomic():
        held = locked(plan)
        there = held.commitments.filter(gaps__contains=[question], withdrawn_at__isnull=True).first()
        if there:
            return there
        # A title, not a sentence.
        fields = {"title": (asked.recommendation or asked.text)[:200].rstrip("."), "problem": "", "gaps": [question]}
        return add(by=by, plan=held, draft=Draft(fields), now=now)


def save(
    *, by: User, commitment: Commitment, draft: Draft, version: int, now: datetime, reason: str = ""
) -> Commitment:
    """Write a commitment that was read at `version`. The same content again changes nothing.

    Raises `ConflictError` with both texts, `RefusedError`, `PermissionDenied`.
    """
    check_can(by, Permission.WRITE_PLAN, commitment.plan.municipality)
    with transaction.atomic():
        plan = locked(commitment.plan)
        held = Commitment.objects.select_for_update().get(pk=commitment.pk)
        check_writable(plan, reason)
        if held.version != version:
            if _says(held, draft):
                return held  # the same save arrived twice
            raise ConflictError(held, draft.fields)
        _write(held, draft)
        _record("commitment.changed", by, held, now, reason)
        amend(plan, by=by, reason=reason, now=now)
    return held


def move(*, by: User, commitment: Commitment, up: bool, now: datetime) -> None:
    """Let a commitment change places with its neighbour, while the plan is being drafted: later its number is how people
    name it. The first one does not go up, nor the last one down."""
    check_can(by, Permission.WRITE_PLAN, commitment.plan.municipality)
    with transaction.atomic():
        plan = locked(commitment.plan)
        if plan.stage not in DRAFTING:
            raise RefusedError(_("The plan is approved: its commitments keep their numbers."))
        standing = list(plan.commitments.filter(withdrawn_at__isnull=True).order_by("number"))
        place = next((at for at, each in enumerate(standing) if each.pk == commitment.pk), None)
        if place is None or not 0 <= (other := place - 1 if up else place + 1) < len(standing):
            return
        mine, theirs = standing[place].number, standing[other].number
        rows = Commitment.objects
        # The number moves out of the way first: two commitments that change places would meet.
        rows.filter(pk=standing[other].pk).update(number=_AWAY)
        rows.filter(pk=standing[place].pk).update(number=theirs)
        rows.filter(pk=standing[other].pk).update(number=mine)
        _record("commitment.moved", by, standing[place], now, "")


def withdraw(*, by: User, commitment: Commitment, reason: str, now: datetime) -> Commitment:
    """Take a commitment out of the plan. It stays in the editions that had it, and what was said of it stays."""
    check_can(by, Permission.COORDINATE_PLAN, commitment.plan.municipality)
    if not reason.strip():
        raise RefusedError(_("Say the reason: the other side will read it."))
    with transaction.atomic():
        plan = locked(commitment.plan)
        check_writable(plan, reason)
        held = Commitment.objects.select_for_update().get(pk=commitment.pk)
        if held.withdrawn_at is None:
            held.withdrawn_at = now
            held.save(update_fields=["withdrawn_at"])
            _record("commitment.withdrawn", by, held, now, reason)
            amend(plan, by=by, reason=reason, now=now)
    return held


def restore(*, by: User, commitment: Commitment, reason: str, now: datetime) -> Commitment:
    """Take a commitment that left back into the plan, with the number that it had and all that was told of it. Asked twice, it
    stands once."""
    check_can(by, Permission.COORDINATE_PLAN, commitment.plan.municipality)
    with transaction.atomic():
        plan = locked(commitment.plan)
        check_writable(plan, reason)
        held = Commitment.objects.select_for_update().get(pk=commitment.pk)
        if held.withdrawn_at is not None:
            held.withdrawn_at = None
            held.save(update_fields=["withdrawn_at"])
            _record("commitment.restored", by, held, now, reason)
            amend(plan, by=by, reason=reason, now=now)
    return held


def _says(commitment: Commitment, draft: Draft) -> bool:
    """Whether a commitment holds all of a draft already: fields, milestones in their order, indicators."""
    if any(getattr(commitment, name) != value for name, value in draft.fields.items()):
        return False
    milestones = [_sent_again(each) for each in commitment.milestones.order_by("number")]
    # A milestone that was new when it was sent has a key by now.
    sent = [each if each.key else replace(each, key=known.key) for each, known in zip(draft.milestones, milestones)]  # noqa: B905
    indicators = [
        IndicatorSent(each.name, each.unit, each.baseline, each.target, each.source)
        for each in commitment.indicators.order_by("pk")
    ]
    return len(draft.milestones) == len(milestones) and sent == milestones and list(draft.indicators) == indicators


def _sent_again(milestone: Milestone) -> MilestoneSent:
    return MilestoneSent(
        milestone.title,
        milestone.key,
        milestone.starts,
        milestone.ends,
        milestone.office,
        milestone.deliverable,
        milestone.weight,
    )


def _write(commitment: Commitment, draft: Draft) -> None:
    for name, value in draft.fields.items():
        if name in FIELDS:
            setattr(commitment, name, value)
    if commitment.starts and commitment.ends and commitment.ends < commitment.starts:
        raise RefusedError(_("The commitment must end after it begins."))
    commitment.version += 1
    commitment.save()
    _write_milestones(commitment, draft.milestones)
    commitment.indicators.all().delete()
    for sent in draft.indicators:
        commitment.indicators.create(
            name=sent.name, unit=sent.unit, baseline=sent.baseline, target=sent.target, source=sent.source
        )


def _write_milestones(commitment: Commitment, sent: Sequence[MilestoneSent]) -> None:
    """Milestones keep their key, state and what was told of them; one that left the form is deleted if nothing was told."""
    standing = {each.key: each for each in commitment.milestones.all()}
    kept = {each.key for each in sent if each.key in standing}
    for key, milestone in standing.items():
        if key not in kept:
            if milestone.updates.exists():
                raise RefusedError(
                    _("The milestone “%(title)s” has progress that was told: say that it is not met instead.")
                    % {"title": milestone.title}
                )
            milestone.delete()
    # Numbers move out of the way first: two milestones that change places would meet.
    for offset, milestone in enumerate((standing[key] for key in standing if key in kept), start=1):
        Milestone.objects.filter(pk=milestone.pk).update(number=10_000 + offset)
    for number, each in enumerate(sent, start=1):
        row = standing.get(each.key) if each.key else None
        row = row or Milestone(commitment=commitment)
        row.number, row.title, row.starts, row.ends = number, each.title, each.starts, each.ends
        row.office, row.deliverable, row.weight = each.office, each.deliverable, each.weight
        if row.starts and row.ends and row.ends < row.starts:
            raise RefusedError(_("The milestone “%(title)s” must end after it begins.") % {"title": row.title})
        row.save()


def _record(kind: str, by: User, commitment: Commitment, now: datetime, reason: str) -> None:
    plan = commitment.plan
    record_event(
        kind,
        by=by,
        at=now,
        subject=plan,
        municipality_cut=plan.municipality_id,
        reason=reason.strip(),
        title=commitment.title,
    )
