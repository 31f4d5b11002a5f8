"""The council's indicators: shares, the funnel with its days, the terms; and what waits on the desk."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from municipalities.choices import AdhesionState, ContactKind
from municipalities.figures import share_bars, stage_bars
from municipalities.filters.adhesions import AdhesionFilter
from municipalities.models import AdhesionRequest, Campaign, CampaignGoal, ContactNote, Municipality
from municipalities.reports.indicators import desk_numbers, indicators, remote_regions_below_goal
from municipalities.rules.funnel import STAGES, Move, funnel
from tests.cast import Cast, municipality, sign_in
from tests.municipalities.adhesions import adhesion

S = AdhesionState
PAGE = "/consejo/adhesiones/indicadores/"
WORKBOOK = "/consejo/adhesiones/indicadores.xlsx"
TODAY = date(2026, 6, 1)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


def at(day: int) -> datetime:
    return BEGAN + timedelta(days=day)


# The funnel


def test_a_stage_counts_who_came_who_is_there_and_the_median_days_of_who_left() -> None:
    stages = {
        stage.state: stage
        for stage in funnel(
            [
                (S.CONVERSING, at(0), [Move(at(2), S.PROSPECT, S.INVITED), Move(at(12), S.INVITED, S.CONVERSING)]),
                (S.INVITED, at(0), [Move(at(4), S.PROSPECT, S.INVITED)]),
                (S.PROSPECT, at(0), []),
            ]
        )
    }
    assert stages[S.PROSPECT][1:] == (1, 3, 3.0)
    assert stages[S.INVITED][1:] == (1, 2, 10.0)
    assert stages[S.CONVERSING][1:] == (1, 1, None)
    assert stages[S.IN_FORCE][1:] == (0, 0, None)


def test_a_state_entered_twice_counts_two_stays_of_one_adhesion() -> None:
    moves = [
        Move(at(1), S.PROSPECT, S.ACT_ISSUED),
        Move(at(2), S.ACT_ISSUED, S.SIGNED),
        Move(at(4), S.SIGNED, S.UNDER_REVIEW),
        Move(at(5), S.UNDER_REVIEW, S.RETURNED),
        Move(at(6), S.RETURNED, S.SIGNED),
        Move(at(12), S.SIGNED, S.UNDER_REVIEW),
    ]
    signed = next(stage for stage in funnel([(S.UNDER_REVIEW, at(0), moves)]) if stage.state == S.SIGNED)
    assert (signed.reached, signed.now, signed.days) == (1, 0, 4.0)


def test_the_stages_are_all_the_states_once() -> None:
    assert sorted(STAGES) == sorted(AdhesionState)


@given(st.lists(st.sampled_from(list(AdhesionState)), max_size=6))
def test_every_adhesion_is_in_one_stage_and_came_to_it(states: list[AdhesionState]) -> None:
    stages = funnel((state, at(0), [Move(at(3), S.PROSPECT, state)]) for state in states)
    assert sum(stage.now for stage in stages) == len(states)
    assert all(stage.reached >= stage.now for stage in stages)
    assert all(stage.days is None or stage.days >= 0 for stage in stages)


# The page


def test_shares_tell_remote_municipalities_from_near_ones(cast: Cast) -> None:
    Municipality.objects.filter(pk=cast.elsewhere.pk).update(distance_km=299)
    third = municipality("10208", "Quellón", "quellon", order=14)
    Municipality.objects.filter(pk=third.pk).update(distance_km=300)
    adhesion(cast.here)
    adhesion(cast.elsewhere, S.SUSPENDED)
    found = indicators(cast.administrator, today=TODAY)
    assert found.whole[1:] == (3, 1)
    assert found.remote[1:] == (2, 1)
    assert found.near[1:] == (1, 0)
    assert (found.remote.share, found.near.share, found.gap) == (Decimal(50), Decimal(0), Decimal(50))
    assert {one.band.code: one.part.municipalities for one in found.bands if one.part.municipalities} == {
        "100-a-300": 1,
        "300-a-600": 1,
        "mas-de-1000": 1,
    }
    assert {region.code: part[1:] for region, part in found.regions} == {"10": (2, 0), "12": (1, 1)}


def test_an_adviser_sees_the_assigned_municipalities_alone(cast: Cast) -> None:
    adhesion(cast.here)
    adhesion(cast.elsewhere)
    found = indicators(cast.adviser, today=TODAY)
    assert (found.whole.adhered, found.whole.municipalities) == (1, 1)
    assert sum(stage.now for stage in found.stages) == 1
    assert [one.entry.pk for one in found.terms] == [cast.here.pk]


def test_a_share_of_nothing_is_no_data_and_not_zero(cast: Cast, client: Client) -> None:
    assert indicators(cast.administrator, today=TODAY).near.share is None
    assert "sin dato" in sign_in(client, cast.administrator).get(PAGE).content.decode()


def test_terms_that_end_first_stand_at_the_top(cast: Cast) -> None:
    adhesion(cast.here, term=2024)
    adhesion(cast.elsewhere, S.SUSPENDED, term=2021)
    found = indicators(cast.administrator, today=TODAY).terms
    assert [(one.entry.pk, one.days_left) for one in found] == [
        (cast.elsewhere.pk, (date(2024, 12, 6) - TODAY).days),
        (cast.here.pk, (date(2028, 12, 6) - TODAY).days),
    ]


def test_the_days_of_the_funnel_come_from_the_events_of_the_steps(cast: Cast) -> None:
    adhesion(cast.here)
    stages = {stage.state: stage for stage in indicators(cast.administrator, today=TODAY).stages}
    assert stages[S.UNDER_REVIEW].days == 10
    assert stages[S.IN_FORCE].days is None
    assert stages[S.IN_FORCE].reached == 1


def test_the_workbook_holds_what_the_page_shows(cast: Cast, client: Client) -> None:
    adhesion(cast.here)
    answered = sign_in(client, cast.analyst).get(WORKBOOK)
    assert answered["Content-Disposition"].startswith('attachment; filename="indicadores-adhesion-')
    book = CalamineWorkbook.from_filelike(io.BytesIO(answered.content))
    assert book.sheet_names == ["Por región", "Por distancia", "Recorrido", "Períodos"]
    regions = book.get_sheet_by_name("Por región").to_python()
    assert regions[-1] == ["Todas", 2, 1, 50]
    (head, row) = book.get_sheet_by_name("Períodos").to_python()
    assert row[:2] == [cast.here.pk, "Cabo de Hornos"]
    assert len(head) == len(row) == 8


def test_the_indicators_ask_the_same_questions_however_many_adhesions(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):
        indicators(cast.administrator, today=TODAY)
    adhesion(cast.here)
    adhesion(cast.elsewhere, S.RETURNED)
    with django_assert_num_queries(8):
        indicators(cast.administrator, today=TODAY)


# The desk


def test_the_desk_counts_what_waits_for_the_council(cast: Cast, client: Client) -> None:
    now = timezone.now()
    adhesion(cast.here, S.UNDER_REVIEW, since=now)
    adhesion(cast.elsewhere, S.RETURNED, since=now - timedelta(days=31))
    AdhesionRequest.objects.create(municipality=cast.here, created_at=now)
    found = desk_numbers(cast.administrator, now=now)
    assert found == (1, 0, 1, 1, 1, None, 0)
    assert desk_numbers(cast.adviser, now=now) == (1, 0, 0, 0, 1, None, 0)
    page = sign_in(client, cast.administrator).get("/consejo/").content.decode()
    assert "acta firmada que espera revisión" in page
    assert "región" not in page


@pytest.mark.parametrize("state", S)
def test_the_number_of_those_that_stand_still_leads_to_as_many_rows(cast: Cast, state: AdhesionState) -> None:
    now = timezone.now()
    adhesion(cast.here, state, since=now - timedelta(days=31))
    adhesion(cast.elsewhere, S.INVITED, since=now - timedelta(days=29))
    numbers = desk_numbers(cast.administrator, now=now)
    table = AdhesionFilter(QueryDict(numbers.still_query), user=cast.administrator, now=now)
    assert table.rows().count() == numbers.still


def test_the_desk_counts_the_verified_and_the_own_tasks_that_are_due(cast: Cast, client: Client) -> None:
    now = timezone.now()
    adhesion(cast.here, S.VERIFIED, since=now)
    today = timezone.localdate(now)
    for days, who in [(-1, cast.adviser), (0, cast.adviser), (1, cast.adviser), (0, cast.administrator)]:
        ContactNote.objects.create(
            municipality=cast.here,
            kind=ContactKind.CALL,
            on=today,
            next_step="Llamar",
            next_on=today + timedelta(days=days),
            responsible=who,
            recorded_at=now,
        )
    found = desk_numbers(cast.adviser, now=now)
    assert (found.verified, found.steps_due) == (1, 2)
    page = sign_in(client, cast.adviser).get("/consejo/").content.decode()
    assert "acta verificada por poner en vigencia" in page
    assert "tareas suyas para hoy o vencidas" in page


@pytest.mark.parametrize("state", [S.IN_FORCE, S.SUSPENDED, S.WITHDRAWN])
def test_what_is_in_force_or_over_does_not_stand_still(cast: Cast, state: AdhesionState) -> None:
    adhesion(cast.here, state, since=timezone.now() - timedelta(days=300))
    assert desk_numbers(cast.administrator, now=timezone.now()).still == 0


def test_remote_regions_below_the_goals_of_campaigns_that_run(cast: Cast) -> None:
    near = cast.elsewhere.region
    Municipality.objects.filter(pk=cast.elsewhere.pk).update(distance_km=50)
    campaign = Campaign.objects.create(
        name="Otoño", starts=TODAY - timedelta(days=1), ends=TODAY + timedelta(days=1), created_at=BEGAN
    )
    for region in (cast.here.region, near):
        CampaignGoal.objects.create(campaign=campaign, region=region, goal=1)
    assert remote_regions_below_goal(cast.administrator, today=TODAY) == [cast.here.region_id]
    assert remote_regions_below_goal(cast.adviser_elsewhere, today=TODAY) == []
    adhesion(cast.here)
    assert remote_regions_below_goal(cast.administrator, today=TODAY) == []
    assert remote_regions_below_goal(cast.administrator, today=TODAY + timedelta(days=2)) is None


def test_the_charts_say_what_the_tables_say(cast: Cast, client: Client) -> None:
    adhesion(cast.here, S.IN_FORCE)
    sign_in(client, cast.administrator)
    drawn = json.loads(client.get(f"{PAGE}figuras/distancia.json").content)
    # Cabo de Hornos adhered and Queilen did not; both lie 1,000 km away or more.
    assert [(trace["x"], len(trace["y"])) for trace in drawn["data"]] == [([], 0), ([50.0], 1)]
    stages = json.loads(client.get(f"{PAGE}figuras/embudo.json").content)
    assert max(stages["data"][0]["x"]) == 1
    page = client.get(PAGE).content.decode()
    assert f"{PAGE}figuras/distancia.json" in page
    assert f"{PAGE}figuras/embudo.json" in page
    assert client.get(f"{PAGE}figuras/otra.json").status_code == 404


def test_a_chart_without_numbers_is_none() -> None:
    assert share_bars([("Hasta 100 km", False, 0, 0)]) == b""
    assert stage_bars([("Invitado", 0)]) == b""
