"""The invented assessments and advice: by the portal's own rules, once, and nothing of it is sent."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from action_plans.choices import AssessmentState, PlanStage
from action_plans.imports.demonstration_watch import load
from action_plans.models import Assessment, Plan, Recommendation
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from municipalities.choices import MailState
from municipalities.models import Mail, Membership
from tests.action_plans import stories
from tests.cast import Cast


@pytest.fixture
def plan(cast: Cast) -> Plan:
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    cast.administrator.email = "administradora@demo.cl"
    cast.administrator.save()
    cast.coordinator.email = "coordinadora@demo.cl"
    cast.coordinator.save()
    made = stories.carried_out(cast)
    Membership.objects.filter(user=cast.coordinator).update(starts=timezone.localdate() - timedelta(days=500))
    return made


@pytest.mark.parametrize(
    ("stage", "state"), [(PlanStage.MIDTERM, AssessmentState.DRAFT), (PlanStage.FINAL, AssessmentState.PUBLISHED)]
)
def test_a_plan_is_assessed_and_advised_once(plan: Plan, stage: PlanStage, state: AssessmentState) -> None:
    Plan.objects.filter(pk=plan.pk).update(stage=stage)
    assert load(now=timezone.now()) == 1
    assert Assessment.objects.get().state == state
    assert Recommendation.objects.count() == 3
    assert load(now=timezone.now()) == 0
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}


def test_outside_the_demonstration_it_says_so(plan: Plan) -> None:
    with pytest.raises(CommandError, match="only where"):
        call_command("load_demo_watch", stdout=StringIO())
