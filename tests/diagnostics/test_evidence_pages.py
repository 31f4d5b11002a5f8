"""The pages of evidence: the library, one piece, the evidence of a question, with and without the script."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from diagnostics.actions.evidence import Details, Place, Sent, add
from diagnostics.choices import DiagnosticState, SnapshotKind
from diagnostics.models import Diagnostic, Evidence, EvidenceUse, EvidenceVersion
from diagnostics.reports.snapshots import take
from municipalities.models import Document
from municipalities.rules.uploads import LARGEST
from tests.cast import Cast, sign_in
from tests.diagnostics import factories
from tests.diagnostics.factories import NOW
from tests.diagnostics.test_evidence import clean, file, picture, quarantine
from tests.municipalities.test_documents import JPEG, PNG

pytestmark = pytest.mark.django_db
PAGE = "https://www.comuna.cl/actas"
OTHER = "https://www.comuna.cl/ordenanza"


@pytest.fixture
def held(cast: Cast) -> Diagnostic:
    return factories.diagnostic(cast.here)


def of(cast: Cast, name: str, *more: object) -> str:
    return reverse(f"diagnostics:{name}", args=[cast.here.cut, cast.here.slug, *more])


def bring(cast: Cast, title: str, sent: Sent, place: Place | None = None, **more: Any) -> Evidence:
    details = Details(title, **more)
    added = add(by=cast.officer, municipality=cast.here, key=uuid4(), details=details, sent=sent, now=NOW, place=place)
    return added.evidence


def upload(content: bytes = PNG, name: str = "acta_del_cosoc.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def shelf(cast: Cast, held: Diagnostic) -> dict[str, Evidence]:
    """A piece in each state."""
    shelf = {
        "used": bring(cast, "Acta del COSOC", file(), Place(held, "t1"), description="Sesión de mayo"),
        "expired": bring(cast, "Convenio vencido", file(picture(1)), expires=date(2020, 1, 1)),
        "closed": bring(cast, "Ñandú peligroso", file(picture(2))),
        "dead": bring(cast, "Página caída", Sent(url=PAGE)),
    }
    clean(shelf["used"])
    quarantine(shelf["closed"])
    EvidenceVersion.objects.filter(evidence=shelf["dead"]).update(
        link_state="dead", link_failures=2, link_fault="404", link_checked_at=NOW
    )
    return shelf


def titles(client: Client, cast: Cast, query: str) -> list[str]:
    response = client.get(of(cast, "evidence_library") + query)
    assert response.status_code == 200
    return [piece.title for piece in response.context["pieces"]]


@pytest.mark.usefixtures("held")
def test_the_library_is_found_by_words_and_by_state(client: Client, cast: Cast, shelf: dict[str, Evidence]) -> None:
    sign_in(client, cast.reader)
    assert len(titles(client, cast, "")) == 4
    assert titles(client, cast, "?buscar=NANDU") == ["Ñandú peligroso"]
    assert titles(client, cast, "?buscar=mayo+cosoc") == ["Acta del COSOC"]
    assert titles(client, cast, "?buscar=nada") == []
    assert titles(client, cast, "?estado=vencida") == ["Convenio vencido"]
    assert titles(client, cast, "?estado=sin-respuesta") == ["Página caída"]
    assert titles(client, cast, "?estado=cuarentena") == ["Ñandú peligroso"]
    assert titles(client, cast, "?estado=sin-uso") == ["Página caída", "Ñandú peligroso", "Convenio vencido"]
    assert len(titles(client, cast, "?estado=otro&pagina=99")) == 4
    body = client.get(of(cast, "evidence_library")).content.decode()
    for words in (
        "vencida desde el 01-01-2020",
        "En cuarentena",
        "El sitio respondió con el error 404",
        "en ninguna pregunta",
    ):
        assert words in body


def test_a_library_of_hundreds_costs_as_many_queries_as_one_of_four(
    client: Client, cast: Cast, shelf: dict[str, Evidence]
) -> None:
    sign_in(client, cast.officer)

    def cost(name: str, *more: object) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(of(cast, name, *more)).status_code == 200
        return len(queries)

    cost("evidence_library")
    few = cost("evidence_library")
    for number in range(40):
        bring(cast, f"Página {number}", Sent(url=f"{OTHER}/{number}"))
    assert cost("evidence_library") == few <= 14
    assert cost("evidence", shelf["used"].key) <= 18


def test_a_section_with_evidence_everywhere_keeps_its_price(client: Client, cast: Cast, held: Diagnostic) -> None:
    for number, question in enumerate(("t1", "t2", "t4", "t5") * 5):
        bring(cast, f"Foto {number}", file(picture(number)), Place(held, question))
    sign_in(client, cast.officer)
    address = of(cast, "section", held.pk, "transparencia")
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        body = client.get(address).content.decode()
    assert "Foto 19" in body
    assert len(queries) <= 15


def test_a_piece_tells_its_versions_its_places_and_its_history(
    client: Client, cast: Cast, held: Diagnostic, shelf: dict[str, Evidence]
) -> None:
    sign_in(client, cast.officer)
    sent = {"key": str(uuid4()), "file": upload(JPEG, "nueva.jpg")}
    assert client.post(of(cast, "evidence_renew", shelf["used"].key), sent).status_code == 302
    take(held, kind=SnapshotKind.NAMED, name="x", by=None, now=NOW)
    body = client.get(of(cast, "evidence", shelf["used"].key)).content.decode()
    document = shelf["used"].versions.get(number=1).document
    assert document is not None
    for words in (
        document.sha256,
        "¿Cómo publica la información obligatoria?",
        "Funcionario agregó la versión 2 de la evidencia «Acta del COSOC».",
        "Sesión de mayo",
    ):
        assert words in body
    assert "Por eso no se puede quitar" not in body
    sign_in(client, cast.reader)
    assert "Agregar una versión" not in client.get(of(cast, "evidence", shelf["used"].key)).content.decode()


def test_adding_to_the_library_takes_a_file_or_a_page_once(client: Client, cast: Cast) -> None:
    sign_in(client, cast.officer)
    key = str(uuid4())
    for _twice in range(2):
        response = client.post(of(cast, "evidence_add"), {"key": key, "file": upload()})
        assert response.status_code == 302
    assert Evidence.objects.get().title == "acta del cosoc"
    for wrong, words in (
        ({}, "Elija un archivo o escriba"),
        ({"url": "http://10.0.0.1/"}, "red privada"),
        ({"url": PAGE, "file": upload(JPEG)}, "o una dirección"),
        ({"file": upload(b"GIF89a")}, "no es un PDF"),
        ({"file": upload()}, "Ya está en la biblioteca"),
        ({"url": PAGE, "dated": "2026-03-01", "expires": "2026-02-01"}, "antes de la fecha"),
        ({"url": "x" * 600}, "más de 500"),
    ):
        response = client.post(of(cast, "evidence_add"), {"key": str(uuid4()), **wrong})
        assert response.status_code == 200
        assert words in response.content.decode()
    assert client.post(of(cast, "evidence_add"), {"key": "x", "url": PAGE}).status_code == 200
    response = client.post(of(cast, "evidence_add"), {"key": str(uuid4()), "url": "www.comuna.cl/actas/"})
    assert response.status_code == 302
    assert Evidence.objects.latest("pk").title == "www.comuna.cl/actas"


def test_a_file_that_is_too_large_is_told_and_not_kept(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    address = of(cast, "question_evidence", held.pk, "t1") + "?parte=lista"
    large = upload(JPEG[:-2] + bytes(LARGEST) + JPEG[-2:], "foto.jpg")
    response = client.post(address, {"what": "add", "key": str(uuid4()), "file": large})
    assert response.status_code == 422
    assert "20 MB" in response.content.decode()
    assert not Document.objects.exists()


def test_details_are_not_written_over_a_change_of_somebody_else(
    client: Client, cast: Cast, shelf: dict[str, Evidence]
) -> None:
    sign_in(client, cast.officer)
    address = of(cast, "evidence_edit", shelf["used"].key)
    form = client.get(address).context["form"]
    fields = {"title": "Mío", "owner": cast.coordinator.pk, "seen": form.initial["seen"], "is_public": "on"}
    Evidence.objects.filter(pk=shelf["used"].pk).update(title="De ella")
    response = client.post(address, fields)
    assert response.status_code == 409
    assert 'value="Mío"' in response.content.decode()
    again = client.post(address, {**fields, "seen": response.context["form"].data["seen"]})
    assert again.status_code == 302
    changed = Evidence.objects.get(pk=shelf["used"].pk)
    assert (changed.title, changed.owner, changed.is_public) == ("Mío", cast.coordinator, True)
    assert client.post(address, {**fields, "owner": cast.citizen.pk}).status_code == 200


def test_a_piece_is_linked_and_removed_from_its_page(
    client: Client, cast: Cast, held: Diagnostic, shelf: dict[str, Evidence]
) -> None:
    sign_in(client, cast.officer)
    address = of(cast, "evidence_link", shelf["dead"].key)
    for wrong in ({}, {"place": "x"}, {"place": f"{held.pk}:otra"}, {"place": "999:t1"}):
        assert client.post(address, wrong).status_code == 422
    for _twice in range(2):
        assert client.post(address, {"place": f"{held.pk}:t2"}).status_code == 302
    assert EvidenceUse.objects.filter(evidence=shelf["dead"]).count() == 1
    page = client.get(of(cast, "evidence_remove", shelf["dead"].key)).content.decode()
    assert "¿Tiene portal propio?" in page
    for _twice in range(2):
        assert client.post(of(cast, "evidence_remove", shelf["dead"].key)).status_code == 302
    assert client.get(of(cast, "evidence", shelf["dead"].key)).status_code == 404
    take(held, kind=SnapshotKind.SUBMITTED, name="x", by=None, now=NOW)


def test_the_evidence_of_a_question_works_without_scripts(client: Client, cast: Cast, held: Diagnostic) -> None:
    sign_in(client, cast.officer)
    address = of(cast, "question_evidence", held.pk, "t1")
    assert address in client.get(of(cast, "section", held.pk, "transparencia")).content.decode()
    response = client.post(address, {"what": "add", "key": str(uuid4()), "file": upload()}, follow=True)
    assert "«acta del cosoc» quedó como evidencia de esta respuesta." in response.content.decode()
    evidence = Evidence.objects.get()
    other = of(cast, "question_evidence", held.pk, "t2")
    assert "Usarla aquí" in client.get(f"{other}?buscar=cosoc").content.decode()
    client.post(other, {"what": "link", "key": str(evidence.key)})
    client.post(address, {"what": "unlink", "key": str(evidence.key)})
    assert EvidenceUse.objects.get().question == "t2"
    wrong = client.post(address, {"what": "add", "key": str(uuid4()), "url": "ftp://x"})
    assert wrong.status_code == 422
    assert "Escriba una dirección web" in wrong.content.decode()
    for key in ("x", str(uuid4()), ""):
        assert client.post(address, {"what": "link", "key": key}).status_code == 404
    assert client.post(address, {}).status_code == 422
    assert client.get(of(cast, "question_evidence", held.pk, "otra")).status_code == 404


def test_the_script_gets_the_list_of_one_question_and_nothing_else(
    client: Client, cast: Cast, held: Diagnostic
) -> None:
    sign_in(client, cast.officer)
    address = of(cast, "question_evidence", held.pk, "t1")
    sent = {"what": "add", "key": str(uuid4()), "file": upload()}
    first = client.post(f"{address}?parte=lista", sent)
    body = first.content.decode()
    assert first.status_code == 200
    assert "<html" not in body
    assert "data-evidence-waiting" in body
    again = client.post(f"{address}?parte=lista", {**sent, "file": upload()})
    assert again.status_code == 200
    assert (Evidence.objects.count(), EvidenceUse.objects.count()) == (1, 1)
    assert "La biblioteca no tiene nada más" in client.get(f"{address}?parte=biblioteca").content.decode()
    assert "Pruebe con menos" in client.get(f"{address}?parte=biblioteca&buscar=zzz").content.decode()


def test_what_may_not_change_is_shown_and_refused(client: Client, cast: Cast, held: Diagnostic) -> None:
    evidence = bring(cast, "Acta", file(), Place(held, "t1"))
    address = of(cast, "question_evidence", held.pk, "t1")
    for reader in (cast.reader, cast.mayor, cast.adviser):
        sign_in(client, reader)
        assert "Desenlazar" not in client.get(address).content.decode()
        assert client.post(address, {"what": "unlink", "key": str(evidence.key)}).status_code == 403
    sign_in(client, cast.officer)
    Diagnostic.objects.update(state=DiagnosticState.SUBMITTED, state_since=timezone.now() - timedelta(days=1))
    assert "Desenlazar" not in client.get(address).content.decode()
    refused = client.post(address, {"what": "unlink", "key": str(evidence.key)})
    assert refused.status_code == 422
    assert "su evidencia queda como está" in refused.content.decode()
    assert EvidenceUse.objects.exists()
