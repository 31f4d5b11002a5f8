"""The council's advice on a plan: an adviser recommends, the municipality answers, and it is asked about again."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.choices import RecommendationState
from action_plans.models import Commitment, Plan, Recommendation
from action_plans.notifications.advice import recommended
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

ENDED = frozenset({RecommendationState.DONE, RecommendationState.DECLINED})
"""Nothing more is asked about these."""


def recommend(
    *,
    by: User,
    plan: Plan,
    text: str,
    now: datetime,
    commitment: Commitment | None = None,
    ask_again: date | None = None,
) -> Recommendation:
    """Recommend something; the municipality is told and answers. The same words, unanswered, are one."""
    check_can(by, Permission.ADVISE_PLAN, plan.municipality)
    words = text.strip()
    if not words:
        raise RefusedError(_("Write what you recommend."))
    if commitment and commitment.plan_id != plan.pk:
        raise RefusedError(_("This commitment is of another plan."))
    with transaction.atomic():
        held = Plan.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=plan.pk)
        same = held.recommendations.filter(
            by=by, commitment=commitment, text=words, state=RecommendationState.PROPOSED
        ).first()
        if same:
            return same
        row = Recommendation.objects.create(
            plan=held, commitment=commitment, text=words, ask_again=ask_again, by=by, at=now
        )
        _record("plan.recommended", by, held, now)
        recommended(row, now=now)
    return row


def answer(
    *, by: User, recommendation: Recommendation, state: RecommendationState, text: str, seen: str, now: datetime
) -> Recommendation:
    """The municipality says what it does; declining asks for reasons. The last answer counts; `seen` is the state as it was read.

    Raises `OvertakenError` when somebody answered meanwhile, `RefusedError`, `PermissionDenied`.
    """
    plan = recommendation.plan
    check_can(by, Permission.WRITE_PLAN, plan.municipality)
    if state == RecommendationState.PROPOSED:
        raise RefusedError(_("Say what you do with the recommendation."))
    if state == RecommendationState.DECLINED and not text.strip():
        raise RefusedError(_("Say the reason: the other side will read it."))
    with transaction.atomic():
        held = Recommendation.objects.select_for_update(of=("self",)).get(pk=recommendation.pk)
        if stamp(held) != seen:
            raise OvertakenError(_("Somebody answered meanwhile: “%(answer)s”.") % {"answer": held.answer})
        held.state, held.answer = state, text.strip()
        held.answered_by, held.answered_at = by, now
        if state in ENDED:
            held.ask_again = None
        held.save()
        _record("plan.recommendation_answered", by, plan, now, standing=state.value)
    return held


def follow_up(
    *, by: User, recommendation: Recommendation, ask_again: date | None, note: str, seen: str, now: datetime
) -> Recommendation:
    """The adviser asked how it goes: it is asked about again on a day, or no more. What was learnt stays in the history.

    Raises `OvertakenError` when the municipality answered meanwhile, `RefusedError` for what has ended, `PermissionDenied`.
    """
    plan = recommendation.plan
    check_can(by, Permission.ADVISE_PLAN, plan.municipality)
    with transaction.atomic():
        held = Recommendation.objects.select_for_update(of=("self",)).get(pk=recommendation.pk)
        if stamp(held) != seen:
            raise OvertakenError(_("The municipality answered meanwhile: “%(answer)s”.") % {"answer": held.answer})
        if held.state in ENDED and ask_again:
            raise RefusedError(_("Nothing more is asked about this recommendation: leave the day empty."))
        if held.ask_again == ask_again and not note.strip():
            return held
        held.ask_again = ask_again
        held.save(update_fields=["ask_again"])
        _record("plan.recommendation_followed", by, plan, now, reason=note.strip())
    return held


def stamp(recommendation: Recommendation) -> str:
    """How a recommendation stood when it was read."""
    at = recommendation.answered_at
    return f"{recommendation.state}:{at.isoformat() if at else ''}"


def _record(kind: str, by: User, plan: Plan, now: datetime, **words: Any) -> None:
    record_event(kind, by=by, at=now, subject=plan, municipality_cut=plan.municipality_id, **words)
