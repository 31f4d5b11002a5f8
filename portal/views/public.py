"""Pages for anyone: front page, profile of a municipality, suggestions, about, style."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from action_plans.reports.published import plans_of
from config.page_cache import public_page
from municipalities import figures
from municipalities.filters.directory import LONGEST_SEARCH, find
from municipalities.models import Commune, Municipality, Region
from municipalities.reports.adhesion_register import published
from portal import reports

SUGGESTIONS = 6
SHORTEST_SEARCH = 2


@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Lead each kind of person to their work."""
    drawing = figures.country_by_region(Region.objects.all(), href=lambda region: region.get_absolute_url())
    return render(request, "portal/home.html", {"map": drawing, "numbers": reports.front_numbers()})


@require_safe
@public_page
def municipality(request: HttpRequest, cut: str, slug: str) -> HttpResponse:
    """The profile of a municipality: facts, adhesion, budget in short, those like it. Each block is one template."""
    place = Municipality.objects.select_related("region", "province").filter(pk=cut).first()
    if place is None:
        return commune_without_municipality(request, cut)
    if slug != place.slug:
        return redirect(place, permanent=True)
    adhesions, plans = published(place), plans_of(place)
    context = {
        "municipality": place,
        "adhesion": adhesions[0] if adhesions else None,
        "budget": reports.short_budget(place),
        "promised": reports.short_plan(plans, today=timezone.localdate()),
        "diagnostic": reports.short_diagnostic(place, today=timezone.localdate()),
        "part": reports.taking_part(place, plans, now=timezone.now()),
        "alike": reports.alike(place),
    }
    return render(request, "portal/municipality.html", context)


def commune_without_municipality(request: HttpRequest, cut: str) -> HttpResponse:
    """Say who administers a commune that has no municipality (Antártica). Raises Http404 for any other code."""
    commune = Commune.objects.select_related("municipality").filter(pk=cut).first()
    if commune is None:
        raise Http404
    return render(request, "portal/commune.html", {"commune": commune})


@require_safe
@public_page
def suggest(request: HttpRequest) -> JsonResponse:
    """Municipalities meant by what was typed so far, best first."""
    text = request.GET.get("buscar", "").strip()[:LONGEST_SEARCH]
    cuts = list(find(text).scores)[:SUGGESTIONS] if len(text) >= SHORTEST_SEARCH else []
    places = Municipality.objects.select_related("region").in_bulk(cuts)
    suggestions = [
        {
            "name": places[cut].name,
            "region": places[cut].region.short_name,
            "href": reverse("portal:municipality", args=[cut, places[cut].slug]),
        }
        for cut in cuts
    ]
    return JsonResponse({"suggestions": suggestions})


@require_safe
@public_page
def about(request: HttpRequest) -> HttpResponse:
    """Where the data come from, under which licence, and how accessible the site is."""
    return render(request, "portal/about.html")
