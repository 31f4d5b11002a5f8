"""Where people land after signing in: the desk of each, and the council's."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.choices import MunicipalRole
from accounts.models import User
from accounts.permissions import Permission
from action_plans.reports.desk import Ask, asked_now
from action_plans.reports.monitoring import advice_tasks, monitored_by
from diagnostics.reports.desk import Task, tasks_of
from municipalities.models import Membership
from municipalities.permissions import can, check_can
from municipalities.reports.adhesion_page import latest_adhesion
from municipalities.rules.next_steps import NOT_BEGUN, Hands, asked
from portal import reports

ROWS = 40
TABLES = ("sin-presupuesto", "observaciones", "invitaciones")


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What is asked of me now; council staff go on to the council's desk."""
    user = signed_in(request)
    if user.is_council:
        return redirect("portal:council")
    memberships = list(Membership.objects.current().filter(user=user).select_related("user", "municipality__region"))
    context = {
        "memberships": [with_tasks(entry) for entry in memberships],
        "monitored": monitored_by(user, timezone.localdate()),
    }
    return render(request, "portal/desk.html", context)


def with_tasks(membership: Membership) -> dict[str, Any]:
    """A membership; whether it asks its coordinator to invite others, for nobody else is there yet; what its adhesion, its
    diagnostics and its plan ask."""
    coordinates = membership.role == MunicipalRole.COORDINATOR
    alone = coordinates and (
        not Membership.objects.current()
        .filter(municipality=membership.municipality)
        .exclude(user=membership.user_id)
        .exists()
    )
    sees_people = membership.role != MunicipalRole.READER
    adhesion = latest_adhesion(membership.municipality)
    step = asked(adhesion.state) if adhesion else NOT_BEGUN
    mine = step if step.hands == Hands.MUNICIPALITY and membership.role != MunicipalRole.READER else None
    tasks = {
        "alone": alone,
        "asked": mine,
        "diagnostics": asked_diagnostics(membership),
        "plan": asked_plan(membership),
    }
    return {"membership": membership, "sees_people": sees_people, **tasks}


def asked_diagnostics(membership: Membership) -> list[Task]:
    """The diagnostics that a role answers: of a coordinator all, of an officer those with a section of theirs."""
    if membership.role not in (MunicipalRole.COORDINATOR, MunicipalRole.OFFICER):
        return []
    tasks = tasks_of(membership.user, membership.municipality, today=timezone.localdate())
    return [task for task in tasks if task.mine or membership.role == MunicipalRole.COORDINATOR]


def asked_plan(membership: Membership) -> list[Ask]:
    """What the action plan asks of those who write or approve it."""
    if membership.role == MunicipalRole.READER:
        return []
    return asked_now(membership.user, membership.municipality, today=timezone.localdate())


@require_safe
def council(request: HttpRequest) -> HttpResponse:
    """Numbers that need a decision, each a link into the table behind it; and what advice on plans waits for the person."""
    check_can(request.user, Permission.VIEW_DESK)
    user = signed_in(request)
    context = {
        "numbers": reports.council_numbers(user),
        "advice": advice_tasks(user, timezone.localdate()),
        "may_manage_instruments": can(user, Permission.MANAGE_INSTRUMENTS),
        "may_record_authorities": can(user, Permission.RECORD_AUTHORITY),
    }
    return render(request, "portal/council.html", context)


@require_safe
def council_table(request: HttpRequest) -> HttpResponse:
    """Municipalities within the person's scope; `ver` keeps those that need something."""
    check_can(request.user, Permission.VIEW_DESK)
    only = request.GET.get("ver", "")
    only = only if only in TABLES else ""
    year = reports.latest_year()
    rows = reports.council_rows(signed_in(request), year, only).select_related("region")
    page = Paginator(rows.order_by("region__order", "search"), ROWS).get_page(request.GET.get("pagina"))
    context = {"page": page, "rows": reports.council_details(list(page), year), "only": only, "year": year}
    return render(request, "portal/council_table.html", context)


def signed_in(request: HttpRequest) -> User:
    """The person of a request that `LoginRequiredMiddleware` let through."""
    return cast(User, request.user)
