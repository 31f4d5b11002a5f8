"""The editions of a plan: all that were published, one as it was, two beside each other."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from action_plans.models import Plan, PlanEdition
from action_plans.reports.changes import compared
from action_plans.reports.plan_words import label_of
from action_plans.reports.standing import standing
from config.page_cache import public_page


def _plan(cut: str, pk: str) -> Plan:
    return get_object_or_404(Plan.objects.public().select_related("municipality__region"), municipality=cut, pk=pk)


@require_safe
@public_page
def editions(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """Every edition, the newest first, with why it was published."""
    plan = _plan(cut, pk)
    rows = list(plan.editions.defer("content"))
    context = {"municipality": plan.municipality, "plan": plan, "editions": rows}
    return render(request, "action_plans/public/editions.html", context)


@require_safe
@public_page
def edition(request: HttpRequest, cut: str, slug: str, pk: str, number: str) -> HttpResponse:
    """An edition as it was published: text alone, for how things go changes each day."""
    plan = _plan(cut, pk)
    one = get_object_or_404(plan.editions, number=number)
    texts = [(label_of(name), one.content[name]) for name in ("foreword", "challenges", "vision", "coordination")]
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "edition": one,
        "texts": [(label, text) for label, text in texts if text],
        "now": standing(one.content, {}, today=timezone.localdate()),
    }
    return render(request, "action_plans/public/edition.html", context)


@require_safe
@public_page
def compare(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """What an edition says that another did not. Without a choice, the last two."""
    plan = _plan(cut, pk)
    rows = list(plan.editions.all())
    if not rows:
        raise Http404
    after = _chosen(rows, request.GET.get("a", "")) or rows[0]
    earlier = [row for row in rows if row.number < after.number]
    before = _chosen(rows, request.GET.get("de", "")) or (earlier or rows)[0]
    context = {
        "municipality": plan.municipality,
        "plan": plan,
        "editions": rows,
        "before": before,
        "after": after,
        "compared": compared(before.content, after.content),
    }
    return render(request, "action_plans/public/compare.html", context)


def _chosen(rows: list[PlanEdition], asked: str) -> PlanEdition | None:
    return next((row for row in rows if str(row.number) == asked), None)
