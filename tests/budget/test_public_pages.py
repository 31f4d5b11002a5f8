import re
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.http.response import HttpResponseBase
from django.test import Client

from budget.choices import DatasetState, Severity, Source
from budget.models import Dataset
from budget.reports import compute_years
from config.page_cache import forget_public_pages
from municipalities.models import Commune, Municipality
from tests.budget import factories as make

pytestmark = pytest.mark.django_db
YEAR = "/municipios/13120-nunoa/presupuesto/2024/"


@pytest.fixture(autouse=True)
def _fresh_pages() -> None:
    forget_public_pages()


@pytest.fixture
def nunoa() -> Municipality:
    place = make.municipality()
    make.inhabitants(place, 2024, 250_000)
    make.prices({2023: ("100", 12), 2024: ("110", 12), 2025: ("121", 12)})
    return place


@pytest.fixture
def full(nunoa: Municipality) -> Dataset:
    edition = make.dataset(nunoa, lines=make.full_lines(), indicators=make.FULL_INDICATORS)
    compute_years([("13120", 2024)])
    return edition


def text(response: HttpResponseBase) -> str:
    """What a reader sees of the main part, in one line."""
    body: str = response.content.decode()  # type: ignore[attr-defined]
    main = re.sub(r"<(script|style)\b.*?</\1>", "", body[body.index("<main") :], flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page(client: Client, address: str = YEAR, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return text(response)


def test_the_first_thing_read_is_the_answer(client: Client, full: Dataset) -> None:
    body = page(client)
    assert (
        "Presupuesto 2024 de Ñuñoa En 2024 la Municipalidad de Ñuñoa gastó $ 80 millones: $ 320 por habitante. "
        "De cada 100 pesos, 50 fueron a servicios para la comuna y 35 a funcionamiento del municipio."
    ) in body


def test_four_numbers_stand_with_their_meaning_source_date_and_unit(client: Client, full: Dataset) -> None:
    body = page(client)
    assert "$ 90 millones" in body
    assert "$ 10 millones más que al comenzar." in body
    assert "80 de cada 100 pesos que se podían gastar." in body
    assert (
        "Con 250.000 habitantes, según: Projections 2002-2035, base 2017 (INE)" in body or "250.000 habitantes" in body
    )
    assert "En pesos de 2024. Fuente: SINIM (SUBDERE), al 31-12-2024." in body


def test_each_chart_stands_beside_its_table_and_its_figure_can_be_fetched(client: Client, full: Dataset) -> None:
    body = client.get(YEAR).content.decode()
    addresses = re.findall(r'data-figure="([^"]+)"', body)
    assert len(addresses) == 4
    for address in addresses:
        assert client.get(address).status_code == 200
    assert body.count("<table>") == 4


def test_an_area_opens_into_its_accounts_and_leads_back(client: Client, full: Dataset) -> None:
    assert 'href="/municipios/13120-nunoa/presupuesto/2024/?ver=area-02"' in client.get(YEAR).content.decode()
    response = client.get(f"{YEAR}?ver=area-02")
    body = text(response)
    assert (
        "Servicios para la comuna En 2024 la Municipalidad de Ñuñoa gastó en esto $ 40 millones: 50 de cada 100" in body
    )
    assert "Nombre 215.22.05.001" in body
    assert "Otros gastos no detallados por la fuente" in body
    assert "Ñuñoa Presupuesto 2024 Gasto por área Servicios para la comuna" in body
    assert 'href="/municipios/13120-nunoa/presupuesto/2024/?ver=215.22.05.001"' in response.content.decode()


def test_an_account_opens_into_the_areas_that_spent_it(client: Client, full: Dataset) -> None:
    body = page(client, f"{YEAR}?ver=215.22.05.001")
    assert "Servicios para la comuna" in body
    assert "3.000.000" in body


def test_the_amounts_of_the_page_change_with_the_pesos_asked_for(client: Client, full: Dataset) -> None:
    assert "gastó $ 88 millones, en pesos de 2025" in page(client, f"{YEAR}?montos=reales")
    each = page(client, f"{YEAR}?montos=por-habitante")
    assert "gastó $ 320 por habitante: $ 80 millones en total" in each
    assert "En pesos de 2024 por habitante." in each


def test_the_way_of_showing_amounts_stays_while_one_drills(client: Client, full: Dataset) -> None:
    body = client.get(f"{YEAR}?montos=reales").content.decode()
    assert "?ver=area-02&amp;montos=reales" in body


@pytest.mark.parametrize("query", ["montos=oro", "ver=", "montos=&ver=", "x=1", "ver=%00", "montos=reales&montos=oro"])
def test_an_address_with_nonsense_still_answers(client: Client, full: Dataset, query: str) -> None:
    assert client.get(f"{YEAR}?{query}").status_code == 200


def test_a_detail_that_the_year_does_not_have_is_said(client: Client, full: Dataset) -> None:
    assert "Ese detalle no está en los datos de 2024." in page(client, f"{YEAR}?ver=area-09")


def test_income_and_execution_leave_out_the_cash_of_the_year_before(client: Client, full: Dataset) -> None:
    body = page(client)
    assert "Ingresos sin los $ 6 millones que quedaron del año anterior" in body
    assert "Ingresos 85.000.000 94.000.000 85.000.000 90,4" in body
    assert "De cada 100 pesos, 59 fueron" in body


def test_findings_are_shown_plainly_the_most_serious_first(client: Client, nunoa: Municipality) -> None:
    edition = make.dataset(nunoa, lines=make.full_lines())
    make.finding(edition, "a", Severity.NOTICE, "Un aviso.")
    make.finding(edition, "b", Severity.SERIOUS, "Las áreas no suman el total: 31 %.")
    compute_years([("13120", 2024)])
    body = page(client)
    assert "Lea estos datos con cuidado Las áreas no suman el total: 31 %. Un aviso." in body
    assert "Revise el balance." not in body


def test_areas_that_exceed_the_total_are_shared_out_over_their_sum(client: Client, nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(100), ("215", "01"): make.spent(90), ("215", "02"): make.spent(41)})
    compute_years([("13120", 2024)])
    body = page(client)
    assert "Las partes suman $ 31 más que el total (31,0 %)." in body
    assert "68,7" in body
    assert "De cada 100 pesos, 90" not in body


def test_a_municipality_that_reported_nothing_has_no_data_and_no_zero(client: Client, nunoa: Municipality) -> None:
    make.dataset(nunoa, 2023, lines=make.full_lines())
    make.dataset(nunoa, 2024, indicators={"IADM01": None})
    compute_years([("13120", 2023), ("13120", 2024)])
    body = page(client)
    assert "Presupuesto 2024 de Ñuñoa: sin dato" in body
    assert "No Recepcionado" in body
    assert "$ 0" not in body
    assert "Presupuesto 2023" in body


def test_a_total_without_areas_shows_the_kinds_and_says_what_is_missing(client: Client, nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(100), "215.21": make.spent(40), "115": make.received(90)})
    compute_years([("13120", 2024)])
    body = page(client)
    assert "Por área" not in body
    assert "El gasto por área: la municipalidad no lo informó a SINIM (SUBDERE)." in body
    assert "El presupuesto inicial y el vigente: la municipalidad no los informó" in body
    assert "En qué se gastaron 60 de cada 100 pesos" in body
    assert "Presupuesto al comenzar el año (presupuesto inicial) sin dato" in body


