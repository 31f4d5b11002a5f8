"""The council advises and is answered; an independent monitor reads from inside and writes OGP's assessments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from action_plans.actions import advice, assessments
from action_plans.choices import AssessmentKind, RecommendationState
from action_plans.models import Assessment, Monitor, Plan, Recommendation
from action_plans.reports.assessments import parts_of
from action_plans.reports.monitoring import advice_due
from config.page_cache import forget_public_pages
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import MailKind
from municipalities.models import Mail
from tests.action_plans import stories
from tests.action_plans.stories import to
from tests.action_plans.test_assessments import filled
from tests.cast import Cast, sign_in


@pytest.fixture(autouse=True)
def instruments(db: None) -> None:
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    forget_public_pages()


def appointed(cast: Cast, plan: Plan, **more: Any) -> Monitor:
    today = timezone.localdate()
    given = {"organisation": "Universidad", "basis": "Resolución 12", "starts": today, "ends": None, **more}
    return assessments.appoint(by=cast.adviser, plan=plan, user=cast.citizen, now=timezone.now(), **given)


def recommended(cast: Cast, plan: Plan) -> Recommendation:
    return advice.recommend(by=cast.adviser, plan=plan, text="Publique las actas", now=timezone.now())


def test_an_adviser_recommends_and_the_municipality_answers(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    sent = {"text": "Publique las actas en datos abiertos", "commitment": str(stories.only(plan).key)}
    assert sign_in(client, cast.adviser).post(to("advice_recommend", cast), sent).status_code == 302
    row = Recommendation.objects.get()
    assert Mail.objects.filter(kind=MailKind.PLAN_RECOMMENDED, user=cast.coordinator).count() == 1
    officer = sign_in(Client(), cast.officer)
    assert "1 recomendación espera su respuesta" in officer.get(to("plan_desk", cast)).content.decode()
    answer = {"seen": advice.stamp(row), "state": "accepted", "text": "Lo haremos en mayo"}
    assert officer.post(to("advice_reply", cast, row.pk), answer).status_code == 302
    assert "Lo haremos en mayo" in client.get(to("advice", cast)).content.decode()


def test_the_same_recommendation_sent_twice_is_one(cast: Cast) -> None:
    plan = stories.carried_out(cast)
    assert recommended(cast, plan).pk == recommended(cast, plan).pk
    assert Mail.objects.filter(kind=MailKind.PLAN_RECOMMENDED, user=cast.coordinator).count() == 1


def test_an_adviser_follows_a_recommendation_up_and_the_desk_asks_again_that_day_or_no_more(
    client: Client, cast: Cast
) -> None:
    row, today = recommended(cast, stories.carried_out(cast)), timezone.localdate()
    Recommendation.objects.update(ask_again=today)
    sign_in(client, cast.adviser)
    assert len(advice_due(cast.adviser, today)) == 1
    page, again = to("advice_follow_up", cast, row.pk), today + timedelta(days=30)
    assert f'href="{page}"' in client.get(to("advice", cast)).content.decode()
    sent = {"seen": advice.stamp(row), "note": "Falta un acta", "ask_again": again.isoformat()}
    assert client.post(page, sent).status_code == 302
    assert len(advice_due(cast.adviser, today)) == 0
    assert len(advice_due(cast.adviser, again)) == 1
    assert "Falta un acta" in client.get(to("plan_desk", cast)).content.decode()
    assert client.post(page, {**sent, "ask_again": ""}).status_code == 302
    assert len(advice_due(cast.adviser, again)) == 0
    assert sign_in(Client(), cast.officer).get(page).status_code == 403


def test_a_visit_that_an_adviser_writes_down_is_a_visit_and_stands_beside_the_advice(
    client: Client, cast: Cast
) -> None:
    stories.carried_out(cast)
    here = to("advice", cast)
    form = reverse("municipalities:contact_note_add", args=[cast.here.cut]) + f"?tipo=visit&volver={here}"
    assert escape(form) in sign_in(client, cast.adviser).get(here).content.decode()
    assert '<option value="visit" selected>' in client.get(form).content.decode()
    assert client.get(form.replace("visit", "nada")).status_code == 200
    sent = {"kind": "visit", "on": timezone.localdate().isoformat(), "notes": "Vimos las actas"}
    assert client.post(form, sent)["Location"] == here
    assert "Vimos las actas" in client.get(here).content.decode()


def test_who_follows_up_reads_first_what_the_municipality_answered_meanwhile(client: Client, cast: Cast) -> None:
    row = recommended(cast, stories.carried_out(cast))
    sent = {"seen": advice.stamp(row), "note": "", "ask_again": timezone.localdate().isoformat()}
    done: dict[str, Any] = {"state": RecommendationState.DONE, "text": "Ya está", "seen": advice.stamp(row)}
    advice.answer(by=cast.officer, recommendation=row, now=timezone.now(), **done)
    page = to("advice_follow_up", cast, row.pk)
    answer = sign_in(client, cast.adviser).post(page, sent)
    assert (answer.status_code, "Ya está" in answer.content.decode()) == (409, True)
    row.refresh_from_db()
    answer = client.post(page, {**sent, "seen": advice.stamp(row)})
    assert "ya no se pregunta más" in answer.content.decode()
    row.refresh_from_db()
    assert row.ask_again is None


def test_declining_asks_for_reasons_and_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    row = recommended(cast, stories.carried_out(cast))
    sent = {"seen": advice.stamp(row), "state": "declined", "text": ""}
    answer = sign_in(client, cast.officer).post(to("advice_reply", cast, row.pk), sent)
    assert answer.status_code == 200
    assert "Escriba el motivo" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == RecommendationState.PROPOSED


def test_two_answers_at_once_are_told_apart(client: Client, cast: Cast) -> None:
    row = recommended(cast, stories.carried_out(cast))
    seen = advice.stamp(row)
    accepted: dict[str, Any] = {"state": RecommendationState.ACCEPTED, "seen": seen, "now": timezone.now()}
    advice.answer(by=cast.officer, recommendation=row, text="Sí", **accepted)
    with pytest.raises(OvertakenError):
        advice.answer(by=cast.coordinator, recommendation=row, text="También", **accepted)
    sent = {"seen": seen, "state": "accepted", "text": "También"}
    answer = sign_in(client, cast.coordinator).post(to("advice_reply", cast, row.pk), sent)
    assert answer.status_code == 409
    assert "También" in answer.content.decode()


def test_a_municipality_does_not_advise_and_an_adviser_elsewhere_sees_nothing(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    with pytest.raises(PermissionDenied):
        advice.recommend(by=cast.coordinator, plan=plan, text="x", now=timezone.now())
    assert sign_in(client, cast.adviser_elsewhere).get(to("advice", cast)).status_code == 404


def test_what_is_done_is_not_asked_about_again(cast: Cast) -> None:
    plan = stories.carried_out(cast)
    day = timezone.localdate() + timedelta(days=30)
    row = advice.recommend(by=cast.adviser, plan=plan, text="Haga un foro", ask_again=day, now=timezone.now())
    done = RecommendationState.DONE
    advice.answer(by=cast.officer, recommendation=row, state=done, text="", seen=advice.stamp(row), now=timezone.now())
    row.refresh_from_db()
    assert row.ask_again is None


def test_a_monitor_reads_the_plan_from_inside_and_writes_both_assessments(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    sent = {
        "email": cast.citizen.email,
        "organisation": "Universidad de prueba",
        "basis": "Resolución 12",
        "starts": timezone.localdate().isoformat(),
    }
    assert sign_in(Client(), cast.adviser).post(to("monitor_appoint", cast), sent).status_code == 302
    sign_in(client, cast.citizen)
    assert plan.municipality.name in client.get(reverse("action_plans:monitored")).content.decode()
    page = client.get(reverse("action_plans:monitor", args=[plan.pk])).content.decode()
    assert "Actas a la vista" in page
    client.post(reverse("action_plans:monitor_begin", args=[plan.pk]))
    client.post(reverse("action_plans:monitor_begin_commitment", args=[plan.pk, stories.only(plan).key]))
    kinds = {AssessmentKind.INCEPTION, AssessmentKind.END}
    assert set(Assessment.objects.values_list("kind", flat=True)) == kinds
    for one in Assessment.objects.all():
        for part in parts_of(one):
            address = reverse("action_plans:assessment_part", args=[one.pk, part.key])
            assert client.post(address, filled(part, "Visto en terreno")).status_code == 302
        assert client.post(reverse("action_plans:assessment_publish", args=[one.pk])).status_code == 302
        public = Client().get(to("plan_assessment", cast, plan.pk, one.pk)).content.decode()
        assert "Visto en terreno" in public
        assert "monitor independiente" in public


def test_a_monitor_changes_nothing_of_the_plan_nor_of_the_municipalitys_assessment(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    appointed(cast, plan)
    sign_in(client, cast.citizen)
    assert client.get(to("plan_desk", cast)).status_code == 404
    assert client.post(to("assessment_begin", cast, "midterm")).status_code == 404
    with pytest.raises(PermissionDenied):
        assessments.begin(by=cast.citizen, plan=plan, kind=AssessmentKind.MIDTERM, now=timezone.now())


def test_the_municipality_neither_writes_nor_reads_a_monitors_draft(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    appointed(cast, plan)
    one = assessments.begin(by=cast.citizen, plan=plan, kind=AssessmentKind.INCEPTION, now=timezone.now())
    for person in (cast.officer, cast.coordinator, cast.adviser):
        assert sign_in(Client(), person).get(reverse("action_plans:assessment", args=[one.pk])).status_code == 404


def test_a_monitor_is_independent_and_for_a_time(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    today = timezone.localdate()
    for person in (cast.officer, cast.analyst):
        with pytest.raises(RefusedError, match="independiente"):
            assessments.appoint(
                by=cast.adviser,
                plan=plan,
                user=person,
                organisation="x",
                basis="x",
                starts=today,
                ends=None,
                now=timezone.now(),
            )
    appointed(cast, plan, starts=today - timedelta(days=9), ends=today - timedelta(days=1))
    sign_in(client, cast.citizen)
    assert client.get(reverse("action_plans:monitor", args=[plan.pk])).status_code == 404


def test_the_desk_of_a_monitor_leads_to_the_plans_that_they_monitor(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    assert "Planes que monitoreo" not in sign_in(client, cast.citizen).get("/inicio/").content.decode()
    appointed(cast, plan)
    assert "Planes que monitoreo" in client.get("/inicio/").content.decode()


def test_the_adviser_finds_the_log_of_visits_and_the_minimums_from_their_pages(client: Client, cast: Cast) -> None:
    stories.carried_out(cast)
    sign_in(client, cast.adviser)
    assert f"/consejo/bitacora/{cast.here.cut}/anotar/" in client.get(to("advice", cast)).content.decode()
    assert "/planes/minimos/" in client.get("/consejo/").content.decode()
