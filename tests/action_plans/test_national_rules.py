"""How the country's plans are summed up, as pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from action_plans.choices import Completion, PlanStage
from action_plans.rules import national as rules
from action_plans.rules.plan_states import CARRYING_OUT

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
fractions = st.fractions(min_value=0, max_value=1)


@pytest.mark.parametrize(
    ("progress", "level"),
    [
        (None, None),
        (Fraction(0), Completion.NOT_STARTED),
        (Fraction(1, 100), Completion.LIMITED),
        (Fraction(1, 2), Completion.SUBSTANTIAL),
        (Fraction(99, 100), Completion.SUBSTANTIAL),
        (Fraction(1), Completion.COMPLETE),
    ],
)
def test_a_progress_stands_for_a_level_of_ogp(progress: Fraction | None, level: Completion | None) -> None:
    assert rules.level_of(progress) == level


@given(fractions, fractions)
def test_more_progress_is_never_a_lower_level(one: Fraction, other: Fraction) -> None:
    levels = list(Completion)
    less, more = sorted((one, other))
    assert levels.index(rules.level_of(less)) <= levels.index(rules.level_of(more))  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(list(PlanStage)), min_size=1, max_size=6), st.integers(0, 60))
def test_the_stage_at_a_moment_is_the_one_that_the_steps_had_reached(stages: list[PlanStage], days: int) -> None:
    """Each step is ten days after the one before."""
    moves = [(BEGIN + timedelta(days=10 * place), str(stage)) for place, stage in enumerate(stages[:-1], start=1)]
    reached = min(days // 10 if days % 10 else max(0, days // 10 - 1), len(stages) - 1)
    assert rules.stage_at(stages[-1], moves, BEGIN + timedelta(days=days)) == stages[reached]


def test_a_plan_counts_in_the_year_in_which_it_closed_and_in_no_later_one() -> None:
    closed, doing = PlanStage.CLOSED, PlanStage.IMPLEMENTATION
    assert rules.is_known_in(doing, closed)
    assert rules.is_carried_out_in(doing, closed)
    assert not rules.is_known_in(closed, closed)
    assert not rules.is_carried_out_in(closed, closed)
    assert not rules.is_known_in(None, None)
    assert not rules.is_known_in(PlanStage.PREPARATION, PlanStage.CANCELLED)
    assert rules.is_known_in(None, PlanStage.PREPARATION)
    assert not rules.is_carried_out_in(None, PlanStage.PREPARATION)


@given(st.sampled_from([None, *PlanStage]), st.sampled_from([None, *PlanStage]))
def test_whatever_is_carried_out_is_known(before: PlanStage | None, after: PlanStage | None) -> None:
    if rules.is_carried_out_in(before, after):
        assert rules.is_known_in(before, after)
        assert after in CARRYING_OUT or after == PlanStage.CLOSED


@given(st.lists(fractions, max_size=12))
def test_of_fewer_than_five_no_median_is_told(values: list[Fraction]) -> None:
    found = rules.middle(values)
    assert (found is None) == (len(values) < 5)
    if found is not None:
        assert sum(value <= found for value in values) * 2 >= len(values)
        assert sum(value >= found for value in values) * 2 >= len(values)


levels = st.sampled_from([None, *Completion])


@given(st.lists(st.tuples(levels, levels)))
def test_same_less_and_more_are_all_that_both_assessed(
    pairs: list[tuple[Completion | None, Completion | None]],
) -> None:
    found = rules.agreement(pairs)
    order = list(Completion)
    both = [(order.index(own), order.index(monitor)) for own, monitor in pairs if own and monitor]
    assert found.both == len(both) == found.same + found.less + found.more
    assert found.same == sum(own == monitor for own, monitor in both)
    assert found.less == sum(monitor < own for own, monitor in both)


def test_a_midterm_assessment_is_due_in_the_middle() -> None:
    assert rules.midterm_due(date(2026, 1, 1), date(2027, 12, 31)) == date(2026, 12, 31)
