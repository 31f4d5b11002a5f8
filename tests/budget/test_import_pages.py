"""The council's pages of imports, as a person uses them, with and without scripts."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from budget.choices import ImportState
from budget.imports import reading
from budget.models import Dataset, Import
from tests.budget.importing import administrator, analyst, begin, bring, prepare, publish, read
from tests.cast import TOTP_SECRET, sign_in
from tests.sinim_files import AREAS, TITLES, table, year_of

pytestmark = pytest.mark.django_db

LIST = "/consejo/importaciones/"


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    prepare()


def signed_in(user: User) -> Client:
    TOTP.activate(user, TOTP_SECRET)
    return sign_in(Client(), user)


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(administrator())


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_strangers_and_municipal_people_see_no_imports() -> None:
    assert Client().get(LIST).status_code == 302
    citizen = User.objects.create(email="vecina@ejemplo.cl", name="vecina")
    client = Client()
    client.force_login(citizen)
    job = read(table({"13120": year_of(1)}))
    for address in (LIST, job.get_absolute_url(), reverse("budget:import_errors", args=[job.pk])):
        assert client.get(address).status_code == 403
    for step in ("publicar", "descartar", "releer"):
        assert client.post(reverse("budget:import_step", args=[job.pk, step])).status_code == 403


def test_an_analyst_reads_and_changes_nothing() -> None:
    client = signed_in(analyst())
    job = read(table({"13120": year_of(1)}))
    assert "Traer un archivo" not in text(client, LIST)
    assert "<form" not in text(client, job.get_absolute_url()).partition("<main")[2]
    assert client.post(LIST, {"file": SimpleUploadedFile("x.xls", b"<a/>")}).status_code == 403
    assert client.post(reverse("budget:import_step", args=[job.pk, "publicar"])).status_code == 403
    job.refresh_from_db()
    assert job.state == ImportState.READY


def test_an_empty_list_says_what_to_do(admin: Client) -> None:
    page = text(admin, LIST)
    assert "Todavía no se trae ningún archivo" in page
    assert 'type="file"' in page


def test_a_file_is_brought_and_followed_to_its_page(admin: Client) -> None:
    response = admin.post(LIST, {"file": SimpleUploadedFile("finanzas_2024.xlsx", table({"13120": year_of(1)}))})
    job = Import.objects.get()
    assert response.headers["Location"] == job.get_absolute_url()
    page = text(admin, job.get_absolute_url())
    assert "Esperando su turno" in page
    assert 'hx-trigger="every 1s"' in page
    assert "Actualizar ahora" in page
    assert "finanzas_2024.xlsx" in text(admin, LIST)


def test_the_same_file_twice_leads_to_the_same_import(admin: Client) -> None:
    content = table({"13120": year_of(1)})
    for _ in range(2):
        response = admin.post(LIST, {"file": SimpleUploadedFile("a.xls", content)}, follow=True)
    assert Import.objects.count() == 1
    assert "ya está en camino" in response.content.decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "Un documento PDF"),
        (b"", "El archivo está vacío"),
        (b"<html></html>", "Una página web"),
        (b"PK\x03\x04xl/", "Excel 2007 o posterior"),
    ],
)
def test_a_wrong_file_is_explained_beside_the_field(admin: Client, content: bytes, words: str) -> None:
    page = admin.post(LIST, {"file": SimpleUploadedFile("a.xlsx", content)}).content.decode()
    assert words in page
    assert page.count('<a href="#id_file">') == 1  # one problem, one line in the summary
    assert not Import.objects.exists()


def test_no_file_at_all_is_explained(admin: Client) -> None:
    assert "Elija un archivo." in admin.post(LIST, {}).content.decode()


def test_the_bar_moves_and_the_page_is_renewed_when_the_work_is_done(admin: Client) -> None:
    job = begin(table({"13120": year_of(1)}))
    Import.objects.filter(pk=job.pk).update(state=ImportState.READING, progress=50, total=200)
    response = admin.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert 'value="25"' in response.content.decode()
    assert "<html" not in response.content.decode()
    assert "HX-Refresh" not in response.headers
    reading.run_import(job.pk, now=timezone.now())
    response = admin.get(job.get_absolute_url(), headers={"HX-Request": "true"})
    assert response.headers["HX-Refresh"] == "true"
    assert "hx-get" not in response.content.decode()


def test_what_would_change_is_said_before_it_is_published(admin: Client) -> None:
    bring({"13120": year_of(81_200), "12201": year_of(900)})
    titles = TITLES | {"IADM11": "IADM11 (M$) Gastos Totales"}
    job = read(table({"13120": year_of(90_000), "12201": year_of(900), "10207": year_of(5)}, titles=titles))
    page = text(admin, job.get_absolute_url())
    assert "1 nuevas, 1 cambiadas, 1 sin cambios" in page
    assert "1 ediciones nuevas pasan a ser públicas y 1 reemplazan a las vigentes" in page
    assert "“Gastos Municipales (Gastos Total Devengado)” → “Gastos Totales”" in page


def test_a_file_that_changes_nothing_points_to_the_import_that_published_it(admin: Client) -> None:
    content = table({"13120": year_of(1)})
    first = read(content)
    publish(first)
    page = text(admin, read(content).get_absolute_url())
    assert "Este archivo no cambia nada" in page
    assert first.get_absolute_url() in page
    assert ">Publicar<" not in page


def test_findings_are_grouped_by_severity(admin: Client) -> None:
    wrong = dict.fromkeys(AREAS, 131 * 135)
    job = read(table({"13120": year_of(81_000) | wrong, "12201": year_of(900) | {"BPIIM": 901 + 5}}))
    page = text(admin, job.get_absolute_url())
    assert "Grave (1)" in page
    assert "Aviso (1)" in page
    assert "Las áreas no suman el total: 31 %" in page
    notices = text(admin, job.get_absolute_url() + "?gravedad=notice")
    assert "Las áreas no suman" not in notices
    assert "Cabo de Hornos 2024" in notices
    assert "Las áreas no suman" in text(admin, job.get_absolute_url() + "?gravedad=nada&pagina=99")


def test_a_refused_file_shows_where_and_how_to_mend_it(admin: Client) -> None:
    job = read(table({"13120": {"IADM11": "=1+1"}, "12201": {"IADM11": 2}}))
    page = text(admin, job.get_absolute_url())
    for words in ("El archivo fue rechazado", "La celda no es un número", "“=1+1”", "IADM11", ">4<", ">C<"):
        assert words in page
    response = admin.get(reverse("budget:import_errors", args=[job.pk]))
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Fila", "Columna", "Código", "Problema", "Se encontró", "Se esperaba", "Cómo corregirlo"]
    assert rows[1][:3] == ["4", "C", "IADM11"]
    assert rows[1][4] == "'=1+1"


def test_publish_and_discard_from_the_page(admin: Client) -> None:
    job = read(table({"13120": year_of(1)}))
    address = reverse("budget:import_step", args=[job.pk, "publicar"])
    assert admin.get(address).status_code == 405
    response = admin.post(address, follow=True)
    assert "se está publicando" in response.content.decode()
    response = admin.post(reverse("budget:import_step", args=[job.pk, "descartar"]), follow=True)
    assert "Otra persona se adelantó" in response.content.decode()
    job.refresh_from_db()
    assert job.state == ImportState.PUBLISHING
    assert admin.post(reverse("budget:import_step", args=[job.pk, "volar"])).status_code == 404


def test_a_discarded_import_tells_its_history(admin: Client) -> None:
    job = read(table({"13120": year_of(1)}))
    admin.post(reverse("budget:import_step", args=[job.pk, "descartar"]))
    page = text(admin, job.get_absolute_url())
    assert "administradora descartó la importación." in page
    assert ">Publicar<" not in page
    assert not Dataset.objects.public().exists()


def test_a_stuck_import_can_be_sent_again(admin: Client) -> None:
    job = begin(table({"13120": year_of(1)}))
    assert "Enviar de nuevo" in text(admin, job.get_absolute_url())
    response = admin.post(reverse("budget:import_step", args=[job.pk, "releer"]), follow=True)
    assert "va en camino de nuevo" in response.content.decode()


def test_an_import_that_does_not_exist_is_not_found(admin: Client) -> None:
    assert admin.get(f"{LIST}999/").status_code == 404


def test_the_list_is_paged_and_asks_the_database_a_fixed_number_of_questions(
    admin: Client, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    by = administrator("otra")
    for number in range(30):
        begin(table({"13120": year_of(number)}), by=by)
    with django_assert_max_num_queries(12):
        page = text(admin, LIST)
    assert "?pagina=2" in page


def test_an_upload_is_measured_by_its_bytes_and_not_by_what_it_claims(admin: Client) -> None:
    file = SimpleUploadedFile("a.pdf", table({"13120": year_of(1)}), content_type="application/pdf")
    assert admin.post(LIST, {"file": file}).status_code == 302
    with Import.objects.get().file.file.open("rb") as kept:
        assert kept.read() == table({"13120": year_of(1)})
