"""What the database itself refuses, whatever the code does."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, InternalError, transaction
from django.db.models import Model

from action_plans.choices import (
    AssessmentKind,
    AssessmentState,
    ContributionKind,
    ContributionState,
    EditionKind,
    MilestoneState,
    PlanStage,
)
from action_plans.models import (
    Assessment,
    AssessmentAnswer,
    Author,
    Contribution,
    Follower,
    Meeting,
    PlanEdition,
    Waiver,
)
from tests.action_plans.factories import NOW, commitment, milestone, plan
from tests.cast import Cast
from tests.diagnostics import factories as diagnostics


def refuses(row: Model, name: str) -> None:
    with pytest.raises((IntegrityError, DataError, InternalError), match=name), transaction.atomic():
        row.save()


def test_a_municipality_has_one_open_plan(cast: Cast) -> None:
    first = plan(cast.here)
    with pytest.raises(IntegrityError, match="plan_one_open"), transaction.atomic():
        plan(cast.here)
    first.stage = PlanStage.CANCELLED
    first.save()
    plan(cast.here)


def test_no_plan_is_approved_without_its_act(cast: Cast) -> None:
    held = plan(cast.here)
    held.stage = PlanStage.APPROVED
    refuses(held, "plan_approved_with_act")


def test_a_published_edition_is_neither_changed_nor_deleted(cast: Cast) -> None:
    edition = PlanEdition.objects.create(
        plan=plan(cast.here),
        number=1,
        kind=EditionKind.CONSULTATION,
        content={},
        sha256="0" * 64,
        published_at=NOW,
        published_by=cast.coordinator,
    )
    edition.content = {"otro": 1}
    refuses(edition, "edition_stays|Cannot update")
    with pytest.raises(InternalError), transaction.atomic():
        edition.delete()


def test_a_change_after_approval_has_a_reason(cast: Cast) -> None:
    refuses(
        PlanEdition(
            plan=plan(cast.here),
            number=1,
            kind=EditionKind.AMENDED,
            content={},
            sha256="0" * 64,
            published_at=NOW,
            published_by=cast.coordinator,
        ),
        "change_with_reason",
    )


def test_nobody_grants_the_exception_that_they_asked_for(cast: Cast) -> None:
    who = cast.administrator
    asked = {"asked_by": who, "asked_at": NOW, "granted_by": who, "granted_at": NOW}
    refuses(
        Waiver(plan=plan(cast.here), rule="unanswered", reason="Porque sí", until=date(2026, 7, 1), **asked),
        "granted_by_another",
    )


def test_a_milestone_that_is_met_says_when(cast: Cast) -> None:
    step = milestone(commitment(plan(cast.here)))
    step.state = MilestoneState.MET
    refuses(step, "milestone_met_on")
    step.weight, step.state = 0, MilestoneState.SCHEDULED
    refuses(step, "milestone_weight")


def test_a_contribution_sent_twice_is_one_and_hiding_it_has_a_reason(cast: Cast) -> None:
    held, client = plan(cast.here), uuid4()

    def one() -> Contribution:
        return Contribution(
            plan=held, client_id=client, kind=ContributionKind.PROPOSAL, text="Más árboles en la plaza", sent_at=NOW
        )

    first = one()
    first.save()
    refuses(one(), "client_id")
    first.state = ContributionState.HIDDEN
    refuses(first, "hidden_with_reason")
    first.state = ContributionState.MERGED
    refuses(first, "merged_into_one")


def test_whoever_is_forgotten_leaves_nothing_that_tells_who_they_were(cast: Cast) -> None:
    refuses(
        Author(shown_as="Vecina", email="v@ejemplo.cl", created_at=NOW, forget_at=NOW, forgotten_at=NOW),
        "author_forgotten",
    )


def test_an_address_follows_a_plan_once(cast: Cast) -> None:
    held = plan(cast.here)
    Follower.objects.create(plan=held, email="v@ejemplo.cl", at=NOW)
    refuses(Follower(plan=held, email="v@ejemplo.cl", at=NOW), "follower_once")


def test_a_meeting_has_a_place_or_a_link_and_ends_after_it_begins(cast: Cast) -> None:
    refuses(
        Meeting(
            municipality=cast.here, kind="forum", title="Foro", agenda="Tabla", starts_at=NOW, ends_at=NOW, place="x"
        ),
        "ends_after_start",
    )


def test_an_answer_of_a_published_assessment_stays(cast: Cast) -> None:
    held = plan(cast.here)
    assessment = Assessment.objects.create(
        plan=held,
        kind=AssessmentKind.MIDTERM,
        version=diagnostics.version(),
        created_at=NOW,
        created_by=cast.coordinator,
    )
    answer = AssessmentAnswer.objects.create(
        assessment=assessment, question="q", text="Avanzamos", updated_at=NOW, updated_by=cast.coordinator
    )
    answer.text = "Avanzamos mucho"
    answer.save()
    assessment.state, assessment.published_at = AssessmentState.PUBLISHED, NOW
    assessment.save()
    answer.text = "Otra cosa"
    refuses(answer, "stays")
    with pytest.raises(InternalError, match="stays"), transaction.atomic():
        answer.delete()
