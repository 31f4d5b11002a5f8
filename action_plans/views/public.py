"""A municipality's plan for anyone: what it promised, how it goes, what is late; a commitment; its schedule; its files."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from action_plans import figures
from action_plans.choices import OgpValue
from action_plans.models import Plan
from action_plans.reports.budget_accounts import named
from action_plans.reports.commitment_page import contributions_about, gaps_named
from action_plans.reports.published import (
    PublicPlan,
    main_plan,
    page_of,
    plans_of,
    public_plan,
    public_plans,
    with_value,
)
from action_plans.reports.standing import arithmetic
from action_plans.reports.updates import public_piece, updates_of
from action_plans.rules import open_words
from config.page_cache import public_page
from municipalities.models import Document, Municipality
from municipalities.views.documents import NOTHING

VALUES: Final = {open_words.VALUES[value]: value for value in OgpValue}


def found(cut: str, pk: str) -> PublicPlan:
    """A plan that anyone may read, through its one door."""
    plan = get_object_or_404(public_plans(), municipality=cut, pk=pk)
    return public_plan(plan, today=timezone.localdate())


@require_safe
@public_page
def plan(request: HttpRequest, cut: str, slug: str, pk: str = "") -> HttpResponse:
    """The plan in plain words. Without a number it is the newest that was approved; while none was, the one that is prepared."""
    plans = plans_of(cut)
    one = next((each for each in plans if str(each.pk) == pk), None) if pk else main_plan(plans)
    if one is None:
        if pk:
            raise Http404
        return _none(request, cut, slug)
    place = one.municipality
    if slug != place.slug:
        return redirect(request.path.replace(slug, place.slug, 1), permanent=True)
    page = page_of(one, [each for each in plans if each.pk != one.pk], today=timezone.localdate())
    value = VALUES.get(request.GET.get("valor", ""), "")
    context = {
        "municipality": place,
        "plan": one,
        "page": page,
        "shown": page.shown,
        "now": page.shown.now,
        "value": value,
        "values": [(word, each.label, each) for word, each in VALUES.items()],
        "commitments": with_value(page.shown.now, value) if page.shown.now else [],
    }
    return render(request, "action_plans/public/plan.html", context)


def _none(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """A municipality without a plan says so."""
    place = get_object_or_404(Municipality.objects.select_related("region"), pk=cut)
    if slug != place.slug:
        return redirect("action_plans:plan_public", cut, place.slug, permanent=True)
    return render(request, "action_plans/public/none.html", {"municipality": place})


@require_safe
@public_page
def commitment(request: HttpRequest, cut: str, slug: str, pk: str, key: str) -> HttpResponse:
    """One commitment: the problem, the promise, who answers for it, its milestones, what was told."""
    shown = found(cut, pk)
    now = shown.now.commitment(key) if shown.now else None
    if now is None:
        raise Http404
    context = {
        "municipality": shown.plan.municipality,
        "plan": shown.plan,
        "shown": shown,
        "now": now,
        "sum": arithmetic(now.milestones) if now.milestones else "",
        "bars": figures.schedule([now], today=timezone.localdate(), told=shown.is_carried_out),
        "accounts": named(now.data["accounts"]),
        "gaps": gaps_named(shown.plan, now.data["gaps"]),
        "updates": updates_of(shown.plan, key=key),
        "contributions": contributions_about(shown.plan, key),
    }
    return render(request, "action_plans/public/commitment.html", context)


@require_safe
@public_page
def schedule(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponse:
    """Every milestone on a line of time, and the same as a table in the order of its days."""
    shown = found(cut, pk)
    if shown.now is None:
        raise Http404
    context = {
        "municipality": shown.plan.municipality,
        "plan": shown.plan,
        "shown": shown,
        "now": shown.now,
        "bars": figures.schedule(shown.now.commitments, today=timezone.localdate(), told=shown.is_carried_out),
        "months": figures.months(shown.now),
    }
    return render(request, "action_plans/public/schedule.html", context)


@login_not_required
@require_safe
def act(request: HttpRequest, cut: str, slug: str, pk: str) -> HttpResponseBase:
    """The act that approved the plan. Asked anew each time: it opens when it was checked."""
    one = get_object_or_404(Plan.objects.public().select_related("approval"), municipality=cut, pk=pk)
    held = one.approval
    if held is None or not held.may_open:
        raise Http404
    return opened(held)


@login_not_required
@require_safe
def evidence(request: HttpRequest, cut: str, slug: str, pk: str, key: str) -> HttpResponseBase:
    """A file of the public evidence. Asked anew each time: what its owner takes back is gone at once."""
    one = get_object_or_404(Plan.objects.public(), municipality=cut, pk=pk)
    version = public_piece(one, key)
    if version is None or version.document is None:
        raise Http404
    return opened(version.document)


def opened(held: Document) -> FileResponse:
    """A file as it leaves: to keep, and running nothing."""
    response = FileResponse(held.file.open("rb"), as_attachment=True, filename=held.name, content_type=held.media_type)
    response.headers["Content-Security-Policy"] = NOTHING
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
