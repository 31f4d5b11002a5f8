"""The register as anyone reads it: directory, map, regions, groups of municipalities alike."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from config.numbers import grouped
from config.page_cache import public_page
from municipalities import figures
from municipalities.filters.directory import Directory
from municipalities.models import Municipality, Region
from municipalities.rules.register import PEER_GROUPS

ROWS = 30


@require_safe
@public_page
def directory(request: HttpRequest) -> HttpResponse:
    """Every municipality: searched, filtered, sorted, paged, and on a map that follows.

    A search that can mean one municipality only leads straight to it.
    """
    asked = Directory(request.GET.dict())
    if asked.found and asked.found.only and not asked.is_narrowed:
        return redirect(Municipality.objects.get(pk=asked.found.only))
    # A search that means nothing is left behind: the filters and the map offer the whole register.
    offered = Directory({}) if asked.means_nothing else asked
    page = Paginator(asked.rows(), ROWS).get_page(request.GET.get("pagina"))
    return render(
        request,
        "municipalities/directory.html",
        {
            "asked": asked,
            "page": page,
            "kept_search": offered.search or None,
            "classes": offered.class_options(),
            "sizes": offered.size_options(),
            **_regions_and_map(request, offered),
        },
    )


def _regions_and_map(request: HttpRequest, asked: Directory) -> dict[str, object]:
    """The filter by region and the map in step with it: the country's regions, or the chosen one's municipalities."""
    options = asked.region_options()
    if asked.chosen_region is None:
        counts = {option.value: option.count for option in options}
        drawing = figures.country_by_region(
            asked.regions.values(),
            href=lambda region: _with(request, region=region.pk, buscar=asked.search),
            title=lambda region: f"{region.name}: {municipalities_in_words(counts[region.pk])}",
            fill={code: "" if count else "faint" for code, count in counts.items()},
        )
    else:
        matching = set(asked.matching().values_list("pk", flat=True))
        places = list(Municipality.objects.filter(region=asked.chosen_region).order_by("search"))
        drawing = figures.region_by_commune(
            asked.region,
            places,
            href=lambda place: place.get_absolute_url(),
            fill={place.pk: "" if place.pk in matching else "faint" for place in places},
        )
    return {"regions": options, "map": drawing}


def _with(request: HttpRequest, **changes: str) -> str:
    """The address asked for with parameters changed, an empty one left out, from the first page again."""
    parameters = request.GET.copy()
    parameters.pop("pagina", None)
    for name, value in changes.items():
        parameters.pop(name, None)
        if value:
            parameters[name] = value
    return f"{request.path}?{parameters.urlencode()}"


def municipalities_in_words(count: int) -> str:
    """`1 municipality`, `345 municipalities`."""
    return ngettext("%(count)s municipality", "%(count)s municipalities", count) % {"count": grouped(count)}


@require_safe
@public_page
def whole_map(request: HttpRequest) -> HttpResponse:
    """Chile with a link for each municipality."""
    places = Municipality.objects.select_related("region")
    drawing = figures.country_by_commune(
        places,
        href=lambda place: place.get_absolute_url(),
        title=lambda place: f"{place.name}, {place.region.short_name}",
    )
    return render(request, "municipalities/map.html", {"map": drawing, "regions": Region.objects.all()})


@require_safe
@public_page
def region(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One region: its municipalities in a list and on its map."""
    place = get_object_or_404(Region, pk=code)
    if slug != place.slug:
        return redirect(place, permanent=True)
    rows = list(place.municipalities.select_related("province").order_by("search"))
    return render(
        request,
        "municipalities/region.html",
        {
            "region": place,
            "rows": rows,
            "inhabitants": sum(row.inhabitants for row in rows),
            "provinces": len({row.province_id for row in rows}),
            "map": figures.region_by_commune(code, rows, href=lambda row: row.get_absolute_url()),
        },
    )


@require_safe
@public_page
def peers(request: HttpRequest) -> HttpResponse:
    """Which municipalities are alike, and by what rule."""
    members: dict[str, list[Municipality]] = {}
    for row in Municipality.objects.order_by("search"):
        members.setdefault(row.peer_group, []).append(row)
    groups = [{"group": group, "members": members.get(group.code, [])} for group in PEER_GROUPS]
    return render(request, "municipalities/peers.html", {"groups": groups})
