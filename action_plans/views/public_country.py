"""The plans of the country: list and map in step, and the data."""

from __future__ import annotations

from collections import Counter
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from action_plans.exports import plans as exports
from action_plans.filters.plans import Plans
from action_plans.reports.country import Entry, entries, numbers
from config.page_cache import public_page
from diagnostics.views.public_country import (
    CONTENT_TYPES,
    attached,
    part_in_words,
    refused,
    wants_comma,
    with_region,
)
from municipalities import figures
from municipalities.exports import tables
from municipalities.models import Region

ROWS: Final = 30


@require_safe
@public_page
def plans(request: HttpRequest) -> HttpResponse:
    """What the municipalities promised: the answer in a sentence, list and map in step."""
    regions = {region.code: region for region in Region.objects.all()}
    asked = Plans(request.GET.dict(), entries(timezone.localdate()), regions)
    context = {
        "asked": asked,
        "numbers": numbers(asked.entries),
        "page": Paginator(asked.rows, ROWS).get_page(request.GET.get("pagina")),
        "map": drawing(request, asked),
    }
    return render(request, "action_plans/public/country.html", context)


def drawing(request: HttpRequest, asked: Plans) -> figures.MapFigure:
    """Regions by how many of theirs are in the list, or the chosen one's municipalities by whether they have a plan."""
    if asked.region:
        matching = {entry.pk for entry in asked.matching}
        return figures.region_by_commune(
            asked.region.pk,
            [entry for entry in asked.entries if entry.region == asked.region.pk],
            href=lambda entry: entry.get_absolute_url(),
            title=lambda entry: f"{entry.name}: {entry.stage_words or _('without a plan')}",
            fill={entry.pk: _fill(entry) if entry.pk in matching else "left-out" for entry in asked.entries},
        )
    whole = Counter(entry.region for entry in asked.compared_with)
    found = Counter(entry.region for entry in asked.matching if asked.asks_outcome or entry.shown)
    return figures.country_by_region(
        asked.regions.values(),
        href=lambda region: with_region(request, region.pk),
        title=lambda region: f"{region.name}: {part_in_words(found[region.pk], whole[region.pk])}",
        fill={code: figures.share_class(found[code], whole[code]) for code in asked.regions},
    )


def _fill(entry: Entry) -> str:
    return "share-4" if entry.shown else "share-0"


@require_safe
@public_page
def data(request: HttpRequest, suffix: str) -> HttpResponse:
    """A row a plan. `?separador=coma` gives the CSV that programs expect."""
    comma = wants_comma(request)
    if comma is None:
        return refused()
    rows = exports.rows(entries(timezone.localdate()))
    body = exports.as_json(rows) if suffix == "json" else tables.as_csv(exports.names(), rows, comma=comma)
    return attached(body, f"planes.{suffix}", CONTENT_TYPES[suffix])
