"""Front page, profile, suggestions, failures: what anyone sees."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.views.defaults import server_error
from pytest_django import DjangoAssertNumQueries

from budget.choices import Source
from budget.models import YearSummary
from budget.reports.parts import Row
from config.page_cache import forget_public_pages
from municipalities.choices import AdhesionState
from municipalities.models import Municipality
from portal.reports import bar_parts
from portal.views.failures import municipalities_meant
from tests.action_plans.citizens import listening, meeting
from tests.cast import Cast
from tests.municipalities.adhesions import adhesion

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AREAS: list[list[Any]] = [
    ["areas", "", "", "", 1_000_000_000, False, ""],
    ["area-01", "areas", "Gestión interna", "", 520_000_000, False, ""],
    ["area-02", "areas", "Servicios a la comunidad", "", 480_000_000, False, ""],
    ["area-03", "areas", "Actividades municipales", "", 0, False, ""],
    ["215.21", "area-01", "Personal", "", 100_000_000, False, ""],
]
KINDS: list[list[Any]] = [
    ["215", "", "", "", 1_000_000_000, False, ""],
    ["215.22", "215", "Compras", "", 300_000_000, False, ""],
    ["215.21", "215", "Sueldos", "", 600_000_000, False, ""],
    ["215/rest", "215", "", "", 100_000_000, True, ""],
]


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


@pytest.fixture
def register(whole_register: None, db: None) -> None:
    """The whole register, as municipalities' pages need it."""


def summary(
    cut: str,
    year: int = 2024,
    *,
    accrued: int | None,
    population: list[Any] | None = None,
    trees: dict[str, Any] | None = None,
    findings: list[list[str]] | None = None,
    source: Source = Source.SINIM,
) -> YearSummary:
    """A computed year, as `budget.reports` describes its payload."""
    payload = {
        "headline": {"initial": None, "current": None, "accrued": accrued, "received": None},
        "dataset": {"source": source, "demonstration": source == Source.DEMONSTRATION},
        "trees": {"area": [], "nature": [], "origin": []} | (trees or {}),
        "population": population,
        "findings": findings or [],
        "figures": {},
        "price": None,
    }
    return YearSummary.objects.create(municipality_id=cut, year=year, payload=payload, computed_at=NOW)


