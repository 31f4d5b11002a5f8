"""Commitments: two writers at once lose nothing, milestones keep what was told of them, gaps keep their link."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from action_plans.actions import commitments, progress
from action_plans.actions.commitments import ConflictError, Draft, IndicatorSent, MilestoneSent
from action_plans.choices import MilestoneState, PlanStage
from action_plans.models import Commitment, Plan, ProgressUpdate
from action_plans.reports.editions import content_of, sha256
from action_plans.rules.edition_differences import compare
from diagnostics.models import Evidence
from municipalities.actions import RefusedError
from tests.action_plans.factories import NOW, milestone
from tests.action_plans.factories import commitment as a_commitment
from tests.action_plans.factories import plan as a_plan
from tests.action_plans.test_plans import at
from tests.cast import Cast
from tests.diagnostics import factories as diagnostics


def evidence(cast: Cast) -> Evidence:
    return Evidence.objects.create(municipality=cast.here, title="Acta", owner=cast.officer, created_at=NOW)


def test_two_writers_of_a_commitment_lose_nothing(cast: Cast) -> None:
    held = a_commitment(a_plan(cast.here))
    saved = commitments.save(
        by=cast.officer, commitment=held, draft=Draft({"problem": "Pocas actas"}), version=0, now=NOW
    )
    assert saved.version == 1
    with pytest.raises(ConflictError) as caught:
        commitments.save(
            by=cast.coordinator, commitment=held, draft=Draft({"problem": "Ninguna acta"}), version=0, now=NOW
        )
    assert (caught.value.standing.problem, caught.value.sent["problem"]) == ("Pocas actas", "Ninguna acta")
    again = commitments.save(
        by=cast.officer, commitment=held, draft=Draft({"problem": "Pocas actas"}), version=0, now=NOW
    )
    assert again.version == 1


def test_milestones_change_places_and_keep_their_state(cast: Cast) -> None:
    held = a_commitment(a_plan(cast.here))
    one, two = milestone(held, 1), milestone(held, 2, state=MilestoneState.UNDER_WAY, advance=40)
    sent = [
        MilestoneSent("Hito 2", two.key, weight=3),
        MilestoneSent("Nuevo", None, date(2026, 2, 1), date(2026, 3, 1)),
        MilestoneSent("Hito 1", one.key),
    ]
    commitments.save(by=cast.officer, commitment=held, draft=Draft({}, sent), version=0, now=NOW)
    rows = list(held.milestones.order_by("number"))
    assert [row.title for row in rows] == ["Hito 2", "Nuevo", "Hito 1"]
    assert (rows[0].key, rows[0].state, rows[0].advance, rows[0].weight) == (two.key, "under_way", 40, 3)
    commitments.save(by=cast.officer, commitment=held, draft=Draft({}, sent[:2]), version=1, now=NOW)
    assert held.milestones.count() == 2


def test_a_milestone_of_which_progress_was_told_is_not_deleted(cast: Cast) -> None:
    plan = at(PlanStage.IMPLEMENTATION, cast)
    held = plan.commitments.get()
    step = milestone(held)
    progress.report(by=cast.officer, commitment=held, milestone=step, text="Va bien", client_id=uuid4(), now=NOW)
    with pytest.raises(RefusedError):
        commitments.save(by=cast.officer, commitment=held, draft=Draft({}), version=0, now=NOW, reason="Sobra")
    assert Commitment.objects.get(pk=held.pk).version == 0


def test_dates_that_go_backwards_are_refused_whole(cast: Cast) -> None:
    held = a_commitment(a_plan(cast.here))
    backwards = Draft({"title": "Otro", "starts": date(2027, 1, 1), "ends": date(2026, 1, 1)})
    with pytest.raises(RefusedError):
        commitments.save(by=cast.officer, commitment=held, draft=backwards, version=0, now=NOW)
    with pytest.raises(RefusedError):
        commitments.save(
            by=cast.officer,
            commitment=held,
            draft=Draft({"title": "Otro"}, [MilestoneSent("H", None, date(2027, 1, 1), date(2026, 1, 1))]),
            version=0,
            now=NOW,
        )
    held.refresh_from_db()
    assert (held.title, held.version) == ("Compromiso 1", 0)


def test_a_commitment_begins_from_a_gap_once_and_keeps_its_link(cast: Cast) -> None:
    held = a_plan(cast.here, diagnostic=diagnostics.diagnostic(cast.here))
    first = commitments.add_for_gap(by=cast.officer, plan=held, question="t1", now=NOW)
    second = commitments.add_for_gap(by=cast.officer, plan=held, question="t1", now=NOW)
    assert (first.pk, first.gaps, first.title) == (second.pk, ["t1"], "Publique cada mes")
    with pytest.raises(RefusedError):
        commitments.add_for_gap(by=cast.officer, plan=held, question="no-existe", now=NOW)
    with pytest.raises(RefusedError):
        commitments.add_for_gap(by=cast.coordinator_elsewhere, plan=a_plan(cast.elsewhere), question="t1", now=NOW)


def test_a_commitment_taken_out_stays_in_the_editions_that_had_it(cast: Cast) -> None:
    plan = at(PlanStage.IMPLEMENTATION, cast)
    held = plan.commitments.get()
    commitments.withdraw(by=cast.coordinator, commitment=held, reason="Se unió a otro", now=NOW)
    commitments.withdraw(by=cast.coordinator, commitment=held, reason="Se unió a otro", now=NOW)
    last, before = plan.editions.order_by("-number")[:2]
    assert [each["title"] for each in before.content["commitments"]] == ["Compromiso 1"]
    assert (last.content["commitments"], last.number) == ([], before.number + 1)


def test_a_commitment_comes_back_once_with_its_number_and_what_was_told(cast: Cast) -> None:
    plan = at(PlanStage.IMPLEMENTATION, cast)
    held = plan.commitments.get()
    first = plan.editions.latest("number").content
    commitments.withdraw(by=cast.coordinator, commitment=held, reason="Se unió a otro", now=NOW)
    with pytest.raises(RefusedError):
        commitments.restore(by=cast.coordinator, commitment=held, reason=" ", now=NOW)
    with pytest.raises(PermissionDenied):
        commitments.restore(by=cast.officer, commitment=held, reason="Fue un error", now=NOW)
    for _twice in range(2):
        commitments.restore(by=cast.coordinator, commitment=held, reason="Fue un error", now=NOW)
    last, before = plan.editions.order_by("-number")[:2]
    assert (before.content["commitments"], last.reason) == ([], "Fue un error")
    assert last.content["commitments"] == first["commitments"]


def test_editions_are_compared_field_by_field(cast: Cast) -> None:
    plan = a_plan(cast.here)
    held = a_commitment(plan)
    step = milestone(held)
    before = content_of(plan)
    assert compare(before, before).is_empty
    assert sha256(before) == sha256(content_of(plan))
    sent = [MilestoneSent("Hito 1", step.key, weight=2), MilestoneSent("Hito nuevo")]
    draft = Draft({"problem": "Pocas actas"}, sent, [IndicatorSent("Actas", "al año", 3, 12)])
    commitments.save(by=cast.officer, commitment=held, draft=draft, version=0, now=NOW)
    commitments.add(by=cast.officer, plan=plan, draft=Draft({"title": "Otro"}), now=NOW)
    held.refresh_from_db()
    seen = compare(before, content_of(Plan.objects.get(pk=plan.pk)))
    assert seen.texts == ()
    changed, added = seen.commitments
    assert {(change.field, change.part) for change in changed.changes} == {
        ("problem", ""),
        ("weight", "Hito 1"),
        ("milestones", "Hito nuevo"),
        ("indicators", "Actas"),
    }
    assert (added.before, added.title) == (None, "Otro")
    back = compare(content_of(Plan.objects.get(pk=plan.pk)), before)
    assert [change.after for change in back.commitments if change.title == "Otro"] == [None]


def test_progress_told_twice_is_told_once(cast: Cast) -> None:
    plan = at(PlanStage.IMPLEMENTATION, cast)
    held = plan.commitments.get()
    step, client = milestone(held), uuid4()
    for _twice in range(2):
        progress.report(
            by=cast.officer,
            commitment=held,
            milestone=step,
            text="Vamos a la mitad",
            state=MilestoneState.UNDER_WAY,
            advance=50,
            client_id=client,
            now=NOW,
        )
    step.refresh_from_db()
    assert (ProgressUpdate.objects.count(), step.state, step.advance) == (1, "under_way", 50)


def test_a_milestone_is_met_with_evidence_on_a_day_that_has_come(cast: Cast) -> None:
    held = at(PlanStage.IMPLEMENTATION, cast).commitments.get()
    step = milestone(held)

    def met(**more: object) -> None:
        progress.report(
            by=cast.officer,
            commitment=held,
            milestone=step,
            text="Está hecho",
            state=MilestoneState.MET,
            client_id=uuid4(),
            now=NOW,
            **more,  # type: ignore[arg-type]
        )

    with pytest.raises(RefusedError):
        met()
    with pytest.raises(RefusedError):
        met(evidence=[evidence(cast)], met_on=date(2027, 1, 1))
    foreign = Evidence.objects.create(municipality=cast.elsewhere, title="Ajena", owner=cast.officer, created_at=NOW)
    with pytest.raises(RefusedError):
        met(evidence=[foreign])
    assert ProgressUpdate.objects.count() == 0
    met(evidence=[evidence(cast)])
    step.refresh_from_db()
    assert (step.state, step.met_on) == ("met", date(2026, 6, 1))


def test_nothing_is_told_of_a_plan_that_is_not_carried_out(cast: Cast) -> None:
    held = a_commitment(a_plan(cast.here))
    with pytest.raises(RefusedError):
        progress.report(by=cast.officer, commitment=held, text="Avanzamos", client_id=uuid4(), now=NOW)
    with pytest.raises(RefusedError):
        progress.report(by=cast.officer, commitment=held, text="  ", client_id=uuid4(), now=NOW)
