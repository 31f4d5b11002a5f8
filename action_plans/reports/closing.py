"""The complete commitments that started from a gap: what the next diagnostic shows as "gap closed by"."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from action_plans.choices import PlanStage
from action_plans.models import Plan
from action_plans.reports.editions import content_of
from action_plans.reports.standing import standing, told_of
from diagnostics.models import Diagnostic
from diagnostics.reports.closings import Closing


def commitments_done(diagnostic: Diagnostic) -> list[Closing]:
    """Of the plans that start from the diagnostic of another round, the commitments with all milestones met."""
    before = Q(diagnostic__isnull=False) & ~Q(diagnostic__round=diagnostic.round_id)
    plans = Plan.objects.filter(before, municipality=diagnostic.municipality_id).exclude(stage=PlanStage.CANCELLED)
    today = timezone.localdate()
    found = []
    for plan in plans.filter(diagnostic__created_at__lt=diagnostic.created_at).select_related("municipality"):
        place = plan.municipality
        for each in standing(content_of(plan), told_of(plan), today=today).commitments:
            if each.is_complete:
                href = reverse("action_plans:commitment_public", args=[place.cut, place.slug, plan.pk, each.key])
                found += [Closing(gap, each.title, href) for gap in each.data["gaps"]]
    return found
