"""The published diagnostics of the country: list, map, medians, open data, feed, and what they cost."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from config.page_cache import forget_public_pages
from diagnostics.choices import RoundKind, ScoreLevel
from diagnostics.exports import published as exports
from diagnostics.models import Diagnostic, Round, Score
from municipalities.models import Municipality
from portal.views.failures import page_meant
from tests.diagnostics.factories import a_round
from tests.diagnostics.published import ANSWERS, TEXT, publish

ATOM = "{http://www.w3.org/2005/Atom}"
LATER = datetime(2026, 9, 1, 15, tzinfo=UTC)
LIST = "/diagnosticos/"

pytestmark = pytest.mark.usefixtures("register")


@pytest.fixture
def register(whole_register: None, db: None) -> None:
    """The 345 municipalities, with nothing kept of other tests' pages."""
    cache.clear()


def place(cut: str) -> Municipality:
    return Municipality.objects.get(pk=cut)


def some(*cuts: str) -> list[Diagnostic]:
    return [publish(place(cut)) for cut in cuts]


def midterm() -> Round:
    return a_round("Medio término 2026", RoundKind.MIDTERM)


def text(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


def names(client: Client, query: str = "") -> list[str]:
    """The municipalities of the list, in their order."""
    page = client.get(LIST + query).content.decode()
    return re.findall(r'<th scope="row"><a href="/municipios/[^"]+publicos/[^"]*">([^<]+)<', page)


def count_beside(client: Client, query: str, word: str) -> str:
    page = client.get(LIST + query).content.decode()
    found = re.search(rf">{re.escape(word)} <span>(\d+)</span>", page)
    assert found, word
    return found[1]


# The list


def test_the_page_answers_first_how_many_there_are_and_where_the_middle_is(client: Client) -> None:
    some("13120", "12401")
    page = text(client, LIST)
    assert "2 de 345 municipalidades tienen un diagnóstico publicado." in page
    assert "La del medio" not in page  # of two nothing is told
    some("13101", "05101", "01101")
    forget_public_pages()
    assert "La del medio está en el nivel 3 de 5: en desarrollo." in text(client, LIST)


def test_the_page_works_before_anything_is_published(client: Client) -> None:
    page = text(client, LIST)
    assert "0 de 345 municipalidades" in page
    assert "Todavía no hay diagnósticos publicados" in page


def test_the_list_is_by_name_and_is_no_ranking_unless_asked(client: Client) -> None:
    publish(place("13120"), answers={**ANSWERS, "t1": 5})
    some("05101", "01101")
    assert names(client) == ["Iquique", "Ñuñoa", "Valparaíso"]
    assert names(client, "?orden=-puntaje")[0] == "Ñuñoa"
    assert names(client, "?orden=-nombre") == ["Valparaíso", "Ñuñoa", "Iquique"]
    assert len(names(client, "?orden=fecha")) == 3


def test_filters_are_links_that_count_what_they_leave(client: Client) -> None:
    some("13120", "13101")
    publish(place("05101"), answers={"t1": 1, "t2": False, "t4": "1", "p1": "nunca"})
    assert count_beside(client, "", "Nivel 3, en desarrollo") == "2"
    assert count_beside(client, "", "Nivel 1, inexistente") == "1"
    assert count_beside(client, "", "Metropolitana") == "2"
    assert count_beside(client, "?nivel=1", "Metropolitana") == "0"
    assert count_beside(client, "?region=13", "Sin diagnóstico publicado") == "50"
    assert names(client, "?region=13&nivel=3") == ["Ñuñoa", "Santiago"]
    assert len(names(client, "?region=13&nivel=sin-diagnostico")) == 30
    assert names(client, "?buscar=iquique") == ["Iquique"]
    assert names(client, "?nivel=9&region=99&orden=x&ronda=abc") == ["Ñuñoa", "Santiago", "Valparaíso"]


def test_the_newest_of_each_is_shown_or_those_of_a_round(client: Client) -> None:
    some("13120", "05101")
    second = publish(place("13120"), round_=midterm(), answers={**ANSWERS, "t1": 5}, at=LATER)
    assert f"/publicos/{second.folio}/" in client.get(LIST).content.decode()
    assert len(names(client)) == 2
    assert names(client, f"?ronda={second.round_id}") == ["Ñuñoa"]
    address = f"?ronda={second.round_id}&amp;region=13".replace("&amp;", "&amp;")
    assert address in client.get(f"{LIST}?ronda={second.round_id}").content.decode()


def test_the_map_and_the_list_are_in_step(client: Client) -> None:
    made = publish(place("12401"))
    page = client.get(LIST).content.decode()
    assert re.search(r'aria-label="Magallanes[^"]*: 1 de 10 municipalidades"', page)
    page = client.get(f"{LIST}?region=12").content.decode()
    assert 'aria-label="Natales: nivel 3, en desarrollo"' in page
    assert 'aria-label="Timaukel: sin diagnóstico publicado"' in page
    assert f"publicos/{made.folio}/" in page
    assert 'aria-label="Natales: nivel 3, en desarrollo"' in client.get(f"{LIST}mapa/").content.decode()


def test_medians_are_told_by_region_from_five_on(client: Client) -> None:
    some("13120", "13101", "13102", "13103", "13104", "05101")
    page = text(client, LIST)
    assert re.search(r"Metropolitana 5 3, en desarrollo [\d,]+ [\d,]+ a [\d,]+", page)
    assert "Valparaíso 1 menos de cinco: no se da mediana" in page
    assert "La mediana de Metropolitana de Santiago" in text(client, f"{LIST}?region=13")


# Open data


def test_the_csv_has_a_row_a_diagnostic_with_its_dimensions(client: Client) -> None:
    (made,) = some("13120")
    publish(place("13120"), round_=midterm(), at=LATER)
    body = client.get(f"{LIST}datos.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(body), delimiter=";"))
    assert len(rows) == 2
    row = rows[1]
    assert (row["cut"], row["folio"], row["momento"]) == ("13120", made.folio, "linea_de_base")
    assert (row["dimension_participacion"], row["dimension_participacion_nivel"]) == ("50,0000", "3")
    assert row["pagina"].endswith(f"/municipios/13120-nunoa/diagnosticos/publicos/{made.folio}/")
    assert client.get(f"{LIST}datos.csv?separador=x").status_code == 400


def test_what_the_list_says_is_what_the_validated_copy_says(client: Client) -> None:
    (made,) = some("13120")
    index = Score.objects.get(diagnostic=made, level=ScoreLevel.INDEX)
    frozen = made.snapshots.get().content["scores"]
    assert Decimal(frozen["reached"]) == index.reached
    assert frozen["level"] == index.step
    (row,) = exports.rows(timezone.localdate())
    assert row["indice"] == exports.of_hundred(frozen["reached"])


def test_the_json_holds_the_same_rows_and_explains_them(client: Client) -> None:
    some("13120")
    document = json.loads(client.get(f"{LIST}datos.json").content)
    (row,) = document["diagnosticos"]
    assert row["indice_nivel"] == 3
    explained = set(document["diccionario"])
    assert {name if name in explained else re.sub("(?<=dimension_)[a-z]+", "*", name) for name in row} == explained


def test_the_answers_of_a_round_come_in_one_file(client: Client) -> None:
    made, _other = some("13120", "05101")
    address = f"{LIST}rondas/{made.round_id}/respuestas.csv?separador=coma"
    rows = list(csv.DictReader(io.StringIO(client.get(address).content.decode())))
    assert len(rows) == 16
    assert {row["explicacion"] for row in rows} == {"", TEXT}
    assert client.get(f"{LIST}rondas/{midterm().pk}/respuestas.csv").status_code == 404


def test_every_column_is_in_the_documentation_word_for_word() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "open-data.md").read_text()
    for column in (*exports.columns(), *exports.answer_columns()):
        assert f"| `{column.name}` | {column.type} | {column.unit} | {column.description} |" in document


def test_the_feed_tells_what_was_published_with_ids_that_stay(client: Client) -> None:
    assert ElementTree.fromstring(client.get(f"{LIST}novedades.atom").content).tag == f"{ATOM}feed"
    (made,) = some("13120")
    forget_public_pages()
    feed = ElementTree.fromstring(client.get(f"{LIST}novedades.atom").content)
    (entry,) = feed.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Ñuñoa: diagnóstico de la ronda «Línea de base 2026»"
    assert str(entry.findtext(f"{ATOM}id")).endswith(f"diagnosticos/{made.folio}")


# Other pages


def test_the_profile_tells_the_index_and_its_dimensions(client: Client) -> None:
    assert "Todavía no hay un diagnóstico publicado" in text(client, "/municipios/13120-nunoa/")
    (made,) = some("13120")
    forget_public_pages()
    page = text(client, "/municipios/13120-nunoa/")
    assert "Está en el nivel 3 de 5: en desarrollo." in page
    assert "Transparencia 4, consolidado" in page
    assert f"publicos/{made.folio}/" in client.get("/municipios/13120-nunoa/").content.decode()
    assert page.index("Presupuesto") < page.index("Diagnóstico") < page.index("Municipalidades parecidas")


def test_the_front_page_leads_to_what_is_published(client: Client) -> None:
    assert "/instrumentos/" in client.get("/").content.decode()
    some("13120", "05101")
    forget_public_pages()
    assert "Vea los diagnósticos publicados de 2 municipios" in text(client, "/")


@pytest.mark.parametrize(
    ("path", "name"),
    [("/diagnostico/", "diagnostics:public_diagnostics"), ("/intrumentos/", "diagnostics:instrument_list")],
)
def test_a_misspelt_address_is_led_on(path: str, name: str) -> None:
    meant = page_meant(path)
    assert meant is not None
    assert meant[0] == name


@pytest.mark.parametrize("path", ["a/%00/", "prueba/2026.1%00/", "prueba/2026.1%0A/", "prueba/9/instrumento.yaml"])
def test_a_version_that_cannot_be_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/instrumentos/{path}").status_code == 404


# What it costs


def test_the_list_asks_as_few_questions_with_many_as_with_none(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        client.get(LIST)
    some(*Municipality.objects.order_by("pk").values_list("pk", flat=True)[:40])
    forget_public_pages()
    with django_assert_max_num_queries(6):
        client.get(LIST)
    with django_assert_max_num_queries(6):
        client.get(f"{LIST}?region=13&nivel=3&buscar=santiago")
    with django_assert_max_num_queries(6):
        client.get(f"{LIST}mapa/")
    with django_assert_max_num_queries(7):
        exports.rows(timezone.localdate())
    with django_assert_max_num_queries(5):
        client.get(f"{LIST}rondas/{Round.objects.get().pk}/respuestas.csv")
