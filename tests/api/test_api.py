"""The read-only API as a program meets it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.test.utils import override_settings

from budget.choices import DatasetState
from budget.models import Dataset
from config.page_cache import forget_public_pages
from tests.budget import factories

LISTS = {
    "/api/v1/regions/": "code",
    "/api/v1/municipalities/": "cut",
    "/api/v1/datasets/": "id",
    "/api/v1/lines/": "id",
    "/api/v1/indicators/": "code",
    "/api/v1/indicator-values/": "id",
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nunoa() -> Iterator[Dataset]:
    cache.clear()
    yield factories.dataset(
        factories.municipality(), lines=factories.full_lines(), indicators=factories.FULL_INDICATORS | {"IADM75": None}
    )
    cache.clear()


def iquique(year: int = 2023, **options: Any) -> Dataset:
    place = factories.municipality("01101", "Iquique", "iquique")
    return factories.dataset(
        place, year, lines={"215": (1, 2, 3, None), "115": (4, 5, None, 6)}, indicators={"IADM01": 7}, **options
    )


def results(client: Client, address: str) -> list[dict[str, Any]]:
    response = client.get(address)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


@pytest.mark.parametrize("address", LISTS)
def test_each_list_answers_without_an_account(client: Client, address: str) -> None:
    response = client.get(address)
    assert response["Content-Type"] == "application/json"
    assert set(response.json()) == {"next", "previous", "results"}
    assert response.json()["results"]


@pytest.mark.parametrize(("address", "key"), LISTS.items())
def test_each_row_is_found_at_its_own_address(client: Client, address: str, key: str) -> None:
    row = results(client, address)[0]
    assert client.get(f"{address}{row[key]}/").json() == row


@pytest.mark.parametrize("address", LISTS)
def test_a_page_costs_the_same_questions_whatever_it_holds(
    client: Client, address: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        client.get(address)
    for year in range(2015, 2024):
        iquique(year)
    with django_assert_num_queries(1):
        client.get(address)


@pytest.mark.parametrize("address", LISTS)
def test_following_next_gives_each_row_once(client: Client, address: str) -> None:
    for year in range(2019, 2024):
        iquique(year)
    whole = results(client, f"{address}?limit=1000")
    found, following = [], f"{address}?limit=2"
    while following:
        page = client.get(following).json()
        found += page["results"]
        following = page["next"]
    assert found == whole


def test_a_row_that_arrives_while_pages_are_read_neither_repeats_nor_hides_another(client: Client) -> None:
    first = client.get("/api/v1/lines/?limit=5").json()
    iquique()
    second = client.get(first["next"]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("cut=01101", {2023}),
        ("region=13", {2024}),
        ("year=2023", {2023}),
        ("rural_class=urban", {2023, 2024}),
        ("rural_class=rural", set()),
        ("source=sinim", {2023, 2024}),
        ("source=demonstration", set()),
        ("region=13&year=2023", set()),
        ("year=2199", set()),
    ],
)
@pytest.mark.parametrize("address", ["/api/v1/datasets/", "/api/v1/lines/", "/api/v1/indicator-values/"])
def test_rows_are_chosen_by_place_year_and_source(client: Client, address: str, query: str, years: set[int]) -> None:
    iquique()
    assert {row["year"] for row in results(client, f"{address}?{query}&limit=1000")} == years


def test_lines_are_chosen_by_account_area_side_and_depth(client: Client) -> None:
    def found(query: str) -> set[tuple[str, str | None]]:
        return {(row["account"], row["area"]) for row in results(client, f"/api/v1/lines/?{query}&limit=1000")}

    assert found("account=215.21") == {("215.21", None)}
    assert found("below=215.21") == {("215.21.01", None), ("215.21.02", None)}
    assert found("area=02") == {("215", "02"), ("215.22.05.001", "02")}
    assert found("side=income") == {("115", None), ("115.15", None), ("115.08.03", None), ("115.03.03", None)}
    assert found("level=subtitulo&side=expense") == {("215.21", None), ("215.22", None), ("215.24", None)}


def test_values_are_chosen_by_code_and_missing_is_null_with_its_reason(client: Client) -> None:
    (row,) = results(client, "/api/v1/indicator-values/?code=IADM75")
    assert (row["value"], row["missing"]) == (None, "not_received")
    (row,) = results(client, "/api/v1/indicator-values/?code=IADM41")
    assert (row["value"], row["missing"]) == (50_000_000, "")


def test_a_municipality_is_found_by_part_of_its_name_without_accents(client: Client) -> None:
    iquique()
    assert [row["cut"] for row in results(client, "/api/v1/municipalities/?q=%C3%91U%C3%B1")] == ["13120"]
    assert results(client, "/api/v1/municipalities/?q=%21%21") == []


def test_drafts_never_show(client: Client) -> None:
    draft = iquique(state=DatasetState.DRAFT)
    discarded = iquique(2022, state=DatasetState.DISCARDED)
    for dataset in (draft, discarded):
        assert client.get(f"/api/v1/datasets/{dataset.pk}/").status_code == 404
        line, value = dataset.lines.all()[0], dataset.indicator_values.all()[0]
        assert client.get(f"/api/v1/lines/{line.pk}/").status_code == 404
        assert client.get(f"/api/v1/indicator-values/{value.pk}/").status_code == 404
        for address in ("lines", "indicator-values"):
            assert results(client, f"/api/v1/{address}/?dataset={dataset.pk}") == []
    for address in ("datasets", "lines", "indicator-values"):
        assert results(client, f"/api/v1/{address}/?cut=01101") == []
    assert client.get("/api/v1/datasets/?state=draft").status_code == 400


def test_an_edition_that_was_replaced_is_reached_by_its_number_only(client: Client) -> None:
    old = iquique(state=DatasetState.SUPERSEDED)
    new = iquique(edition=2)
    assert [row["id"] for row in results(client, "/api/v1/datasets/?cut=01101")] == [new.pk]
    assert [row["id"] for row in results(client, "/api/v1/datasets/?cut=01101&state=superseded")] == [old.pk]
    assert client.get(f"/api/v1/datasets/{old.pk}/").json()["state"] == "superseded"
    assert {row["dataset"] for row in results(client, "/api/v1/lines/?cut=01101")} == {new.pk}
    assert {row["dataset"] for row in results(client, f"/api/v1/lines/?dataset={old.pk}")} == {old.pk}


def test_an_unknown_parameter_is_refused_by_name_with_those_that_exist(client: Client) -> None:
    response = client.get("/api/v1/lines/?anio=2024")
    assert response.status_code == 400
    problem = response.json()
    assert problem["code"] == "unknown_parameter"
    assert problem["errors"][0]["field"] == "anio"
    assert "year" in problem["how_to_mend"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("year=dos", "year"),
        ("year=99999999999999999999", "year"),
        ("year=1e400", "year"),
        ("source=otra", "source"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=%C2%B2", "limit"),
        ("limit=", "limit"),
        ("limit=00000000120000", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=cD1hYmM=", "cursor"),  # p=abc
        ("cursor=cD0lMDA=", "cursor"),  # p= and a zero byte
        ("cut=%00", "cut"),
        ("dataset=-1", "dataset"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_field(client: Client, query: str, field: str) -> None:
    response = client.get(f"/api/v1/lines/?{query}")
    assert response.status_code == 400, response.content
    assert {error["field"] for error in response.json()["errors"]} == {field}


@pytest.mark.parametrize("address", LISTS)
def test_a_place_in_a_list_that_nobody_gave_is_refused_everywhere(client: Client, address: str) -> None:
    assert client.get(f"{address}?cursor=cD0lMDA=").status_code == 400


@pytest.mark.parametrize(
    ("method", "address", "accept", "status"),
    [
        ("get", "/api/v1/datasets/999999999999/", "*/*", 404),
        ("get", "/api/v1/municipalities/99999/", "*/*", 404),
        ("get", "/api/v1/nothing/", "*/*", 404),
        ("get", "/api/v2/", "*/*", 404),
        ("post", "/api/v1/lines/", "*/*", 405),
        ("delete", "/api/v1/municipalities/13120/", "*/*", 405),
        ("post", "/api/v1/nothing/", "*/*", 405),
        ("get", "/api/v1/lines/", "text/csv", 406),
        ("get", "/api/v1/lines/?year=x", "*/*", 400),
        ("get", "/api/v1/municipalities/13120/?year=2024", "*/*", 400),
    ],
)
def test_every_error_has_the_same_shape(client: Client, method: str, address: str, accept: str, status: int) -> None:
    response = getattr(client, method)(address, headers={"Accept": accept})
    assert response.status_code == status
    problem = response.json()
    assert set(problem) == {"status", "code", "message", "how_to_mend", "errors"}
    assert problem["status"] == status
    assert problem["message"]
    assert problem["how_to_mend"]


def test_an_address_without_its_final_slash_leads_to_the_right_one(client: Client) -> None:
    response = client.get("/api/v1/lines?year=2024")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/lines/?year=2024")


def test_a_program_that_asks_too_much_is_told_how_long_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from rest_framework.throttling import AnonRateThrottle

    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "2/min"})
    # The header that names the reader is not believed: whoever writes another there is still the same reader.
    for number in range(2):
        assert client.get("/api/v1/regions/", headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code == 200
    response = client.get("/api/v1/regions/", headers={"X-Forwarded-For": "10.0.0.9"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert response.json()["code"] == "throttled"


def test_an_answer_already_known_is_not_sent_again(client: Client) -> None:
    first = client.get("/api/v1/lines/")
    assert first["Cache-Control"] == "public, no-cache"
    again = client.get("/api/v1/lines/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    iquique()
    assert client.get("/api/v1/lines/", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_any_site_may_read_it_from_a_browser(client: Client) -> None:
    assert client.get("/api/v1/lines/")["Access-Control-Allow-Origin"] == "*"
    assert client.get("/api/v1/lines/?x=1")["Access-Control-Allow-Origin"] == "*"
    asked = client.options("/api/v1/lines/", headers={"Access-Control-Request-Method": "GET"})
    assert asked.status_code == 204
    assert "If-None-Match" in asked["Access-Control-Allow-Headers"]


def test_head_answers_like_get_without_the_body(client: Client) -> None:
    response = client.head("/api/v1/lines/")
    assert (response.status_code, response.content) == (200, b"")


@override_settings(DEBUG=False)
def test_the_guide_explains_every_list_in_spanish(client: Client) -> None:
    forget_public_pages()
    page = client.get("/api/").content.decode()
    for address in LISTS:
        assert address in page
    assert "rural_class" in page
    assert "Año del presupuesto" in page
    assert ">None<" not in page
