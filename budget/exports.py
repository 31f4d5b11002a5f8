"""One edition of a budget as open data: two tables (lines and indicators) written as CSV, XLSX and JSON.

The columns, their types and what they mean are in `data/columns.csv`; the same file is the dictionary inside each workbook and
JSON file and the tables of `docs/open-data.md`. Amounts are whole pesos; an empty cell is "not given", never zero.
"""

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import xlsxwriter

from budget.choices import Level, Side, Source, SourceUnit
from budget.models import Dataset

DATA: Final = Path(__file__).resolve().parent / "data"
MEASURES: Final = ("initial", "current", "accrued", "settled")
TABLES: Final = {"lines": "presupuesto", "indicators": "indicadores"}
VERSION: Final = "1"  # raised when the same edition is written otherwise, so that kept copies are renewed

SIDES: Final = {Side.INCOME: "ingreso", Side.EXPENSE: "gasto"}
LEVELS: Final = {level.value: level.value for level in Level} | {Level.ROOT.value: "total"}
UNITS: Final = {
    "pesos": "pesos",
    "percent": "porcentaje",
    "count": "numero",
    "rate": "tasa",
    "yes_no": "si_no",
    "m2": "metros_cuadrados",
}
REASONS: Final = {
    "": "",
    "not_received": "no_recepcionado",
    "not_applicable": "no_aplica",
    "not_official": "sin_cifra_oficial",
    "blank": "en_blanco",
}
SOURCE_UNITS: Final = {SourceUnit.PESOS: "pesos", SourceUnit.THOUSANDS: "miles de pesos"}

Cell = str | int | Decimal | date | None
Amounts = tuple[int | None, ...]
Row = dict[str, Cell]


@dataclass(frozen=True)
class Column:
    """A documented column of a table; `provenance` columns repeat the same for all rows and are left to the CSV files."""

    table: str
    key: str
    name: str
    type: str
    unit: str
    provenance: bool
    description: str


@dataclass(frozen=True)
class Edition:
    """All of an edition that is written: `about` once, and the rows of each table by column key."""

    about: Row
    tables: Mapping[str, Sequence[Row]]
    name: str = field(default="")


@dataclass(frozen=True)
class SourceLine:
    """A line as it stands in the database."""

    side: str
    code: str
    name: str
    plain_name: str
    level: str
    area: str
    amounts: Amounts


@cache
def columns(table: str) -> tuple[Column, ...]:
    with open(DATA / "columns.csv", encoding="utf-8", newline="") as file:
        return tuple(
            Column(
                row["table"],
                row["key"],
                row["column"],
                row["type"],
                row["unit"],
                row["provenance"] == "yes",
                row["description"],
            )
            for row in csv.DictReader(file)
            if row["table"] == table
        )