def text(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


@pytest.mark.django_db
def test_the_front_page_works_before_anything_is_loaded(client: Client) -> None:
    assert "¿Cuál es su municipio?" in text(client, "/")


@pytest.mark.usefixtures("register")
def test_the_front_page_counts_what_is_published(client: Client) -> None:
    summary("13120", accrued=81_200_000_000)
    summary("13120", 2023, accrued=1)
    summary("13101", accrued=2_000_000_000)
    summary("10207", accrued=None)
    page = text(client, "/")
    assert "2 de 345 municipalidades tienen aquí su presupuesto 2024." in page
    assert "$ 83.200 millones gastaron en conjunto en 2024." in page


@pytest.mark.usefixtures("register")
def test_the_front_page_counts_who_adhered_and_leads_to_the_register(client: Client) -> None:
    assert "0 de 345 municipalidades adhirieron" in text(client, "/")
    adhesion(Municipality.objects.get(pk="13120"))
    adhesion(Municipality.objects.get(pk="12401"), AdhesionState.SUSPENDED)
    forget_public_pages()
    assert "1 de 345 municipalidades adhirió al modelo de gobierno abierto. Vea cuáles" in text(client, "/")
    assert 'href="/adhesiones/"' in client.get("/").content.decode()


@pytest.mark.usefixtures("register")
def test_the_profile_tells_the_facts_of_the_register(client: Client) -> None:
    page = text(client, "/municipios/13120-nunoa/")
    for fact in (
        "Municipalidad de Ñuñoa",
        "241.467",
        "Metropolitana de Santiago",
        "Urbana",
        "Todavía no hay un presupuesto",
    ):
        assert fact in page


@pytest.mark.usefixtures("register")
def test_the_profile_tells_the_latest_budget_in_one_sentence(client: Client) -> None:
    summary("13120", 2023, accrued=5)
    summary("13120", accrued=1_000_000_000, population=[250_000, "census_2024"], trees={"area": AREAS})
    page = text(client, "/municipios/13120-nunoa/")
    assert "En 2024 la Municipalidad de Ñuñoa gastó $ 1.000 millones: $ 4.000 por habitante." in page
    assert "De cada 100 pesos, 52 fueron a gestión interna y 48 a servicios a la comunidad." in page
    assert "Actividades municipales" not in page


@pytest.mark.usefixtures("register")
def test_what_was_not_reported_is_no_data_and_never_zero(client: Client) -> None:
    summary("10207", accrued=None, population=[5_690, "census_2024"])
    page = text(client, "/municipios/10207-queilen/")
    assert "2024: sin dato" in page
    assert "$ 0" not in page


@pytest.mark.usefixtures("register")
def test_a_total_without_parts_says_that_the_source_does_not_give_them(client: Client) -> None:
    summary("13102", accrued=7_000_000)
    page = text(client, "/municipios/13102-cerrillos/")
    assert "gastó $ 7 millones" in page
    assert "por habitante" not in page
    assert "La fuente no dice en qué se gastó." in page


@pytest.mark.usefixtures("register")
def test_areas_that_exceed_the_total_are_not_told_as_if_they_had_been_spent(client: Client) -> None:
    areas = [list(row) for row in AREAS]
    areas[1][4] = 1_000_000_000
    trees = {"area": areas, "nature": KINDS}
    found = [["areas", "warning", "Las áreas no suman el total."], ["otro", "notice", "Un detalle."]]
    summary("13120", accrued=1_000_000_000, trees=trees, findings=found)
    page = text(client, "/municipios/13120-nunoa/")
    assert "Gestión interna" not in page
    assert "De cada 100 pesos, 60 fueron a sueldos y 30 a compras. Las áreas no suman el total." in page
    assert "Un detalle." not in page
    assert re.search("Sueldos .* Compras .* Otros gastos no detallados por la fuente", page)


@pytest.mark.usefixtures("register")
def test_the_profile_names_no_source_for_what_was_made_up(client: Client) -> None:
    summary("13120", accrued=5_000_000, source=Source.DEMONSTRATION)
    assert "SINIM" not in text(client, "/municipios/13120-nunoa/")


@pytest.mark.usefixtures("register")
def test_the_front_page_counts_the_words_that_its_glossary_has(client: Client) -> None:
    count = len(re.findall('class="term"', client.get("/glosario/").content.decode()))
    assert f"{count} palabras del presupuesto municipal están explicadas" in text(client, "/")


@pytest.mark.usefixtures("register")
def test_a_wrong_name_moves_for_good_and_antartica_is_explained(client: Client) -> None:
    moved = client.get("/municipios/13120-providencia/")
    assert (moved.status_code, moved["Location"]) == (301, "/municipios/13120-nunoa/")
    assert "la administra la Municipalidad de Cabo de Hornos" in text(client, "/municipios/12202-antartica/")
    assert client.get("/municipios/99999-nada/").status_code == 404


@pytest.mark.usefixtures("register")
def test_a_profile_shows_municipalities_of_its_own_group_nearest_in_inhabitants(client: Client) -> None:
    place = Municipality.objects.get(pk="13120")
    page = client.get(place.get_absolute_url()).content.decode()
    block = page[page.index('aria-labelledby="alike"') : page.index('aria-labelledby="sources"')]
    cuts = re.findall(r"/municipios/(\d{5})-", block)
    assert len(cuts) == 8
    assert place.pk not in cuts
    assert set(Municipality.objects.filter(pk__in=cuts).values_list("peer_group", flat=True)) == {place.peer_group}


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("address", ["/", "/municipios/13120-nunoa/", "/buscar/sugerencias/?buscar=san", "/acerca/"])
def test_public_pages_ask_few_questions(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, address: str
) -> None:
    with django_assert_max_num_queries(8):
        assert client.get(address).status_code == 200


@pytest.mark.usefixtures("register")
def test_suggestions_name_the_region_and_lead_to_the_profile(client: Client) -> None:
    answer = client.get("/buscar/sugerencias/", {"buscar": "san p"}).json()["suggestions"]
    assert {"name": "San Pedro", "region": "Metropolitana", "href": "/municipios/13505-san-pedro/"} in answer
    sanes = client.get("/buscar/sugerencias/", {"buscar": "san"}).json()["suggestions"]
    assert all(found["name"].startswith("San ") for found in sanes)  # and not those that are only also called San
    assert len(client.get("/buscar/sugerencias/", {"buscar": "la"}).json()["suggestions"]) == 6
    assert client.get("/buscar/sugerencias/", {"buscar": "s"}).json() == {"suggestions": []}


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/nunua", "Ñuñoa"),
        ("/municipios/13120/", "Ñuñoa"),
        ("/municipios/12202/", "Cabo de Hornos"),
        ("/municipios/13120-nuñoa/presupuestos", "Ñuñoa"),
        ("/comuna/VALPARAISO.html", "Valparaíso"),
    ],
)
def test_a_page_not_found_suggests_the_municipality_meant(client: Client, path: str, first: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert municipalities_meant(path)[0].name == first
    assert f"Municipalidad de {first}" in answer.content.decode()


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("path", "meant"),
    [("/muncipios/", "/municipios/"), ("/municipios/presupuesto/", "/municipios/"), ("/Glosarios/x", "/glosario/")],
)
def test_a_misspelt_page_leads_to_the_page_meant(client: Client, path: str, meant: str) -> None:
    body = client.get(path).content.decode()
    main = body[body.index("<main") :]
    assert "Quizás busca" in main
    assert f'href="{meant}"' in main


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize("path", ["/wp-login.php", "/" + "a" * 2000, "/%00", "/../../etc"])
def test_an_address_that_means_nothing_suggests_nothing(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Quizás busca" not in answer.content.decode()


@pytest.mark.usefixtures("register")
def test_an_address_of_many_parts_is_not_compared_part_by_part(client: Client) -> None:
    assert [place.name for place in municipalities_meant("/nunoa/qxzwa/qxzwb/")] == ["Ñuñoa"]
    assert municipalities_meant("/nunoa/" + "qxzwa/" * 500) == []


def test_a_failure_of_the_server_has_its_page_without_a_database() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_explained() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/cuenta/ingresar/", {"login": "a@example.cl"})
    assert answer.status_code == 403
    assert "El formulario no se envió" in answer.content.decode()


@pytest.mark.usefixtures("register")
def test_public_pages_are_the_same_for_every_anonymous_reader(client: Client) -> None:
    for address in ("/", "/municipios/", "/municipios/13120-nunoa/", "/acerca/", "/estilo/"):
        first = client.get(address)
        cache.clear()
        assert Client(headers={"accept-language": "en"}).get(address).content == first.content
        assert "csrfmiddlewaretoken" not in first.content.decode()
        assert not first.cookies


@pytest.mark.django_db
def test_the_style_page_shows_a_form_with_and_without_errors(client: Client) -> None:
    page = client.get("/estilo/").content.decode()
    assert 'class="error-summary"' in page
    assert 'aria-invalid="true"' in page
    assert page.count("(opcional)") >= 2


def test_the_parts_of_a_bar_fill_it_without_gaps() -> None:
    parts = bar_parts(
        [row("Una", 520), row("Nada", 0), row("Deuda", -3), row("Sin dato", None), row("Resto", 480, rest=True)]
    )
    assert [part.name for part in parts] == ["Una", "Resto"]
    assert [part.x for part in parts] == [0, 520]
    assert [part.colour for part in parts] == [1, 7]
    assert sum(part.width for part in parts) == 1000
    assert bar_parts([]) == ()
    assert bar_parts([row("Nada", 0)]) == ()


def row(name: str, amount: int | None, *, rest: bool = False) -> Row:
    return Row(name, "", amount, None, "", rest)


def test_the_profile_says_how_to_take_part_now(client: Client, cast: Cast) -> None:
    address = cast.here.get_absolute_url()
    assert "Ahora no hay en qué participar" in client.get(address).content.decode()
    forget_public_pages()
    plan, soon = listening(cast.here), timezone.now() + timedelta(days=9)
    meeting(cast.here, title="Taller en el gimnasio", starts_at=soon, ends_at=soon + timedelta(hours=2))
    meeting(cast.here, title="Reunión que no será", state="cancelled", state_reason="Nieve", days=9000)
    page = client.get(address).content.decode()
    assert reverse("action_plans:contribution_new", args=[plan.pk]) in page
    assert "Taller en el gimnasio" in page
    assert "Reunión que no será" not in page
    assert "Ahora no hay en qué participar" not in page
