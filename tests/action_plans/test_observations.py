"""Citizens observe a published assessment; what they say goes the way of every contribution, and stands beside the text."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from action_plans.actions import commitments, contributions, moderation, personal_data, plans, responses
from action_plans.actions.commitments import Draft
from action_plans.choices import (
    AssessmentKind,
    ContributionKind,
    ContributionState,
    HideReason,
    PlanStage,
    Verdict,
)
from action_plans.models import Assessment, Author, Contribution, Plan
from action_plans.notifications.digest import PROVIDER
from action_plans.reports.contributions import summary_of, summed
from action_plans.reports.desk import current_plan, desk_of
from action_plans.reports.minimums import minimums_of
from action_plans.reports.readiness import what_lacks
from action_plans.rules.assessments import OBSERVED_AT_LEAST, is_observed, observed_until
from action_plans.rules.plan_states import FINAL
from config.page_cache import forget_public_pages
from municipalities.actions import RefusedError
from municipalities.choices import MailKind
from tests.action_plans import assessed as stories
from tests.action_plans.assessed import closed, observation, observed, shown
from tests.action_plans.citizens import opened, written
from tests.action_plans.stories import only, to
from tests.at_once import at_once
from tests.cast import Cast, sign_in

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits_of_before() -> None:
    cache.clear()


@pytest.fixture
def assessment(cast: Cast) -> Assessment:
    forget_public_pages()
    return stories.assessed(cast)


def of_assessment(name: str, cast: Cast, one: Assessment) -> str:
    return to(name, cast, one.plan_id, one.pk)


def words(**more: Any) -> dict[str, Any]:
    given = {
        "client_id": uuid4(),
        "about": "",
        "text": "El inventario que se dice publicado no se abre",
        "shown_as": "Vecina de la costa",
        "sector": "other",
        "email": "v@ejemplo.cl",
        "opened": opened(),
    }
    return {**given, **more}


def a_little_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("municipalities.forms.public.SOONEST", timedelta(seconds=-1))


# --- The way of an observation ----------------------------------------------------------------------------------------


def test_a_citizen_without_an_account_observes_is_read_answered_and_told_beside_the_text(
    client: Client, cast: Cast, assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_little_later(monkeypatch)
    about = only(assessment.plan)
    page = of_assessment("plan_assessment", cast, assessment)
    form = client.get(of_assessment("observe", cast, assessment), {"sobre": str(about.key)}).content.decode()
    assert "Lo dice la municipalidad" in form, "the official text stands beside the form"
    sent = client.post(of_assessment("observe", cast, assessment), words(about=str(about.key)))
    assert (sent.status_code, sent["Location"]) == (302, page)
    made = Contribution.objects.get()
    assert (made.kind, made.assessment, made.commitment) == (ContributionKind.OBSERVATION, assessment, about)
    assert made.state == ContributionState.UNCONFIRMED
    assert "no se abre" not in client.get(page).content.decode()

    (mail,) = written(MailKind.CONTRIBUTION_CONFIRM)
    author = made.authors.get()
    confirm = f"/participa/confirmar/{author.key}/"
    assert confirm in mail.body
    assert page in client.get(confirm).content.decode(), "the way back leads to the assessment"
    client.post(confirm)
    made.refresh_from_db()
    assert made.state == ContributionState.WAITING

    desk = sign_in(Client(), cast.coordinator)
    queue = desk.get(to("contributions_desk", cast), {"cola": "nuevos", "sobre": "evaluacion"}).content.decode()
    assert "Autoevaluación de medio término, Compromiso 1: Actas a la vista" in queue
    work = to("contributions_work", cast)
    desk.post(work, {"que": "publicar", "m": made.pk, "confirmar": "1"})
    answer = {"verdict": "accepted", "reasons": "Tiene razón: se vuelve a subir esta semana."}
    desk.post(work, {"que": "responder", "m": made.pk, "confirmar": "1", **answer})
    (told,) = written(MailKind.CONTRIBUTION_ANSWERED)
    assert "se vuelve a subir" in told.body
    assert told.to == "v@ejemplo.cl"

    forget_public_pages()
    read = client.get(page).content.decode()
    part = read[read.index(f'id="observaciones-{about.key}"') :]
    assert part.index("no se abre") < part.index("se vuelve a subir")
    assert "v@ejemplo.cl" not in read
    assert page in client.get(to_one(made)).content.decode()


def to_one(made: Contribution) -> str:
    return f"/planes/{made.plan_id}/aportes/{made.key}/"


def test_sent_twice_it_is_one_and_one_mail(assessment: Assessment) -> None:
    once = observation(assessment)
    first = contributions.contribute(plan=assessment.plan, sent=once, now=timezone.now())
    assert contributions.contribute(plan=assessment.plan, sent=once, now=timezone.now()) == first
    assert Contribution.objects.count() == Author.objects.count() == len(written(MailKind.CONTRIBUTION_CONFIRM)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_observation(cast: Cast) -> None:
    one = stories.assessed(cast)
    once, now = observation(one), timezone.now()
    assert at_once(*[lambda: contributions.contribute(plan=one.plan, sent=once, now=now)] * 3) == []
    assert Contribution.objects.count() == 1


def test_with_an_account_it_waits_for_a_reader_and_whoever_was_published_before_appears_at_once(
    client: Client, cast: Cast, assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_little_later(monkeypatch)
    sign_in(client, cast.citizen)
    page = of_assessment("observe", cast, assessment)
    assert 'name="email"' not in client.get(page).content.decode()
    client.post(page, words())
    made = Contribution.objects.get()
    assert made.state == ContributionState.WAITING
    moderation.publish(by=cast.coordinator, plan=assessment.plan, contributions=[made.pk], now=timezone.now())
    client.post(page, words())
    assert Contribution.objects.first().state == ContributionState.PUBLISHED  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"website": "x"}, 302),
        ({"text": ""}, 200),
        ({"text": " corto "}, 200),
        ({"email": ""}, 200),
        ({"about": "no-existe"}, 200),
        ({"about": str(uuid4())}, 200),
        ({"client_id": "x"}, 200),
        ({"text": "\x00" * 20}, 200),
        ({"opened": ""}, 200),
    ],
)
def test_what_a_machine_sends_or_says_nothing_is_not_kept_and_never_breaks(
    client: Client,
    cast: Cast,
    assessment: Assessment,
    sent: dict[str, str],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_little_later(monkeypatch)
    answer = client.post(of_assessment("observe", cast, assessment), words(**sent))
    assert answer.status_code == status
    assert not Contribution.objects.exists()


def test_too_quick_is_asked_to_send_it_again_and_keeps_the_words(
    client: Client, cast: Cast, assessment: Assessment
) -> None:
    answer = client.post(of_assessment("observe", cast, assessment), words())
    assert "El inventario que se dice publicado no se abre" in answer.content.decode()
    assert not Contribution.objects.exists()


def test_one_mailbox_gets_few_mails(
    client: Client, cast: Cast, assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_little_later(monkeypatch)
    page = of_assessment("observe", cast, assessment)
    answers = [client.post(page, words()).status_code for _ in range(40)]
    assert answers[-1] == 429
    assert Contribution.objects.count() == answers.count(302)


@pytest.mark.parametrize("asked", ["zzz", "\x00", "plan", "8936bd4e-9cec-4602-bd7b-d5af09f143b5"])
def test_an_address_that_names_no_part_opens_the_form_of_the_whole(
    client: Client, cast: Cast, assessment: Assessment, asked: str
) -> None:
    assert client.get(of_assessment("observe", cast, assessment), {"sobre": asked}).status_code == 200
    assert client.get(of_assessment("observations", cast, assessment), {"sobre": asked}).status_code == 200


# --- Moderation, support, appeal, personal data -----------------------------------------------------------------------


def test_hidden_it_leaves_its_place_with_the_reason_and_may_be_appealed(
    client: Client, cast: Cast, assessment: Assessment
) -> None:
    made = shown(assessment, text="Un nombre que no debe leerse aquí")
    plan, now = assessment.plan, timezone.now()
    given: dict[str, Any] = {"by": cast.coordinator, "plan": plan, "contributions": [made.pk], "now": now}
    moderation.hide(**given, reason=HideReason.PERSONAL_DATA, note="Nombraba a una persona")
    forget_public_pages()
    page = client.get(of_assessment("plan_assessment", cast, assessment)).content.decode()
    assert "Nombraba a una persona" in page
    assert "no debe leerse" not in page
    author = made.authors.get()
    appealed = moderation.appeal(contribution=made, author=author.key, text="Es un cargo público", now=now)
    moderation.decide(by=cast.adviser, appeal=appealed, granted=True, reasons="Lo es", now=now)
    made.refresh_from_db()
    assert made.state == ContributionState.PUBLISHED, "unlike in an approved text, it appears before it is answered"


def test_it_is_supported_and_its_author_can_be_forgotten(cast: Cast, assessment: Assessment) -> None:
    made = shown(assessment)
    contributions.support(contribution=made, user=cast.citizen, now=timezone.now())
    personal_data.erase(key=made.authors.get().key, now=timezone.now())
    made.refresh_from_db()
    author = made.authors.get()
    assert (author.email, author.shown_as) == ("", "Alguien que pidió ser olvidado")
    assert made.supports.count() == 1


def test_what_nobody_confirmed_is_deleted_after_a_week(assessment: Assessment) -> None:
    contributions.contribute(plan=assessment.plan, sent=observation(assessment), now=timezone.now())
    personal_data.forget(now=timezone.now() + 8 * DAY)
    assert not Contribution.objects.exists()
    assert not Author.objects.exists()


def test_observations_on_one_assessment_are_joined_and_divided_after_the_approval_too(
    cast: Cast, assessment: Assessment
) -> None:
    one, two, now = shown(assessment), shown(assessment, email="otra@ejemplo.cl"), timezone.now()
    responses.merge(by=cast.coordinator, contributions=[two.pk], into=one, now=now)
    two.refresh_from_db()
    assert two.became == one
    responses.separate(by=cast.coordinator, contribution=two, now=now)
    words = two.text.split()
    texts = [" ".join(words[:4]), " ".join(words[4:])]
    parts = responses.split(by=cast.coordinator, contribution=two, texts=texts, now=now)
    assert {each.assessment for each in parts} == {assessment}


def test_an_observation_is_not_joined_with_what_was_said_elsewhere(cast: Cast, assessment: Assessment) -> None:
    one = shown(assessment)
    other = Contribution.objects.create(
        plan=assessment.plan,
        client_id=uuid4(),
        kind=ContributionKind.PROPOSAL,
        text="Al texto del plan",
        state=ContributionState.PUBLISHED,
        sent_at=timezone.now(),
        published_at=timezone.now(),
    )
    with pytest.raises(RefusedError, match="misma evaluación"):
        responses.merge(by=cast.coordinator, contributions=[other.pk], into=one, now=timezone.now())


# --- What it means for the plan ---------------------------------------------------------------------------------------


def test_an_observation_without_answer_holds_the_closing_back_and_no_other_step(cast: Cast) -> None:
    one = stories.assessed(cast, AssessmentKind.FINAL)
    made = shown(one)
    today = timezone.localdate()
    assert what_lacks(one.plan, PlanStage.CLOSED, today=today) == [
        "1 observación a una evaluación espera su respuesta."
    ]
    with pytest.raises(RefusedError, match="espera su respuesta"):
        plans.move(by=cast.coordinator, plan=one.plan, to=PlanStage.CLOSED, seen=PlanStage.FINAL, now=timezone.now())
    respond(cast, made)
    plans.move(by=cast.coordinator, plan=one.plan, to=PlanStage.CLOSED, seen=PlanStage.FINAL, now=timezone.now())


def respond(cast: Cast, made: Contribution) -> None:
    responses.respond(
        by=cast.coordinator,
        plan=made.plan,
        contributions=[made.pk],
        verdict=Verdict.ACCEPTED,
        reasons="Se corrigió en la página.",
        now=timezone.now(),
    )


def test_at_midterm_the_plan_goes_on_and_changes_while_an_observation_waits(cast: Cast, assessment: Assessment) -> None:
    shown(assessment)
    plans.move(
        by=cast.coordinator,
        plan=assessment.plan,
        to=PlanStage.IMPLEMENTATION,
        seen=PlanStage.MIDTERM,
        now=timezone.now(),
    )
    assert not what_lacks(assessment.plan, PlanStage.IMPLEMENTATION, today=timezone.localdate())


def test_what_was_confirmed_after_the_closing_is_owed_its_answer_too(cast: Cast, assessment: Assessment) -> None:
    made = contributions.contribute(plan=assessment.plan, sent=observation(assessment), now=timezone.now())
    closed(assessment)
    contributions.confirm(key=made.authors.get().key, now=timezone.now() + OBSERVED_AT_LEAST + DAY)
    made.refresh_from_db()
    assert made.state == ContributionState.WAITING
    plan = current_plan(cast.coordinator, cast.here.pk)
    assert plan
    desk = desk_of(plan, cast.coordinator, today=timezone.localdate())
    assert [ask.text for ask in desk.asks] == ["1 observación a una evaluación espera ser leída."]


def test_observations_are_counted_apart_from_what_was_said_to_the_text(cast: Cast, assessment: Assessment) -> None:
    made = shown(assessment)
    Contribution.objects.filter(pk=made.pk).update(published_at=timezone.now() - 100 * DAY)
    before = [(each.name, each.state_words) for each in minimums_of(assessment.plan, today=timezone.localdate())]
    assert summary_of(assessment.plan).published == 0
    respond(cast, made)
    assert summary_of(assessment.plan).median_days is None
    summary = summed(Contribution.objects.filter(assessment=assessment))
    assert (summary.published, summary.answered, summary.median_days) == (1, 1, 101)
    after = [(each.name, each.state_words) for each in minimums_of(assessment.plan, today=timezone.localdate())]
    assert before == after, "the minimum is of co-creation"
    assert "no se abre" not in Client().get(f"/planes/{assessment.plan_id}/aportes/").content.decode()


def test_whoever_writes_the_plan_reads_of_observations_in_the_digest(cast: Cast, assessment: Assessment) -> None:
    today = timezone.localdate()
    assert not dict(PROVIDER.parts(cast.officer, today))["Observaciones a evaluaciones:"]
    observed(assessment)
    assert cast.officer in PROVIDER.people(today)
    (line,) = dict(PROVIDER.parts(cast.officer, today))["Observaciones a evaluaciones:"]
    assert "1 por leer o responder" in line
    assert to("contributions_desk", cast) in line


# --- Its time ---------------------------------------------------------------------------------------------------------


def test_it_is_observed_for_sixty_days_though_the_plan_closes_and_then_no_more(
    client: Client, cast: Cast, assessment: Assessment
) -> None:
    closed(assessment)
    now = timezone.now()
    contributions.contribute(plan=assessment.plan, sent=observation(assessment), now=now + OBSERVED_AT_LEAST)
    with pytest.raises(RefusedError, match="ya no recibe observaciones"):
        contributions.contribute(
            plan=assessment.plan, sent=observation(assessment), now=now + OBSERVED_AT_LEAST + 2 * DAY
        )
    page = client.get(of_assessment("plan_assessment", cast, assessment)).content.decode()
    assert f"{timezone.localdate() + OBSERVED_AT_LEAST:%d-%m-%Y}" in page
    assert of_assessment("observe", cast, assessment) in page
    Assessment.objects.filter(pk=assessment.pk).update(published_at=now - 90 * DAY)
    forget_public_pages()
    page = client.get(of_assessment("plan_assessment", cast, assessment)).content.decode()
    assert of_assessment("observe", cast, assessment) not in page
    assert "observaciones terminó" in client.get(of_assessment("observe", cast, assessment)).content.decode()


def test_nothing_is_observed_on_a_draft_or_on_what_it_does_not_ask_about(
    client: Client, cast: Cast, assessment: Assessment
) -> None:
    other = Plan.objects.create(
        municipality=cast.elsewhere,
        title="x",
        starts=date(2026, 1, 1),
        ends=date(2027, 1, 1),
        created_at=timezone.now(),
        stage_since=timezone.now(),
    )
    theirs = other.commitments.create(number=1, title="x", created_at=timezone.now())
    with pytest.raises(RefusedError):
        contributions.contribute(plan=assessment.plan, sent=observation(assessment, theirs), now=timezone.now())
    with pytest.raises(RefusedError):
        contributions.contribute(plan=other, sent=observation(assessment), now=timezone.now())
    Assessment.objects.filter(pk=assessment.pk).update(state="draft")
    assessment.refresh_from_db()
    with pytest.raises(RefusedError):
        contributions.contribute(plan=assessment.plan, sent=observation(assessment), now=timezone.now())
    assert client.get(of_assessment("observe", cast, assessment)).status_code == 404
    assert client.get(of_assessment("observations", cast, assessment)).status_code == 404


@given(st.sampled_from(PlanStage), st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_nobody_is_shut_out_before_the_day_that_the_page_names(stage: PlanStage, published: date, days: int) -> None:
    today = published + days * DAY
    assert is_observed(stage, published, today) == (stage not in FINAL or today <= observed_until(published))
    assert is_observed(stage, published, observed_until(published))


def test_the_database_keeps_observations_and_assessments_together(assessment: Assessment) -> None:
    made = observed(assessment)
    for wrong in ({"assessment": None}, {"kind": ContributionKind.PROPOSAL}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Contribution.objects.filter(pk=made.pk).update(**wrong)


# --- The page ---------------------------------------------------------------------------------------------------------


def test_many_observations_cost_the_page_no_more_queries_and_the_rest_is_a_link_away(
    client: Client, cast: Cast, assessment: Assessment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    about = only(assessment.plan)
    for number in range(9):
        shown(assessment, about, email=f"v{number}@ejemplo.cl", text=f"Observación número {number} de varias")
    shown(assessment, email="todo@ejemplo.cl")
    forget_public_pages()
    with django_assert_max_num_queries(15):
        page = client.get(of_assessment("plan_assessment", cast, assessment)).content.decode()
    assert page.count("de varias") == 4 * 2  # its text, and the name of its link
    assert "Las 9 observaciones" in page
    everything = of_assessment("observations", cast, assessment)
    with django_assert_max_num_queries(14):
        found = client.get(everything, {"sobre": str(about.key)}).content.decode()
    assert found.count("<article") == 9
    assert client.get(everything).content.decode().count("<article") == 10
    assert client.get(everything, {"sobre": "todo"}).content.decode().count("<article") == 1


def test_an_assessment_of_an_older_edition_stays_readable_with_the_names_of_its_day(
    client: Client, cast: Cast, assessment: Assessment
) -> None:
    about = only(assessment.plan)
    other = commitments.add(
        by=cast.coordinator,
        plan=assessment.plan,
        draft=Draft({"title": "Otro compromiso"}, [], []),
        now=timezone.now(),
        reason="Lo pidió el foro",
    )
    assert other.pk
    commitments.withdraw(by=cast.coordinator, commitment=about, reason="Se cumplió de otra manera", now=timezone.now())
    forget_public_pages()
    page = client.get(of_assessment("plan_assessment", cast, assessment)).content.decode()
    assert "Actas a la vista" in page
    assert "Otro compromiso" not in page
    assert to("plan_edition", cast, assessment.plan_id, 2) in page
    assert client.get(to("plan_edition", cast, assessment.plan_id, 2)).status_code == 200
    assert observed(assessment, about).state == ContributionState.WAITING
