"""SINIM's tables, read strictly: what fits comes out exact, what does not is named with its place."""

import os
import re
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.choices import Missing, Unit
from budget.imports import spreadsheetml
from budget.imports.sinim import Known, SinimTable, Variable, described
from budget.rules.cells import LIMITS, Reading, UnreadableError, read_cell
from budget.rules.problems import LIMIT, Kind, Problem, RefusedError, letters
from tests import sinim_files
from tests.sinim_files import FOOT, HEAD, NOT_RECEIVED, TITLES, cell, header, row, table

UNITS = {"M$": Unit.PESOS, "%": Unit.PERCENT, "Nº": Unit.COUNT, "S-N": Unit.YES_NO}


def known() -> Known:
    variables = {}
    for key, (code, title) in enumerate(TITLES.items()):
        name = title.partition(") ")[2]
        variables[code] = Variable(key, code, UNITS[title.partition("(")[2].partition(")")[0]], name)
    names = {"10207": ["Queilén"], "12201": ["Cabo de Hornos", "Navarino"], "13120": ["Ñuñoa"]}
    return Known(variables, names, last_year=2026)


def read(content: bytes) -> dict[str, dict[tuple[str, int], Reading]]:
    return {
        record.cut: {(column.variable.code, column.year): reading for column, reading in record.values}
        for record in SinimTable(known()).records(BytesIO(content))
    }


def refused(content: bytes) -> list[Problem]:
    with pytest.raises(RefusedError) as error:
        read(content)
    return error.value.problems


def body(rows: str, codes: tuple[str, ...] = ("IADM11",)) -> bytes:
    return (HEAD + header([(code, 2024) for code in codes]) + rows + FOOT).encode()


def test_thousands_become_whole_pesos_and_the_code_keeps_its_leading_zero() -> None:
    place = Known(known().variables, {"01101": ["Iquique"]}, 2026)
    content = table({"01101": {"IADM11": 84_809_833}}, names={"01101": "IQUIQUE"})
    (record,) = SinimTable(place).records(BytesIO(content))
    assert record.cut == "01101"
    assert record.values[0][1] == Reading(Decimal(84_809_833_000))


def test_each_kind_of_cell_is_read_as_what_it_is() -> None:
    content = table(
        {
            "13120": {
                "IADM11": -5,
                "IADM03": 84.8,
                "IADM 125": "No Aplica",
                "IADM43.1": NOT_RECEIVED,
                "LCNB": 12,
                "MLICEN": "Si",
                "IADM01": None,
                "BPIGM": "Sin dato oficial",
                "BPVGM": "204",
            }
        }
    )
    values = {code: reading for (code, _year), reading in read(content)["13120"].items()}
    assert values == {
        "IADM11": Reading(Decimal(-5000)),
        "IADM03": Reading(Decimal("84.8")),
        "IADM 125": Reading(None, Missing.NOT_APPLICABLE),
        "IADM43.1": Reading(None, Missing.NOT_RECEIVED),
        "LCNB": Reading(Decimal(12)),
        "MLICEN": Reading(Decimal(1)),
        "IADM01": Reading(None, Missing.BLANK),
        "BPIGM": Reading(None, Missing.NOT_OFFICIAL),
        "BPVGM": Reading(Decimal(204_000)),
    }


def test_years_may_stand_in_descending_columns() -> None:
    values = sinim_files.several_years({"13120": {("IADM11", 2023): 3, ("IADM11", 2022): 2, ("IADM11", 2018): 1}})
    assert {year: reading.value for (_code, year), reading in read(values)["13120"].items()} == {
        2023: 3000,
        2022: 2000,
        2018: 1000,
    }


def test_a_cell_may_say_where_it_stands() -> None:
    gap = '<Row><Cell><Data ss:Type="Number">13120</Data></Cell><Cell><Data ss:Type="String">ÑUÑOA</Data></Cell>'
    gap += '<Cell ss:Index="4"><Data ss:Type="Number">7</Data></Cell></Row>'
    values = read(body(gap, ("IADM11", "IADM01")))["13120"]
    assert values["IADM11", 2024] == Reading(None, Missing.BLANK)
    assert values["IADM01", 2024] == Reading(Decimal(7000))