@cache
def _by_key(file_name: str, key: str) -> Mapping[str, Mapping[str, str]]:
    with open(DATA / file_name, encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def entity_tag(dataset: Dataset, *variant: str) -> str:
    """Changes whenever the file would: the edition's content, the way of writing, and which file was asked for."""
    seed = "|".join([VERSION, str(dataset.pk), dataset.content_hash, dataset.state, *variant])
    return f'"{hashlib.sha256(seed.encode()).hexdigest()[:32]}"'


def file_name(dataset: Dataset, table: str, suffix: str) -> str:
    """`presupuesto-13120-nunoa-2024.csv`; what is invented says so in its name."""
    parts = [TABLES[table], dataset.municipality_id, dataset.municipality.slug, str(dataset.year)]
    if dataset.is_demonstration:
        parts.append("demostracion")
    return "-".join(parts) + f".{suffix}"


# --- From the database to rows -----------------------------------------------------------------------------------------


def edition(dataset: Dataset) -> Edition:
    """Read an edition with two queries. `dataset.municipality` and `dataset.file` should have been selected with it."""
    about = _about(dataset)
    common: Row = {"cut": dataset.municipality_id, "municipality": dataset.municipality.name, "year": dataset.year}
    return Edition(
        about,
        {
            "lines": [common | row | about for row in line_rows(_lines(dataset))],
            "indicators": [common | about | row for row in _indicator_rows(dataset)],
        },
        file_name(dataset, "lines", ""),
    )


def _about(dataset: Dataset) -> Row:
    licence = _by_key("licences.csv", "source")[dataset.source]
    return {
        "source": licence["name"],
        "cut_off": dataset.cut_off,
        "edition": dataset.edition,
        "unit": "pesos",
        "source_unit": SOURCE_UNITS[SourceUnit(dataset.source_unit)],
        "licence": licence["licence"],
        "sha256": dataset.file.sha256,
        "demonstration": _yes(dataset.source == Source.DEMONSTRATION),
    }


def _lines(dataset: Dataset) -> list[SourceLine]:
    fields = (
        "account__side",
        "account__code",
        "account__official_name",
        "account__plain_name",
        "account__level",
        "area",
    )
    rows = dataset.lines.order_by("account__code", "area").values_list(*fields, *MEASURES)
    return [
        SourceLine(side, code, name, plain, level, area or "", tuple(amounts))
        for side, code, name, plain, level, area, *amounts in rows
    ]


def line_rows(lines: Iterable[SourceLine]) -> list[Row]:
    """The lines as given, and after each the part of it that its own parts leave open.

    Rows marked as adding are told apart, within one side and one view, so that their sum is the total of every measure: the
    innermost accounts, and the rests. The accounts of one area form a tree of their own under that area's total.
    """
    groups: dict[tuple[str, str], list[SourceLine]] = defaultdict(list)
    for line in lines:
        groups[line.side, line.area].append(line)
    rows: list[Row] = []
    for key in sorted(groups, key=lambda key: (key[0] != Side.INCOME, key[1])):
        rests = own_amounts({line.code: line.amounts for line in groups[key]})
        for line in groups[key]:
            rest = rests[line.code]
            rows.append(_line_row(line, line.amounts, row="cuenta", adds=rest is None))
            if rest is not None and any(rest):
                rows.append(_line_row(line, rest, row="resto", adds=True))
    return rows


def own_amounts(accounts: Mapping[str, Amounts]) -> dict[str, Amounts | None]:
    """For each account, what is left of each measure after its nearest accounts below; None where there are none below.

    The nearest account is looked for measure by measure, since a source may give one measure at a depth at which it does
    not give another.
    """
    spent: dict[str, list[int]] = {code: [0] * len(amounts) for code, amounts in accounts.items()}
    parents: set[str] = set()
    for code, amounts in accounts.items():
        above = _above(code)
        parents.update(parent for parent in above if parent in accounts)
        for index, amount in enumerate(amounts):
            nearest = next((p for p in above if p in accounts and accounts[p][index] is not None), None)
            if amount is not None and nearest is not None:
                spent[nearest][index] += amount
    return {
        code: tuple(None if a is None else a - s for a, s in zip(amounts, spent[code], strict=True))
        if code in parents
        else None
        for code, amounts in accounts.items()
    }


def _above(code: str) -> list[str]:
    """The codes above `215.21.01`, nearest first: `215.21`, `215`."""
    parts = code.split(".")
    return [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]


def _line_row(line: SourceLine, amounts: Amounts, *, row: str, adds: bool) -> Row:
    area = _by_key("areas.csv", "code").get(line.area)
    rest = f"Resto de {line.plain_name}: la fuente no lo detalla"
    return {
        "side": SIDES[Side(line.side)],
        "view": "area" if line.area else "cuenta",
        "area": line.area,
        "area_name": area["official_name"] if area else "",
        "account": line.code,
        "account_name": line.name,
        "plain_name": line.plain_name if row == "cuenta" else rest,
        "level": LEVELS[line.level],
        "row": row,
        "adds": _yes(adds),
        **dict(zip(MEASURES, amounts, strict=True)),
    }


def _indicator_rows(dataset: Dataset) -> list[Row]:
    names = ("code", "name", "plain_name", "subject", "unit")
    fields = [f"indicator__{name}" for name in names]
    values = dataset.indicator_values.order_by("indicator__code").values_list(
        *fields, "value", "missing", "file__sha256"
    )
    return [
        {
            "code": code,
            "name": name,
            "plain_name": plain_name,
            "subject": subject,
            "value_unit": UNITS[unit],
            "value": None if value is None else tidy(value),
            "missing": REASONS[missing],
            "sha256": sha256,
        }
        for code, name, plain_name, subject, unit, value, missing, sha256 in values
    ]


def tidy(value: Decimal) -> int | Decimal:
    """`Decimal("12.5000")` as `12.5`, and a whole number as an integer."""
    return int(value) if value == value.to_integral_value() else value.normalize()


def _yes(value: bool) -> str:  # noqa: FBT001 - a formatter of one value
    return "si" if value else "no"


# --- From rows to files ------------------------------------------------------------------------------------------------


def as_csv(content: Edition, table: str, *, comma: bool = False) -> bytes:
    """One table as UTF-8 CSV.

    By default as spreadsheets in Chile expect it: `;` between fields, decimal comma, and a byte-order mark, without which
    they would misread accents. With `comma`, as programs expect it: `,`, decimal point and no mark.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter="," if comma else ";", lineterminator="\r\n")
    shown = columns(table)
    writer.writerow([column.name for column in shown])
    for row in content.tables[table]:
        writer.writerow([_csv_cell(row[column.key], comma=comma) for column in shown])
    return buffer.getvalue().encode("utf-8" if comma else "utf-8-sig")


def _csv_cell(value: Cell, *, comma: bool) -> str:
    if isinstance(value, Decimal):
        return str(value) if comma else str(value).replace(".", ",")
    return harmless(value) if isinstance(value, str) else "" if value is None else str(value)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe is put before those that begin like one."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def as_json(content: Edition) -> bytes:
    """Both tables with their dictionary. Amounts are whole pesos, decimals have as many digits as the source gave."""
    document: dict[str, Any] = {
        "acerca": {_column_name(key): value for key, value in content.about.items()},
        "diccionario": {name: {c.name: c.description for c in columns(table)} for table, name in TABLES.items()},
    }
    for table, name in TABLES.items():
        shown = [column for column in columns(table) if not column.provenance]
        document[name] = [{column.name: row[column.key] for column in shown} for row in content.tables[table]]
    return json.dumps(document, ensure_ascii=False, default=_json_value, separators=(",", ":")).encode()


def _json_value(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) else str(value)


def _column_name(key: str) -> str:
    return next(column.name for table in TABLES for column in columns(table) if column.key == key)


def as_xlsx(content: Edition) -> bytes:
    """A workbook of four sheets: the two tables, the dictionary of their columns, and where the data come from."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        # The same edition gives the same bytes, whenever it is asked for; of a mere day the library would make the present.
        day = datetime.combine(cast(date, content.about["cut_off"]), time())
        book.set_properties({"title": content.name.rstrip("."), "created": day})
        formats = {"bold": book.add_format({"bold": True}), "entero": book.add_format({"num_format": "#,##0"})}
        for table, name in TABLES.items():
            shown = [column for column in columns(table) if not column.provenance]
            rows = [[row[column.key] for column in shown] for row in content.tables[table]]
            _sheet(book, name.capitalize(), [column.name for column in shown], rows, formats)
        _sheet(book, "Diccionario", ["tabla", "columna", "tipo", "unidad", "descripcion"], _dictionary(), formats)
        about = [[_column_name(key), str(value)] for key, value in content.about.items()]
        _sheet(book, "Acerca de", ["dato", "valor"], about, formats)
    return buffer.getvalue()


def _dictionary() -> list[list[Cell]]:
    return [[TABLES[t], c.name, c.type, c.unit, c.description] for t in TABLES for c in columns(t) if not c.provenance]


def _sheet(
    book: Any, name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], formats: Mapping[str, Any]
) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, head, formats["bold"])
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for index, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, index, value)
            elif value is not None:
                sheet.write_number(number, index, value, formats["entero"] if isinstance(value, int) else None)
    widths = [max([len(str(row[index])) for row in rows[:200]] + [len(title)]) for index, title in enumerate(head)]
    for index, width in enumerate(widths):
        sheet.set_column(index, index, min(60, width + 2))
