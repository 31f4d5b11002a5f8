"""The council's desk of plans: what needs a decision leads into a table, and what the table shows can be taken away."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from action_plans.choices import AssessmentKind, AssessmentState, EditionKind, Standing
from action_plans.models import Assessment, Commitment, Monitor, Plan, PlanEdition
from action_plans.reports.minimums import minimums_of
from action_plans.reports.monitoring import monitored_by
from action_plans.reports.national_desk import rows_of
from config.numbers import day
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from municipalities.models import Adhesion
from tests.action_plans.countries import DAY, assessment, carried_out, promise
from tests.action_plans.factories import plan as a_plan
from tests.cast import Cast, sign_in
from tests.municipalities.adhesions import adhesion

DESK = reverse("action_plans:council_plans")


@pytest.fixture
def late(cast: Cast) -> Plan:
    """Past the middle of its time, with a monitor and a commitment that ended."""
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    now = timezone.now()
    plan = carried_out(cast.here, cast.officer, now=now, days=400)
    promise(plan, cast.officer, "", [], [], now=now)
    Commitment.objects.filter(plan=plan).update(ends=timezone.localdate() - 40 * DAY)
    Monitor.objects.create(
        plan=plan,
        user=cast.citizen,
        organisation="Observatorio",
        basis="Decreto",
        starts=timezone.localdate(),
        appointed_by=cast.adviser,
        appointed_at=now,
    )
    PlanEdition.objects.create(
        plan=plan,
        number=1,
        kind=EditionKind.APPROVED,
        content={"commitments": []},
        published_at=plan.created_at,
        published_by=cast.coordinator,
    )
    return plan


def owed(cast: Cast, *, days: int = 0) -> list[str]:
    rows = rows_of(cast.administrator, today=timezone.localdate() + timedelta(days=days))
    return [words.partition(" (")[0] for row in rows for words in row.owed]


def test_what_is_overdue_is_told_until_it_is_published(cast: Cast, late: Plan) -> None:
    midterm, inception = str(AssessmentKind.MIDTERM.label), str(AssessmentKind.INCEPTION.label)
    assert owed(cast) == [midterm, inception, "Evaluación del monitor del compromiso 1"]
    assessment(late, AssessmentKind.END, cast.citizen, late.commitments.get(), now=timezone.now())
    assessment(late, AssessmentKind.INCEPTION, cast.citizen, now=timezone.now())
    draft = assessment(late, AssessmentKind.MIDTERM, cast.coordinator, now=timezone.now())
    Assessment.objects.filter(pk=draft.pk).update(state=AssessmentState.DRAFT)
    assert owed(cast) == [midterm]
    Assessment.objects.filter(pk=draft.pk).update(state=AssessmentState.PUBLISHED)
    assert owed(cast) == []
    assert owed(cast, days=301) == [str(AssessmentKind.FINAL.label)]


def test_the_council_counts_what_a_monitor_owes_as_the_monitor_does(cast: Cast, late: Plan) -> None:
    today = timezone.localdate()
    (found,) = monitored_by(cast.citizen, today)
    (row,) = rows_of(cast.administrator, today=today)
    assert [ask.is_late for ask in found.asks] == [True, True]
    assert [day(ask.due) for ask in found.asks] == [words[-11:-1] for words in row.owed[1:]]


def test_a_plan_that_breaks_a_minimum_requirement_is_found_from_the_desk_of_the_council(
    client: Client, cast: Cast, late: Plan
) -> None:
    page = sign_in(client, cast.adviser).get(reverse("portal:council")).content.decode()
    assert f'href="{DESK}?ver=requisitos#table"' in page
    assert f'href="{DESK}?ver=evaluacion-atrasada#table"' in page
    assert "plan de acción que no cumple un requisito mínimo" in page
    (row,) = rows_of(cast.adviser, today=timezone.localdate())
    table = client.get(f"{DESK}?ver=requisitos").content.decode()
    assert f"{row.broken} no cumplidos" in table
    assert row.broken == sum(
        each.finding.standing == Standing.BROKEN for each in minimums_of(late, today=timezone.localdate())
    )


def test_each_number_leads_to_its_rows(client: Client, cast: Cast, late: Plan) -> None:
    adhesion(cast.elsewhere)
    sign_in(client, cast.administrator)
    everything = client.get(DESK).content.decode()
    assert "2 municipalidades" in everything or "2 municipios" in everything
    for word, name in (
        ("sin-plan", "Queilen"),
        ("evaluacion-atrasada", "Cabo de Hornos"),
        ("requisitos", "Cabo de Hornos"),
        ("en-marcha", "Cabo de Hornos"),
        ("en-preparacion", ""),
    ):
        assert f"{DESK}?ver={word}#table" in everything
        page = client.get(f"{DESK}?ver={word}").content.decode().partition('<h2 id="table">')[2]
        for place in ("Queilen", "Cabo de Hornos"):
            assert (f">{place}<" in page) == (place == name), (word, place)
    assert ">Queilen<" not in client.get(f"{DESK}?region=12&ver=x&pagina=9").content.decode()


def test_the_workbook_holds_what_the_table_shows(client: Client, cast: Cast, late: Plan) -> None:
    adhesion(cast.elsewhere)
    sign_in(client, cast.analyst)
    body = client.get(f"{DESK}planilla/?ver=sin-plan").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == ["Queilen"]
    body = client.get(f"{DESK}planilla/?ver=requisitos").content
    head, row = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    (shown,) = [each for each in rows_of(cast.administrator, today=timezone.localdate()) if each.plan]
    told = dict(zip(head, row, strict=True))
    assert shown.broken > 0
    assert (told["Requisitos no cumplidos"], told["Requisitos por incumplirse"]) == (shown.broken, shown.at_risk)
    assert (told["Desde"], told["Hasta"]) == (timezone.localdate(late.stage_since), late.ends)


def test_an_adviser_sees_their_own_municipalities_and_others_nothing(client: Client, cast: Cast, late: Plan) -> None:
    a_plan(cast.elsewhere)
    page = sign_in(client, cast.adviser_elsewhere).get(DESK).content.decode()
    assert ">Queilen<" in page
    assert ">Cabo de Hornos<" not in page
    for person in (cast.coordinator, cast.citizen):
        assert sign_in(Client(), person).get(DESK).status_code == 403


def test_an_adhesion_that_ended_waits_for_no_plan(cast: Cast) -> None:
    adhesion(cast.elsewhere)
    assert [row.place for row in rows_of(cast.administrator, today=timezone.localdate())] == [cast.elsewhere]
    Adhesion.objects.update(state="suspended")
    assert rows_of(cast.administrator, today=timezone.localdate()) == []


def test_the_desk_is_read_with_few_queries(
    client: Client, cast: Cast, late: Plan, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, cast.administrator)
    with django_assert_max_num_queries(23):
        client.get(DESK)
