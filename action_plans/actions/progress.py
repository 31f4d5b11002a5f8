"""What was done is told, with evidence: of a commitment in words, of a milestone with its state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.actions.plans import locked
from action_plans.choices import MilestoneState
from action_plans.models import Commitment, Milestone, ProgressUpdate
from action_plans.rules.plan_states import CARRYING_OUT
from action_plans.rules.progress import MOST_UNDER_WAY
from config.page_cache import forget_public_pages
from diagnostics.models import Evidence
from municipalities.actions import RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def report(
    *,
    by: User,
    commitment: Commitment,
    text: str,
    client_id: UUID,
    now: datetime,
    milestone: Milestone | None = None,
    state: MilestoneState | None = None,
    advance: int | None = None,
    met_on: date | None = None,
    evidence: Sequence[Evidence] = (),
) -> ProgressUpdate:
    """Tell progress. The same `client_id` again changes nothing and gives the same update.

    A milestone is met with evidence, on a day that is not to come. Raises `RefusedError`, `PermissionDenied`.
    """
    plan = commitment.plan
    check_can(by, Permission.WRITE_PLAN, plan.municipality)
    if not text.strip():
        raise RefusedError(_("Say in a few words what was done."))
    if any(piece.municipality_id != plan.municipality_id or piece.removed_at for piece in evidence):
        raise RefusedError(_("This evidence is not of the municipality, or it was removed."))
    with transaction.atomic():
        held = locked(plan)
        if held.stage not in CARRYING_OUT:
            raise RefusedError(_("Progress is told while the plan is carried out."))
        before = ProgressUpdate.objects.filter(client_id=client_id).first()
        if before:
            return before
        if milestone and state:
            _take(milestone, state, advance=advance, met_on=met_on, has_evidence=bool(evidence), now=now)
        update = ProgressUpdate.objects.create(
            commitment=commitment,
            milestone=milestone,
            client_id=client_id,
            text=text.strip(),
            state=state or "",
            advance=advance if state == MilestoneState.UNDER_WAY else None,
            at=now,
            by=by,
        )
        update.evidence.set(evidence)
        record_event(
            "milestone.reported",
            by=by,
            at=now,
            subject=held,
            municipality_cut=held.municipality_id,
            title=milestone.title if milestone else commitment.title,
            state=state.value if milestone and state else "",
        )
        transaction.on_commit(forget_public_pages)
    return update


def _take(
    milestone: Milestone,
    state: MilestoneState,
    *,
    advance: int | None,
    met_on: date | None,
    has_evidence: bool,
    now: datetime,
) -> None:
    held = Milestone.objects.select_for_update().get(pk=milestone.pk)
    today = timezone.localdate(now)
    if state == MilestoneState.MET and not has_evidence:
        raise RefusedError(_("A milestone is met with evidence that anyone can check: add a file or a link."))
    if met_on and met_on > today:
        raise RefusedError(_("The day on which the milestone was met is still to come."))
    if advance is not None and not 0 <= advance <= MOST_UNDER_WAY:
        raise RefusedError(
            _("A milestone under way has come at most %(most)d %% of its way. When it is done, say that it is met.")
            % {"most": MOST_UNDER_WAY}
        )
    held.state = state
    held.met_on = (met_on or today) if state == MilestoneState.MET else None
    held.advance = (advance or 0) if state == MilestoneState.UNDER_WAY else 0
    held.save(update_fields=["state", "met_on", "advance"])
