"""The directory, its regions and its groups, on the whole register."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from municipalities.filters.directory import CLASSES, ORDERS, SIZES, Directory, find
from municipalities.models import Municipality, Region


@pytest.fixture(autouse=True)
def _register(whole_register: None, db: None) -> None:
    cache.clear()


def names(**asked: str) -> list[str]:
    return [row.name for row in Directory(asked).rows()]


@pytest.mark.parametrize(
    ("typed", "cut"),
    [
        ("nunoa", "13120"),
        ("ÑUÑOA", "13120"),
        ("OHIGGINS", "11302"),
        ("O´Higgins", "11302"),
        ("llay llay", "05703"),
        ("Paiguano", "04105"),
    ],
)
def test_a_search_that_can_only_mean_one_municipality_leads_to_it(client: Client, typed: str, cut: str) -> None:
    answer = client.get("/municipios/", {"buscar": typed})
    assert answer.status_code == 302
    assert answer["Location"] == Municipality.objects.get(pk=cut).get_absolute_url()


def test_a_name_that_others_hold_too_shows_all_of_them(client: Client) -> None:
    answer = client.get("/municipios/", {"buscar": "San Pedro"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert all(name in page for name in ("San Pedro de Atacama", "San Pedro de la Paz", ">San Pedro<"))


def test_a_slip_of_the_keyboard_finds_what_is_written_alike_and_says_so(client: Client) -> None:
    page = client.get("/municipios/", {"buscar": "puchuncabi"}).content.decode()
    assert "Puchuncaví" in page
    assert "Ninguna municipalidad se llama" in page


def test_a_search_without_answer_says_what_to_do(client: Client) -> None:
    page = client.get("/municipios/", {"buscar": "xyzzyq"}).content.decode()
    assert "No se encontró una municipalidad para “xyzzyq”" in page
    assert re.search(r'href="\?region=11"[^>]*>Aysén <span>10<', page)


def test_what_was_searched_is_shown_as_text_and_never_as_markup(client: Client) -> None:
    page = client.get("/municipios/", {"buscar": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page


def test_the_counts_of_a_filter_are_what_its_links_show() -> None:
    for asked in ({}, {"clase": "rural"}, {"region": "11", "tamano": "hasta-5-mil"}, {"buscar": "san"}):
        directory = Directory(asked)
        for parameter, options in (
            ("region", directory.region_options()),
            ("clase", directory.class_options()),
            ("tamano", directory.size_options()),
        ):
            for option in options:
                assert option.count == Directory({**asked, parameter: option.value}).matching().count()


def test_every_municipality_has_one_class_and_one_size() -> None:
    assert sum(option.count for option in Directory({}).class_options()) == 345
    assert sum(option.count for option in Directory({}).size_options()) == 345
    assert set(CLASSES) == {"urbana", "mixta", "rural"}
    assert [size.low for size in SIZES[1:]] == [(size.high or 0) + 1 for size in SIZES[:-1]]


def test_unknown_filters_ask_for_nothing() -> None:
    assert len(names(region="99", clase="lunar", tamano="x", orden="altura")) == 345


def test_names_are_sorted_as_they_sound_not_as_they_are_coded() -> None:
    found = names(orden="nombre")
    assert found.index("Ñuñoa") < found.index("Olivar")
    assert found.index("Ñuñoa") > found.index("Nueva Imperial")
    assert names(orden="-nombre") == found[::-1]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("-habitantes", "Puente Alto"),
        ("habitantes", "Río Verde"),
        ("distancia", "Santiago"),
        ("norte", "General Lagos"),
    ],
)
def test_orders_begin_where_they_should(order: str, first: str) -> None:
    assert names(orden=order)[0] == first
    assert order in ORDERS


def test_best_matches_come_first_unless_an_order_is_asked_for() -> None:
    assert names(buscar="Maule")[0] == "Maule"
    assert names(buscar="san", orden="-nombre")[0] != names(buscar="san")[0]


def test_the_map_follows_the_filters(client: Client) -> None:
    country = client.get("/municipios/", {"clase": "rural"}).content.decode()
    assert "/municipios/?clase=rural&amp;region=11" in country
    assert "Aysén del General Carlos Ibáñez del Campo: 9 municipalidades" in country
    region = client.get("/municipios/", {"clase": "rural", "region": "11"}).content.decode()
    assert len(re.findall(r'class="faint"', region)) == 1  # Coyhaique is urban


def test_pages_hold_everything_once(client: Client) -> None:
    seen: list[str] = []
    for number in range(1, 13):
        page = client.get("/municipios/", {"pagina": str(number)}).content.decode()
        seen += re.findall(r'<th scope="row"><a href="/municipios/(\d{5})-', page)
    assert len(seen) == len(set(seen)) == 345


@pytest.mark.parametrize("number", ["0", "-1", "999", "x", ""])
def test_a_page_that_is_not_there_shows_the_nearest(client: Client, number: str) -> None:
    assert client.get("/municipios/", {"pagina": number}).status_code == 200


def test_a_region_shows_its_municipalities_and_totals(client: Client) -> None:
    page = client.get("/regiones/11-aysen/").content.decode()
    assert len(re.findall(r'<th scope="row">', page)) == 10
    assert "10 municipalidades" in page
    assert "en 4 provincias" in page


def test_a_region_with_a_wrong_name_moves_for_good_and_an_unknown_one_is_not_there(client: Client) -> None:
    moved = client.get("/regiones/11-otra/")
    assert (moved.status_code, moved["Location"]) == (301, "/regiones/11-aysen/")
    assert client.get("/regiones/99-nada/").status_code == 404


def test_every_region_has_its_page(client: Client) -> None:
    for region in Region.objects.all():
        assert client.get(region.get_absolute_url()).status_code == 200


def test_groups_alike_hold_every_municipality_once(client: Client) -> None:
    page = client.get("/municipios/parecidos/").content.decode()
    inside = page[page.index("<details") :]
    assert len(re.findall(r'href="/municipios/\d{5}-', inside)) == 345
    assert "2,000" not in inside


def test_the_map_of_all_links_every_municipality(client: Client) -> None:
    page = client.get("/municipios/mapa/").content.decode()
    assert len(set(re.findall(r'href="(/municipios/\d{5}-[^"]+)"', page))) == 345


@pytest.mark.parametrize(
    "address",
    [
        *("/municipios/", "/municipios/?buscar=san", "/municipios/?buscar=zzzz", "/municipios/mapa/"),
        *("/municipios/?region=11&clase=rural&tamano=hasta-5-mil&orden=-distancia", "/municipios/parecidos/"),
        "/regiones/13-metropolitana/",
    ],
)
def test_no_page_of_the_register_asks_more_than_ten_questions(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, address: str
) -> None:
    with django_assert_max_num_queries(10):
        assert client.get(address).status_code == 200


def test_finding_needs_no_database_when_names_are_given(django_assert_num_queries: Callable[[int], object]) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert list(find("nunoa", [("13120", "\nnunoa\n"), ("13101", "\nsantiago\n")]).scores) == ["13120"]
