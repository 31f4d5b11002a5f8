"""The plans of the country: list and map in step, and the data."""

from __future__ import annotations

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
from municipalities import figures
from municipalities.exports import tables
from municipalities.models import Region
from municipalities.views.list_map import map_in_step, with_region
from municipalities.views.open_data import CONTENT_TYPES, attached, refused, wants_comma

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
    return map_in_step(
        asked,
        link=lambda code: with_region(request, code),
        href=lambda entry: entry.get_absolute_url(),
        words=lambda entry: entry.stage_words or _("without a plan"),
        look=_fill,
        has=lambda entry: bool(entry.shown),
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
