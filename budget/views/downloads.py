"""What a budget page shows, to take away."""

from dataclasses import dataclass
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from budget import exports
from budget.models import Dataset
from budget.reports.inputs import chosen
from config.page_cache import public_page

CONTENT_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SEPARATORS: Final = {"punto-y-coma": False, "coma": True}
TABLE_NAMES: Final = {name: table for table, name in exports.TABLES.items()}


@dataclass(frozen=True)
class Wanted:
    """What the address asks for besides the year and the kind of file."""

    table: str
    comma: bool
    edition: int | None


@require_safe
@public_page
def download(request: HttpRequest, cut: str, slug: str, year: str, suffix: str) -> HttpResponseBase:
    """`datos.csv`, `datos.xlsx` or `datos.json` of a municipality and year.

    `?tabla=indicadores` chooses the second table (CSV only), `?separador=coma` the CSV that programs expect, `?edicion=N` an
    edition that is no longer in force.
    """
    try:
        wanted = read_options(request)
    except ValueError as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain; charset=utf-8")
    dataset = find(cut, int(year), wanted.edition)
    if dataset.municipality.slug != slug:
        path = request.get_full_path().replace(f"{cut}-{slug}", f"{cut}-{dataset.municipality.slug}", 1)
        return redirect(path, permanent=True)
    response = HttpResponse(write(dataset, suffix, wanted), content_type=CONTENT_TYPES[suffix])
    response["Content-Disposition"] = f'attachment; filename="{exports.file_name(dataset, wanted.table, suffix)}"'
    response["ETag"] = exports.entity_tag(dataset, suffix, wanted.table, str(wanted.comma))
    return response


def read_options(request: HttpRequest) -> Wanted:
    """Raise ValueError, with a sentence for the reader, on a value that is not known."""
    table = request.GET.get("tabla", "presupuesto")
    separator = request.GET.get("separador", "punto-y-coma")
    edition = request.GET.get("edicion", "")
    if table not in TABLE_NAMES:
        raise ValueError(_("tabla may be presupuesto or indicadores."))
    if separator not in SEPARATORS:
        raise ValueError(_("separador may be punto-y-coma or coma."))
    if edition and not (edition.isascii() and edition.isdigit() and len(edition) < 5):
        raise ValueError(_("edicion must be the number of an edition, such as 1."))
    return Wanted(TABLE_NAMES[table], SEPARATORS[separator], int(edition) if edition else None)


def find(cut: str, year: int, edition: int | None) -> Dataset:
    """The municipal budget that the page shows, or one of its public editions."""
    datasets = Dataset.objects.public().filter(edition=edition) if edition else Dataset.objects.published()
    found = chosen(datasets, [(cut, year)]).get((cut, year))
    if found is None:
        raise Http404(_("There is no published budget of this municipality and year."))
    return found


def write(dataset: Dataset, suffix: str, wanted: Wanted) -> bytes:
    content = exports.edition(dataset)
    if suffix == "csv":
        return exports.as_csv(content, wanted.table, comma=wanted.comma)
    return exports.as_xlsx(content) if suffix == "xlsx" else exports.as_json(content)
