"""Adhesions in the read-only API: only those that the register shows, without a word about people."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from municipalities.choices import AdhesionState
from municipalities.models import Adhesion
from tests.cast import Cast
from tests.municipalities.adhesions import RUN, adhesion

S = AdhesionState
LIST = "/api/v1/adhesions/"


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


def results(client: Client, query: str = "") -> list[dict[str, Any]]:
    answered = client.get(LIST + query)
    assert answered.status_code == 200, answered.content
    found: list[dict[str, Any]] = answered.json()["results"]
    return found


def test_an_adhesion_is_told_with_its_act_and_the_four_facts(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here)
    (row,) = results(client)
    assert row["cut"] == "12201"
    assert (row["state"], row["term"], row["in_force_from"], row["in_force_until"]) == (
        "in_force",
        "2024-2028",
        "2026-03-02",
        None,
    )
    act = row["act"]
    assert (act["folio"], act["office"], act["is_mayor"]) == (made.acts.get().folio, "mayor", "yes")
    assert act["pdf"].endswith(f"/adhesiones/actas/{act['folio']}.pdf")
    assert client.get(f"{LIST}{made.pk}/").json() == row


@pytest.mark.parametrize("state", [S.PROSPECT, S.ACT_ISSUED, S.UNDER_REVIEW, S.VERIFIED])
def test_what_is_not_public_is_in_no_list_and_at_no_address(client: Client, cast: Cast, state: AdhesionState) -> None:
    made = adhesion(cast.here, state)
    assert results(client) == []
    assert client.get(f"{LIST}{made.pk}/").status_code == 404
    assert client.get(f"{LIST}?state={state}").status_code == 400


def test_adhesions_are_chosen_by_place_state_and_day(client: Client, cast: Cast) -> None:
    adhesion(cast.here)
    adhesion(cast.elsewhere, S.CONCLUDED)
    assert [row["cut"] for row in results(client, "?state=concluded")] == ["10207"]
    assert [row["cut"] for row in results(client, "?region=12")] == ["12201"]
    assert [row["cut"] for row in results(client, "?since=2026-03-01")] == ["12201"]
    assert results(client, "?cut=13120") == []
    assert client.get(f"{LIST}?estado=vigente").status_code == 400


def test_a_page_costs_the_same_questions_whatever_it_holds(
    client: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    adhesion(cast.here)
    with django_assert_num_queries(3):
        results(client)
    adhesion(cast.elsewhere)
    with django_assert_num_queries(3):
        assert len(results(client)) == 2


def test_nobody_is_named(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here)
    body = client.get(LIST).content.decode()
    for word in (RUN, "Alcaldesa de", "@"):
        assert word not in body
    Adhesion.objects.filter(pk=made.pk).update(adviser=cast.adviser)
    assert cast.adviser.name not in client.get(f"{LIST}{made.pk}/").content.decode()


def test_an_adhesion_without_an_accepted_act_has_none(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here)
    for act in made.acts.all():
        act.signatures.update(state="returned", return_reason="other", decided_at=made.state_since)
    assert results(client)[0]["act"] is None
