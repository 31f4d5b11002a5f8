"""The desk of moderation: publish, hide with a reason that stays in its place, decide on appeals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.actions.plans import locked
from action_plans.choices import AppealState, ContributionState, HideReason
from action_plans.models import Appeal, Author, Contribution, Plan
from action_plans.notifications import letters
from action_plans.rules.contribution_states import step
from action_plans.rules.plan_states import DRAFTING
from config.page_cache import forget_public_pages
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import Municipality
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from accounts.models import User


def publish(*, by: User, plan: Plan, contributions: Sequence[int], now: datetime) -> list[Contribution]:
    """Publish those that wait; their authors are told, and known from now on. What somebody decided on meanwhile is left."""
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    with transaction.atomic():
        held = _held(locked(plan), contributions, ContributionState.WAITING)
        for each in held:
            _check_not_approved(each)
            step(ContributionState.WAITING, ContributionState.PUBLISHED)
            each.state, each.published_at = ContributionState.PUBLISHED, now
            each.save(update_fields=["state", "published_at"])
            _record("contribution.published", by, each, now)
            letters.shown(each, now=now)
        Author.objects.filter(contributions__in=held, trusted_at=None).update(trusted_at=now)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def hide(
    *, by: User, plan: Plan, contributions: Sequence[int], reason: HideReason, note: str, now: datetime
) -> list[Contribution]:
    """Hide what breaks the rules. The place, the reason and the note stay public; the authors are told how to appeal,
    and are no longer known."""
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    with transaction.atomic():
        held = _held(locked(plan), contributions, ContributionState.WAITING, ContributionState.PUBLISHED)
        for each in held:
            step(each.state, ContributionState.HIDDEN)
            # What waited was never public: its place is shown from the day of the decision on.
            each.state, each.published_at = ContributionState.HIDDEN, each.published_at or now
            each.hidden_for, each.hidden_note = reason, note.strip()[:300]
            each.hidden_by, each.hidden_at = by, now
            each.save()
            _record("contribution.hidden", by, each, now, reason=note)
            letters.hidden(each, now=now)
        # What they write next is read before it appears, whichever address or account they use again.
        authors = Author.objects.filter(contributions__in=held)
        addresses = list(authors.exclude(email="").values_list("email", flat=True))
        Author.objects.filter(Q(pk__in=authors) | Q(email__in=addresses)).update(trusted_at=None)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def show_again(*, by: User, plan: Plan, contributions: Sequence[int], now: datetime) -> list[Contribution]:
    """Take hidings back, and tell the authors; an appeal that waits has then got what it asked for."""
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    with transaction.atomic():
        held = _held(locked(plan), contributions, ContributionState.HIDDEN)
        if not held:
            raise OvertakenError(_("Somebody already decided on this contribution."))
        for each in held:
            _show(each)
            each.appeals.filter(state=AppealState.OPEN).update(
                state=AppealState.GRANTED, decided_by=by, decided_at=now, reasons=_("The hiding was taken back.")
            )
            _record("contribution.shown", by, each, now)
            letters.shown(each, now=now)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def appeal(*, contribution: Contribution, author: UUID, text: str, now: datetime) -> Appeal:
    """An author asks that a hidden contribution be looked at again; one appeal at a time."""
    if not text.strip():
        raise RefusedError(_("Say why it should be shown."))
    with transaction.atomic():
        held = Contribution.objects.select_for_update(of=("self",)).get(pk=contribution.pk)
        if held.state != ContributionState.HIDDEN or not held.authors.filter(key=author).exists():
            raise RefusedError(_("There is nothing to appeal against."))
        standing, _made = Appeal.objects.get_or_create(
            contribution=held, state=AppealState.OPEN, defaults={"text": text.strip(), "at": now}
        )
    return standing


def decide(*, by: User, appeal: Appeal, granted: bool, reasons: str, now: datetime) -> Appeal:
    """Decide on an appeal, once, with reasons; never whoever hid the contribution."""
    plan = appeal.contribution.plan
    check_may_decide(by, plan.municipality)
    if not reasons.strip():
        raise RefusedError(_("Say the reason: the other side will read it."))
    with transaction.atomic():
        locked(plan)
        contribution = Contribution.objects.select_for_update(of=("self",)).get(pk=appeal.contribution_id)
        held = Appeal.objects.select_for_update().get(pk=appeal.pk)
        if held.state != AppealState.OPEN:
            raise OvertakenError(_("Somebody already decided on this appeal."))
        if contribution.hidden_by_id == by.pk:
            raise RefusedError(_("Whoever hid the contribution does not decide on its appeal."))
        held.state = AppealState.GRANTED if granted else AppealState.DENIED
        held.decided_by, held.decided_at, held.reasons = by, now, reasons.strip()
        held.save()
        if granted and contribution.state == ContributionState.HIDDEN:
            _show(contribution)
        _record("contribution.appeal_decided", by, contribution, now, reason=reasons)
        letters.appeal_decided(held, now=now)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def may_decide(by: User, municipality: Municipality) -> bool:
    """Whether the person decides on appeals there: of the municipality, or of the council where it has nobody else."""
    return any(can(by, permission, municipality) for permission in (Permission.COORDINATE_PLAN, Permission.ADVISE_PLAN))


def check_may_decide(by: User, municipality: Municipality) -> None:
    """Raise `PermissionDenied` unless `may_decide`."""
    if not may_decide(by, municipality):
        raise PermissionDenied(Permission.COORDINATE_PLAN.value)


def _held(plan: Plan, keys: Sequence[int], *states: ContributionState) -> list[Contribution]:
    """Those of the plan that are in one of the states, held until the transaction ends."""
    rows = Contribution.objects.select_for_update(of=("self",)).filter(plan=plan, pk__in=keys, state__in=states)
    return list(rows.select_related("plan__municipality").order_by("pk"))


def _show(contribution: Contribution) -> None:
    step(ContributionState.HIDDEN, ContributionState.PUBLISHED)
    _check_not_approved(contribution)
    contribution.state = ContributionState.PUBLISHED
    contribution.hidden_for, contribution.hidden_note = "", ""
    contribution.hidden_by, contribution.hidden_at = None, None
    contribution.save()


def _check_not_approved(contribution: Contribution) -> None:
    """An approved plan has no contribution without a response: one that appears in it late is answered first. An observation is
    on what came after the approval: it appears, and is owed its answer."""
    is_on_the_text = contribution.assessment_id is None
    if is_on_the_text and contribution.plan.stage not in DRAFTING and not hasattr(contribution, "response"):
        raise RefusedError(_("The plan is approved: answer the contribution first, then it can be shown."))


def _record(kind: str, by: User, contribution: Contribution, now: datetime, reason: str = "") -> None:
    plan = contribution.plan
    record_event(
        kind,
        by=by,
        at=now,
        subject=plan,
        municipality_cut=plan.municipality_id,
        reason=reason.strip(),
        title=str(contribution),
    )