def test_years_stand_side_by_side_in_their_own_and_in_constant_pesos(client: Client, nunoa: Municipality) -> None:
    make.inhabitants(nunoa, 2023, 200_000)
    make.dataset(nunoa, 2023, lines={"215": make.spent(70_000_000)})
    make.dataset(nunoa, 2024, lines={"215": make.spent(80_000_000)})
    compute_years([("13120", 2023), ("13120", 2024)])
    body = page(client)
    assert "2024 80.000.000 88.000.000 3,9 % 320" in body
    assert "2023 70.000.000 84.700.000 – 350" in body
    assert "en pesos de 2025" in body


def test_one_year_alone_is_not_compared(client: Client, full: Dataset) -> None:
    assert "El portal solo tiene 2024 de esta municipalidad." in page(client)


def test_demonstration_data_say_so(client: Client, nunoa: Municipality) -> None:
    make.dataset(nunoa, lines=make.full_lines(), source=Source.DEMONSTRATION)
    compute_years([("13120", 2024)])
    assert "Datos de demostración: estos montos son inventados." in page(client)


def test_a_superseded_edition_stays_readable_and_leads_to_the_one_in_force(client: Client, nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(70)}, state=DatasetState.SUPERSEDED)
    make.dataset(nunoa, lines={"215": make.spent(80)}, edition=2)
    compute_years([("13120", 2024)])
    old = page(client, f"{YEAR}ediciones/1/")
    assert "Usted lee la edición 1, reemplazada el 1 de agosto de 2025." in old
    assert "gastó $ 70" in old
    assert f'href="{YEAR}"' in client.get(f"{YEAR}ediciones/1/").content.decode()
    new = page(client)
    assert "gastó $ 80" in new
    assert "Edición 1, vigente desde el 01-08-2025 hasta el 01-08-2025" in new
    assert "reemplazada" not in page(client, f"{YEAR}ediciones/2/")
    assert client.get(f"{YEAR}ediciones/3/").status_code == 404


def test_a_draft_has_no_address(client: Client, nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(70)}, state=DatasetState.DRAFT)
    Commune.objects.create(cut="13120", name="Ñuñoa", province=nunoa.province, municipality=nunoa)
    assert client.get(f"{YEAR}ediciones/1/").status_code == 404
    assert client.get(YEAR).status_code == 404


