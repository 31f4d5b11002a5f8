"""The municipality assesses its own plan: part by part, without losing a word, and published it stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InternalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from action_plans.actions import assessments, plans
from action_plans.choices import AssessmentKind, AssessmentState, Completion, Opening, PlanStage
from action_plans.models import Assessment, AssessmentAnswer, Plan
from action_plans.reports.assessments import Part, parts_of, questions_about
from action_plans.rules.assessments import INSTRUMENTS, completion_of, opening_of
from config.page_cache import forget_public_pages
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from diagnostics.models import InstrumentFamily, InstrumentVersion
from diagnostics.rules.instrument import QuestionKind
from municipalities.actions import OvertakenError, RefusedError
from tests.action_plans import stories
from tests.action_plans.stories import go, to
from tests.cast import Cast, sign_in


@pytest.fixture(autouse=True)
def instruments(db: None) -> None:
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    forget_public_pages()


def at_midterm(cast: Cast) -> Plan:
    plan = stories.carried_out(cast)
    go(plan, PlanStage.MIDTERM, cast)
    plan.refresh_from_db()
    return plan


def begun(cast: Cast) -> Assessment:
    plan = at_midterm(cast)
    return assessments.begin(by=cast.officer, plan=plan, kind=AssessmentKind.MIDTERM, now=timezone.now())


def page_of(assessment: Assessment, key: str) -> str:
    return reverse("action_plans:assessment_part", args=[assessment.pk, key])


def filled(part: Part, words: str = "Se hizo en marzo", level: str = "3", version: int = 0) -> dict[str, Any]:
    """The form of a part, with every question answered."""
    data: dict[str, Any] = {}
    for each in part.answers:
        name = each.question.id
        if each.question.kind != QuestionKind.TEXT:
            data[f"{name}-value"] = "si" if each.question.kind == QuestionKind.YES_NO else level
        data |= {f"{name}-text": words, f"{name}-version": version}
    return data


def test_every_kind_has_an_instrument_that_ships_with_levels_of_ogps_scales() -> None:
    assert set(InstrumentFamily.objects.values_list("key", flat=True)) == set(INSTRUMENTS.values())
    assert not InstrumentVersion.objects.published().exists()  # no round is opened with one


def test_an_officer_writes_and_the_coordinator_publishes(client: Client, cast: Cast) -> None:
    plan = at_midterm(cast)
    sign_in(client, cast.officer)
    client.post(to("assessment_begin", cast, "midterm"))
    one = Assessment.objects.get()
    for part in parts_of(one):
        assert client.post(page_of(one, part.key), filled(part)).status_code == 302
    assert "Todo está respondido" in client.get(reverse("action_plans:assessment", args=[one.pk])).content.decode()
    publish = reverse("action_plans:assessment_publish", args=[one.pk])
    assert client.post(publish).status_code == 403
    assert sign_in(Client(), cast.coordinator).post(publish).status_code == 302
    page = Client().get(to("plan_assessment", cast, plan.pk, one.pk)).content.decode()
    assert "Se hizo en marzo" in page
    assert str(Completion.SUBSTANTIAL.label) in page
    assert (
        to("plan_assessment", cast, plan.pk, one.pk)
        in Client().get(to("plan_assessments", cast, plan.pk)).content.decode()
    )


def test_nothing_of_a_draft_is_public(client: Client, cast: Cast) -> None:
    one = begun(cast)
    assert client.get(to("plan_assessment", cast, one.plan_id, one.pk)).status_code == 404
    assert "Aún no se publica" in client.get(to("plan_assessments", cast, one.plan_id)).content.decode()


def test_an_assessment_with_questions_left_is_not_published(cast: Cast) -> None:
    one = begun(cast)
    with pytest.raises(RefusedError, match="no tienen respuesta"):
        assessments.publish(by=cast.coordinator, assessment=one, now=timezone.now())


def test_a_plan_leaves_its_midterm_once_the_assessment_is_published(client: Client, cast: Cast) -> None:
    one = begun(cast)
    with pytest.raises(RefusedError):
        go(one.plan, PlanStage.IMPLEMENTATION, cast)
    sign_in(client, cast.coordinator)
    for part in parts_of(one):
        client.post(page_of(one, part.key), filled(part))
    assessments.publish(by=cast.coordinator, assessment=one, now=timezone.now())
    go(one.plan, PlanStage.IMPLEMENTATION, cast)
    go(one.plan, PlanStage.FINAL, cast)
    with pytest.raises(RefusedError):
        plans.move(by=cast.coordinator, plan=one.plan, to=PlanStage.CLOSED, seen=PlanStage.FINAL, now=timezone.now())


def test_two_people_lose_no_word(client: Client, cast: Cast) -> None:
    one = begun(cast)
    (part, *_rest) = parts_of(one)
    sign_in(client, cast.officer)
    other = sign_in(Client(), cast.coordinator)
    assert client.post(page_of(one, part.key), filled(part, "Lo primero")).status_code == 302
    answer = other.post(page_of(one, part.key), filled(part, "Lo segundo"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Lo primero" in page
    assert "Lo segundo" in page
    assert set(AssessmentAnswer.objects.values_list("text", flat=True)) == {"Lo primero"}
    assert other.post(page_of(one, part.key), filled(part, "Ambos", version=1)).status_code == 302
    assert set(AssessmentAnswer.objects.values_list("text", flat=True)) == {"Ambos"}


def test_who_changes_another_answer_is_not_in_conflict(client: Client, cast: Cast) -> None:
    one = begun(cast)
    (part, *_rest) = parts_of(one)
    sign_in(client, cast.officer)
    client.post(page_of(one, part.key), {"evidencia-text": "El acta", "evidencia-version": 0})
    stale = {"evidencia-text": "El acta", "evidencia-version": 0, "cambios-text": "Nada", "cambios-version": 0}
    assert client.post(page_of(one, part.key), stale).status_code == 302
    assert AssessmentAnswer.objects.get(question="cambios").text == "Nada"
    assert AssessmentAnswer.objects.get(question="evidencia").version == 1


def test_what_was_typed_stays_on_an_error(client: Client, cast: Cast) -> None:
    one = begun(cast)
    (part, *_rest) = parts_of(one)
    sent = filled(part, "Palabras que no se pierden") | {"cumplimiento-value": "99"}
    answer = sign_in(client, cast.officer).post(page_of(one, part.key), sent)
    assert answer.status_code == 422
    assert "Palabras que no se pierden" in answer.content.decode()
    assert not AssessmentAnswer.objects.exists()


@pytest.mark.parametrize("version", ["-1", "x", "99999999999999999999", "\x00"])
def test_a_strange_version_never_breaks_the_page(client: Client, cast: Cast, version: str) -> None:
    one = begun(cast)
    (part, *_rest) = parts_of(one)
    sent = filled(part) | {"cumplimiento-version": version}
    assert sign_in(client, cast.officer).post(page_of(one, part.key), sent).status_code in (302, 422)


def test_what_does_not_apply_needs_its_reason(client: Client, cast: Cast) -> None:
    one = begun(cast)
    (part, *_rest) = parts_of(one)
    sign_in(client, cast.officer)
    client.post(page_of(one, part.key), filled(part) | {"abrio-tecnologia-value": "na", "abrio-tecnologia-text": ""})
    assert parts_of(one)[0].left == 1
    row = AssessmentAnswer.objects.get(question="abrio-tecnologia")
    client.post(
        page_of(one, part.key),
        filled(part, version=1)
        | {
            "abrio-tecnologia-value": "na",
            "abrio-tecnologia-text": "No lo buscaba",
            "abrio-tecnologia-version": row.version,
        },
    )
    assert parts_of(one)[0].left == 0


def test_a_published_assessment_stays_as_it_is(client: Client, cast: Cast) -> None:
    one = begun(cast)
    sign_in(client, cast.officer)
    for part in parts_of(one):
        client.post(page_of(one, part.key), filled(part))
    assessments.publish(by=cast.coordinator, assessment=one, now=timezone.now())
    again = assessments.publish(by=cast.coordinator, assessment=one, now=timezone.now())
    assert again.state == AssessmentState.PUBLISHED
    (part, *_rest) = parts_of(again)
    said = assessments.Said("evidencia", None, "Otra cosa", 1)
    with pytest.raises(OvertakenError):
        assessments.save(by=cast.officer, assessment=again, about=part.about, said=[said], now=timezone.now())
    with pytest.raises(InternalError), transaction.atomic():
        AssessmentAnswer.objects.update(text="Otra cosa")


def test_begun_twice_it_is_one_and_only_in_its_stage(cast: Cast) -> None:
    one = begun(cast)
    again = assessments.begin(by=cast.officer, plan=one.plan, kind=AssessmentKind.MIDTERM, now=timezone.now())
    assert again.pk == one.pk
    with pytest.raises(RefusedError, match="etapa"):
        assessments.begin(by=cast.officer, plan=one.plan, kind=AssessmentKind.FINAL, now=timezone.now())
    with pytest.raises(PermissionDenied):
        assessments.begin(by=cast.reader, plan=one.plan, kind=AssessmentKind.FINAL, now=timezone.now())


def test_nobody_of_another_municipality_opens_it(client: Client, cast: Cast) -> None:
    one = begun(cast)
    address = reverse("action_plans:assessment", args=[one.pk])
    assert sign_in(client, cast.coordinator_elsewhere).get(address).status_code == 404
    assert sign_in(Client(), cast.adviser).get(address).status_code == 200


def test_a_commitment_of_another_plan_is_asked_nothing(cast: Cast) -> None:
    one = begun(cast)
    from tests.action_plans.factories import commitment, plan

    assert questions_about(one, commitment(plan(cast.elsewhere))) == []
    assert questions_about(one, None)


@given(st.one_of(st.integers(-9, 9), st.booleans(), st.text(), st.none()))
def test_only_levels_have_a_meaning(value: Any) -> None:
    assert (completion_of(value) is not None) == (type(value) is int and 1 <= value <= len(Completion))
    assert (opening_of(value) is not None) == (type(value) is int and 1 <= value <= len(Opening))
