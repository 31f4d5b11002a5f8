"""What a plan lacks to go on to a stage: actions refuse by it, pages tell it before a step is tried."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from action_plans.choices import AssessmentKind, AssessmentState, PlanStage
from action_plans.models import Assessment, Contribution, Plan, Waiver

UNANSWERED: Final = "unanswered"
"""The rule that a waiver may lift: no plan is approved while a contribution waits for its response."""


def what_lacks(plan: Plan, to: PlanStage, *, today: date, with_act: bool = True) -> list[str]:
    """Why a plan may not enter a stage yet, a sentence each; empty when nothing is missing. Pages show it before it is tried,
    without the act of approval, which is attached while the step is taken."""
    if to == PlanStage.CONSULTATION and not plan.commitments.filter(withdrawn_at__isnull=True).exists():
        return [_("The draft has no commitment yet.")]
    if to == PlanStage.APPROVED:
        return _lacks_for_approval(plan, today, with_act=with_act)
    observations = _observations(plan) if to == PlanStage.CLOSED else []
    return _unpublished(plan) + observations


def _unpublished(plan: Plan) -> list[str]:
    """A stage of self-assessment is left once it is published."""
    assessment = {PlanStage.MIDTERM: AssessmentKind.MIDTERM, PlanStage.FINAL: AssessmentKind.FINAL}.get(
        PlanStage(plan.stage)
    )
    if (
        assessment
        and not Assessment.objects.filter(plan=plan, kind=assessment, state=AssessmentState.PUBLISHED).exists()
    ):
        return [_("Its self-assessment is not published yet.")]
    return []


def _observations(plan: Plan) -> list[str]:
    """A plan is closed once whoever observed its assessments was answered; those that come afterwards are owed it too."""
    waiting = Contribution.objects.unanswered().observations().filter(plan=plan).count()
    words = ngettext(
        "%(count)d observation on an assessment waits for its response.",
        "%(count)d observations on assessments wait for their response.",
        waiting,
    )
    return [words % {"count": waiting}] if waiting else []


def more_time(plan: Plan) -> Waiver | None:
    """The latest day until which the Consejo let answers of the plan wait, with its reason; both are public."""
    return plan.waivers.filter(rule=UNANSWERED, granted_at__isnull=False).order_by("-until").first()


def _lacks_for_approval(plan: Plan, today: date, *, with_act: bool) -> list[str]:
    found = []
    if with_act and (plan.approval is None or not plan.approved_by or plan.approved_on is None):
        found.append(_("The act that approves it is missing, or who approved it and when."))
    waiting = Contribution.objects.unanswered().on_the_text().filter(plan=plan).count()
    excepted = Waiver.objects.filter(plan=plan, rule=UNANSWERED, granted_at__isnull=False, until__gte=today).exists()
    if waiting and not excepted:
        found.append(
            ngettext(
                "%(count)d contribution waits for its response.",
                "%(count)d contributions wait for their response.",
                waiting,
            )
            % {"count": waiting}
        )
    return found
