import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget import exports
from budget.choices import Level, Missing, Side, Source, Unit
from budget.exports import SourceLine
from budget.models import Dataset, Indicator, Line
from tests.budget import factories

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "open-data.md"
NAMESPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def nunoa(db: None) -> Dataset:
    indicators = factories.FULL_INDICATORS | {"IADM75": None}
    return factories.dataset(factories.municipality(), lines=factories.full_lines(), indicators=indicators)


def read_csv(content: bytes, *, comma: bool = False) -> list[dict[str, str]]:
    text = content.decode("utf-8" if comma else "utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter="," if comma else ";"))


def adding(rows: list[dict[str, str]], **wanted: str) -> list[dict[str, str]]:
    return [row for row in rows if row["suma"] == "si" and wanted.items() <= row.items()]


def total(rows: list[dict[str, str]], column: str) -> int:
    return sum(int(row[column]) for row in rows if row[column])


def sheets(content: bytes) -> dict[str, list[list[str | float]]]:
    """The cells of each sheet, in order, read without the library that wrote them."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = [
            "".join(node.itertext())
            for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", NAMESPACE)
        ]
        names = [
            node.attrib["name"]
            for node in ElementTree.fromstring(book.read("xl/workbook.xml")).iter()
            if "sheetId" in node.attrib
        ]
        found: dict[str, list[list[str | float]]] = {}
        for number, name in enumerate(names, 1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert not root.findall(".//m:f", NAMESPACE), "a formula"
            found[name] = [
                [_cell(cell, shared) for cell in row.findall("m:c", NAMESPACE)]
                for row in root.iter(f"{{{NAMESPACE['m']}}}row")
            ]
        return found


def _cell(cell: ElementTree.Element, shared: list[str]) -> str | float:
    value = cell.find("m:v", NAMESPACE)
    assert value is not None
    assert value.text
    return shared[int(value.text)] if cell.attrib.get("t") == "s" else float(value.text)


def test_the_marked_rows_of_expense_add_up_to_the_total_of_each_measure(nunoa: Dataset) -> None:
    rows = read_csv(exports.as_csv(exports.edition(nunoa), "lines"))
    by_account = adding(rows, tipo="gasto", vista="cuenta")
    assert total(by_account, "devengado") == 80_000_000
    assert total(by_account, "inicial") == 90_000_000
    assert total(by_account, "vigente") == 100_000_000
    assert total(adding(rows, tipo="ingreso", vista="cuenta"), "pagado_o_percibido") == 85_000_000
    assert total(adding(rows, tipo="gasto", vista="area"), "devengado") == 80_000_000


def test_what_the_source_does_not_detail_is_a_row_of_its_own(nunoa: Dataset) -> None:
    rows = read_csv(exports.as_csv(exports.edition(nunoa), "lines"))
    rest = next(row for row in rows if row["cuenta"] == "215.21" and row["fila"] == "resto")
    assert rest["devengado"] == str(30_000_000 - 20_000_000 - 6_000_000)
    assert rest["inicial"] == ""
    assert rest["nombre_sencillo"].startswith("Resto de ")


def test_a_missing_amount_is_an_empty_cell_and_never_zero(nunoa: Dataset) -> None:
    rows = read_csv(exports.as_csv(exports.edition(nunoa), "lines"))
    root = next(row for row in rows if row["cuenta"] == "215" and row["fila"] == "cuenta" and not row["area"])
    assert root["pagado_o_percibido"] == ""
    values = read_csv(exports.as_csv(exports.edition(nunoa), "indicators"))
    missing = next(row for row in values if row["indicador"] == "IADM75")
    assert (missing["valor"], missing["sin_dato"]) == ("", "no_recepcionado")


def test_decimals_follow_the_separator(nunoa: Dataset) -> None:
    nunoa.indicator_values.filter(indicator__code="IADM75").update(value=Decimal("12.5000"), missing="")
    content = exports.edition(nunoa)
    spanish = read_csv(exports.as_csv(content, "indicators"))
    english = read_csv(exports.as_csv(content, "indicators", comma=True), comma=True)
    assert [row["valor"] for row in spanish if row["indicador"] == "IADM75"] == ["12,5"]
    assert [row["valor"] for row in english if row["indicador"] == "IADM75"] == ["12.5"]


def test_every_row_of_a_csv_says_where_it_comes_from(nunoa: Dataset) -> None:
    for table in exports.TABLES:
        for row in read_csv(exports.as_csv(exports.edition(nunoa), table)):
            assert row["fuente"] == "SINIM (SUBDERE)"
            assert row["fecha_corte"] == "2024-12-31"
            assert row["edicion"] == "1"
            assert row["licencia"]
            assert re.fullmatch("[0-9a-f]{64}", row["archivo_sha256"])
            assert row["demostracion"] == "no"


def test_demonstration_data_say_so_in_every_file_and_in_its_name(db: None) -> None:
    demonstration = factories.dataset(
        factories.municipality(), lines=factories.full_lines(), indicators={"IADM01": 1}, source=Source.DEMONSTRATION
    )
    content = exports.edition(demonstration)
    assert exports.file_name(demonstration, "lines", "csv") == "presupuesto-13120-nunoa-2024-demostracion.csv"
    for table in exports.TABLES:
        assert {row["demostracion"] for row in read_csv(exports.as_csv(content, table))} == {"si"}
    assert json.loads(exports.as_json(content))["acerca"]["demostracion"] == "si"
    book = sheets(exports.as_xlsx(content))
    assert ["demostracion", "si"] in book["Acerca de"]
    assert {row[-1] for row in book["Presupuesto"][1:]} == {"si"}


def test_the_three_formats_hold_the_same_amounts(nunoa: Dataset) -> None:
    content = exports.edition(nunoa)
    from_csv = read_csv(exports.as_csv(content, "lines"))
    from_json = json.loads(exports.as_json(content))["presupuesto"]
    amounts = [[row[name] for name in ("inicial", "vigente", "devengado", "pagado_o_percibido")] for row in from_csv]
    assert amounts == [
        [
            "" if row[name] is None else str(row[name])
            for name in ("inicial", "vigente", "devengado", "pagado_o_percibido")
        ]
        for row in from_json
    ]
    book = sheets(exports.as_xlsx(content))
    assert list(book) == ["Presupuesto", "Indicadores", "Diccionario", "Acerca de"]
    numbers = sorted(
        cell for row in book["Presupuesto"][1:] for cell in row if isinstance(cell, float) and cell != 2024
    )
    assert numbers == sorted(float(cell) for row in amounts for cell in row if cell)


def test_the_same_edition_gives_the_same_bytes(nunoa: Dataset) -> None:
    book = exports.as_xlsx(exports.edition(nunoa))
    assert book == exports.as_xlsx(exports.edition(nunoa))
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert f"{nunoa.cut_off}T00:00:00Z" in parts.read("docProps/core.xml").decode()


def test_a_name_that_begins_like_a_formula_stays_a_text(nunoa: Dataset) -> None:
    Line.objects.filter(dataset=nunoa, account__code="215.21").get().account.__class__.objects.filter(
        code="215.21"
    ).update(official_name='=HYPERLINK("http://example.com")')
    content = exports.edition(nunoa)
    row = next(row for row in read_csv(exports.as_csv(content, "lines")) if row["cuenta"] == "215.21")
    assert row["cuenta_nombre"].startswith("'=")
    assert any('=HYPERLINK("http://example.com")' in cells for cells in sheets(exports.as_xlsx(content))["Presupuesto"])


@given(st.text())
def test_a_harmless_text_never_begins_like_a_formula(text: str) -> None:
    assert exports.harmless(text)[:1] not in {"=", "+", "-", "@", "\t", "\r", "\n"}
    assert exports.harmless(text).removeprefix("'") == text.removeprefix("'")


codes = st.lists(st.sampled_from(["21", "22", "01", "02", "001", "002"]), max_size=4).map(
    lambda parts: ".".join(["215", *parts])
)
amounts = st.tuples(*[st.none() | st.integers(-(10**12), 10**12)] * 4)


@given(st.dictionaries(codes, amounts, min_size=1))
def test_own_amounts_count_each_peso_once(accounts: Mapping[str, exports.Amounts]) -> None:
    accounts = {"215": (10, 20, 30, 40), **accounts}
    accounts = {**accounts, "215": tuple(amount or 0 for amount in accounts["215"])}
    lines = [
        SourceLine(Side.EXPENSE, code, "n", "n", Level.ITEM, "", amounts) for code, amounts in sorted(accounts.items())
    ]
    rows: list[dict[str, Any]] = [row for row in exports.line_rows(lines) if row["adds"] == "si"]
    for index, measure in enumerate(exports.MEASURES):
        assert sum(row[measure] or 0 for row in rows) == accounts["215"][index]


def test_each_unit_and_reason_has_a_word_in_the_files() -> None:
    assert {unit.value for unit in Unit} <= exports.UNITS.keys()
    assert {reason.value for reason in Missing} <= exports.REASONS.keys()
    assert {source.value for source in Source} == exports._by_key("licences.csv", "source").keys()


def test_every_column_written_is_documented(nunoa: Dataset) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for table in exports.TABLES:
        rows = exports.edition(nunoa).tables[table]
        assert {column.key for column in exports.columns(table)} <= rows[0].keys()
        for column in exports.columns(table):
            assert f"| `{column.name}` | {column.type} |" in text
            assert column.description in text


def test_an_edition_is_read_with_two_questions(nunoa: Dataset, django_assert_num_queries: Any) -> None:
    dataset = Dataset.objects.select_related("municipality", "file").get(pk=nunoa.pk)
    with django_assert_num_queries(2):
        exports.edition(dataset)


def test_an_indicator_of_yes_and_no_is_one_or_zero(nunoa: Dataset) -> None:
    Indicator.objects.filter(code="IADM75").update(unit=Unit.YES_NO)
    nunoa.indicator_values.filter(indicator__code="IADM75").update(value=1, missing="")
    row = next(row for row in exports.edition(nunoa).tables["indicators"] if row["code"] == "IADM75")
    assert (row["value_unit"], row["value"]) == ("si_no", 1)