def test_a_header_repeated_on_each_page_is_passed_over() -> None:
    again = header([("IADM11", 2024)])
    assert set(read(body(row(["13120", "ÑUÑOA", 1]) + again + row(["12201", "CABO DE HORNOS", 2])))) == {
        "13120",
        "12201",
    }


def test_a_repeated_header_that_differs_is_refused() -> None:
    again = row(["CODIGO", "MUNICIPIO", "2023"], code=False)
    (problem,) = refused(body(row(["13120", "ÑUÑOA", 1]) + again))
    assert (problem.kind, problem.row) == (Kind.REPEATED_HEADER, 5)


def test_a_code_that_lost_its_zero_is_known_by_its_name() -> None:
    place = Known(known().variables, {"01101": ["Iquique"]}, 2026)
    content = table({"1101": {"IADM11": 1}}, names={"1101": "IQUIQUE"})
    assert [record.cut for record in SinimTable(place).records(BytesIO(content))] == ["01101"]


def test_an_alias_of_the_municipality_is_its_name_too() -> None:
    assert set(read(table({"12201": {"IADM11": 1}}, names={"12201": "Navarino"}))) == {"12201"}


@pytest.mark.parametrize("note", ["Valores en miles de pesos de 2024", "Valores en millones de pesos nominales", ""])
def test_another_unit_is_refused(note: str) -> None:
    problem = refused(table({"13120": {"IADM11": 1}}, note=note))[0]
    # Without a note, the row of titles stands where the note should.
    assert problem.kind == Kind.UNIT_NOTE


def test_an_unknown_variable_is_named_with_its_column() -> None:
    titles = TITLES | {"IADM11": "IADM777 (M$) Otra cosa"}
    (problem,) = refused(table({"13120": {"IADM01": 1, "IADM11": 1}}, titles=titles))
    assert (problem.kind, problem.row, problem.column_letters, problem.code) == (
        Kind.UNKNOWN_VARIABLE,
        2,
        "D",
        "IADM777",
    )


def test_a_variable_in_another_unit_is_refused() -> None:
    titles = TITLES | {"IADM11": "IADM11 (%) Gastos Municipales"}
    assert [problem.kind for problem in refused(table({"13120": {"IADM11": 1}}, titles=titles))] == [Kind.UNIT]


def test_a_variable_with_another_name_is_read_and_told() -> None:
    titles = TITLES | {"IADM11": "IADM11 (M$) Gastos Totales"}
    reader = SinimTable(known())
    assert len(list(reader.records(BytesIO(table({"13120": {"IADM11": 1}}, titles=titles))))) == 1
    assert reader.renamed == [("IADM11", "Gastos Totales", "Gastos Municipales (Gastos Total Devengado)")]


def test_a_changed_header_says_what_was_expected() -> None:
    content = table({"13120": {"IADM11": 1}}).replace(b"MUNICIPIO", b"COMUNA")
    (problem,) = refused(content)
    assert (problem.kind, problem.row, problem.column_letters, problem.found) == (Kind.HEADER, 3, "B", "COMUNA")
    assert "MUNICIPIO" in problem.expected


@pytest.mark.parametrize("year", ["1999", "2027", "24", "Año"])
def test_a_year_that_cannot_be_is_refused(year: str) -> None:
    content = table({"13120": {"IADM11": 1}}).replace(b">2024<", f">{year}<".encode())
    assert [problem.kind for problem in refused(content)] == [Kind.YEAR]


def test_the_same_variable_and_year_twice_is_refused() -> None:
    content = (HEAD + header([("IADM11", 2024), ("IADM11", 2024)]) + row(["13120", "ÑUÑOA", 1, 2]) + FOOT).encode()
    (problem,) = refused(content)
    assert (problem.kind, problem.column_letters, problem.about) == (Kind.REPEATED_COLUMN, "D", {"first": "C"})


