"""The plans of the country summed up: what a year brought by region, theme, value and completion, as page, charts and files."""

from __future__ import annotations

from typing import Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from action_plans import figures
from action_plans.exports import national as exports
from action_plans.filters.national import Commitments
from action_plans.reports.national import national, years
from action_plans.reports.national_tables import Table, answer, share, tables
from config.page_cache import public_page
from municipalities.views.desk import XLSX
from municipalities.views.open_data import CONTENT_TYPES, attached, refused, wants_comma

ROWS: Final = 20


def asked_by(request: HttpRequest) -> Commitments:
    """The commitments that an address asks for. A year that cannot be told of is this one."""
    now = timezone.now()
    known = years(today=timezone.localdate(now))
    year = request.GET.get("anio", "")
    chosen = next((each for each in known if str(each) == year), known[0])
    return Commitments(request.GET.dict(), national(chosen, now=now))


@require_safe
@public_page
def summary(request: HttpRequest) -> HttpResponse:
    """The country in a year: the answer in a sentence, numbers, charts beside their tables, the commitments."""
    asked = asked_by(request)
    found = asked.found
    complete = sum(each.progress == 1 for each in asked.rows)
    context = {
        "asked": asked,
        "found": found,
        "years": years(today=timezone.localdate()),
        "answer": answer(found, asked.rows),
        "share": share(complete, len(asked.rows)),
        "tables": [(table, _chart(table)) for table in tables(found, asked.rows, link=asked.link)],
        "page": Paginator(asked.rows, ROWS).get_page(request.GET.get("pagina")),
    }
    return render(request, "action_plans/national/summary.html", context)


def _chart(table: Table) -> tuple[str, str] | None:
    """The kind of its chart and the class of it; None where nothing is drawn."""
    return None if table.is_empty else figures.CHARTS.get(table.key)


@require_safe
@public_page
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """The chart of a table."""
    if name not in figures.CHARTS:
        raise Http404
    asked = asked_by(request)
    body = next(figures.chart(table) for table in tables(asked.found, asked.rows) if table.key == name)
    if not body:
        raise Http404
    return HttpResponse(body, content_type="application/json")


@require_safe
@public_page
def data(request: HttpRequest, suffix: str) -> HttpResponse:
    """What the page shows under the same parameters, of all its pages. `?separador=coma` gives the CSV that programs expect."""
    comma = wants_comma(request)
    if comma is None:
        return refused()
    asked = asked_by(request)
    name = f"planes-pais-{asked.year}.{suffix}"
    if suffix == "csv":
        return attached(exports.as_csv(asked.rows, comma=comma), name, CONTENT_TYPES["csv"])
    shown = tables(asked.found, asked.rows)
    content = exports.document(asked.found, shown, asked.rows, asked.chosen_labels)
    if suffix == "json":
        return attached(exports.as_json(content), name, CONTENT_TYPES["json"])
    return attached(exports.as_xlsx(content), name, XLSX)
