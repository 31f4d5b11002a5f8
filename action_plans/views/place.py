"""The one door to the plan that a municipality works on."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission
from action_plans.models import Commitment, Plan
from action_plans.reports.desk import current_plan
from municipalities.views.form_page import municipality_of


def plan_of(request: HttpRequest, cut: str, permission: Permission) -> tuple[User, Plan]:
    """The person and the plan; 404 where they see nothing or there is none, 403 where they may not do this."""
    user, _place = municipality_of(request, cut, permission)
    plan = current_plan(user, cut)
    if plan is None:
        raise Http404
    return user, plan


def commitment_of(plan: Plan, key: str) -> Commitment:
    """A commitment that stands in the plan."""
    rows = plan.commitments.filter(withdrawn_at__isnull=True).select_related("plan__municipality", "plan__approval")
    return get_object_or_404(rows, key=key)


def to(name: str, plan: Plan, *more: object) -> str:
    """An address of the plan's desk."""
    place = plan.municipality
    return reverse(f"action_plans:{name}", args=[place.cut, place.slug, *more])
