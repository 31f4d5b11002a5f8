"""A plan from its first word to its approval, and what happens when two people act at once."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Event, User
from action_plans.actions import commitments, plans
from action_plans.choices import (
    AssessmentKind,
    AssessmentState,
    ContributionKind,
    ContributionState,
    EditionKind,
    PlanStage,
    Verdict,
)
from action_plans.models import Assessment, Contribution, Plan, Response
from action_plans.reports.readiness import UNANSWERED, what_lacks
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind
from tests.action_plans.factories import NOW, commitment
from tests.action_plans.factories import plan as a_plan
from tests.cast import Cast
from tests.diagnostics import factories as diagnostics

PERIOD: dict[str, Any] = {"starts": date(2026, 1, 1), "ends": date(2027, 12, 31)}


def moved(plan: Plan, to: PlanStage, by: User, **more: Any) -> Plan:
    plan.refresh_from_db()
    return plans.move(by=by, plan=plan, to=to, seen=plan.stage, now=NOW, **more)


def at(stage: PlanStage, cast: Cast) -> Plan:
    """A plan with a commitment, brought to a stage by the coordinator."""
    held = plans.open_plan(by=cast.coordinator, municipality=cast.here, title="Plan", now=NOW, **PERIOD)
    commitment(held)
    way = [PlanStage.CO_CREATION, PlanStage.CONSULTATION, PlanStage.ANSWERING, PlanStage.APPROVED]
    for to in way[: way.index(stage) + 1] if stage in way else way:
        moved(held, to, cast.coordinator, **(the_act(cast) if to == PlanStage.APPROVED else {}))
    if stage not in way:
        moved(held, PlanStage.IMPLEMENTATION, cast.coordinator)
    held.refresh_from_db()
    return held


def the_act(cast: Cast) -> dict[str, Any]:
    act = keep(municipality=cast.here, kind=DocumentKind.DECREE, content=b"%PDF-1.7 act", name="decreto.pdf", now=NOW)
    return {"approval": act, "approved_by": "Concejo Municipal", "approved_on": date(2026, 5, 30)}


def contribution(plan: Plan) -> Contribution:
    return Contribution.objects.create(
        plan=plan,
        client_id=uuid4(),
        kind=ContributionKind.PROPOSAL,
        text="Más árboles en la plaza",
        state=ContributionState.PUBLISHED,
        sent_at=NOW,
        published_at=NOW,
    )


def test_a_plan_begins_from_the_latest_validated_diagnostic_and_only_one_is_open(cast: Cast) -> None:
    held = plans.open_plan(by=cast.coordinator, municipality=cast.here, title="Plan", now=NOW, **PERIOD)
    assert (held.stage, held.diagnostic) == (PlanStage.PREPARATION, None)
    with pytest.raises(RefusedError):
        plans.open_plan(by=cast.coordinator, municipality=cast.here, title="Otro", now=NOW, **PERIOD)
    with pytest.raises(PermissionDenied):
        plans.open_plan(by=cast.officer, municipality=cast.elsewhere, title="Ajeno", now=NOW, **PERIOD)
    with pytest.raises(RefusedError):
        plans.open_plan(
            by=cast.coordinator_elsewhere,
            municipality=cast.elsewhere,
            title="Al revés",
            starts=date(2027, 1, 1),
            ends=date(2026, 1, 1),
            now=NOW,
        )


def test_a_step_is_taken_once_and_by_whoever_may(cast: Cast) -> None:
    held = plans.open_plan(by=cast.coordinator, municipality=cast.here, title="Plan", now=NOW, **PERIOD)
    moved(held, PlanStage.CO_CREATION, cast.coordinator)
    with pytest.raises(OvertakenError):
        plans.move(by=cast.coordinator, plan=held, to=PlanStage.CO_CREATION, seen=PlanStage.PREPARATION, now=NOW)
    with pytest.raises(PermissionDenied):
        moved(held, PlanStage.CONSULTATION, cast.officer)
    with pytest.raises(RefusedError):  # no commitment yet
        moved(held, PlanStage.CONSULTATION, cast.coordinator)
    commitment(held)
    moved(held, PlanStage.CONSULTATION, cast.coordinator)
    assert held.editions.get().kind == EditionKind.CONSULTATION
    assert Event.objects.filter(kind="plan.moved").count() == 2


def test_no_plan_is_approved_without_its_act(cast: Cast) -> None:
    held = at(PlanStage.ANSWERING, cast)
    with pytest.raises(RefusedError):
        moved(held, PlanStage.APPROVED, cast.coordinator)
    assert moved(held, PlanStage.APPROVED, cast.coordinator, **the_act(cast)).stage == PlanStage.APPROVED
    assert [edition.kind for edition in held.editions.order_by("number")] == ["consultation", "approved"]


def test_no_plan_is_approved_while_a_contribution_waits_unless_the_council_grants_time(cast: Cast) -> None:
    held = at(PlanStage.ANSWERING, cast)
    waiting = contribution(held)
    with pytest.raises(RefusedError):
        moved(held, PlanStage.APPROVED, cast.coordinator, **the_act(cast))
    until = timezone.localdate(NOW) + timedelta(days=10)
    waiver = plans.ask_waiver(
        by=cast.coordinator,
        plan=held,
        rule=UNANSWERED,
        reason="Falta la respuesta de Obras",
        until=until,
        now=NOW,
    )
    with pytest.raises(RefusedError):  # asked is not granted
        moved(held, PlanStage.APPROVED, cast.coordinator, **the_act(cast))
    with pytest.raises(PermissionDenied):
        plans.grant_waiver(by=cast.coordinator, waiver=waiver, now=NOW)
    plans.grant_waiver(by=cast.adviser, waiver=waiver, now=NOW)
    assert what_lacks(_with_act(held, cast), PlanStage.APPROVED, today=until) == []
    assert what_lacks(_with_act(held, cast), PlanStage.APPROVED, today=until + timedelta(days=1))
    Response.objects.create(
        contribution=waiting, verdict=Verdict.ACCEPTED, reasons="Se suma al compromiso 1", at=NOW, by=cast.coordinator
    )
    assert what_lacks(_with_act(held, cast), PlanStage.APPROVED, today=until + timedelta(days=1)) == []
    moved(held, PlanStage.APPROVED, cast.coordinator, **the_act(cast))


def _with_act(plan: Plan, cast: Cast) -> Plan:
    act = the_act(cast)
    plan.approval, plan.approved_by, plan.approved_on = act["approval"], act["approved_by"], act["approved_on"]
    return plan


def test_an_approved_plan_changes_with_a_reason_and_shows_it_as_an_edition(cast: Cast) -> None:
    held = at(PlanStage.IMPLEMENTATION, cast)
    texts = {"vision": "Un municipio que escucha"}
    with pytest.raises(RefusedError):
        plans.edit(by=cast.officer, plan=held, texts=texts, now=NOW, reason="", **PERIOD)
    for _twice in range(2):  # the same again makes no edition
        plans.edit(by=cast.officer, plan=held, texts=texts, now=NOW, reason="Lo pidió el foro", **PERIOD)
    last = held.editions.first()
    assert last is not None
    assert (last.number, last.kind, last.reason) == (3, EditionKind.AMENDED, "Lo pidió el foro")
    commitments.add(
        by=cast.officer, plan=held, draft=commitments.Draft({"title": "Datos"}), now=NOW, reason="Lo pidió el COSOC"
    )
    assert held.editions.count() == 4


def test_a_self_assessment_is_published_before_its_stage_is_left(cast: Cast) -> None:
    held = at(PlanStage.IMPLEMENTATION, cast)
    moved(held, PlanStage.FINAL, cast.coordinator)
    with pytest.raises(RefusedError):
        moved(held, PlanStage.CLOSED, cast.coordinator)
    Assessment.objects.create(
        plan=held,
        kind=AssessmentKind.FINAL,
        version=diagnostics.version(),
        state=AssessmentState.PUBLISHED,
        created_at=NOW,
        created_by=cast.coordinator,
        published_at=NOW,
    )
    moved(held, PlanStage.CLOSED, cast.coordinator)
    with pytest.raises(RefusedError):
        plans.edit(by=cast.officer, plan=held, texts={}, now=NOW, reason="Tarde", **PERIOD)
    plans.open_plan(by=cast.coordinator, municipality=cast.here, title="El siguiente", now=NOW, **PERIOD)


def test_a_plan_that_was_given_up_says_why(cast: Cast) -> None:
    held = a_plan(cast.here)
    with pytest.raises(RefusedError):
        moved(held, PlanStage.CANCELLED, cast.adviser)
    assert moved(held, PlanStage.CANCELLED, cast.adviser, reason="Cambio de alcaldía").stage == PlanStage.CANCELLED
