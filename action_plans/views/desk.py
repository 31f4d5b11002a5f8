"""The desk of a plan: where it stands, what is asked now, the ways on, its commitments and its history."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from action_plans.reports.begin import ground_of
from action_plans.reports.desk import current_plan, desk_of, may
from municipalities.permissions import can
from municipalities.views.form_page import municipality_of


@never_cache
@require_safe
def plan_desk(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The plan that the municipality works on; without one, from what it may begin."""
    user, place = municipality_of(request, cut, Permission.VIEW_PLAN)
    plan, today = current_plan(user, cut), timezone.localdate()
    if plan is None:
        begins = can(user, Permission.COORDINATE_PLAN, place)
        context = {"municipality": place, "ground": ground_of(place), "may_coordinate": begins}
        return render(request, "action_plans/desk/empty.html", context)
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "desk": desk_of(plan, user, today=today),
        "today": today,
    }
    return render(request, "action_plans/desk/desk.html", context | may(user, plan))
