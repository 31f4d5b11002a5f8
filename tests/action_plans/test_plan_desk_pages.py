"""The officer's desk of a plan: begun, written by two at once, taken on, told; and what each role may."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from action_plans.actions import commitments
from action_plans.actions.commitments import Draft
from action_plans.choices import AssessmentKind, MilestoneState, PlanStage
from action_plans.models import Commitment, Plan, PlanEdition, ProgressUpdate, Waiver
from diagnostics.models import Evidence
from tests.action_plans import assessed
from tests.action_plans.stories import carried_out, drafted, go, link, only, sheet, to
from tests.action_plans.test_plans import contribution
from tests.cast import Cast, sign_in
from tests.diagnostics import published
from tests.signing_stage import pdf

PDF = pdf()


def signed(client: Client, user: User) -> Client:
    return sign_in(client, user)


def test_without_a_plan_the_desk_says_from_what_it_may_begin(client: Client, cast: Cast) -> None:
    page = signed(client, cast.coordinator).get(to("plan_desk", cast)).content.decode()
    assert "La municipalidad no ha adherido al modelo" in page
    assert "No hay un diagnóstico validado" in page
    assert to("plan_begin", cast) in page
    assert to("plan_begin", cast) not in signed(client, cast.reader).get(to("plan_desk", cast)).content.decode()


def test_whoever_may_not_approve_yet_is_led_to_what_waits_and_not_to_a_page_that_is_closed_to_them(
    client: Client, cast: Cast
) -> None:
    plan = drafted(cast)
    for stage in (PlanStage.CO_CREATION, PlanStage.CONSULTATION, PlanStage.ANSWERING):
        go(plan, stage, cast)
    contribution(plan)
    here, waiver = to("plan_step", cast, PlanStage.APPROVED.value), to("plan_waiver", cast)
    page = signed(client, cast.coordinator).get(here).content.decode()
    assert waiver in page
    assert to("contributions_desk", cast) in page
    page = signed(client, cast.mayor).get(here).content.decode()
    assert waiver not in page
    assert client.get(waiver).status_code == 403
    assert "o pide más plazo al Consejo" in page
    assert client.get(to("contributions_desk", cast)).status_code == 200


def test_a_plan_begins_from_ticked_gaps_and_each_commitment_keeps_its_link(client: Client, cast: Cast) -> None:
    held = published.answered(cast.here)
    published.validate(held)
    signed(client, cast.coordinator)
    sent = {"title": "Plan 2027-2028", "starts": "2027-01-01", "ends": "2028-12-31"}
    answer = client.post(to("plan_begin", cast), sent)
    assert answer.headers["Location"] == to("plan_gaps", cast)
    page = client.get(to("plan_gaps", cast))
    gaps = [gap.found.key for gap in page.context["gaps"]]
    assert gaps
    assert client.post(to("plan_gaps", cast), {"otro": "1"}).context["form"].errors
    for _twice in range(2):
        client.post(to("plan_gaps", cast), {"gaps": gaps[:1]})
    assert [each.gaps for each in Commitment.objects.all()] == [gaps[:1]]
    assert not Commitment.objects.get().title.endswith(".")  # a title, not a sentence
    assert client.post(to("plan_begin", cast), sent).status_code == 200  # one open plan at a time
    assert Plan.objects.count() == 1


def test_the_desk_shows_what_is_asked_and_asks_few_questions(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    plan = carried_out(cast)
    for number in range(3):
        draft = Draft({"title": f"Otro {number}"})
        commitments.add(by=cast.officer, plan=plan, draft=draft, now=timezone.now(), reason="Lo pidió el foro")
    signed(client, cast.coordinator)
    client.get(to("plan_desk", cast))
    with django_assert_max_num_queries(26):
        page = client.get(to("plan_desk", cast)).content.decode()
    assert "“Página nueva” debía estar cumplido" in page
    assert "Comenzar la autoevaluación de medio término" in page


def test_steps_are_offered_by_the_table_and_confirmed_on_their_page(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    signed(client, cast.coordinator)
    here = to("plan_step", cast, "co_creation")
    assert here in client.get(to("plan_desk", cast)).content.decode()
    assert client.get(here).status_code == 200
    assert client.post(here, {"seen": "preparation"}).status_code == 302
    again = client.post(here, {"seen": "preparation"})
    assert again.status_code == 409
    plan.refresh_from_db()
    assert plan.stage == PlanStage.CO_CREATION
    assert client.get(to("plan_step", cast, "closed")).status_code == 404
    assert signed(client, cast.officer).get(to("plan_step", cast, "consultation")).status_code == 403


def test_the_approval_attaches_the_act_and_names_the_authority(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    for stage in (PlanStage.CO_CREATION, PlanStage.CONSULTATION, PlanStage.ANSWERING):
        go(plan, stage, cast)
    signed(client, cast.mayor)
    here, today = to("plan_step", cast, "approved"), timezone.localdate()
    sent = {"seen": "answering", "approved_by": "Concejo Municipal", "approved_on": today.isoformat()}
    assert client.post(here, sent).context["form"].errors.keys() == {"file"}
    late = {**sent, "approved_on": (today + timedelta(days=1)).isoformat()}
    assert client.post(here, {**late, "file": SimpleUploadedFile("acta.pdf", PDF)}).context["form"].errors
    assert client.post(here, {**sent, "file": SimpleUploadedFile("acta.pdf", PDF)}).status_code == 302
    plan.refresh_from_db()
    assert (plan.stage, plan.approved_by) == (PlanStage.APPROVED, "Concejo Municipal")
    assert plan.approval is not None
    assert plan.editions.count() == 2


def test_unanswered_contributions_stop_the_approval_until_the_council_grants_a_day(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    for stage in (PlanStage.CO_CREATION, PlanStage.CONSULTATION, PlanStage.ANSWERING):
        go(plan, stage, cast)
    contribution(plan)
    signed(client, cast.coordinator)
    here, today = to("plan_step", cast, "approved"), timezone.localdate()
    assert "espera su respuesta" in client.get(here).content.decode()
    sent = {"seen": "answering", "approved_by": "Concejo", "approved_on": today.isoformat()}
    refused = client.post(here, {**sent, "file": SimpleUploadedFile("acta.pdf", PDF)})
    assert "espera su respuesta" in refused.content.decode()
    asked = {"reason": "Falta una", "until": (today + timedelta(days=9)).isoformat()}
    assert client.post(to("plan_waiver", cast), asked).status_code == 302
    waiver = Waiver.objects.get()
    assert client.post(to("plan_waiver_grant", cast, waiver.pk)).status_code == 403
    public = reverse("action_plans:contributions", args=[plan.pk])
    assert "Ningún plan se aprueba mientras" in client.get(public).content.decode()
    assert signed(client, cast.adviser).post(to("plan_waiver_grant", cast, waiver.pk)).status_code == 302
    signed(client, cast.coordinator)
    assert client.post(here, {**sent, "file": SimpleUploadedFile("acta.pdf", PDF)}).status_code == 302
    page = client.get(public).content.decode()
    assert "Ningún plan se aprueba mientras" not in page
    assert f"dio plazo para responder hasta el {today + timedelta(days=9):%d-%m-%Y}" in page
    assert "1 aporte espera su respuesta." in client.get(to("plan_desk", cast)).content.decode()


def test_a_commitment_is_written_with_rows_and_advice_beside(client: Client, cast: Cast) -> None:
    drafted(cast)
    signed(client, cast.officer)
    key = uuid4()
    for _twice in range(2):
        answer = client.post(to("commitment_add", cast), {"title": "Presupuesto abierto", "key": str(key)})
    made = Commitment.objects.get(key=key)
    assert answer.headers["Location"] == to("commitment_edit", cast, key)
    page = client.get(to("commitment_edit", cast, key)).content.decode()
    assert "Sin una línea base nadie podrá decir después si algo cambió" in page
    rows = {
        "hitos-TOTAL_FORMS": 2,
        "hitos-0-title": "Segundo",
        "hitos-0-weight": 1,
        "hitos-0-ORDER": 2,
        "hitos-1-title": "Primero",
        "hitos-1-weight": 3,
        "hitos-1-ORDER": 1,
        "indicadores-TOTAL_FORMS": 1,
        "indicadores-0-name": "Visitas",
        "indicadores-0-baseline": "1,5",
        "indicadores-0-target": "1.000",
        "goals": ["16", "11"],
    }
    assert client.post(to("commitment_edit", cast, key), sheet(made, **rows)).status_code == 302
    made.refresh_from_db()
    assert [each.title for each in made.milestones.order_by("number")] == ["Primero", "Segundo"]
    indicator = made.indicators.get()
    assert (indicator.baseline, indicator.target) == (Decimal("1.5"), Decimal(1000))
    assert made.goals == [11, 16]
    shown = client.get(to("commitment_edit", cast, key)).content.decode()
    assert 'value="1,5"' in shown


def test_what_was_typed_stays_through_errors_and_more_rows(client: Client, cast: Cast) -> None:
    one = only(drafted(cast))
    signed(client, cast.officer)
    wrong = sheet(one, problem="Palabras que no se pierden", ends="2020-01-01", starts="2021-01-01")
    refused = client.post(to("commitment_edit", cast, one.key), wrong)
    assert refused.status_code == 422
    assert "Palabras que no se pierden" in refused.content.decode()
    more = client.post(to("commitment_edit", cast, one.key), sheet(one, problem="Sigue aquí", mas="1"))
    page = more.content.decode()
    assert more.status_code == 200
    assert "Sigue aquí" in page
    assert 'name="hitos-4-title"' in page
    one.refresh_from_db()
    assert one.version == 1
    no_account = client.post(to("commitment_edit", cast, one.key), sheet(one, account_1="215.99.99"))
    assert no_account.context["sheet"].form.errors.keys() == {"account_1"}


def test_one_summary_names_the_row_of_each_error(client: Client, cast: Cast) -> None:
    one = only(drafted(cast))
    signed(client, cast.officer)
    rows = {
        "hitos-TOTAL_FORMS": 2,
        "hitos-0-title": "Bien",
        "hitos-0-weight": 1,
        "hitos-1-title": "Mal",
        "hitos-1-weight": 0,
        "indicadores-TOTAL_FORMS": 1,
        "indicadores-0-name": "Visitas",
        "indicadores-0-baseline": "mil",
    }
    page = client.post(to("commitment_edit", cast, one.key), sheet(one, title="", **rows)).content.decode()
    assert page.count("error-summary") == 1
    assert "Hito 2, Peso: " in page
    assert "Indicador 1, Línea de base: " in page
    assert "Título: " in page


def test_what_needs_a_reason_asks_for_it_in_words(client: Client, cast: Cast) -> None:
    one = only(carried_out(cast))
    signed(client, cast.officer)
    refused = client.post(to("commitment_edit", cast, one.key), sheet(one, resources="Más"))
    assert "Diga por qué cambia" in refused.content.decode()


def test_two_writers_see_both_texts_and_the_second_decides(client: Client, cast: Cast) -> None:
    one = only(drafted(cast))
    mine = sheet(one, problem="Lo que escribí yo", baseline="Igual")
    signed(client, cast.coordinator)
    theirs = sheet(one, problem="Lo que escribió otra persona", **{"hitos-TOTAL_FORMS": 4})
    theirs |= {"hitos-3-title": "Hito ajeno", "hitos-3-weight": 1, "hitos-3-ORDER": 4}
    assert client.post(to("commitment_edit", cast, one.key), theirs).status_code == 302
    signed(client, cast.officer)
    answer = client.post(to("commitment_edit", cast, one.key), mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Lo que escribí yo" in page
    assert "otra persona" in page
    form = answer.context["sheet"]
    assert form.form["version"].value() == "2"
    assert "Hito ajeno" in page
    one.refresh_from_db()
    assert one.problem == "Lo que escribió otra persona"
    resent = {**mine, "version": 2, "hitos-TOTAL_FORMS": 4}
    resent |= {"hitos-3-key": str(one.milestones.get(number=4).key), "hitos-3-title": "Hito ajeno", "hitos-3-weight": 1}
    assert client.post(to("commitment_edit", cast, one.key), resent).status_code == 302
    one.refresh_from_db()
    assert (one.problem, one.milestones.count()) == ("Lo que escribí yo", 4)


def test_a_stale_save_with_other_milestones_alone_is_a_conflict_too(client: Client, cast: Cast) -> None:
    one = only(drafted(cast))
    signed(client, cast.officer)
    mine = sheet(one, **{"hitos-0-title": "Otro nombre"})
    client.post(to("commitment_edit", cast, one.key), sheet(one, **{"hitos-1-title": "Nombre nuevo"}))
    assert client.post(to("commitment_edit", cast, one.key), mine).status_code == 409


def test_the_same_save_twice_is_one(client: Client, cast: Cast) -> None:
    one = only(drafted(cast))
    signed(client, cast.officer)
    sent = sheet(one, problem="Una vez", **{"hitos-TOTAL_FORMS": 4})
    sent |= {"hitos-3-title": "Nuevo", "hitos-3-weight": 1, "hitos-3-ORDER": 4}
    for _twice in range(2):
        assert client.post(to("commitment_edit", cast, one.key), sent).status_code == 302
    one.refresh_from_db()
    assert (one.version, one.milestones.count()) == (2, 4)


def test_after_the_approval_a_change_needs_a_reason_and_makes_an_edition(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    signed(client, cast.officer)
    before = plan.editions.count()
    refused = client.post(to("commitment_edit", cast, one.key), sheet(one, problem="Cambió"))
    assert refused.context["sheet"].form.errors.keys() == {"reason"}
    sent = sheet(one, problem="Cambió", reason="Lo pidió el foro")
    assert client.post(to("commitment_edit", cast, one.key), sent).status_code == 302
    assert plan.editions.count() == before + 1
    texts = {"title": plan.title, "starts": plan.starts.isoformat(), "ends": plan.ends.isoformat()}
    seen = client.get(to("plan_texts", cast)).context["form"].initial["seen"]
    assert client.post(to("plan_texts", cast), {**texts, "vision": "Otra", "seen": seen}).status_code == 200
    reason = {"reason": "La corrigió el concejo"}
    sent = {**texts, **reason, "vision": "Otra", "seen": seen}
    assert client.post(to("plan_texts", cast), sent).status_code == 302
    stale = client.post(to("plan_texts", cast), {**sent, "vision": "La mía"})
    assert stale.status_code == 409
    assert "La mía" in stale.content.decode()
    assert plan.editions.count() == before + 2


def test_commitments_change_places_only_while_the_plan_is_drafted(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    second = commitments.add(by=cast.officer, plan=plan, draft=Draft({"title": "Segundo"}), now=timezone.now())
    signed(client, cast.officer)
    client.post(to("commitment_move", cast, second.key), {"donde": "arriba"})
    client.post(to("commitment_move", cast, second.key), {"donde": "arriba"})
    assert [each.title for each in plan.commitments.order_by("number")] == ["Segundo", "Actas a la vista"]


def test_a_commitment_leaves_with_a_reason(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    assert signed(client, cast.officer).get(to("commitment_withdraw", cast, one.key)).status_code == 403
    signed(client, cast.coordinator)
    assert client.post(to("commitment_withdraw", cast, one.key), {"reason": " "}).context["form"].errors
    assert client.post(to("commitment_withdraw", cast, one.key), {"reason": "Se unió a otro"}).status_code == 302
    assert PlanEdition.objects.latest("number").content["commitments"] == []
    back = to("commitment_restore", cast, one.key)
    assert f'href="{back}"' in client.get(to("plan_desk", cast)).content.decode()
    assert signed(client, cast.officer).get(back).status_code == 403
    signed(client, cast.coordinator)
    assert client.post(back, {"reason": " "}).context["form"].errors
    assert client.post(back, {"reason": "Fue un error"}).status_code == 302
    assert only(plan).withdrawn_at is None


def test_a_commitment_that_left_a_draft_comes_back_without_a_reason(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    one = only(plan)
    commitments.withdraw(by=cast.coordinator, commitment=one, reason="Se unió a otro", now=timezone.now())
    signed(client, cast.coordinator)
    assert "Devolverlo al plan" in client.get(to("commitment_restore", cast, one.key)).content.decode()
    assert client.post(to("commitment_restore", cast, one.key)).status_code == 302
    assert only(plan).withdrawn_at is None


def test_progress_is_told_with_evidence_of_the_library_or_new(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    second, third = one.milestones.get(number=2), one.milestones.get(number=3)
    signed(client, cast.officer)
    here = to("commitment_progress", cast, one.key)
    page = client.get(f"{here}?hito={second.key}").content.decode()
    assert "2 de 4" not in page
    assert "50\u00a0% × 100\u00a0%" in page  # the arithmetic is shown
    sent = {"client_id": str(uuid4()), "key": str(uuid4()), "milestone": str(second.key), "text": "La página está"}
    sent |= {"state": "met"}
    assert "evidencia" in client.post(here, sent).content.decode()
    for _twice in range(2):
        assert client.post(here, {**sent, "url": "https://ejemplo.cl/pagina", "is_public": "on"}).status_code == 302
    assert ProgressUpdate.objects.count() == 2
    second.refresh_from_db()
    assert second.state == MilestoneState.MET
    assert Evidence.objects.filter(is_public=True).count() == 2
    chosen = link(cast, public=False)
    under_way: dict[str, Any] = {
        "client_id": str(uuid4()),
        "key": str(uuid4()),
        "milestone": str(third.key),
        "text": "Vamos",
    }
    under_way |= {"state": "under_way", "advance": "40", "evidence": [str(chosen.key)]}
    assert client.post(here, under_way).status_code == 302
    wrong = client.post(here, {**under_way, "client_id": str(uuid4()), "state": "", "milestone": "", "text": "x"})
    assert wrong.context["form"].errors.keys() == {"state"}
    assert client.post(here, {**under_way, "evidence": ["no-es"]}).status_code == 422


def test_people_of_elsewhere_find_nothing(client: Client, cast: Cast) -> None:
    one = only(drafted(cast))
    for who in (cast.coordinator_elsewhere, cast.adviser_elsewhere, cast.citizen):
        signed(client, who)
        assert client.get(to("plan_desk", cast)).status_code == 404
        assert client.get(to("commitment_edit", cast, one.key)).status_code == 404
    reader = signed(client, cast.reader)
    assert reader.get(to("commitment_edit", cast, one.key)).status_code == 200
    assert reader.post(to("commitment_edit", cast, one.key), sheet(one)).status_code == 403


def test_a_self_assessment_is_asked_until_it_is_published(client: Client, cast: Cast) -> None:
    assessed.load()
    plan = carried_out(cast)
    go(plan, PlanStage.MIDTERM, cast)
    plan.refresh_from_db()
    asked = "Escriba la autoevaluación del plan"
    assert asked in signed(client, cast.officer).get(to("plan_desk", cast)).content.decode()
    assessed.published(cast, plan, AssessmentKind.MIDTERM)
    assert asked not in client.get(to("plan_desk", cast)).content.decode()
    page = signed(client, cast.adviser).get(to("plan_desk", cast)).content.decode()
    assert "Qué se pide a la municipalidad" in page
    assert ">Acciones<" not in page