def test_problems_of_several_rows_are_gathered() -> None:
    rows = row(["99999", "NADIE", 1]) + row(["12201", "ÑUÑOA", 1]) + row(["13120", "ÑUÑOA", "mucho"])
    rows += row(["13120", "ÑUÑOA", 1]) + row(["10207", "QUEILÉN", 1, 2])
    assert [(problem.row, problem.column_letters, problem.kind) for problem in refused(body(rows))] == [
        (4, "A", Kind.UNKNOWN_MUNICIPALITY),
        (5, "B", Kind.OTHER_NAME),
        (6, "C", Kind.NOT_A_NUMBER),
        (7, "A", Kind.REPEATED_MUNICIPALITY),
        (8, "D", Kind.EXTRA_CELL),
    ]


def test_no_more_problems_are_gathered_than_a_person_would_read() -> None:
    assert len(refused(body(row(["99999", "NADIE", 1]) * (LIMIT + 20)))) == LIMIT


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (cell("1.234.567"), Kind.NOT_A_NUMBER),
        (cell("12.5"), Kind.NOT_A_NUMBER),  # in a text it may be twelve thousand five hundred
        (cell("1.36187E+11", kind="Number"), Kind.NOT_A_NUMBER),
        (cell("45,42", kind="Number"), Kind.NOT_A_NUMBER),
        (cell("1.2345", kind="Number"), Kind.PART_OF_A_PESO),
        (cell("99999999999", kind="Number"), Kind.OUT_OF_RANGE),
        (cell("Si"), Kind.NOT_A_NUMBER),
    ],
)
def test_an_amount_is_never_guessed(value: str, kind: Kind) -> None:
    rows = f"<Row>{cell('13120', kind='Number')}{cell('ÑUÑOA')}{value}</Row>"
    (problem,) = refused(body(rows))
    assert (problem.kind, problem.row, problem.column_letters, problem.code) == (kind, 4, "C", "IADM11")


def test_an_answer_is_yes_or_no() -> None:
    (problem,) = refused(body(row(["13120", "ÑUÑOA", "Tal vez"]), ("MLICEN",)))
    assert problem.kind == Kind.NOT_YES_NO


def test_a_table_without_municipalities_is_refused() -> None:
    assert [problem.kind for problem in refused(body(""))] == [Kind.NO_ROWS]


WHOLE = table({"13120": {"IADM11": 81_200}, "12201": {"IADM11": 3}})


@given(st.integers(min_value=1, max_value=len(WHOLE.rstrip()) - 1))
def test_a_truncated_file_is_refused_whole(length: int) -> None:
    kinds = {problem.kind for problem in refused(WHOLE[:length])}
    assert kinds <= {Kind.TRUNCATED, Kind.MALFORMED, Kind.EMPTY, Kind.OTHER_KIND}


def test_a_damaged_file_says_where() -> None:
    (problem,) = refused(WHOLE.replace(b"81200</Data>", b"81200</Dada>"))
    assert (problem.kind, problem.row) == (Kind.MALFORMED, 4)
    assert re.fullmatch(r"línea \d+, carácter \d+ del archivo", problem.found)


BOMB = """<?xml version="1.0"?>
<!DOCTYPE Workbook [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row><Cell><Data>&b;</Data></Cell></Row></Table>
</Worksheet></Workbook>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE Workbook SYSTEM "file:///etc/passwd"><Workbook/>"""


@pytest.mark.parametrize("content", [BOMB, OUTSIDE])
def test_a_file_with_entities_of_its_own_is_refused(content: str) -> None:
    assert [problem.kind for problem in refused(content.encode())] == [Kind.ENTITIES]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04[Content_Types].xml",
        b"PK\x03\x04otra cosa",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"%PDF-1.7",
        b"<!DOCTYPE html><html><body>Error inesperado</body></html>",
        b"<html><body><table></table></body></html>",
        b"CODIGO;MUNICIPIO;2024\n01101;IQUIQUE;1\n",
        b'{"error": "no"}',
        b"\x00\x01\x02\x03",
        b'<?xml version="1.0"?><rss/>',
        b'<?xml version="1.0"?><Workbook xmlns="urn:otra:cosa"/>',
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_content(content: bytes) -> None:
    (problem,) = refused(content)
    assert problem.kind == Kind.OTHER_KIND
    assert problem.found


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_told_from_a_wrong_one(content: bytes) -> None:
    assert [problem.kind for problem in refused(content)] == [Kind.EMPTY]


