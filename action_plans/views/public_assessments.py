"""The assessments of a plan as anyone reads them: the municipality's own beside those of independent monitors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from action_plans.models import Assessment
from action_plans.reports.assessments import parts_of
from action_plans.rules.assessments import OWN
from action_plans.views.public import found
from config.page_cache import public_page


@require_safe
@public_page
def assessments(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """Those that are published, the newest first."""
    plan = found(cut, pk).plan
    rows = Assessment.objects.published().filter(plan=plan).select_related("commitment").order_by("-published_at")
    context = {"municipality": plan.municipality, "plan": plan, "assessments": rows}
    return render(request, "action_plans/watch/public_assessments.html", context)


@require_safe
@public_page
def assessment(request: HttpRequest, cut: str, slug: str, pk: str, number: str) -> HttpResponse:
    """One, whole: how far each commitment came, whether it opened government, what was learned."""
    plan = found(cut, pk).plan
    rows = Assessment.objects.published().select_related("plan", "version", "commitment").defer("version__content")
    one = get_object_or_404(rows, plan=plan, pk=number)
    parts = parts_of(one)
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "assessment": one,
        "parts": parts,
        "rated": [part for part in parts if part.completion],
        "is_own": one.kind in OWN,
    }
    return render(request, "action_plans/watch/public_assessment.html", context)
