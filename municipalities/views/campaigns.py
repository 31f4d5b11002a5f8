"""Campaigns of the council: their list, one with its progress, its form, its municipalities."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import Permission
from municipalities.actions import RefusedError
from municipalities.actions import campaigns as actions
from municipalities.filters.adhesions import AdhesionFilter
from municipalities.forms.desk import CampaignForm
from municipalities.models import Campaign, MunicipalityQuerySet, Region
from municipalities.permissions import can
from municipalities.reports.desk import campaign_list, campaign_page, table_rows
from municipalities.views.bulk import chosen_municipalities
from municipalities.views.desk import council

ROWS: Final = 50


@never_cache
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign, the latest first, with how far it has come."""
    user = council(request)
    every = Campaign.objects.visible_to(user).prefetch_related("goals")
    context = {
        "rows": campaign_list(every, user=user),
        "today": timezone.localdate(),
        "may_manage": can(user, Permission.MANAGE_CAMPAIGNS),
    }
    return render(request, "municipalities/desk/campaigns.html", context)


@never_cache
@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """A campaign: its progress against the goals, where its municipalities stand, what can be done now."""
    user = council(request)
    found = get_object_or_404(Campaign.objects.visible_to(user), pk=pk)
    context = {
        "campaign": found,
        "page": campaign_page(found, user=user, now=timezone.now()),
        "may_manage": can(user, Permission.MANAGE_CAMPAIGNS),
        "may_promote": can(user, Permission.PROMOTE_ADHESION),
    }
    return render(request, "municipalities/desk/campaign.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a campaign, or change its dates and goals."""
    user = council(request, Permission.MANAGE_CAMPAIGNS)
    found = get_object_or_404(Campaign.objects.visible_to(user), pk=pk) if pk else None
    regions = Region.objects.annotate(size=Count("municipalities")).order_by("order")  # a count drops the model's order
    form = CampaignForm(request.POST or None, initial=_initial(found), regions=regions)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("name", "description", "starts", "ends")}
        try:
            saved = actions.save_campaign(by=user, campaign=found, goals=form.goals(), now=timezone.now(), **values)
        except RefusedError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("The campaign was saved."))
            return redirect(saved) if found else redirect("municipalities:campaign_targets", pk=saved.pk)
    return render(request, "municipalities/desk/campaign_form.html", {"campaign": found, "form": form})


def _initial(campaign: Campaign | None) -> dict[str, Any]:
    if campaign is None:
        return {}
    goals = {f"goal_{code}": goal for code, goal in campaign.goals.values_list("region", "goal")}
    fields = ("name", "description", "starts", "ends")
    return {name: getattr(campaign, name) for name in fields} | goals


@never_cache
@require_http_methods(["GET", "POST"])
def targets(request: HttpRequest, pk: int) -> HttpResponse:
    """Which municipalities a campaign addresses: find with the filter of the table, add, take out."""
    user = council(request, Permission.MANAGE_CAMPAIGNS)
    found = get_object_or_404(Campaign.objects.visible_to(user), pk=pk)
    if request.method == "POST":
        return _change_targets(request, user, found)
    asked = AdhesionFilter(request.GET, user=user, now=timezone.now())
    inside = request.GET.get("ver") == "dentro"
    rows = _rows(asked, found, inside=inside)
    page = Paginator(rows, ROWS).get_page(request.GET.get("pagina"))
    context = {
        "campaign": found,
        "asked": asked,
        "inside": inside,
        "page": page,
        "rows": table_rows(list(page), now=asked.now),
        "count": page.paginator.count,
        "total": found.targets.count(),
    }
    return render(request, "municipalities/desk/campaign_targets.html", context)


def _rows(asked: AdhesionFilter, campaign: Campaign, *, inside: bool) -> MunicipalityQuerySet:
    present = campaign.targets.values("municipality")
    rows = asked.ordered()
    return rows.filter(pk__in=present) if inside else rows.exclude(pk__in=present)


def _change_targets(request: HttpRequest, user: User, campaign: Campaign) -> HttpResponse:
    now = timezone.now()
    inside = request.POST.get("ver") == "dentro"
    asked = AdhesionFilter(QueryDict(request.POST.get("filtro", "")[:2000]), user=user, now=now)
    chosen = chosen_municipalities(request.POST, _rows(asked, campaign, inside=inside))
    change = actions.remove_targets if inside else actions.add_targets
    count = change(by=user, campaign=campaign, municipalities=chosen, now=now)
    if not count:
        messages.error(request, _("Choose at least one municipality."))
        return redirect("municipalities:campaign_targets", pk=campaign.pk)
    said = _("Taken out of the campaign: %(count)s.") if inside else _("Added to the campaign: %(count)s.")
    messages.success(request, said % {"count": count})
    return redirect("municipalities:campaign_targets" if inside else "municipalities:campaign", pk=campaign.pk)
