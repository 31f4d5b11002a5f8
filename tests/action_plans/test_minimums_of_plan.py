"""OGP's minimums from the portal's own records."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from action_plans.choices import ContributionKind, ContributionState, MeetingKind, MeetingState, Standing
from action_plans.models import Contribution, Forum, Meeting, Plan
from action_plans.reports.minimums import minimums_of, shipped
from tests.action_plans.factories import NOW
from tests.action_plans.factories import plan as a_plan
from tests.cast import Cast

TODAY = timezone.localdate(NOW)


def meeting(plan: Plan, kind: MeetingKind, at: datetime, **more: Any) -> Meeting:
    return Meeting.objects.create(
        municipality=plan.municipality,
        plan=plan,
        kind=kind,
        title="Reunión",
        agenda="Tabla",
        starts_at=at,
        ends_at=at + timedelta(hours=2),
        place="Salón",
        **more,
    )


def standing(plan: Plan, name: str, today: date = TODAY) -> Standing:
    return next(each.finding.standing for each in minimums_of(plan, today=today) if each.id == name)


def test_every_requirement_that_ships_is_computed(cast: Cast) -> None:
    found = minimums_of(a_plan(cast.here), today=TODAY)
    assert [each.id for each in found] == [row["id"] for row in shipped()["minimums"]]


def test_a_forum_that_meets_keeps_the_first_standard(cast: Cast) -> None:
    plan = a_plan(cast.here)
    later = TODAY + timedelta(days=200)
    assert standing(plan, "forum-meets", later) == Standing.BROKEN
    meeting(plan, MeetingKind.FORUM, NOW + timedelta(days=150), state=MeetingState.HELD)
    assert standing(plan, "forum-meets", later) == Standing.MET


def test_a_meeting_that_was_called_off_counts_for_nothing(cast: Cast) -> None:
    plan = a_plan(cast.here)
    meeting(plan, MeetingKind.FORUM, NOW, state=MeetingState.CANCELLED, state_reason="Lluvia")
    assert standing(plan, "forum-meets", TODAY + timedelta(days=200)) == Standing.BROKEN
    assert standing(plan, "calendar-ahead") == Standing.NOT_YET


def test_rules_of_the_forum_are_public(cast: Cast) -> None:
    plan = a_plan(cast.here)
    assert standing(plan, "forum-rules") == Standing.BROKEN
    Forum.objects.create(
        municipality=cast.here, name="Foro", rules="Se reúne cada mes", rules_published_at=NOW, created_at=NOW
    )
    assert standing(plan, "forum-rules") == Standing.MET


def test_a_workshop_announced_too_late_breaks_the_third_standard(cast: Cast) -> None:
    plan = a_plan(cast.here)
    meeting(plan, MeetingKind.WORKSHOP, NOW + timedelta(days=20), announced_at=NOW)
    assert standing(plan, "calendar-ahead") == Standing.MET
    meeting(plan, MeetingKind.WORKSHOP, NOW + timedelta(days=5), announced_at=NOW)
    assert standing(plan, "calendar-ahead") == Standing.BROKEN


def test_a_contribution_that_waits_turns_amber_before_it_breaks_the_fourth(cast: Cast) -> None:
    plan = a_plan(cast.here)
    Contribution.objects.create(
        plan=plan,
        client_id=uuid4(),
        kind=ContributionKind.PROPOSAL,
        text="Más árboles",
        state=ContributionState.PUBLISHED,
        sent_at=NOW,
        published_at=NOW,
    )
    days = [10, 50, 61]
    assert [standing(plan, "contributions-answered", TODAY + timedelta(days=each)) for each in days] == [
        Standing.MET,
        Standing.AT_RISK,
        Standing.BROKEN,
    ]


def test_results_are_not_due_before_the_plan_is_carried_out(cast: Cast) -> None:
    assert standing(a_plan(cast.here), "two-meetings") == Standing.NOT_YET


@pytest.mark.parametrize("many", [0, 30])
def test_the_records_are_read_with_few_queries(
    cast: Cast, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    plan = a_plan(cast.here)
    for number in range(many):
        meeting(plan, MeetingKind.FORUM, NOW - timedelta(days=number), state=MeetingState.HELD)
    with django_assert_num_queries(5):
        minimums_of(plan, today=TODAY)
