"""A published diagnostic for everyone: what its page says, what its files hold, and what never leaves."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from config.page_cache import forget_public_pages
from diagnostics.actions.publication import show_what_became_public
from diagnostics.choices import DiagnosticState, EvidenceKind, RoundKind
from diagnostics.models import Comment, Diagnostic, Evidence, Round
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind, DocumentState
from municipalities.models import Document
from tests.cast import Cast, municipality
from tests.diagnostics.factories import NOW, a_round
from tests.diagnostics.published import (
    ANSWERS,
    TEXT,
    add_version,
    answered,
    file_evidence,
    link_evidence,
    publish,
    validate,
)

LATER = datetime(2026, 9, 1, 15, tzinfo=UTC)
HERE = "/municipios/12201-cabo-de-hornos/diagnosticos/publicos/"
S = DiagnosticState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


def midterm() -> Round:
    later = a_round("Medio término 2026", RoundKind.MIDTERM)
    Round.objects.filter(pk=later.pk).update(opens=date(2026, 8, 1))
    later.refresh_from_db()
    return later


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    page = answer.content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


def files_of(held: Diagnostic) -> list[str]:
    """Every address that tells of a diagnostic, or of all of them."""
    page = f"{HERE}{held.folio}/"
    one = ["", "respuestas.csv", "diagnostico.json", "informe.pdf"]
    country = ["", "mapa/", "datos.csv", "datos.json", "novedades.atom", f"rondas/{held.round_id}/respuestas.csv"]
    return [
        *(page + name for name in one),
        *(f"/diagnosticos/{name}" for name in country),
        *(HERE, "/municipios/12201-cabo-de-hornos/", "/api/v1/diagnostics/", f"/api/v1/diagnostics/{held.folio}/", "/"),
        "/diagnosticos/?buscar=cabo",
    ]


# What the page says


def test_the_page_answers_first_with_a_level_and_its_meaning(client: Client, cast: Cast) -> None:
    held = publish(cast.here)
    page = text(client, f"{HERE}{held.folio}/")
    level = "La Municipalidad de Cabo de Hornos está en el nivel 3 de 5: en desarrollo. significa en desarrollo"
    assert level in page
    assert page.index(level) < page.index("Las 2 dimensiones") < page.index("Cómo se compara")


def test_each_dimension_says_what_is_done_what_is_missing_and_every_answer_in_words(client: Client, cast: Cast) -> None:
    held = publish(cast.here)
    page = text(client, f"{HERE}{held.folio}/")
    transparency = page[page.index("Qué hace (Transparencia)") : page.index("Participación ciudadana Nivel")]
    done, missing = transparency.split("Qué falta (Transparencia)")
    assert "nivel 4: consolidado" in done
    assert "¿Tiene portal propio? Sí" in done
    assert "¿Qué publica además? Actas" in done
    assert "En esta dimensión no hay nada muy atrasado." in missing
    assert TEXT in transparency
    assert "Sin respuesta." in transparency  # t5 informs, and nobody said where to ask


def test_a_slug_that_is_not_the_municipality_s_leads_to_the_right_address(client: Client, cast: Cast) -> None:
    held = publish(cast.here)
    answer = client.get(f"/municipios/12201-otra-cosa/diagnosticos/publicos/{held.folio}/")
    assert (answer.status_code, answer["Location"]) == (301, f"{HERE}{held.folio}/")
    assert client.get("/municipios/12201-x/diagnosticos/publicos/")["Location"] == HERE
    assert client.get(f"/municipios/10207-queilen/diagnosticos/publicos/{held.folio}/").status_code == 404


def test_what_changed_since_the_earlier_one_is_told_question_by_question(client: Client, cast: Cast) -> None:
    first = publish(cast.here)
    second = publish(cast.here, round_=midterm(), answers={**ANSWERS, "t1": 5, "p1": "nunca"}, at=LATER)
    page = text(client, f"{HERE}{second.folio}/")
    changed = page[page.index("Desde Línea de base 2026") :]
    assert "Pregunta por pregunta: 1 mejoran, 1 bajan" in changed
    assert "nivel 4 de 5: consolidado → nivel 5 de 5: referente" in changed
    assert "En «Línea de base 2026» alcanzó" in page
    older = text(client, f"{HERE}{first.folio}/")
    assert "Hay un diagnóstico más nuevo de este municipio." in older
    assert "Pregunta por pregunta" not in older


def test_an_earlier_one_that_is_not_published_is_not_told(client: Client, cast: Cast) -> None:
    publish(cast.here, public_from=timezone.localdate() + timedelta(days=1))
    second = publish(cast.here, round_=midterm(), at=LATER, public_from=date(2026, 9, 1))
    page = text(client, f"{HERE}{second.folio}/")
    assert "Línea de base 2026" not in page
    assert "Hay un diagnóstico más nuevo" not in page


def test_groups_are_shown_from_five_published_on(client: Client, cast: Cast) -> None:
    held = publish(cast.here)
    for number in range(3):
        publish(municipality(f"1210{number}", f"Lugar {number}", f"lugar-{number}", order=16))
    early = publish(municipality("12109", "Lugar 9", "lugar-9", order=16))
    Diagnostic.objects.filter(pk=early.pk).update(public_from=timezone.localdate() + timedelta(days=1))
    assert text(client, f"{HERE}{held.folio}/").count("Todavía no hay con qué comparar") == 3
    Diagnostic.objects.filter(pk=early.pk).update(public_from=timezone.localdate())
    forget_public_pages()
    page = text(client, f"{HERE}{held.folio}/")
    assert "Todavía no hay con qué comparar" not in page
    assert "Índice" in page[page.index("Cómo se compara") :]


def test_the_radar_stands_beside_its_table_where_there_are_three_dimensions(client: Client, cast: Cast) -> None:
    held = publish(cast.here)  # the small instrument has two
    assert "radar.json" not in client.get(f"{HERE}{held.folio}/").content.decode()
    assert client.get(f"{HERE}{held.folio}/radar.json").json()["data"][0]["type"] == "scatterpolar"


def test_a_municipality_without_any_says_what_comes_and_when(client: Client, cast: Cast) -> None:
    a_round()
    page = text(client, HERE)
    assert "todavía no tiene un diagnóstico publicado" in page
    assert "La ronda «Línea de base 2026» recibe diagnósticos hasta el 31-12-2027." in page


# The files


def test_the_csv_has_a_row_a_question_in_the_order_of_the_instrument(client: Client, cast: Cast) -> None:
    held = publish(cast.here)
    body = client.get(f"{HERE}{held.folio}/respuestas.csv?separador=coma").content.decode()
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [row["pregunta"] for row in rows] == ["t1", "t2", "t3", "t4", "t5", "p1", "p2", "p3"]
    assert (rows[0]["valor"], rows[0]["puntaje"], rows[0]["estado"]) == ("4", "75.0000", "respondida")
    assert rows[2]["valor"] == "actas"
    assert rows[4]["estado"] == "informa"
    assert client.get(f"{HERE}{held.folio}/respuestas.csv?separador=x").status_code == 400


def test_the_json_is_the_same_each_time_and_the_page_tells_its_fingerprint(client: Client, cast: Cast) -> None:
    held = publish(cast.here)
    body = client.get(f"{HERE}{held.folio}/diagnostico.json").content
    assert hashlib.sha256(body).hexdigest() in text(client, f"{HERE}{held.folio}/")
    assert json.loads(body)["folio"] == held.folio
    assert held.snapshots.get().sha256 in body.decode()


def test_the_pdf_is_there_when_the_council_made_one(client: Client, cast: Cast) -> None:
    held = publish(cast.here)
    address = f"{HERE}{held.folio}/informe.pdf"
    assert client.get(address).status_code == 404
    made = keep(municipality=cast.here, kind=DocumentKind.DIAGNOSTIC, content=b"%PDF-1.7 x", name="x", now=NOW)
    Diagnostic.objects.filter(pk=held.pk).update(document=made)
    assert client.get(address).content == b"%PDF-1.7 x"
    forget_public_pages()
    assert made.sha256 in text(client, f"{HERE}{held.folio}/")


# Evidence


def evidence_address(held: Diagnostic, piece: Evidence) -> str:
    return f"{HERE}{held.folio}/evidencia/{piece.key}/"


def test_public_evidence_opens_and_what_is_kept_back_is_counted_without_its_name(client: Client, cast: Cast) -> None:
    held = answered(cast.here)
    shown = file_evidence(held, "t1", owner=cast.officer, title="Acta de marzo")
    link_evidence(held, "t2", "https://ejemplo.cl/portal", owner=cast.officer)
    kept = file_evidence(held, "p1", owner=cast.officer, is_public=False, title="Lista de socios")
    hidden = link_evidence(held, "p1", "https://privado.ejemplo.cl/", owner=cast.officer, is_public=False)
    validate(held)
    page = client.get(f"{HERE}{held.folio}/").content.decode()
    assert "Acta de marzo" in page
    assert 'href="https://ejemplo.cl/portal"' in page
    assert "El Consejo vio 2 evidencias más, que no son públicas." in re.sub(r"\s+", " ", page)
    answer = client.get(evidence_address(held, shown))
    assert answer.getvalue() == b"%PDF-1.7 Acta de marzo"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer["Content-Disposition"]
    for piece in (kept, hidden):
        assert client.get(evidence_address(held, piece)).status_code == 404
        for address in files_of(held):
            assert piece.title not in client.get(address).content.decode(errors="ignore"), address


def opened(client: Client, address: str) -> bytes | None:
    """The bytes at an address, read to their end; None where there is nothing."""
    answer = client.get(address)
    return answer.getvalue() if answer.status_code == 200 else None


@pytest.mark.parametrize("change", ["private", "removed", "newer", "quarantined", "waiting"])
def test_a_file_is_open_only_while_it_is_public_clean_and_the_one_that_was_validated(
    client: Client, cast: Cast, change: str
) -> None:
    held = answered(cast.here)
    piece = file_evidence(held, "t1", owner=cast.officer)
    validate(held)
    address = evidence_address(held, piece)
    assert opened(client, address) == b"%PDF-1.7 Acta"
    if change == "private":
        Evidence.objects.update(is_public=False)
    elif change == "removed":
        Evidence.objects.update(removed_at=LATER)
    elif change == "newer":
        secret = keep(municipality=cast.here, kind=DocumentKind.EVIDENCE, content=b"%PDF-1.7 2", name="x", now=LATER)
        add_version(piece, cast.officer, number=2, kind=EvidenceKind.FILE, document=secret)
        assert opened(client, address) == b"%PDF-1.7 Acta"
        return
    else:
        Document.objects.update(state=DocumentState.QUARANTINED if change == "quarantined" else DocumentState.WAITING)
    assert opened(client, address) is None


def test_evidence_of_another_diagnostic_does_not_open_by_this_one_s_door(client: Client, cast: Cast) -> None:
    published_one = publish(cast.here)
    open_one = answered(cast.here, round_=midterm())
    piece = file_evidence(open_one, "t1", owner=cast.officer)
    assert client.get(evidence_address(published_one, piece)).status_code == 404


# What never leaves


@pytest.mark.parametrize("state", [S.OPEN, S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.CANCELLED, "early"])
def test_nothing_of_an_unpublished_diagnostic_leaves(client: Client, cast: Cast, state: str) -> None:
    held = answered(cast.here)
    piece = file_evidence(held, "t1", owner=cast.officer, title="Acta reservada")
    Comment.objects.create(diagnostic=held, question="t1", text="Entre nosotros", by=cast.officer, at=NOW)
    validate(held, public_from=timezone.localdate() + timedelta(days=1))
    if state != "early":
        Diagnostic.objects.filter(pk=held.pk).update(state=state)
    secrets = [str(held.folio), TEXT, "Acta reservada", "Entre nosotros", str(piece.key), "Devuelto", "En revisión"]
    for address in [*files_of(held), evidence_address(held, piece)]:
        answer = client.get(address)
        body = answer.content.decode()
        found = [secret for secret in secrets if secret in body and secret not in address]
        assert not found, (address, answer.status_code, found)
        assert answer.status_code == 200 or "publicos/DGAM" in address or "rondas" in address or "api" in address
    assert client.get(f"{HERE}{held.folio}/").status_code == 404
    assert client.get(evidence_address(held, piece)).status_code == 404


def test_a_published_diagnostic_tells_no_person_comment_or_doubt(client: Client, cast: Cast) -> None:
    held = answered(cast.here)
    Comment.objects.create(diagnostic=held, question="t1", text="Entre nosotros", by=cast.officer, at=NOW)
    held.submitted_by = cast.coordinator
    validate(held)
    for address in files_of(held):
        body = client.get(address).content.decode(errors="ignore")
        for secret in ("Entre nosotros", cast.coordinator.name, cast.officer.email, '"confidence"', "low"):
            assert secret not in re.sub(r"follow|below|allow|slow|lower", "", body), (address, secret)


def test_it_is_shown_on_its_day_and_the_kept_pages_are_forgotten_once(client: Client, cast: Cast) -> None:
    today = timezone.localdate()
    held = publish(cast.here, public_from=today)
    Diagnostic.objects.filter(pk=held.pk).update(public_from=today + timedelta(days=1))
    assert "todavía no tiene" in text(client, HERE)
    now = timezone.now()
    assert not show_what_became_public(now=now)
    Diagnostic.objects.filter(pk=held.pk).update(public_from=today)
    cache.set("diagnostics-public-until", today - timedelta(days=2))
    assert "todavía no tiene" in text(client, HERE)  # kept
    assert show_what_became_public(now=now)
    assert "está en el nivel 3" in text(client, HERE)
    assert not show_what_became_public(now=now)


# What it costs


def test_the_page_asks_few_questions_however_many_answers_and_neighbours(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    held = answered(cast.here)
    file_evidence(held, "t1", owner=cast.officer)
    validate(held)
    second = publish(cast.here, round_=midterm(), at=LATER)
    for number in range(6):
        publish(municipality(f"1210{number}", f"Lugar {number}", f"lugar-{number}", order=16))
    with django_assert_max_num_queries(13):
        client.get(f"{HERE}{second.folio}/")
    with django_assert_max_num_queries(5):
        client.get(HERE)
