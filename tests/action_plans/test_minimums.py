"""OGP's minimum requirements: amber before they are broken, and the file that holds their numbers."""

from datetime import date, timedelta
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st

from action_plans.choices import Standing
from action_plans.rules.minimums import announced_ahead, answered_within, at_least_every, is_there, times_in

TODAY = date(2026, 6, 1)
BEGUN = date(2025, 1, 1)
past = st.integers(0, 500).map(lambda days: TODAY - timedelta(days=days))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_a_forum_that_met_lately_is_fine_then_at_risk_then_broken() -> None:
    def standing(days: int) -> Standing:
        return at_least_every(182, [ago(400), ago(days)], since=BEGUN, today=TODAY, warn=45).standing

    assert [standing(days) for days in (0, 136, 137, 182, 183)] == [
        Standing.MET,
        Standing.MET,
        Standing.AT_RISK,
        Standing.AT_RISK,
        Standing.BROKEN,
    ]


def test_a_plan_that_has_just_begun_has_its_time_to_meet_for_the_first_time() -> None:
    finding = at_least_every(182, [], since=ago(10), today=TODAY, warn=45)
    assert (finding.standing, finding.due, finding.last) == (Standing.NOT_YET, ago(10) + timedelta(days=182), None)


@given(st.lists(past, max_size=6), past)
def test_one_meeting_more_never_makes_a_requirement_worse(happened: list[date], more: date) -> None:
    order = [Standing.BROKEN, Standing.AT_RISK, Standing.NOT_YET, Standing.MET]

    def every(days: list[date]) -> int:
        return order.index(at_least_every(182, days, since=ago(500), today=TODAY, warn=45).standing)

    def times(days: list[date]) -> int:
        return order.index(times_in(365, 2, days, since=ago(500), today=TODAY, warn=60).standing)

    assert every([*happened, more]) >= every(happened)
    assert times([*happened, more]) >= times(happened)


def test_two_meetings_a_year_are_asked_once_a_year_has_gone_by() -> None:
    def standing(happened: list[date], since: date) -> Standing:
        return times_in(365, 2, happened, since=since, today=TODAY, warn=60).standing

    assert standing([], ago(100)) == Standing.NOT_YET
    assert standing([ago(20)], ago(320)) == Standing.AT_RISK
    assert standing([ago(20)], ago(366)) == Standing.BROKEN
    assert standing([ago(20), ago(200)], ago(600)) == Standing.MET
    assert standing([ago(20), ago(340)], ago(600)) == Standing.AT_RISK


def test_what_will_happen_is_no_meeting_yet() -> None:
    assert at_least_every(182, [TODAY + timedelta(days=1)], since=BEGUN, today=TODAY, warn=45).count == 0


def test_a_meeting_is_announced_two_weeks_before() -> None:
    def standing(announced: date | None, held: date) -> Standing:
        return announced_ahead(14, [(announced, held)], today=TODAY, warn=7).standing

    assert standing(ago(20), ago(6)) == Standing.MET
    assert standing(ago(19), ago(6)) == Standing.BROKEN
    assert standing(None, TODAY + timedelta(days=60)) == Standing.MET
    assert standing(None, TODAY + timedelta(days=20)) == Standing.AT_RISK
    assert standing(None, TODAY + timedelta(days=13)) == Standing.BROKEN
    assert announced_ahead(14, [], today=TODAY, warn=7).standing == Standing.NOT_YET


def test_the_oldest_contribution_that_waits_decides() -> None:
    assert answered_within(60, [], today=TODAY, warn=15).standing == Standing.MET
    assert answered_within(60, [ago(3), ago(50)], today=TODAY, warn=15).standing == Standing.AT_RISK
    assert answered_within(60, [ago(3), ago(61)], today=TODAY, warn=15).standing == Standing.BROKEN
    assert answered_within(60, [ago(3)], today=TODAY, warn=15).due == ago(3) + timedelta(days=60)


def test_rules_are_public_or_they_are_not() -> None:
    assert is_there(TODAY).standing == Standing.MET
    assert is_there(None).standing == Standing.BROKEN


def test_each_minimum_that_ships_says_its_standard_its_source_and_how_sure_it_is() -> None:
    path = Path(__file__).parents[2] / "action_plans" / "data" / "minimums.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = data["minimums"]
    assert {row["standard"] for row in rows} == {1, 2, 3, 4, 5}
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["source"]
        assert row["meaning"]
        assert row["certainty"] in {"read", "known"}
        warn = row.get("warn_days", 0)
        assert warn < row.get("every_days", row.get("ahead_days", row.get("answer_days", 1)))
