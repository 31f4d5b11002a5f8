"""A file of authorities and contacts: its cells and sheets, and what each row would change."""

import io
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from municipalities.choices import Office
from municipalities.imports import authorities as reading
from municipalities.imports.authorities import UnreadableError, read_file
from municipalities.rules.authorities import overlap
from municipalities.rules.authority_cells import (
    HEADINGS,
    PROBLEMS,
    AuthorityRow,
    ContactRow,
    Problem,
    Row,
    read_date,
    read_row,
)
from municipalities.rules.authority_plan import Card, Held, Outcome, Step, plan
from tests.municipalities.authority_files import CONTACT, HEAD, MAYOR, file, workbook

# Cells


@pytest.mark.parametrize(
    "text",
    ["06-12-2024", "6/12/2024", "6.12.2024", "2024-12-06", "45632", "45632.0", " 06-12-2024 ", "2024-12-06T00:00:00"],
)
def test_a_day_is_read_however_it_is_typed(text: str) -> None:
    assert read_date(text) == date(2024, 12, 6)


NO_DAYS = ["", "06-12-24", "31-02-2024", "12/2024", "2024", "06-12/2024", "1-1-1850", "٠٦-١٢-٢٠٢٤", "99999"]


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_is_no_day_is_refused(text: str) -> None:
    found = read_row(2, columns(f"x;alcalde;Ana;12345678-5;{text};;D"), lambda name: "12201")
    assert isinstance(found, Problem)


@given(
    st.dates(date(1990, 1, 1), date(2100, 12, 31)), st.sampled_from(["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"])
)
def test_every_day_comes_back_from_each_form(day: date, form: str) -> None:
    assert read_date(day.strftime(form)) == day
    assert read_date(str((day - date(1899, 12, 30)).days)) == day


@given(st.dictionaries(st.sampled_from(sorted(HEADINGS)), st.text(max_size=40)))
def test_any_cells_are_a_row_or_a_problem_in_words(cells: dict[str, str]) -> None:
    found = read_row(2, cells, lambda text: "12201")
    if isinstance(found, Problem):
        assert found.sentence
        assert found.code in PROBLEMS


def columns(line: str) -> dict[str, str]:
    return dict(zip(HEADINGS, line.split(";"), strict=False))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (";alcalde;Ana;12345678-5;06-12-2024;;D", "needed"),
        ("x;alcalde;;12345678-5;06-12-2024;;D", "needed"),
        ("x;alcalde;Ana;;06-12-2024;;D", "needed"),
        ("x;concejal;Ana;12345678-5;06-12-2024;;D", "kind"),
        ("x;alcalde;Ana;12345678-4;06-12-2024;;D", "run"),
        ("x;alcalde;Ana;0-0;06-12-2024;;D", "run"),
        ("x;alcalde;Ana;12345678-5;ayer;;D", "date"),
        ("x;alcalde;Ana;12345678-5;06-12-2024;05-12-2024;D", "order"),
        (f"x;alcalde;{'A' * 151};12345678-5;06-12-2024;;D", "too_long"),
        ("x;contacto;Ana;;;;;;ana@;;", "email"),
        ("x;contacto;Ana;;;;;;ana@ejemplo.cl;;quizás", "yes"),
    ],
)
def test_each_fault_of_a_row_has_its_words(line: str, code: str) -> None:
    found = read_row(2, columns(line), lambda text: "12201")
    assert isinstance(found, Problem)
    assert found.code == code


# Files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_in_each_encoding_and_with_each_separator(encoding: str, delimiter: str) -> None:
    content = file(MAYOR).decode().replace(";", delimiter).encode(encoding)
    table = read_file(content)
    assert [line for line, _cells in table.rows] == [2]
    assert table.rows[0][1]["name"] == "Ana Pérez"


def test_headings_are_known_by_their_other_names_in_any_order() -> None:
    table = read_file(b"Nombre Completo;RUT;Comuna;Color;TIPO\nAna;1-9;Lota;rojo;alcalde\n")
    assert table.rows[0][1] == {"name": "Ana", "run": "1-9", "municipality": "Lota", "kind": "alcalde"}
    assert table.unused == ["Color"]


def test_rows_keep_the_number_a_spreadsheet_shows() -> None:
    table = read_file(file("", MAYOR, ";;;", CONTACT))
    assert [line for line, _cells in table.rows] == [3, 5]


