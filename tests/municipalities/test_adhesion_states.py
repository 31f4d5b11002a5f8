"""The table of the life of an adhesion, and what is told from it."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import MunicipalRole
from accounts.permissions import COUNCIL, MUNICIPAL, Permission
from municipalities.choices import AdhesionState as S
from municipalities.choices import Fact, MailKind, SignatureFact, SignatureMethod
from municipalities.reports.adhesion_diagram import adhesion_diagram
from municipalities.rules.acceptance import CHECKS_OF_A_SCAN, acceptance
from municipalities.rules.adhesion_states import (
    FINAL,
    IN_COUNCILS_HANDS,
    IN_MUNICIPALITYS_HANDS,
    OPEN,
    PUBLIC,
    SIGNABLE,
    TABLE,
    step,
    steps_from,
)
from municipalities.rules.four_facts import told
from municipalities.rules.next_steps import CONSEQUENCES, Hands, asked, stages

DOCS = Path(__file__).resolve().parents[2] / "docs" / "adhesion.md"
answers = st.fixed_dictionaries({fact: st.sampled_from(Fact) for fact in SignatureFact})


def test_the_printed_diagram_is_fresh() -> None:
    assert DOCS.read_text(encoding="utf-8") == adhesion_diagram(), "Run: manage.py adhesion_diagram --write"


def test_no_pair_of_states_has_two_steps() -> None:
    pairs = [(step.start, step.end) for step in TABLE]
    assert len(pairs) == len(set(pairs))


def test_nothing_leads_on_from_the_final_states() -> None:
    assert not [step for step in TABLE if step.start in FINAL]
    assert set(S) == OPEN | FINAL


def test_every_state_is_reached_from_a_prospect() -> None:
    reached = {S.PROSPECT}
    for _round in S:
        reached |= {step.end for step in TABLE if step.start in reached}
    assert reached == set(S)


@pytest.mark.parametrize("state", sorted(OPEN))
def test_every_open_state_can_come_to_an_end(state: S) -> None:
    reached = {state}
    for _round in S:
        reached |= {step.end for step in TABLE if step.start in reached}
    assert reached & FINAL


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.start}-{row.end}")
def test_somebody_holds_the_permission_of_every_step_that_people_take(row: object) -> None:
    permission = step(row.start, row.end).permission  # type: ignore[attr-defined]
    everyone = [*COUNCIL.values(), *MUNICIPAL.values()]
    assert permission is None or any(permission in held for held in everyone)


def test_only_the_municipality_sends_the_signed_act_and_never_decides_on_it() -> None:
    sends = {step.permission for step in TABLE if step.end == S.SIGNED}
    decides = {step.permission for step in TABLE if step.start == S.UNDER_REVIEW}
    assert sends == {Permission.SUBMIT_SIGNATURE}
    for role in MunicipalRole:
        assert not decides & MUNICIPAL[role]
    for held in COUNCIL.values():
        assert Permission.SUBMIT_SIGNATURE not in held


def test_what_everyone_sees_is_exactly_what_enters_or_leaves_the_register() -> None:
    for row in TABLE:
        assert row.public == (row.start in PUBLIC or row.end in PUBLIC)


def test_a_step_that_people_were_written_to_about_is_never_offered_back() -> None:
    assert not [row for row in TABLE if row.undo and (row.mail or row.public)]


def test_returning_ending_and_suspending_ask_a_reason() -> None:
    for row in TABLE:
        if row.end in {S.RETURNED, S.WITHDRAWN, S.SUSPENDED}:
            assert row.reason


def test_whoever_returned_an_act_is_told_of_its_correction() -> None:
    assert step(S.RETURNED, S.SIGNED).mail == MailKind.CORRECTION_RECEIVED
    assert {row.start for row in TABLE if row.end == S.SIGNED} == SIGNABLE


def test_a_step_that_the_table_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="no step"):
        step(S.PROSPECT, S.IN_FORCE)
    assert steps_from(S.CONCLUDED) == ()


# What is asked


@pytest.mark.parametrize("state", S)
def test_every_state_says_what_is_asked_and_whose_turn_it_is(state: S) -> None:
    wanted = asked(state)
    if state in IN_COUNCILS_HANDS:
        assert wanted.hands == Hands.COUNCIL
    elif state in IN_MUNICIPALITYS_HANDS:
        assert wanted.hands == Hands.MUNICIPALITY
    else:
        assert wanted.hands == Hands.NOBODY
    assert (wanted.days is not None) == (state in OPEN - PUBLIC - {S.PROSPECT})


@pytest.mark.parametrize("state", S)
def test_the_line_goes_from_done_to_ahead_with_one_place_at_most(state: S) -> None:
    marks = [stage.mark for stage in stages(state)]
    order = {"done": 0, "current": 1, "stopped": 1, "ahead": 2}
    assert all(order[before] <= order[after] for before, after in pairwise(marks))
    assert marks.count("current") + marks.count("stopped") <= 1


def test_an_adhesion_in_force_has_the_whole_line_behind_it() -> None:
    assert {stage.mark for stage in stages(S.IN_FORCE)} == {"done"}
    assert [stage.mark for stage in stages(S.RETURNED)].count("stopped") == 1


def test_every_step_with_a_page_of_its_own_says_what_it_does() -> None:
    elsewhere = {S.ACT_ISSUED, S.SIGNED, S.RETURNED, S.VERIFIED}
    assert {row.end for row in TABLE if row.permission} - elsewhere == set(CONSEQUENCES)


# When a signed act may be accepted


def test_four_facts_that_hold_are_enough_but_for_a_scan() -> None:
    facts = dict.fromkeys(SignatureFact, Fact.YES)
    assert acceptance(facts, SignatureMethod.ADVANCED, 0).is_free
    assert acceptance(facts, SignatureMethod.SCAN, 1).is_barred
    assert acceptance(facts, SignatureMethod.SCAN, 2).is_free


@given(answers, st.sampled_from(SignatureMethod), st.integers(0, 5))
def test_a_fact_that_speaks_against_it_always_bars(
    facts: dict[SignatureFact, Fact], method: SignatureMethod, checks: int
) -> None:
    found = acceptance(facts, method, checks)
    assert found.is_barred == (Fact.NO in facts.values() or (method == SignatureMethod.SCAN and checks < 2))
    assert not (found.is_free and found.open)


@given(answers, st.integers(0, 5))
def test_two_checks_answer_for_paper_but_not_for_who_was_mayor(facts: dict[SignatureFact, Fact], checks: int) -> None:
    found = acceptance(facts, SignatureMethod.SCAN, checks)
    assert set(found.open) <= {SignatureFact.MAYOR}
    assert found.checks == max(0, CHECKS_OF_A_SCAN - checks)


@given(answers)
def test_each_fact_is_told_with_a_mark_and_words(facts: dict[SignatureFact, Fact]) -> None:
    rows = told(facts)
    assert [row.fact for row in rows] == list(SignatureFact)
    assert all(row.mark and str(row.question) and str(row.sentence) for row in rows)
    assert {row.fact: row.answer for row in rows} == facts
