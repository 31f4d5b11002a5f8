"""A file of authorities and contacts: the dry run and the decision."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event, User
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions import authority_imports as actions
from municipalities.choices import AuthorityImportState
from municipalities.exports.authorities import harmless
from municipalities.imports.authorities import UnreadableError, read_file
from municipalities.models import Alias, Authority, AuthorityImport, Contact
from tests.cast import Cast, sign_in
from tests.municipalities.authority_files import CONTACT, MAYOR, file

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = "/consejo/autoridades/importar/"


def begin(by: User, content: bytes, name: str = "autoridades.csv") -> AuthorityImport:
    return actions.begin_import(by=by, file=io.BytesIO(content), name=name, now=NOW)


def apply(pending: AuthorityImport, *, leave_errors_out: bool = False) -> AuthorityImport:
    return actions.apply_import(by=pending.by, pending=pending, leave_errors_out=leave_errors_out, now=NOW)


def outcomes(pending: AuthorityImport) -> list[str]:
    return [row["outcome"] for row in pending.rows]


def problems(pending: AuthorityImport) -> list[str]:
    return [row["problem"][0] for row in pending.rows if row["problem"]]


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
