"""The published diagnostics of the country: list, map, medians, open data and feed."""

from __future__ import annotations

from collections import Counter
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from config.numbers import grouped
from config.page_cache import public_page
from diagnostics.exports import published as exports
from diagnostics.filters.published import Measures
from diagnostics.models import Diagnostic, Round
from diagnostics.reports.country import Country, country
from diagnostics.reports.published import Entry, Published, entries, instruments, published, rounds_of
from diagnostics.rules.instrument import Instrument
from municipalities import figures
from municipalities.exports import tables
from municipalities.models import Region

ROWS: Final = 30
CONTENT_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@require_safe
@public_page
def diagnostics(request: HttpRequest) -> HttpResponse:
    """How open the municipalities are: the answer in a sentence, list and map in step, medians, the data."""
    everything = published(timezone.localdate())
    rounds = rounds_of(everything)
    chosen = next((one for one in rounds if str(one.pk) == request.GET.get("ronda")), None)
    shown = [one for one in everything if chosen is None or one.round_id == chosen.pk]
    known = instruments({one.version_id for one in everything})
    instrument, version = newest(shown, known)
    regions = {region.code: region for region in Region.objects.all()}
    word = str(chosen.pk) if chosen else ""
    scale = instrument.scale if instrument else ()
    asked = Measures(request.GET.dict(), entries(shown, known), regions, scale=scale, round_word=word)
    context = {
        "asked": asked,
        "scale": scale,
        "numbers": country(asked.entries, instrument, regions.values(), version),
        "of_region": of_region(asked, instrument, version),
        "rounds": rounds,
        "chosen": chosen,
        "page": Paginator(asked.rows, ROWS).get_page(request.GET.get("pagina")),
        "map": drawing(request, asked),
        "is_empty": not everything,
    }
    return render(request, "diagnostics/public/country.html", context)


def newest(shown: list[Published], known: dict[int, Instrument]) -> tuple[Instrument | None, int]:
    """The instrument of the newest diagnostic, with the number of its version: the one that medians speak of."""
    return (known[shown[0].version_id], shown[0].version_id) if shown else (None, 0)


def of_region(asked: Measures, instrument: Instrument | None, version: int) -> Country | None:
    """The numbers of the chosen region."""
    if asked.region is None:
        return None
    return country([entry for entry in asked.entries if entry.region == asked.region.pk], instrument, (), version)


def drawing(request: HttpRequest, asked: Measures) -> figures.MapFigure:
    """The map in step with the list: regions by how many of theirs are in it, or the chosen one's municipalities by level."""
    if asked.region:
        matching = {entry.pk for entry in asked.matching}
        return figures.region_by_commune(
            asked.region.pk,
            [entry for entry in asked.entries if entry.region == asked.region.pk],
            href=lambda entry: entry.get_absolute_url(),
            title=lambda entry: f"{entry.name}: {level_words(entry)}",
            fill={entry.pk: level_class(entry) if entry.pk in matching else "left-out" for entry in asked.entries},
        )
    whole = Counter(entry.region for entry in asked.compared_with)
    found = Counter(entry.region for entry in asked.matching if asked.asks_outcome or entry.shown)
    return figures.country_by_region(
        asked.regions.values(),
        href=lambda region: with_region(request, region.pk),
        title=lambda region: f"{region.name}: {part_in_words(found[region.pk], whole[region.pk])}",
        fill={code: figures.share_class(found[code], whole[code]) for code in asked.regions},
    )


def level_words(entry: Entry) -> str:
    """A municipality's level within a sentence."""
    if entry.level is None:
        return _("without an index") if entry.shown else _("without a published diagnostic")
    return _("level %(value)d, %(name)s") % {"value": entry.level.value, "name": entry.level.name}


def level_class(entry: Entry) -> str:
    """The CSS class of a municipality on a map."""
    return f"level-{entry.step}" if entry.step else "share-none"


def part_in_words(part: int, whole: int) -> str:
    """`3 of 10 municipalities`."""
    words = ngettext("%(part)s of %(count)s municipality", "%(part)s of %(count)s municipalities", whole)
    return words % {"part": grouped(part), "count": grouped(whole)}


def with_region(request: HttpRequest, code: str) -> str:
    """The address asked for with a region, from the first page again."""
    parameters = request.GET.copy()
    parameters.pop("pagina", None)
    parameters["region"] = code
    return f"{request.path}?{parameters.urlencode()}"


@require_safe
@public_page
def whole_map(request: HttpRequest) -> HttpResponse:
    """Every municipality of Chile on one map, by the level of its newest published diagnostic."""
    shown = published(timezone.localdate())
    known = instruments({one.version_id for one in shown})
    instrument, version = newest(shown, known)
    scale = instrument.scale if instrument else ()
    found = entries(shown, known)
    regions = list(Region.objects.all())
    figure = figures.country_by_commune(
        found,
        href=lambda entry: entry.get_absolute_url(),
        title=lambda entry: f"{entry.name}: {level_words(entry)}",
        fill={entry.pk: level_class(entry) for entry in found},
    )
    numbers = country(found, instrument, (), version)
    context = {"map": figure, "regions": regions, "scale": scale, "numbers": numbers}
    return render(request, "diagnostics/public/map.html", context)


@require_safe
@public_page
def data(request: HttpRequest, suffix: str) -> HttpResponse:
    """A row a diagnostic. `?separador=coma` gives the CSV that programs expect."""
    comma = wants_comma(request)
    if comma is None:
        return refused()
    rows = exports.rows(timezone.localdate())
    body = exports.as_json(rows) if suffix == "json" else tables.as_csv(exports.names(rows), rows, comma=comma)
    return attached(body, f"diagnosticos.{suffix}", CONTENT_TYPES[suffix])


@require_safe
@public_page
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """A row an answer, of every published diagnostic of a round."""
    comma = wants_comma(request)
    if comma is None:
        return refused()
    today = timezone.localdate()
    public = Round.objects.filter(diagnostics__in=Diagnostic.objects.published(today)).distinct()
    round_ = get_object_or_404(public, pk=pk)
    names = [column.name for column in exports.answer_columns()]
    body = tables.as_csv(names, exports.answer_rows(round_, today), comma=comma)
    return attached(body, f"respuestas-ronda-{round_.pk}.csv", CONTENT_TYPES["csv"])


def wants_comma(request: HttpRequest) -> bool | None:
    """Whether programs ask; None for a separator that there is not."""
    return {"punto-y-coma": False, "coma": True}.get(request.GET.get("separador", "punto-y-coma"))


def refused() -> HttpResponse:
    fault = _("separador may be punto-y-coma or coma.")
    return HttpResponse(fault, status=400, content_type="text/plain; charset=utf-8")


def attached(body: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """What was published lately, for feed readers."""
    return HttpResponse(exports.as_atom(timezone.localdate()), content_type="application/atom+xml; charset=utf-8")
