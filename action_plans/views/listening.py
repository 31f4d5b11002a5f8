"""The municipality's desk of contributions: what waits for whom, and one with everything that is known of it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from action_plans.actions.moderation import may_decide
from action_plans.choices import ContributionState
from action_plans.filters.contributions import Queue
from action_plans.forms.desk import QueueForm
from action_plans.models import Contribution
from action_plans.reports.contributions import authors_of, supports_of, told
from action_plans.rules.moderation import Work, works
from action_plans.rules.plan_states import DRAFTING
from municipalities.models import Municipality
from municipalities.permissions import can
from municipalities.views.form_page import municipality_of

ROWS: Final = 50


@never_cache
@require_safe
def queue(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """What waits: new ones to be read, public ones for an answer, appeals; those that wait longest first."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_PLAN)
    asked = Queue(request.GET, municipality=municipality, now=timezone.now())
    page = Paginator(asked.ordered(), ROWS).get_page(request.GET.get("pagina"))
    rows = list(page)
    supports = supports_of(rows)
    names = dict(QueueForm.base_fields["cola"].choices)  # type: ignore[attr-defined]
    context = {
        "municipality": municipality,
        "asked": asked,
        "page": page,
        "rows": [(each, authors_of(each), supports.get(each.pk, 0), asked.days(each)) for each in rows],
        "queues": [(word, names[word], count) for word, count in asked.counts.items()],
        "count": page.paginator.count,
        "words": asked.in_words(),
        "works": list(Work),
        "may_moderate": can(user, Permission.COORDINATE_PLAN, municipality),
        "undo": _undo(request, municipality),
    }
    return render(request, "action_plans/listening/queue.html", context)


def _undo(request: HttpRequest, municipality: Municipality) -> list[Contribution]:
    """What was hidden with the last step, as the address says, and still is: one button shows it again."""
    keys = [int(key) for key in request.GET.get("deshacer", "")[:2000].split(",") if key.isdecimal() and len(key) < 10]
    hidden = Contribution.objects.filter(plan__municipality=municipality, state=ContributionState.HIDDEN)
    return list(hidden.filter(pk__in=keys)) if keys else []


@never_cache
@require_safe
def one(request: HttpRequest, cut: str, slug: str, key: UUID) -> HttpResponse:
    """One contribution: its words even when hidden, its authors by the name they chose, appeals, and what may be done."""
    user, municipality = municipality_of(request, cut, Permission.VIEW_PLAN)
    found = contribution_of(municipality, key)
    is_drafted = found.plan.stage in DRAFTING
    is_free = found.state == ContributionState.PUBLISHED and not hasattr(found, "response")
    context = {
        "municipality": municipality,
        "contribution": found,
        "plan": found.plan,
        "authors": authors_of(found),
        "supports": supports_of([found]).get(found.pk, 0),
        "parts": found.parts.order_by("pk") if found.state == ContributionState.SPLIT else [],
        "appeals": found.appeals.select_related("decided_by"),
        "works": works(ContributionState(found.state)),
        "may_moderate": can(user, Permission.COORDINATE_PLAN, municipality),
        "may_decide": may_decide(user, municipality) and found.hidden_by_id != user.pk,
        "may_split": is_drafted and is_free and not found.merged.all(),
        "may_separate": is_drafted and found.state == ContributionState.MERGED,
    }
    return render(request, "action_plans/listening/contribution.html", context)


def contribution_of(municipality: Municipality, key: UUID) -> Contribution:
    """A contribution of the municipality whose author confirmed it; 404 for any other."""
    rows = told(Contribution.objects.exclude(state=ContributionState.UNCONFIRMED).select_related("plan__municipality"))
    return get_object_or_404(rows, plan__municipality=municipality, key=key)
