"""The plans of the country as anyone reads them: a page, its charts, its files, few queries."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from action_plans.exports.national import columns
from config.page_cache import forget_public_pages
from tests.action_plans import stories
from tests.action_plans.countries import country
from tests.cast import Cast

PAGE = reverse("action_plans:national")


def read(client: Client, address: str) -> str:
    forget_public_pages()  # each test has its own plans at the same addresses
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_the_answer_comes_first_then_each_number_with_how_it_is_counted(client: Client, cast: Cast) -> None:
    stories.carried_out(cast)
    page = read(client, PAGE)
    assert "1 de 2 municipalidades tuvo un plan de acción." in page
    assert "De 1 compromiso en ejecución, 0 está completo según sus hitos." in page
    assert "Actas a la vista" in page
    assert page.count('class="source"') == 11
    assert "de menos de cinco compromisos no se dice la proporción" in page


def test_without_any_plan_it_says_so(client: Client, cast: Cast) -> None:
    page = read(client, PAGE)
    assert "0 de 2 municipalidades" in page
    assert "Ningún compromiso cumple todo esto" in page


def test_it_leads_from_the_plans_and_to_the_reports(client: Client, cast: Cast) -> None:
    assert PAGE in read(client, reverse("action_plans:plans"))
    assert reverse("action_plans:yearly_reports") in read(client, PAGE)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 5),
        ("region=12", 4),
        ("region=10", 1),
        ("tema=16", 3),
        ("tema=sin-ods", 1),
        ("valor=participacion", 2),
        ("cumplimiento=completo", 1),
        ("cumplimiento=sin-hitos", 1),
        ("region=12&valor=informacion&tema=16", 2),
        ("region=99&tema=x&valor=&cumplimiento=%00", 5),
    ],
)
def test_filters_narrow_page_and_files_alike(client: Client, cast: Cast, query: str, count: int) -> None:
    country(cast)
    page = read(client, f"{PAGE}?{query}")
    assert f'<h2 id="results">{count} compromiso{"" if count == 1 else "s"}</h2>' in page
    rows = list(csv.reader(io.StringIO(read(client, f"{PAGE}datos.csv?separador=coma&{query}"))))
    assert rows[0] == [column.name for column in columns()]
    assert len(rows) == 1 + count
    document = json.loads(read(client, f"{PAGE}datos.json?{query}"))
    assert len(document["compromisos"]) == count


def test_each_row_of_a_table_leads_to_what_it_counts(client: Client, cast: Cast) -> None:
    country(cast)
    year = timezone.localdate().year
    page = read(client, f"{PAGE}?region=12")
    assert f'href="?anio={year}&amp;region=12&amp;valor=participacion"' in page
    assert f'href="?anio={year}"' in page


def test_the_workbook_holds_the_tables_of_the_page(client: Client, cast: Cast) -> None:
    country(cast)
    forget_public_pages()
    answer = client.get(f"{PAGE}datos.xlsx?valor=participacion")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == [
        *("anos", "etapas", "regiones", "temas", "valores", "cumplimiento", "diferencias", "apertura"),
        *("participacion", "minimos", "compromisos", "planes", "Qué contiene"),
    ]
    assert len(book.get_sheet_by_name("compromisos").to_python()) == 3
    said = book.get_sheet_by_name("Qué contiene").to_python()
    assert ["Filtros", "Participación ciudadana"] in said


@pytest.mark.parametrize("name", ["etapas", "temas", "cumplimiento", "apertura"])
def test_a_chart_draws_what_its_table_says(client: Client, cast: Cast, name: str) -> None:
    country(cast)
    assert f"{PAGE}figuras/{name}.json?" in read(client, PAGE)
    figure = json.loads(read(client, f"{PAGE}figuras/{name}.json"))
    document = json.loads(read(client, f"{PAGE}datos.json"))
    table = next(each for each in document["tablas"] if each["clave"] == name)
    drawn = [list(trace["x"]) for trace in figure["data"]]
    assert drawn == [[row[place] for row in table["filas"]] for place in range(1, len(drawn) + 1)]


def test_there_is_no_chart_of_nothing(client: Client, cast: Cast) -> None:
    assert "data-figure" not in read(client, PAGE)
    assert client.get(f"{PAGE}figuras/apertura.json").status_code == 404
    assert client.get(f"{PAGE}figuras/regiones.json").status_code == 404


@pytest.mark.parametrize(
    "query", ["anio=1999", "anio=3000", "anio=x", "pagina=99", "anio=%00&region=%F0", "separador=coma"]
)
def test_no_address_breaks_it(client: Client, cast: Cast, query: str) -> None:
    country(cast)
    assert read(client, f"{PAGE}?{query}")


def test_a_separator_that_there_is_not_is_refused(client: Client, cast: Cast) -> None:
    assert client.get(f"{PAGE}datos.csv?separador=tab").status_code == 400


@pytest.mark.parametrize("many", [1, 12])
def test_queries_do_not_grow(
    client: Client, cast: Cast, many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    country(cast, many=many)
    forget_public_pages()
    with django_assert_max_num_queries(19):
        assert client.get(PAGE).status_code == 200


def test_every_column_is_written_down() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "open-data.md").read_text()
    for column in columns():
        assert f"| `{column.name}` | {column.type} | {column.unit} | {column.description} |" in document