def test_a_workbook_is_read_from_the_sheet_that_has_the_headings() -> None:
    rows: list[list[object]] = [
        [*HEAD.split(";")],
        [12201, "alcalde", "Ana", "12345678-5", date(2024, 12, 6)],
        [9999.5],
    ]
    table = read_file(workbook(*rows))
    line, cells = table.rows[0]
    said = {key: text for key, text in cells.items() if text}
    assert (line, said) == (
        2,
        {"municipality": "12201", "kind": "alcalde", "name": "Ana", "run": "12345678-5", "starts": "2024-12-06"},
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        HEAD.encode(),
        b"nombre;run\nAna;1-9\n",
        b"municipio;tipo;nombre;comuna\na;b;c;d\n",
        b'municipio;tipo;nombre\n"a;b;c\n',
        b"municipio;tipo;nombre\na;b\0;c\n",
        b"PK\x03\x04" + b"x" * 100,
        b"\xd0\xcf\x11\xe0" + b"x" * 600,
        b"%PDF-1.7",
        workbook(["nada"]),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole_in_words(content: bytes) -> None:
    with pytest.raises(UnreadableError) as refusal:
        read_file(content)
    assert str(refusal.value)


typed = st.text(alphabet=st.characters(), max_size=200).map(lambda text: f"{HEAD}\n{text}".encode("utf-8", "replace"))


@settings(max_examples=200)
@given(st.binary(max_size=400) | typed)
def test_any_bytes_are_a_table_or_refused(content: bytes) -> None:
    try:
        table = read_file(content)
    except UnreadableError:
        return
    for _line, cells in table.rows:
        assert not any("\0" in text or "\n" in text for text in cells.values())


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_workbook_is_a_table_or_refused(data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_file(bytes(whole))
    except UnreadableError:
        return


WHOLE = workbook(HEAD.split(";"), ["12201", "alcalde", "Ana", "12345678-5", "06-12-2024"])


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    assert len(read_file(file(MAYOR, CONTACT)).rows) == 2
    with pytest.raises(UnreadableError, match="2"):
        read_file(file(MAYOR, CONTACT, MAYOR))


def rewritten(change: dict[str, bytes], declared: int | None = None) -> bytes:
    """A workbook with other parts; `declared` is the size that its directory says of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change.get(part.filename, old.read(part)))
        for part in new.infolist():
            if declared is not None and part.filename in change:
                part.file_size = declared
    return out.getvalue()


@pytest.mark.parametrize("declared", [None, 1000])
def test_a_zip_bomb_is_refused_without_unpacking_it(declared: int | None) -> None:
    bomb = rewritten({"xl/worksheets/sheet2.xml": b" " * (reading._MOST_UNPACKED + 1)}, declared)
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    with pytest.raises(UnreadableError):
        read_file(bomb)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


@pytest.mark.parametrize("place", ['r="XFD1048576"', 'r="A1048576"', 'r="ZZ3"', 'r="ABCDE1"'])
def test_a_cell_in_the_last_corner_is_refused_before_the_sheet_is_laid_out(place: str) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old:
        sheet = old.read("xl/worksheets/sheet2.xml").decode()
    far = sheet.replace("</sheetData>", f"<row><c s='>' {place}><v>1</v></c></row></sheetData>")
    with pytest.raises(UnreadableError):
        read_file(rewritten({"xl/worksheets/sheet2.xml": far.encode()}))
    empty = sheet.replace("</sheetData>", f"<row><c {place}/></row></sheetData>")
    assert read_file(rewritten({"xl/worksheets/sheet2.xml": empty.encode()})).rows


def test_a_workbook_with_entities_is_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'
    with pytest.raises(UnreadableError):
        read_file(rewritten({"xl/worksheets/sheet2.xml": laughs}))


# The comparison


CUTS = ("12201", "10207")
RUNS = ("12345678-5", "11111111-1", "22222222-2")
days = st.dates(date(2020, 1, 1), date(2020, 2, 10))
names = st.sampled_from(["Ana", "Luis", "Eva"])
authority_rows = st.builds(
    AuthorityRow,
    line=st.just(0),
    cut=st.sampled_from(CUTS),
    office=st.sampled_from(Office.values),
    name=names,
    run=st.sampled_from(RUNS),
    starts=days,
    last_day=st.none() | days,
    decree=st.sampled_from(["", "D1", "D2"]),
).filter(lambda row: row.last_day is None or row.last_day >= row.starts)
contact_rows = st.builds(
    ContactRow,
    line=st.just(0),
    cut=st.sampled_from(CUTS),
    name=names,
    position=st.sampled_from(["", "P"]),
    email=st.sampled_from(["", "a@x.cl", "b@x.cl"]),
    phone=st.sampled_from(["", "1", "2"]),
    is_main=st.booleans(),
)
files = st.lists(authority_rows | contact_rows, max_size=12).map(
    lambda rows: [replace(row, line=line) for line, row in enumerate(rows, 2)]
)


def taken_in(steps: list[Step], held: list[Held], cards: list[Card]) -> tuple[list[Held], list[Card]]:
    """What is recorded after the steps, checked after each write as the constraints of the tables do."""
    known: list[Held | Card] = [*held, *cards]
    for step in steps:
        for write in step.writes:
            place = next(
                (
                    at
                    for at, old in enumerate(known)
                    if type(old) is type(write)
                    and (old.pk == write.pk if write.pk else not old.pk and old.line == write.line)
                ),
                None,
            )
            if place is None:
                known.append(write)
            else:
                known[place] = write
            lawful(known)
    stored = [replace(each, pk=number, line=None) for number, each in enumerate(known, 1)]
    people = [replace(each, main_line=None) for each in stored if isinstance(each, Card)]
    return [each for each in stored if isinstance(each, Held)], people


def lawful(known: list[Held | Card]) -> None:
    held = [each for each in known if isinstance(each, Held) and each.office != Office.ACTING_MAYOR]
    for place, one in enumerate(held):
        for other in held[place + 1 :]:
            if (one.cut, one.office) == (other.cut, other.office):
                assert not overlap(one.starts, one.ends, other.starts, other.ends)
    for cut in CUTS:
        cards = [each for each in known if isinstance(each, Card) and each.cut == cut]
        assert sum(card.is_main for card in cards) <= 1
        emails = [card.email for card in cards if card.email]
        assert len(emails) == len(set(emails))
        assert all(card.email or card.phone for card in cards)


@settings(max_examples=250)
@given(files, files)
def test_each_step_is_lawful_and_the_same_file_changes_nothing_twice(before: list[Row], rows: list[Row]) -> None:
    held, cards = taken_in(plan(before, [], []), [], [])
    steps = plan(rows, held, cards)
    assert sorted(step.line for step in steps) == [row.line for row in rows]
    held, cards = taken_in(steps, held, cards)
    for cut in CUTS:
        assert sum(card.is_main for card in cards if card.cut == cut) == any(card.cut == cut for card in cards)
    good = {step.line for step in steps if step.outcome is not Outcome.ERROR}
    again = plan([row for row in rows if row.line in good], held, cards)
    assert {step.outcome for step in again} <= {Outcome.SAME}
