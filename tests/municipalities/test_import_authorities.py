"""A file of authorities and contacts: its cells, the comparison with what is recorded, the dry run and the decision."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Event, User
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import authority_imports as actions
from municipalities.choices import AuthorityImportState, Office
from municipalities.exports.authorities import harmless
from municipalities.imports import authorities as reading
from municipalities.imports.authorities import UnreadableError, read_file
from municipalities.models import Alias, Authority, AuthorityImport, Contact
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
from tests.cast import Cast, sign_in

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = "/consejo/autoridades/importar/"
HEAD = "municipio;tipo;nombre;run;desde;hasta;decreto;cargo;correo;telefono;principal"
MAYOR = "Cabo de Hornos;alcalde;Ana Pérez;12.345.678-5;06-12-2024;;Decreto 1;;;;"
CONTACT = "12201;contacto;Luis Soto;;;;;Encargado;luis@ejemplo.cl;+56 9 1234;sí"


def file(*lines: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    return "\n".join([head, *lines]).encode(encoding)


def workbook(*rows: Iterable[object], sheet: str = "Datos") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd-mm-yyyy"}) as book:
        book.add_worksheet("Portada").write(0, 0, "Léame")
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return out.getvalue()


def begin(by: User, content: bytes, name: str = "autoridades.csv") -> AuthorityImport:
    return actions.begin_import(by=by, file=io.BytesIO(content), name=name, now=NOW)


def apply(pending: AuthorityImport, *, leave_errors_out: bool = False) -> AuthorityImport:
    return actions.apply_import(by=pending.by, pending=pending, leave_errors_out=leave_errors_out, now=NOW)


def outcomes(pending: AuthorityImport) -> list[str]:
    return [row["outcome"] for row in pending.rows]


def problems(pending: AuthorityImport) -> list[str]:
    return [row["problem"][0] for row in pending.rows if row["problem"]]


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


# The dry run and the decision


def test_nothing_is_written_until_someone_decides(cast: Cast) -> None:
    pending = begin(cast.adviser, file(MAYOR, CONTACT))
    assert outcomes(pending) == ["new", "new"]
    assert not Authority.objects.exists()
    assert not Contact.objects.exists()
    apply(pending)
    mayor, contact = Authority.objects.get(), Contact.objects.get()
    assert (mayor.name, mayor.run, mayor.starts, mayor.ends) == ("Ana Pérez", "12345678-5", date(2024, 12, 6), None)
    assert (contact.email, contact.is_main, contact.phone) == ("luis@ejemplo.cl", True, "+56 9 1234")


def test_the_second_time_all_is_the_same(cast: Cast) -> None:
    lines = [MAYOR, CONTACT, "Cabo de Hornos;alcalde;Eva;11111111-1;01-02-2026;;Decreto 9;;;;"]
    apply(begin(cast.adviser, file(*lines)))
    assert outcomes(begin(cast.adviser, file(*lines))) == ["same"] * 3


def test_a_change_shows_the_old_and_the_new(cast: Cast) -> None:
    apply(begin(cast.adviser, file(MAYOR)))
    changed = MAYOR.replace("Ana Pérez", "Ana Pérez Soto").replace(";;Decreto 1", ";01-03-2026;Decreto 1")
    pending = begin(cast.adviser, file(changed))
    assert pending.rows[0]["changes"] == [["name", "Ana Pérez", "Ana Pérez Soto"], ["ends", "", "01-03-2026"]]
    apply(pending)
    assert Authority.objects.get().last_day == date(2026, 3, 1)
    assert Event.objects.filter(kind="authority.corrected").count() == 1


def test_a_new_mayor_ends_the_former_and_says_so_before(cast: Cast) -> None:
    apply(begin(cast.adviser, file(MAYOR)))
    pending = begin(cast.adviser, file("Cabo de Hornos;alcaldesa;Eva;11111111-1;01-02-2026;;Decreto 9"))
    assert pending.rows[0]["changes"] == [["former", "Ana Pérez", "31-01-2026"]]
    apply(pending)
    assert Authority.objects.get(name="Ana Pérez").last_day == date(2026, 1, 31)
    assert "Ana Pérez" in Event.objects.get(kind="authority.replaced").sentence


def test_a_municipality_is_found_by_code_name_alias_and_title(cast: Cast) -> None:
    Alias.objects.create(municipality=cast.here, name="Puerto Williams")
    spelled = ["12201", "CABO DE HORNOS", "Ilustre Municipalidad de Cabo de Hornos", "puerto williams"]
    pending = begin(cast.adviser, file(*(MAYOR.replace("Cabo de Hornos", name) for name in spelled)))
    assert {row["cut"] for row in pending.rows} == {"12201"}
    assert outcomes(pending) == ["new", "same", "same", "same"]


def test_unknown_and_foreign_municipalities_are_errors_with_words(client: Client, cast: Cast) -> None:
    wrong = [MAYOR.replace("Cabo de Hornos", name) for name in ("Cabo de Horno", "Zzzz", "Queilen", "99999")]
    pending = begin(cast.adviser, file(*wrong))
    assert problems(pending) == ["suggestion", "municipality", "scope", "municipality"]
    page = sign_in(client, cast.adviser).get(f"{PAGE}{pending.pk}/").content.decode()
    assert "¿Quiso decir Cabo de Hornos?" in page


def test_errors_stop_the_good_rows_unless_the_person_leaves_them_out(cast: Cast) -> None:
    pending = begin(cast.adviser, file(MAYOR, "Zzzz;alcalde;Eva;11111111-1;01-02-2026;;D"))
    with pytest.raises(RefusedError):
        apply(pending)
    assert not Authority.objects.exists()
    applied = apply(pending, leave_errors_out=True)
    assert applied.state == AuthorityImportState.APPLIED
    assert Authority.objects.get().name == "Ana Pérez"


def test_what_changed_in_between_is_shown_again_and_not_written(cast: Cast) -> None:
    apply(begin(cast.adviser, file(MAYOR)))
    pending = begin(cast.adviser, file(MAYOR.replace("Decreto 1", "Decreto 2"), CONTACT))
    Authority.objects.update(name="Otro nombre")
    with pytest.raises(OvertakenError):
        apply(pending)
    pending.refresh_from_db()
    assert [row["meanwhile"] for row in pending.rows] == [True, False]
    assert not Contact.objects.exists()
    apply(pending)
    assert Authority.objects.get().decree == "Decreto 2"
    assert Contact.objects.exists()


def test_what_someone_else_recorded_alike_needs_no_second_look(cast: Cast) -> None:
    pending, other = begin(cast.adviser, file(MAYOR, CONTACT)), begin(cast.administrator, file(MAYOR))
    apply(other)
    apply(pending)
    assert Authority.objects.count() == 1


def test_a_file_is_applied_once(cast: Cast) -> None:
    pending = begin(cast.adviser, file(MAYOR))
    apply(pending)
    with pytest.raises(OvertakenError):
        apply(pending)
    with pytest.raises(OvertakenError):
        actions.discard_import(by=cast.adviser, pending=pending, now=NOW)


def test_a_decided_file_keeps_no_run_and_no_email(cast: Cast) -> None:
    pending = begin(cast.adviser, file(MAYOR, CONTACT))
    apply(pending)
    other = begin(cast.adviser, file(MAYOR, CONTACT))
    actions.discard_import(by=cast.adviser, pending=other, now=NOW)
    kept = str(list(AuthorityImport.objects.values())) + str(list(Event.objects.values()))
    for private in ("12.345.678-5", "12345678-5", "luis@ejemplo.cl"):
        assert private not in kept


def test_what_nobody_decides_on_is_forgotten_after_a_week(cast: Cast) -> None:
    old = begin(cast.adviser, file(MAYOR))
    AuthorityImport.objects.update(created_at=NOW - timedelta(days=8))
    begin(cast.adviser, file(MAYOR))
    old.refresh_from_db()
    assert old.state == AuthorityImportState.DISCARDED
    assert "cells" not in old.rows[0]


def test_an_advisers_scope_is_asked_again_at_the_decision(cast: Cast) -> None:
    pending = begin(cast.adviser, file(MAYOR))
    cast.adviser.adviser_scopes.all().delete()
    with pytest.raises(OvertakenError):
        apply(pending)
    assert not Authority.objects.exists()


@pytest.mark.parametrize("who", ["analyst", "coordinator", "mayor", "citizen"])
def test_nobody_else_brings_files(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        begin(getattr(cast, who), file(MAYOR))


def test_a_file_of_another_adviser_is_not_seen(client: Client, cast: Cast) -> None:
    pending = begin(cast.adviser, file(MAYOR))
    assert sign_in(client, cast.adviser_elsewhere).get(f"{PAGE}{pending.pk}/").status_code == 404
    assert sign_in(client, cast.administrator).get(f"{PAGE}{pending.pk}/").status_code == 200


def test_the_pages_lead_from_the_file_to_the_register(client: Client, cast: Cast) -> None:
    sign_in(client, cast.adviser)
    assert "decreto" in client.get(PAGE).content.decode()
    refused = client.post(PAGE, {"file": SimpleUploadedFile("x.csv", b"nombre\nAna\n")})
    assert "Faltan: municipio, tipo" in refused.content.decode()
    answer = client.post(PAGE, {"file": SimpleUploadedFile("x.csv", file(MAYOR, "Zzzz;alcalde;E;1-9;1;;D"))})
    address = answer.headers["Location"]
    page = client.get(address).content.decode()
    assert "Dejar fuera las filas con error" in page
    assert "Zzzz" in page
    assert "Ana Pérez" not in client.get(address + "?ver=error").content.decode()
    assert "Algunas filas tienen errores" in client.post(address + "aplicar/").content.decode()
    assert client.post(address + "aplicar/", {"dejar_errores": "1"}).status_code == 302
    assert client.post(address + "aplicar/", {"dejar_errores": "1"}).status_code == 409
    assert Authority.objects.count() == 1
    assert "Aplicado" in client.get(address).content.decode()


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_template_filled_in_is_read(client: Client, cast: Cast, suffix: str) -> None:
    sign_in(client, cast.adviser)
    answer = client.get(f"{PAGE}plantilla.{suffix}")
    assert answer.status_code == 200
    with pytest.raises(UnreadableError, match="filas"):
        read_file(answer.content)
    if suffix == "csv":
        assert read_file(answer.content + MAYOR.encode()).rows[0][1]["name"] == "Ana Pérez"


def test_formulas_are_harmless_in_the_download_which_can_be_brought_again(client: Client, cast: Cast) -> None:
    formula = "=HYPERLINK(1)"
    pending = begin(cast.adviser, file(f"Zzzz;contacto;{formula};;;;;+cmd;a@x.cl;+56 9 1234;"))
    content = sign_in(client, cast.adviser).get(f"{PAGE}{pending.pk}/filas.csv").content
    row = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))[1]
    assert "'" + formula in row
    assert "'+cmd" in row
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    assert read_file(content).rows[0][1]["phone"] == "+56 9 1234"
    assert read_file(content).rows[0][1]["name"] == formula


@given(st.text(max_size=20))
def test_no_text_leaves_as_a_formula(text: str) -> None:
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
