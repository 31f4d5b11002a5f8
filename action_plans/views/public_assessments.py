"""The assessments of a plan as anyone reads them: the municipality's own beside those of independent monitors."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from action_plans.choices import ContributionState
from action_plans.models import Assessment
from action_plans.reports.assessment_evidence import file_of
from action_plans.reports.assessment_page import page_of
from action_plans.rules.assessments import OWN
from action_plans.views.observations import published
from action_plans.views.public import found, opened
from config.page_cache import public_page


@require_safe
@public_page
def assessments(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """Those that are published, the newest first."""
    plan = found(cut, pk).plan
    rows = Assessment.objects.published().filter(plan=plan).select_related("commitment").order_by("-published_at")
    heard = Count("observations", filter=Q(observations__state=ContributionState.PUBLISHED))
    context = {"municipality": plan.municipality, "plan": plan, "assessments": rows.annotate(heard=heard)}
    return render(request, "action_plans/watch/public_assessments.html", context)


@require_safe
@public_page
def assessment(request: HttpRequest, cut: str, slug: str, pk: str, number: str) -> HttpResponse:
    """One, whole: how far each commitment came, whether it opened government; beside it, what citizens observed."""
    shown, one = published(cut, pk, number)
    page = page_of(one, shown, today=timezone.localdate())
    context = {
        "municipality": shown.plan.municipality,
        "plan": shown.plan,
        "assessment": one,
        "page": page,
        "rated": [each for each in page.passages if each.part and each.part.completion],
        "is_own": one.kind in OWN,
    }
    return render(request, "action_plans/watch/public_assessment.html", context)


@login_not_required
@require_safe
def piece(request: HttpRequest, cut: str, slug: str, pk: str, number: str, key: str) -> HttpResponseBase:
    """A public file of its evidence. Asked anew each time: what the municipality takes back from its library is gone at once."""
    _shown, one = published(cut, pk, number)
    held = file_of(one, key, for_everyone=True)
    if held is None:
        raise Http404
    return opened(held)