def test_the_latest_year_is_where_one_is_led(client: Client, full: Dataset) -> None:
    response = client.get("/municipios/13120-nunoa/presupuesto/")
    assert (response.status_code, response["Location"]) == (302, YEAR)


def test_another_name_leads_to_the_right_one_for_good_with_what_was_asked(client: Client, full: Dataset) -> None:
    response = client.get("/municipios/13120-nunoaa/presupuesto/2024/?ver=area-02")
    assert (response.status_code, response["Location"]) == (301, f"{YEAR}?ver=area-02")
    response = client.get("/municipios/13120-otra/presupuesto/2024/ediciones/1/")
    assert (response.status_code, response["Location"]) == (301, f"{YEAR}ediciones/1/")


def test_an_unknown_year_names_the_years_there_are(client: Client, nunoa: Municipality, full: Dataset) -> None:
    Commune.objects.create(cut="13120", name="Ñuñoa", province=nunoa.province, municipality=nunoa)
    body = page(client, "/municipios/13120-nunoa/presupuesto/1999/", 404)
    assert "No hay presupuesto 1999 de Ñuñoa El portal tiene estos años: Presupuesto 2024 de Ñuñoa" in body


def test_the_commune_without_municipality_says_who_administers_it(client: Client) -> None:
    place = make.municipality("12201", "Cabo de Hornos", "cabo-de-hornos")
    Commune.objects.create(cut="12202", name="Antártica", province=place.province, municipality=place)
    body = page(client, "/municipios/12202-antartica/presupuesto/2024/", 404)
    assert "La comuna Antártica la administra la Municipalidad de Cabo de Hornos" in body
    assert client.get("/municipios/99999-x/presupuesto/2024/").status_code == 404


def test_a_figure_can_be_kept_for_ever_and_is_not_sent_twice(client: Client, full: Dataset) -> None:
    address = re.findall(r'data-figure="([^"]+)"', client.get(YEAR).content.decode())[0]
    plain = client.get(address)
    assert plain["Content-Type"] == "application/json"
    assert "immutable" in plain["Cache-Control"]
    assert plain.json()["data"][0]["type"] == "treemap"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content)
    assert client.get(address, headers={"If-None-Match": plain["ETag"]}).status_code == 304
    assert client.get(f"/figuras/{'0' * 64}.json").status_code == 404


def test_every_office_word_of_the_page_leads_to_the_glossary(client: Client, full: Dataset) -> None:
    body = client.get(YEAR).content.decode()
    terms = client.get("/glosario/").content.decode()
    links = re.findall(r'href="/glosario/#([a-z-]+)"', body)
    assert len(links) >= 9
    for slug in links:
        assert f'id="{slug}"' in terms


def test_the_page_needs_two_queries_and_few_bytes(
    client: Client, full: Dataset, django_assert_max_num_queries: object
) -> None:
    client.get(YEAR)
    cache.clear()
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        response = client.get(YEAR, headers={"Accept-Encoding": "gzip"})
    assert len(response.content) < 15_000


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_public_pages_only_read(client: Client, full: Dataset, method: str) -> None:
    for address in (YEAR, "/glosario/", "/municipios/13120-nunoa/presupuesto/"):
        assert getattr(client, method)(address).status_code == 405


def test_the_invented_is_said_once_where_the_whole_site_says_it(
    client: Client, nunoa: Municipality, settings: Any
) -> None:
    make.dataset(nunoa, lines=make.full_lines(), source=Source.DEMONSTRATION)
    compute_years([("13120", 2024)])
    said = "inventados"
    assert client.get(YEAR).content.decode().count(said) == 1
    settings.DEMONSTRATION = True
    forget_public_pages()
    assert client.get(YEAR).content.decode().count(said) == 1


def test_a_detail_can_be_taken_away_as_well(client: Client, full: Dataset) -> None:
    assert f'href="{YEAR}datos.csv"' in client.get(f"{YEAR}?ver=area-02&montos=reales").content.decode()
    assert "en pesos de 2024 y con los códigos de las cuentas" in page(client, f"{YEAR}?montos=reales")


def test_an_edition_that_does_not_exist_is_not_told_as_a_missing_year(client: Client, full: Dataset) -> None:
    place = full.municipality
    Commune.objects.create(cut=place.cut, name=place.name, province=place.province, municipality=place)
    body = page(client, f"{YEAR}ediciones/9/", 404)
    assert "No hay una edición 9 del presupuesto 2024 de Ñuñoa" in body
    assert "No hay presupuesto 2024" not in body
    assert "No hay presupuesto 1999" in page(client, "/municipios/13120-nunoa/presupuesto/1999/ediciones/9/", 404)


def test_the_glossary_follows_the_alphabet_of_its_readers(client: Client) -> None:
    terms = re.findall(r"<h2>(.+?)</h2>", client.get("/glosario/").content.decode())
    assert terms[0] == "Actividades y celebraciones"
    assert terms.index("Área de gestión") < terms.index("Ayuda y programas sociales")
