"""What an independent monitor sees: the plan from inside, without changing it, and the assessments that they write."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from action_plans.actions import assessments as actions
from action_plans.choices import AssessmentKind
from action_plans.models import Monitor
from action_plans.reports.desk import EVENTS_SHOWN, events_of
from action_plans.reports.editions import content_of
from action_plans.reports.minimums import minimums_of
from action_plans.reports.monitoring import asks_of, monitored_by
from action_plans.reports.standing import standing, told_of
from action_plans.rules.assessments import OWN
from municipalities.actions import RefusedError


@never_cache
@require_safe
def monitored(request: HttpRequest) -> HttpResponse:
    """The plans that the person monitors today, with what is asked of them and by when."""
    user = cast(User, request.user)
    found = monitored_by(user, timezone.localdate())
    return render(request, "action_plans/watch/monitored.html", {"monitored": found})


def _monitor_of(request: HttpRequest, pk: str) -> tuple[User, Monitor]:
    """The person and their appointment, through its one door; 404 for anybody else."""
    user = cast(User, request.user)
    rows = Monitor.objects.of(user, timezone.localdate()).select_related("plan__municipality__region")
    return user, get_object_or_404(rows, plan=pk)


@never_cache
@require_safe
def monitor(request: HttpRequest, pk: str) -> HttpResponse:
    """A plan from inside, as it is being written and carried out, with what is left to assess."""
    _user, held = _monitor_of(request, pk)
    plan, today = held.plan, timezone.localdate()
    mine = plan.assessments.exclude(kind__in=OWN).select_related("commitment")
    by_commitment = {each.commitment_id: each for each in mine}
    commitments = list(plan.commitments.filter(withdrawn_at__isnull=True).order_by("number"))
    now = standing(content_of(plan), told_of(plan), today=today)
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "monitor": held,
        "commitments": [(each, now.commitment(str(each.key)), by_commitment.get(each.pk)) for each in commitments],
        "inception": by_commitment.get(None),
        "asks": asks_of([plan], today).get(plan.pk, []),
        "minimums": minimums_of(plan, today=today),
        "recommendations": plan.recommendations.select_related("commitment"),
        "events": events_of(plan)[:EVENTS_SHOWN],
    }
    return render(request, "action_plans/watch/monitor.html", context)


@require_POST
def begin(request: HttpRequest, pk: str, key: str = "") -> HttpResponse:
    """Begin the inception assessment, or that of a commitment. Begun twice, it is the same."""
    user, held = _monitor_of(request, pk)
    about = get_object_or_404(held.plan.commitments, key=key) if key else None
    kind = AssessmentKind.END if about else AssessmentKind.INCEPTION
    try:
        made = actions.begin(by=user, plan=held.plan, kind=kind, commitment=about, now=timezone.now())
    except RefusedError as refusal:
        messages.warning(request, str(refusal))
        return redirect("action_plans:monitor", held.plan_id)
    return redirect("action_plans:assessment", made.pk)
