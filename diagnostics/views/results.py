"""The result of a diagnostic for its municipality and the council: scores that explain themselves, comparison, gaps."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from diagnostics import figures
from diagnostics.reports.comparison import earlier_of, groups, since
from diagnostics.reports.gaps import closed_of, gaps_of
from diagnostics.reports.results import result_of
from diagnostics.reports.scores import is_behind
from diagnostics.views.filling import dimension_of, place

FIRST_GAPS = 5


@never_cache
@require_safe
def result(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """The index and all below it. While scores are being computed again the page asks, and comes anew when they are."""
    _user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "diagnostics/results/result.html#behind")
        if not is_behind(diagnostic):
            response["HX-Refresh"] = "true"
        return response
    found = result_of(diagnostic)
    around = groups(diagnostic) if found.has_answers else []
    context = {
        "diagnostic": diagnostic,
        "municipality": diagnostic.municipality,
        "result": found,
        "has_radar": figures.has_radar(found),
        "since": since(diagnostic, earlier_of(diagnostic)) if found.has_answers else [],
        "groups": [(group, group.rows(found)) for group in around],
        "gaps": gaps_of(diagnostic)[:FIRST_GAPS],
    }
    return render(request, "diagnostics/results/result.html", context)


@never_cache
@require_safe
def gaps(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """Every gap, the one that gives most for its effort first."""
    _user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    found = gaps_of(diagnostic)
    context = {"diagnostic": diagnostic, "municipality": diagnostic.municipality, "gaps": found}
    context["closed"] = closed_of(diagnostic, found)
    return render(request, "diagnostics/results/gaps.html", context)


@never_cache
@require_safe
def radar(request: HttpRequest, cut: str, slug: str, pk: int) -> HttpResponse:
    """The chart of the dimensions."""
    _user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    return _figure(figures.radar(result_of(diagnostic), groups(diagnostic)[0]))


@never_cache
@require_safe
def bars(request: HttpRequest, cut: str, slug: str, pk: int, dimension: str) -> HttpResponse:
    """The chart of the descriptors of a dimension."""
    _user, diagnostic = place(request, cut, pk, Permission.VIEW_DIAGNOSTIC)
    found = result_of(diagnostic)
    wanted = dimension_of(found.instrument, dimension).id
    return _figure(figures.descriptors(next(part for part in found.dimensions if part.key == wanted)))


def _figure(body: bytes) -> HttpResponse:
    if not body:
        raise Http404
    return HttpResponse(body, "application/json")
