"""Published diagnostics in the read-only API: those alone, without a word about people."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from diagnostics.choices import DiagnosticState, RoundKind
from diagnostics.models import Diagnostic
from tests.cast import Cast, municipality
from tests.diagnostics.factories import a_round
from tests.diagnostics.published import ANSWERS, answered, publish

LIST = "/api/v1/diagnostics/"
LATER = datetime(2026, 9, 1, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


def results(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_a_diagnostic_is_told_with_its_level_points_and_dimensions(client: Client, cast: Cast) -> None:
    made = publish(cast.here)
    (row,) = results(client)
    assert (row["folio"], row["cut"], row["moment"], row["version"]) == (made.folio, "12201", "baseline", "2026.1")
    assert (row["level"], row["dimensions"][0]) == (3, {"dimension": "participacion", "points": 50.0, "level": 3})
    assert client.get(f"{LIST}{made.folio}/").json() == row
    for name in ("page", "answers"):
        assert client.get(row[name].removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize("state", [state for state in DiagnosticState if state != DiagnosticState.VALIDATED])
def test_what_is_not_published_is_in_no_list_and_at_no_address(
    client: Client, cast: Cast, state: DiagnosticState
) -> None:
    made = publish(cast.here)
    Diagnostic.objects.filter(pk=made.pk).update(state=state)
    assert results(client) == []
    assert client.get(f"{LIST}{made.folio}/").status_code == 404


def test_what_is_public_from_tomorrow_waits_for_its_day(client: Client, cast: Cast) -> None:
    made = publish(cast.here, public_from=timezone.localdate() + timedelta(days=1))
    answered(cast.elsewhere)
    assert results(client) == []
    assert client.get(f"{LIST}{made.folio}/").status_code == 404


def test_diagnostics_are_chosen_by_place_round_level_version_and_day(client: Client, cast: Cast) -> None:
    first = publish(cast.here)
    second = publish(cast.elsewhere, answers={**ANSWERS, "t1": 5, "p1": "trimestral"})
    third = publish(cast.here, round_=a_round("Final", RoundKind.FINAL), at=LATER)

    def found(query: str) -> set[str]:
        return {row["folio"] for row in results(client, query)}

    assert found("?region=10") == {second.folio}
    assert found("?cut=12201") == {first.folio, third.folio}
    assert found("?moment=final") == found(f"?round={third.round_id}") == found("?since=2026-08-01") == {third.folio}
    assert found("?level=3") == {first.folio, third.folio}
    assert found("?version=2026.1") == {first.folio, second.folio, third.folio}
    assert found("?version=x") == set()


@pytest.mark.parametrize("query", ["?state=open", "?level=x", "?level=0", "?round=-1", "?since=ayer", "?moment=x"])
def test_what_cannot_be_asked_is_refused(client: Client, cast: Cast, query: str) -> None:
    publish(cast.here)
    assert client.get(LIST + query).status_code == 400


def test_no_person_is_told(client: Client, cast: Cast) -> None:
    made = publish(cast.here)
    Diagnostic.objects.filter(pk=made.pk).update(submitted_by=cast.coordinator, validated_by=cast.adviser)
    body = client.get(LIST).content.decode()
    for person in (cast.coordinator, cast.adviser):
        assert person.name not in body
        assert person.email not in body


def test_a_page_asks_as_few_questions_with_many_as_with_one(
    client: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    publish(cast.here)
    with django_assert_num_queries(2):
        results(client)
    for number in range(5):
        publish(municipality(f"1210{number}", f"Lugar {number}", f"lugar-{number}", order=16))
    with django_assert_num_queries(2):
        assert len(results(client)) == 6
