"""The tables of a plan's and a contribution's life."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.permissions import COUNCIL, MUNICIPAL
from action_plans.choices import ContributionState, PlanStage
from action_plans.reports.plan_diagram import plan_diagram
from action_plans.rules import contribution_states, plan_states

DOCS = Path(__file__).resolve().parents[2] / "docs" / "action-plan.md"


def test_the_page_of_the_stages_is_fresh() -> None:
    assert DOCS.read_text(encoding="utf-8") == plan_diagram(), "Run: manage.py plan_diagram --write"


def test_every_stage_is_reached_from_the_first_one_and_leads_to_an_end() -> None:
    reached, ends = {PlanStage.PREPARATION}, set(plan_states.FINAL)
    for _round in PlanStage:
        reached |= {PlanStage(step.end) for step in plan_states.TABLE if step.start in reached}
        ends |= {PlanStage(step.start) for step in plan_states.TABLE if step.end in ends}
    assert reached == set(PlanStage)
    assert ends == set(PlanStage)
    assert not [step for step in plan_states.TABLE if step.start in plan_states.FINAL]


def test_no_step_stands_twice_and_somebody_may_take_each() -> None:
    pairs = [(step.start, step.end) for step in plan_states.TABLE]
    assert len(set(pairs)) == len(pairs)
    held = frozenset().union(*COUNCIL.values(), *MUNICIPAL.values())
    assert {step.permission for step in plan_states.TABLE} <= held


@given(st.sampled_from(PlanStage), st.sampled_from(PlanStage))
def test_what_the_table_does_not_name_is_no_step(start: PlanStage, end: PlanStage) -> None:
    if (start, end) in {(step.start, step.end) for step in plan_states.TABLE}:
        assert plan_states.step(start, end) in plan_states.steps_from(start)
    else:
        with pytest.raises(ValueError, match="no step"):
            plan_states.step(start, end)


def test_the_words_of_a_new_author_are_read_before_they_appear() -> None:
    assert contribution_states.first_state(is_confirmed=False, is_known=True) == ContributionState.UNCONFIRMED
    assert contribution_states.first_state(is_confirmed=True, is_known=False) == ContributionState.WAITING
    assert contribution_states.first_state(is_confirmed=True, is_known=True) == ContributionState.PUBLISHED


def test_hiding_asks_a_reason_and_can_be_taken_back() -> None:
    hiding = [step for step in contribution_states.TABLE if step.end == ContributionState.HIDDEN]
    assert all(step.reason for step in hiding)
    assert contribution_states.step(ContributionState.HIDDEN, ContributionState.PUBLISHED).permission
