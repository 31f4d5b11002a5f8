"""The public pages of the budget, and the figures they draw."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition, require_safe

from budget.figures import unpacked
from budget.models import Dataset, Figure, Series, YearSummary
from budget.reports.inputs import chosen
from budget.reports.page import AMOUNTS, YearPage
from budget.reports.parts import View
from budget.reports.summaries import edition_payload
from budget.reports.texts import glossary as glossary_terms
from config.page_cache import public_page
from municipalities.models import Commune, Municipality
from municipalities.rules.register import normalise

FOREVER = 365 * 24 * 60 * 60


@require_safe
@public_page
def year(request: HttpRequest, cut: str, slug: str, year: str) -> HttpResponseBase:
    """The budget of one municipality and year: two queries, whatever is stored."""
    summary = (
        YearSummary.objects.filter(municipality=cut, year=int(year), computed_at__isnull=False)
        .select_related("municipality")
        .first()
    )
    if summary is None:
        return without_year(request, cut, slug, int(year))
    municipality = summary.municipality
    if slug != municipality.slug:
        return moved(request, "budget:year", municipality, year)
    series = Series.objects.filter(municipality=cut).values_list("payload", flat=True).first() or {}
    page = YearPage(
        municipality.name,
        int(year),
        summary.payload,
        series,
        asked(request, municipality, year),
        years_base(municipality),
    )
    return render(request, "budget/year.html", {"page": page, "profile_url": profile_url(municipality)})


@require_safe
@public_page
def edition(request: HttpRequest, cut: str, slug: str, year: str, edition: str) -> HttpResponseBase:
    """An edition at its own address: the one in force, or one that it superseded."""
    municipality = get_object_or_404(Municipality, cut=cut)
    if slug != municipality.slug:
        return moved(request, "budget:edition", municipality, year, edition)
    pair = (cut, int(year))
    dataset = chosen(Dataset.objects.public().filter(edition=int(edition)), [pair]).get(pair)
    if dataset is None:
        return without_year(request, cut, slug, int(year), int(edition))
    series = Series.objects.filter(municipality=cut).values_list("payload", flat=True).first() or {}
    view = asked(request, municipality, year, edition)
    page = YearPage(municipality.name, int(year), edition_payload(dataset), series, view, years_base(municipality))
    context = {
        "page": page,
        "profile_url": profile_url(municipality),
        "edition": dataset,
        "in_force": year_url(municipality, year),
    }
    return render(request, "budget/year.html", context)


@require_safe
@public_page
def latest(request: HttpRequest, cut: str, slug: str) -> HttpResponseBase:
    """Lead to the newest year."""
    found = (
        YearSummary.objects.filter(municipality=cut, computed_at__isnull=False)
        .select_related("municipality")
        .order_by("-year")
        .first()
    )
    if found is None:
        return without_year(request, cut, slug, None)
    return HttpResponseRedirect(year_url(found.municipality, found.year))


@require_safe
@public_page
def glossary(request: HttpRequest) -> HttpResponse:
    terms = sorted(glossary_terms().values(), key=lambda term: normalise(term.term))
    return render(request, "budget/glossary.html", {"terms": terms})


def address_of_figure(request: HttpRequest, sha256: str) -> str:
    return f'"{sha256}"'


@require_safe
@login_not_required
@condition(etag_func=address_of_figure)
def figure(request: HttpRequest, sha256: str) -> HttpResponse:
    """A figure's JSON. Its address is its content, so a browser never needs to ask twice."""
    body = bytes(get_object_or_404(Figure, pk=sha256).body)
    compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {"Cache-Control": f"public, max-age={FOREVER}, immutable"}
    if compressed:
        headers["Content-Encoding"] = "gzip"
    response = HttpResponse(body if compressed else unpacked(body), "application/json", headers=headers)
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def asked(request: HttpRequest, municipality: Municipality, year: str, edition: str = "") -> View:
    montos = request.GET.get("montos", "")
    base = year_url(municipality, year)
    if edition:
        base = reverse("budget:edition", args=[municipality.cut, municipality.slug, year, edition])
    return View(base, montos if montos in AMOUNTS else "", request.GET.get("ver", ""))


def year_url(municipality: Municipality, year: str | int) -> str:
    return reverse("budget:year", args=[municipality.cut, municipality.slug, str(year)])


def profile_url(municipality: Municipality) -> str:
    """The municipality's own page; empty while no app has it."""
    try:
        return municipality.get_absolute_url()
    except NoReverseMatch:
        return ""


def years_base(municipality: Municipality) -> str:
    """The address that a year is appended to."""
    return reverse("budget:latest", args=[municipality.cut, municipality.slug])


def moved(request: HttpRequest, name: str, municipality: Municipality, *more: Any) -> HttpResponse:
    """The right address of a municipality that was asked for by another name."""
    query = request.META.get("QUERY_STRING", "")
    address = reverse(name, args=[municipality.cut, municipality.slug, *more])
    return HttpResponsePermanentRedirect(address + (f"?{query}" if query else ""))


def without_year(
    request: HttpRequest, cut: str, slug: str, year: int | None, edition: int | None = None
) -> HttpResponse:
    """Say which years there are, and which edition there is not; for a commune without municipality, say who administers it."""
    commune = get_object_or_404(Commune.objects.select_related("municipality"), cut=cut)
    municipality = commune.municipality
    years = YearSummary.objects.filter(municipality=municipality, computed_at__isnull=False).order_by("-year")
    found = list(years.values_list("year", flat=True))
    context = {
        "commune": commune,
        "municipality": municipality,
        "administered": commune.cut != municipality.cut,
        "asked": year,
        "edition": edition if year in found else None,
        "years": [(number, year_url(municipality, number)) for number in found],
    }
    return render(request, "budget/no_year.html", context, status=404)
