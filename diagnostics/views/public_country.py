"""The published diagnostics of the country: list, map, medians, open data and feed."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

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
from municipalities.views.list_map import map_in_step, with_region
from municipalities.views.open_data import CONTENT_TYPES, attached, refused, wants_comma

ROWS: Final = 30


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
    """Regions by how many of theirs are in the list, or the chosen one's municipalities by level."""
    return map_in_step(
        asked,
        link=lambda code: with_region(request, code),
        href=lambda entry: entry.get_absolute_url(),
        words=level_words,
        look=level_class,
        has=lambda entry: bool(entry.shown),
    )


def level_words(entry: Entry) -> str:
    """A municipality's level within a sentence."""
    if entry.level is None:
        return _("without an index") if entry.shown else _("without a published diagnostic")
    return _("level %(value)d, %(name)s") % {"value": entry.level.value, "name": entry.level.name}


def level_class(entry: Entry) -> str:
    """The CSS class of a municipality on a map."""
    return f"level-{entry.step}" if entry.step else "share-none"


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


@require_safe
@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """What was published lately, for feed readers."""
    return HttpResponse(exports.as_atom(timezone.localdate()), content_type="application/atom+xml; charset=utf-8")
