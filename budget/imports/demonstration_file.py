"""Demonstration budgets written as SINIM writes its exports, so that they come in by the same road as a real file."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

from django.utils import timezone

from budget import actions, reports
from budget.choices import ImportState, Source
from budget.imports import publication, reading
from budget.imports.demonstration import DATA, Country, Place, Row, Value, year_of_budgets
from budget.models import Dataset, Import, PriceIndex
from municipalities.models import Municipality

UNIT_NOTE: Final = "Valores en miles de pesos nominales (M$) de cada año."
UNIT_MARKS: Final = {"thousands_pesos": "M$", "percent": "%", "count": "Nº", "rate": "TAS", "yes_no": "S-N"}
HEAD: Final = """
<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Hoja1">
<Table>
"""
FOOT: Final = "</Table>\n</Worksheet>\n</Workbook>\n"


Say = Callable[[str, int, int], None]


def load(of: Country, years: Sequence[int], *, cuts: Sequence[str], say: Say) -> int:
    """Bring each year in as an import, then compute what changed; return how many summaries that was.

    `say` is told a step, how far it is and of how many. A file that was published before is not read again.
    """
    for count, year in enumerate(sorted(years), 1):
        content = year_file(of, year, cuts=cuts)
        if not is_published(content):
            bring_in(content, year)
        say("years", count, len(years))
    known = Dataset.objects.published().filter(source=Source.DEMONSTRATION, year__in=years, municipality__in=cuts)
    pairs = sorted(known.values_list("municipality_id", "year"))
    done = 0

    def note(count: int) -> None:
        nonlocal done
        done += count
        say("summaries", done, len(pairs))

    return reports.compute_years(pairs, note).computed


def is_published(content: bytes) -> bool:
    imports = Import.objects.filter(source=Source.DEMONSTRATION, state=ImportState.PUBLISHED)
    return imports.filter(file__sha256=hashlib.sha256(content).hexdigest()).exists()


def bring_in(content: bytes, year: int) -> None:
    """Read and publish one year, in the name of the portal. Raises RuntimeError if the portal refuses its own file."""
    job = actions.begin_import(
        BytesIO(content), name=file_name(year), by=None, source=Source.DEMONSTRATION, queue=False
    ).job
    reading.run_import(job.pk, now=timezone.now())
    job.refresh_from_db()
    if job.state == ImportState.REFUSED:
        raise RuntimeError(f"The demonstration data of {year} were refused: {job.errors[:3]}")
    if job.state == ImportState.READY:
        actions.publish_import(job, by=None, queue=False)
        publication.publish(job.pk, now=timezone.now())


def file_name(year: int) -> str:
    return f"demostracion_{year}.xls"


def country() -> Country:
    """The register's municipalities, as the model needs them. Raises `LookupError` when the register is empty."""
    fields = Municipality.objects.values_list("cut", "name", "inhabitants", "rural_class", "distance_km")
    places = [Place(*row) for row in fields.order_by("cut")]
    if not places:
        raise LookupError("The register of municipalities is empty: run load_register first.")
    return Country(places)


def year_file(of: Country, year: int, *, cuts: Iterable[str] | None = None) -> bytes:
    """One year as a SpreadsheetML file; with `cuts`, of those municipalities only (their figures stay the same)."""
    prices = {row.year: float(row.mean) for row in PriceIndex.objects.filter(months=12)}
    rows = year_of_budgets(of, year, prices)
    names = {place.cut: place.name for place in of.places}
    kept = sorted(rows) if cuts is None else sorted(set(cuts) & set(rows))
    return spreadsheet(year, ((cut, names[cut], rows[cut]) for cut in kept)).encode()


def spreadsheet(year: int, rows: Iterable[tuple[str, str, Row]]) -> str:
    """The text of a file with every variable of `indicators.csv` for one year."""
    titles = _titles()
    lines = [HEAD.rstrip("\n"), _row([UNIT_NOTE]), _row(["", "", *titles.values()])]
    lines.append(_row(["CODIGO", "MUNICIPIO", *[str(year)] * len(titles)]))
    # SINIM writes the code of a municipality as a number, with its leading zero.
    lines += [_row([name.upper(), *(row[code] for code in titles)], _cell(cut, "Number")) for cut, name, row in rows]
    return "\n".join([*lines, FOOT])


def _titles() -> Mapping[str, str]:
    with open(DATA / "indicators.csv", encoding="utf-8", newline="") as file:
        return {
            row["code"]: f"{row['code']} ({UNIT_MARKS[row['unit']]}) {row['official_name']}"
            for row in csv.DictReader(file)
        }


def _row(values: Iterable[Value], first: str = "") -> str:
    cells = (_cell(value, "String" if isinstance(value, str) else "Number") for value in values)
    return "<Row>\n" + first + "".join(cells) + "</Row>"


def _cell(value: Value, kind: str) -> str:
    return f'<Cell ><Data ss:Type="{kind}">{escape(str(value))}</Data></Cell>\n'
