"""Published assessments, and what citizens observe on them, as tests need them."""

from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from action_plans.actions import assessments, contributions
from action_plans.actions.assessments import Said
from action_plans.actions.contributions import Sent
from action_plans.choices import AssessmentKind, ContributionKind, ContributionState, PlanStage
from action_plans.models import Assessment, Commitment, Contribution, Plan
from action_plans.reports.assessments import parts_of
from action_plans.rules.assessments import STAGES
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from diagnostics.rules.instrument import QuestionKind
from tests.action_plans import stories
from tests.action_plans.stories import go
from tests.cast import Cast


def load() -> None:
    """The instruments that ship."""
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)


def assessed(cast: Cast, kind: AssessmentKind = AssessmentKind.MIDTERM) -> Assessment:
    """A plan that is carried out, whose self-assessment is published."""
    load()
    plan = stories.carried_out(cast)
    go(plan, STAGES[kind], cast)
    plan.refresh_from_db()
    return published(cast, plan, kind)


def published(cast: Cast, plan: Plan, kind: AssessmentKind) -> Assessment:
    """The self-assessment of a plan that is in its stage, answered and published."""
    made = assessments.begin(by=cast.officer, plan=plan, kind=kind, now=timezone.now())
    answer(made, by=cast.officer)
    return assessments.publish(by=cast.coordinator, assessment=made, now=timezone.now())


def answer(assessment: Assessment, *, by: User) -> None:
    """Answer every question that has no answer yet."""
    for part in parts_of(assessment):
        said = [_said(each.question) for each in part.answers if each.row is None]
        assessments.save(by=by, assessment=assessment, about=part.about, said=said, now=timezone.now())


def _said(question: Any) -> Said:
    value = {QuestionKind.TEXT: None, QuestionKind.YES_NO: True}.get(question.kind, 3)
    return Said(question.id, value, "Lo dice la municipalidad", 0)


def observation(assessment: Assessment, about: Commitment | None = None, **more: Any) -> Sent:
    """What a form sends."""
    given: dict[str, Any] = {
        "text": "El inventario que se dice publicado no se abre",
        "client_id": uuid4(),
        "shown_as": "Vecina",
        "email": "v@ejemplo.cl",
        "passage": {"part": str(about.key), "label": f"Compromiso 1: {about.title}", "quote": ""} if about else None,
    }
    return Sent(kind=ContributionKind.OBSERVATION, assessment=assessment, commitment=about, **{**given, **more})


def observed(assessment: Assessment, about: Commitment | None = None, **more: Any) -> Contribution:
    """An observation without an account, confirmed: it waits to be read."""
    now = more.pop("now", timezone.now())
    made = contributions.contribute(plan=assessment.plan, sent=observation(assessment, about, **more), now=now)
    contributions.confirm(key=made.authors.get().key, now=now)
    made.refresh_from_db()
    return made


def shown(assessment: Assessment, about: Commitment | None = None, **more: Any) -> Contribution:
    """An observation that everyone reads."""
    made = observed(assessment, about, **more)
    Contribution.objects.filter(pk=made.pk).update(state=ContributionState.PUBLISHED, published_at=timezone.now())
    made.refresh_from_db()
    return made


def closed(assessment: Assessment) -> Plan:
    """The plan of the assessment, closed."""
    Plan.objects.filter(pk=assessment.plan_id).update(stage=PlanStage.CLOSED)
    assessment.plan.refresh_from_db()
    return assessment.plan
