"""Progress: shares that add up, never beyond the whole, never less for a milestone that was met."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from action_plans.choices import MilestoneState
from action_plans.rules.progress import (
    Step,
    Timeliness,
    elapsed,
    progress,
    progress_of_plan,
    terms,
    timeliness,
)

TODAY = date(2026, 6, 1)
days = st.dates(min_value=date(2025, 1, 1), max_value=date(2028, 12, 31))
milestones = st.builds(
    Step,
    weight=st.integers(1, 100),
    state=st.sampled_from(MilestoneState),
    advance=st.integers(0, 100),
    starts=st.none() | days,
    ends=st.none() | days,
)


@given(st.lists(milestones, min_size=1, max_size=12))
def test_progress_lies_between_nothing_and_the_whole_and_is_the_sum_of_its_lines(held: list[Step]) -> None:
    known = progress(held)
    assert known is not None
    assert 0 <= known <= 1
    assert sum(term.share for term in terms(held)) == 1
    assert sum(term.adds for term in terms(held)) == known
    assert (known == 1) == all(each.state == MilestoneState.MET for each in held)


@given(st.lists(milestones, min_size=1, max_size=12), st.data())
def test_meeting_a_milestone_never_lowers_progress(held: list[Step], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(held) - 1))
    after = [*held[:at], held[at]._replace(state=MilestoneState.MET), *held[at + 1 :]]
    assert (progress(after) or 0) >= (progress(held) or 0)


@given(st.lists(milestones, min_size=1, max_size=12), st.integers(2, 9))
def test_only_the_proportion_of_the_weights_counts(held: list[Step], times: int) -> None:
    assert progress([each._replace(weight=each.weight * times) for each in held]) == progress(held)


@given(st.lists(st.none() | st.fractions(0, 1), max_size=12))
def test_a_plan_is_the_mean_of_what_is_known(commitments: list[Fraction | None]) -> None:
    known = [each for each in commitments if each is not None]
    mean = progress_of_plan(commitments)
    assert (mean is None) == (not known)
    assert mean is None or min(known) <= mean <= max(known)


def test_a_commitment_without_milestones_has_no_progress_that_is_known() -> None:
    assert progress([]) is None


@given(milestones, days)
def test_time_gone_by_is_a_share(milestone: Step, today: date) -> None:
    assert 0 <= elapsed(milestone, today) <= 1


def test_what_is_past_its_day_is_late_and_what_lags_near_its_end_is_at_risk() -> None:
    half = Step(1, MilestoneState.UNDER_WAY, 50, TODAY - timedelta(days=90), TODAY + timedelta(days=10))
    assert timeliness(half, TODAY) == Timeliness.AT_RISK
    assert timeliness(half._replace(advance=95), TODAY) == Timeliness.ON_TIME
    assert timeliness(half._replace(ends=TODAY + timedelta(days=31)), TODAY) == Timeliness.ON_TIME
    assert timeliness(half._replace(ends=TODAY - timedelta(days=1)), TODAY) == Timeliness.LATE
    assert timeliness(half._replace(state=MilestoneState.MET), TODAY) == Timeliness.DONE
    assert timeliness(half._replace(state=MilestoneState.NOT_MET), TODAY) == Timeliness.MISSED
    assert timeliness(half._replace(ends=None), TODAY) == Timeliness.ON_TIME


def test_the_last_day_is_not_late() -> None:
    assert timeliness(Step(1, MilestoneState.UNDER_WAY, 90, None, TODAY), TODAY) == Timeliness.AT_RISK
