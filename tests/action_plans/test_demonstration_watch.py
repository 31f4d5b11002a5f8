"""The invented assessments and advice: by the portal's own rules, once, and nothing of it is sent."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from action_plans.actions import assessments
from action_plans.choices import AssessmentKind, AssessmentState, ContributionState, PlanStage
from action_plans.imports.demonstration_watch import load
from action_plans.models import Assessment, Contribution, Plan, Recommendation
from action_plans.reports.monitoring import advice_tasks
from action_plans.rules.assessments import OWN
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from municipalities.choices import MailState
from municipalities.models import Mail, Membership
from tests.action_plans import assessed, stories
from tests.action_plans.stories import go
from tests.cast import Cast


@pytest.fixture
def plan(cast: Cast) -> Plan:
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    cast.adviser.email = "asesor@demo.cl"
    cast.adviser.save()
    cast.coordinator.email = "coordinadora@demo.cl"
    cast.coordinator.save()
    cast.citizen.email = "vecina@demo.cl"
    cast.citizen.save()
    made = stories.carried_out(cast)
    Membership.objects.filter(user=cast.coordinator).update(starts=timezone.localdate() - timedelta(days=500))
    return made


@pytest.mark.parametrize(
    ("stage", "state"), [(PlanStage.MIDTERM, AssessmentState.DRAFT), (PlanStage.FINAL, AssessmentState.PUBLISHED)]
)
def test_a_plan_is_assessed_and_advised_once(plan: Plan, cast: Cast, stage: PlanStage, state: AssessmentState) -> None:
    Plan.objects.filter(pk=plan.pk).update(stage=stage)
    assert load(now=timezone.now()) == 1
    assert Assessment.objects.get(kind__in=OWN).state == state
    assert Assessment.objects.get(kind=AssessmentKind.INCEPTION).state == AssessmentState.PUBLISHED
    assert Assessment.objects.get(kind=AssessmentKind.END).state == AssessmentState.DRAFT
    assert Contribution.objects.observations().count() == 2
    assert Recommendation.objects.count() == 3
    assert [task.address for task in advice_tasks(cast.adviser, timezone.localdate())] == ["action_plans:advice"]
    assert load(now=timezone.now()) == 0
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}


def test_an_old_plan_was_assessed_at_midterm_with_evidence_observed_and_answered_but_for_the_last(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(created_at=timezone.now() - timedelta(days=400))
    assert load(now=timezone.now()) == 1
    plan.refresh_from_db()
    made = Assessment.objects.get(kind=AssessmentKind.MIDTERM)
    assert (plan.stage, made.state) == (PlanStage.IMPLEMENTATION, AssessmentState.PUBLISHED)
    assert made.pieces.exists()
    said = made.observations.all()
    assert {each.state for each in said} == {ContributionState.PUBLISHED}
    assert [hasattr(each, "response") for each in said.order_by("sent_at")] == [True, True, True, False]


@pytest.mark.parametrize("is_published", [True, False])
def test_a_plan_that_somebody_began_to_assess_is_left_as_it_is(plan: Plan, cast: Cast, *, is_published: bool) -> None:
    go(plan, PlanStage.MIDTERM, cast)
    made = assessments.begin(by=cast.officer, plan=plan, kind=AssessmentKind.MIDTERM, now=timezone.now())
    if is_published:
        assessed.answer(made, by=cast.officer)
        assessments.publish(by=cast.coordinator, assessment=made, now=timezone.now())
    assert load(now=timezone.now()) == 0
    assert list(Assessment.objects.all()) == [made]
    assert not Recommendation.objects.exists()


def test_outside_the_demonstration_it_says_so(plan: Plan) -> None:
    with pytest.raises(CommandError, match="only where"):
        call_command("load_demo_watch", stdout=StringIO())