def test_data_in_a_second_sheet_are_refused() -> None:
    second = '<Worksheet ss:Name="Hoja2"><Table>' + row(["13120", "ÑUÑOA", 1]) + "</Table></Worksheet></Workbook>"
    content = body(row(["13120", "ÑUÑOA", 1])).replace(b"</Workbook>", second.encode())
    assert [problem.kind for problem in refused(content)] == [Kind.SEVERAL_SHEETS]


@pytest.mark.parametrize(
    "content",
    [
        "<Row>" + cell("x", attributes='ss:Index="7000"') + "</Row>",
        '<Row ss:Index="999999999"/>',
        "<Row>" + cell("x" * (spreadsheetml.MAX_TEXT + 1)) + "</Row>",
        "<a>" * spreadsheetml.MAX_DEPTH + "</a>" * spreadsheetml.MAX_DEPTH,
    ],
)
def test_a_table_beyond_all_measure_is_refused(content: str) -> None:
    assert [problem.kind for problem in refused((HEAD + content + FOOT).encode())] == [Kind.TOO_LARGE]


def test_an_endless_mark_is_refused_before_it_costs_time() -> None:
    content = (HEAD + "<!--" + "x" * (2 * 1024 * 1024) + "-->" + FOOT).encode()
    assert [problem.kind for problem in refused(content)] == [Kind.TOO_LARGE]


def test_cells_that_go_backwards_are_refused() -> None:
    content = "<Row>" + cell("x", attributes='ss:Index="3"') + cell("y", attributes='ss:Index="2"') + "</Row>"
    assert [problem.kind for problem in refused((HEAD + content + FOOT).encode())] == [Kind.MALFORMED]


def test_the_rows_are_read_before_the_file_has_come_whole() -> None:
    class Slow:
        """Gives one chunk at a time and remembers how far it was read."""

        def __init__(self) -> None:
            self.file = BytesIO(body(row(["13120", "ÑUÑOA", 1]) * 20_000))
            self.taken = 0

        def read(self, size: int) -> bytes:
            self.taken += size
            return self.file.read(size)

    stream = Slow()
    rows: Iterator[spreadsheetml.Row] = spreadsheetml.rows(stream)  # type: ignore[arg-type]
    next(rows)
    assert stream.taken <= 2 * spreadsheetml.CHUNK


def test_the_header_can_be_asked_alone() -> None:
    stream: IO[bytes] = BytesIO(table({"13120": {"IADM11": 1, "IADM 125": 2}}))
    assert described(stream) == ({"IADM11", "IADM 125"}, {"2024"})
    assert stream.tell() == 0


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=3))
def test_every_amount_in_thousands_keeps_each_peso(amount: Decimal) -> None:
    reading = read_cell(f"{amount:f}", Unit.PESOS, is_number=True, thousands=True)
    assert reading.value == amount * 1000
    assert reading.value == int(reading.value)


@given(st.text(), st.sampled_from(Unit), st.booleans())
def test_any_text_is_a_value_in_range_or_a_reason_or_refused(text: str, unit: Unit, is_number: bool) -> None:
    try:
        reading = read_cell(text, unit, is_number=is_number, thousands=True)
    except UnreadableError:
        return
    assert (reading.value is None) == bool(reading.missing)
    if reading.value is not None:
        low, high = LIMITS[unit]
        assert low <= reading.value <= high


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_a_reason_and_nothing_else(content: bytes) -> None:
    for problem in refused(content) + refused(HEAD.encode() + content):
        assert problem.title
        assert problem.expected
        assert problem.mend


@pytest.mark.parametrize(("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (122, "DR"), (703, "AAA")])
def test_columns_are_called_as_a_spreadsheet_calls_them(column: int, name: str) -> None:
    assert letters(column) == name


@pytest.mark.realdata
@pytest.mark.skipif("REAL_DATA_DIR" not in os.environ, reason="REAL_DATA_DIR is not set")
def test_the_header_of_the_real_files() -> None:
    folder = Path(os.environ["REAL_DATA_DIR"]) / "sinim"
    found = {}
    for path in sorted(folder.glob("*.xls*")):
        with path.open("rb") as file:
            codes, years = described(file)
        found[path.name[:10]] = (len(codes), len(years))
    assert found == {"datos_muni": (1, 6), "finanzas_2": (120, 1)}
