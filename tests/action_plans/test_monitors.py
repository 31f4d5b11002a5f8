"""Independent monitors hear that they were appointed and that it ended, and find what is asked of them, and by when."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from action_plans.actions import advice, assessments, plans
from action_plans.choices import AssessmentKind, AssessmentState
from action_plans.models import Commitment, Monitor, Plan, PlanEdition
from action_plans.notifications import digest, monitors
from action_plans.reports.monitoring import monitored_by
from action_plans.rules.assessments import MONTHS, due
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from municipalities.choices import MailKind
from tests.action_plans import stories
from tests.action_plans.citizens import written
from tests.cast import Cast, sign_in

DESK = reverse("portal:desk")


def appointed(cast: Cast, plan: Plan, *, user: User | None = None, ends: date | None = None) -> Monitor:
    return assessments.appoint(
        by=cast.adviser,
        plan=plan,
        user=user or cast.citizen,
        organisation="Universidad de Magallanes",
        basis="Resolución 12",
        starts=timezone.localdate() - timedelta(days=30),
        ends=ends,
        now=timezone.now(),
    )


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return stories.carried_out(cast)


def test_a_monitor_is_told_of_the_appointment_once_and_again_when_its_dates_change(cast: Cast, plan: Plan) -> None:
    for _twice in range(2):
        appointed(cast, plan)
    (mail,) = written(MailKind.MONITOR_APPOINTED)
    assert (mail.to, mail.missing) == (cast.citizen.email, "")
    assert "evaluación inicial, dentro de 2 meses" in mail.body
    assert reverse("action_plans:monitor", args=[plan.pk]) in mail.body
    assert cast.adviser.email in mail.body
    assert "le nombró monitor independiente de un plan" in mail.body
    assert "trabaja con" not in mail.body
    appointed(cast, plan, ends=timezone.localdate() + timedelta(days=90))
    assert len(written(MailKind.MONITOR_APPOINTED)) == 2


def test_a_monitor_is_told_once_that_the_appointment_ended(cast: Cast, plan: Plan) -> None:
    appointed(cast, plan, ends=timezone.localdate() + timedelta(days=5))
    assert monitors.write_ended(now=in_days(5)) == 0
    assert monitors.write_ended(now=in_days(6)) == 1
    assert monitors.write_ended(now=in_days(9)) == 0
    (mail,) = written(MailKind.MONITOR_ENDED)
    assert mail.missing == ""
    assert "terminó" in mail.body
    # A clock that stood still makes up for a month.
    assert monitors.write_ended(now=in_days(90)) == 0


def test_who_is_appointed_until_a_day_that_is_past_hears_that_it_ended(cast: Cast, plan: Plan) -> None:
    appointed(cast, plan, ends=timezone.localdate() - timedelta(days=1))
    assert (len(written(MailKind.MONITOR_APPOINTED)), len(written(MailKind.MONITOR_ENDED))) == (0, 1)
    assert monitors.write_ended(now=timezone.now()) == 0


def test_the_desk_of_a_monitor_says_what_is_asked_and_by_when(client: Client, cast: Cast, plan: Plan) -> None:
    appointed(cast, plan)
    page = sign_in(client, cast.citizen).get(DESK).content.decode()
    by = due(AssessmentKind.INCEPTION, timezone.localdate())
    assert f'href="{reverse("action_plans:monitored")}"' in page
    assert f"Evaluación inicial del monitor</a>: hasta el {by:%d-%m-%Y}" in page
    assert "2 meses desde que el plan aprobado se publicó aquí" in page
    assert f'href="{reverse("action_plans:monitor", args=[plan.pk])}#inception"' in page
    assert "cuenta de vecino" not in page
    for address in (reverse("action_plans:monitored"), reverse("action_plans:monitor", args=[plan.pk])):
        assert f"hasta el {by:%d-%m-%Y}" in client.get(address).content.decode()
    other = sign_in(Client(), cast.officer).get(DESK).content.decode()
    assert "Planes que monitoreo" not in other


def test_a_commitment_that_ended_is_to_be_assessed_within_a_month(client: Client, cast: Cast, plan: Plan) -> None:
    appointed(cast, plan)
    ended = timezone.localdate() - timedelta(days=40)
    Commitment.objects.filter(plan=plan).update(ends=ended)
    (found,) = monitored_by(cast.citizen, timezone.localdate())
    assert [(ask.kind, ask.is_late) for ask in found.asks] == [
        (AssessmentKind.END, True),
        (AssessmentKind.INCEPTION, False),
    ]
    assert found.asks[0].due == due(AssessmentKind.END, ended)
    page = sign_in(client, cast.citizen).get(DESK).content.decode()
    assert f"era para el {found.asks[0].due:%d-%m-%Y}" in page
    assert "atrasada" in page
    assert f"1 mes desde que terminó el compromiso, el {ended:%d-%m-%Y}" in page
    Commitment.objects.filter(plan=plan).update(withdrawn_at=timezone.now())
    (found,) = monitored_by(cast.citizen, timezone.localdate())
    assert [ask.kind for ask in found.asks] == [AssessmentKind.INCEPTION]


def test_what_is_published_is_asked_no_more(cast: Cast, plan: Plan) -> None:
    appointed(cast, plan)
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    now = timezone.now()
    made = assessments.begin(by=cast.citizen, plan=plan, kind=AssessmentKind.INCEPTION, now=now)
    (found,) = monitored_by(cast.citizen, timezone.localdate())
    assert found.asks[0].begun == made
    made.state, made.published_at, made.published_by = AssessmentState.PUBLISHED, now, cast.citizen
    made.save()
    (found,) = monitored_by(cast.citizen, timezone.localdate())
    assert found.asks == []


def test_the_digest_tells_monitors_what_they_owe(cast: Cast, plan: Plan) -> None:
    appointed(cast, plan)
    today = timezone.localdate()
    assert cast.citizen in digest.people(today)
    lines = [line for _heading, lines in digest.parts_of(cast.citizen, today) for line in lines]
    assert len(lines) == 1
    assert "Evaluación inicial del monitor, hasta el" in lines[0]
    assert reverse("action_plans:monitor", args=[plan.pk]) in lines[0]


def test_advisers_find_the_advice_that_waits_on_their_desk(client: Client, cast: Cast, plan: Plan) -> None:
    now, today = timezone.now(), timezone.localdate()
    advice.recommend(by=cast.adviser, plan=plan, text="Publique las actas", ask_again=today, now=now)
    advice.recommend(by=cast.adviser, plan=plan, text="Más tarde", ask_again=today + timedelta(days=9), now=now)
    waiver = plans.ask_waiver(
        by=cast.coordinator, plan=plan, rule="x", reason="Elecciones", until=today + timedelta(days=9), now=now
    )
    council = reverse("portal:council")
    page = sign_in(client, cast.adviser).get(council).content.decode()
    assert page.count("pregunte cómo va la recomendación") == 1
    assert "decida si da más plazo para responder" in page
    assert f'href="{stories.to("advice", cast)}"' in page
    assert "Su asesoría" not in sign_in(Client(), cast.adviser_elsewhere).get(council).content.decode()
    assert "Su asesoría" not in sign_in(Client(), cast.analyst).get(council).content.decode()
    plans.grant_waiver(by=cast.adviser, waiver=waiver, now=now)
    assert "decida si da más plazo para responder" not in client.get(council).content.decode()


@pytest.mark.parametrize("many", [1, 12])
def test_what_is_asked_costs_few_queries(
    cast: Cast, plan: Plan, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    appointed(cast, plan)
    ended = timezone.localdate() - timedelta(days=40)
    for number in range(many):
        Commitment.objects.create(plan=plan, number=number + 2, title="x", ends=ended, created_at=timezone.now())
    with django_assert_num_queries(4):
        (found,) = monitored_by(cast.citizen, timezone.localdate())
    assert len(found.asks) == many + 1
    assert PlanEdition.objects.exists()
    with django_assert_num_queries(1):
        assert monitored_by(cast.officer, timezone.localdate()) == []


@given(st.dates(max_value=date(2100, 1, 1)), st.sampled_from(sorted(MONTHS)))
def test_an_assessment_is_due_the_same_day_some_months_later_or_at_the_end_of_the_month(
    since: date, kind: AssessmentKind
) -> None:
    found = due(kind, since)
    assert (found.year * 12 + found.month) - (since.year * 12 + since.month) == MONTHS[kind]
    assert found.day == since.day or (found.day < since.day and (found + timedelta(days=1)).day == 1)
