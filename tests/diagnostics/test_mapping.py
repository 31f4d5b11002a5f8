"""Answers on their way to another version: none vanishes."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostics.rules import instrument_file, mapping
from diagnostics.rules.answers import Given, value_problem
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.mapping import Fate, Line, Link, Relation, Step, VersionMap, Why
from tests.diagnostics.factories import DATA, instrument
from tests.diagnostics.generated import answers, instruments


@st.composite
def cases(draw: st.DrawFn) -> tuple[Instrument, Instrument, VersionMap, dict[str, Given]]:
    """Two versions, any mapping of their questions (each in one line or, at times, in none), and answers to the old one."""
    old, new = draw(instruments()), draw(instruments(version="2027.1"))
    left = draw(st.permutations(list(old.by_id)))
    free = draw(st.permutations(list(new.by_id)))
    links = []
    while left or free:
        relation = draw(st.sampled_from(Relation))
        take, give = {
            Relation.SAME: (1, 1),
            Relation.REWORDED: (1, 1),
            Relation.SPLIT: (1, 2),
            Relation.MERGED: (2, 1),
            Relation.NEW: (0, 1),
            Relation.RETIRED: (1, 0),
        }[relation]
        if len(left) < take or len(free) < give:
            relation, take, give = (Relation.RETIRED, 1, 0) if left else (Relation.NEW, 0, 1)
        olds, news = tuple(left[:take]), tuple(free[:give])
        del left[:take], free[:give]
        steps = draw(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), max_size=3))
        links.append(Link(relation, olds, news, tuple(Step(*step) for step in steps)))
    dropped = draw(st.integers(0, 1))
    return old, new, VersionMap("prueba", "2026.1", "2027.1", tuple(links[dropped:])), draw(answers(old))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_no_answer_vanishes_without_a_line(case: tuple[Instrument, Instrument, VersionMap, dict[str, Given]]) -> None:
    old, new, version_map, given_answers = case
    carried = mapping.carry(given_answers, version_map, old, new)
    assert sorted(line.question for line in carried.lines) == sorted(given_answers)
    for line in carried.lines:
        before = given_answers[line.question]
        assert bool(line.targets) == (line.fate != Fate.LEFT_BEHIND)
        assert all(before.text.strip() in carried.answers[target].text for target in line.targets)
        # What was written is left behind only where its question ended, was not mapped, or there was nothing written.
        if before.text.strip() and line.fate == Fate.LEFT_BEHIND:
            assert line.why in {Why.RETIRED, Why.UNKNOWN, Why.TOO_LONG}
        if line.fate == Fate.CARRIED:
            assert carried.answers[line.targets[0]] == before
    assert {target for line in carried.lines for target in line.targets} == set(carried.answers)
    for name, answer in carried.answers.items():
        assert not value_problem(new.by_id[name], answer.value)
        assert new.by_id[name].allows_na or not answer.is_na


@settings(max_examples=60, deadline=None)
@given(instruments(), instruments(version="2027.1"), st.booleans())
def test_the_proposed_mapping_has_no_faults_and_goes_through_its_file(
    old: Instrument, new: Instrument, own: bool
) -> None:
    after = new if not own else instrument_file.from_data({**instrument_file.to_data(old), "version": "2027.1"})
    proposal = mapping.propose(old, after)
    assert mapping.problems(proposal, old, after) == []
    assert mapping.read(mapping.write(proposal)) == proposal
    if own:
        assert {link.relation for link in proposal.links} == {Relation.SAME}


def later(**changes: Any) -> Instrument:
    """The small instrument a year later, `t1` changed."""
    data = copy.deepcopy(DATA)
    data["version"] = "2027.1"
    data["dimensions"][0]["descriptors"][0]["questions"][0] |= changes
    return instrument_file.from_data(data)


def carried(
    old: Instrument, new: Instrument, links: dict[str, Link], given_answers: dict[str, Given]
) -> mapping.Carried:
    proposal = mapping.propose(old, new)
    kept = tuple(link for link in proposal.links if not set(link.old) & {n for one in links.values() for n in one.old})
    return mapping.carry(given_answers, VersionMap("prueba", "2026.1", "2027.1", (*kept, *links.values())), old, new)


def test_a_scale_tells_the_new_level_and_asks_to_confirm_it() -> None:
    levels = [{"value": n, "name": str(n), "meaning": f"m{n}"} for n in (1, 2, 3)]
    link = Link(Relation.REWORDED, ("t1",), ("t1",), (Step(1, 1), Step(2, 1), Step(3, 2), Step(4, 3), Step(5, 3)))
    found = carried(instrument(), later(levels=levels), {"t1": link}, {"t1": Given(5, text="todo")})
    assert found.lines == (Line("t1", Fate.TO_CONFIRM, Why.SCALE, ("t1",)),)
    assert found.answers == {"t1": Given(3, text="todo", to_confirm=True)}


def test_a_value_that_fits_no_more_leaves_its_words_to_confirm() -> None:
    link = Link(Relation.REWORDED, ("t1",), ("t1",))
    found = carried(instrument(), later(kind="yes_no", levels=[]), {"t1": link}, {"t1": Given(5, text="todo")})
    assert found.answers == {"t1": Given(None, text="todo", to_confirm=True)}
    assert found.lines[0].why == Why.WORDS_ONLY


def test_merged_answers_that_differ_keep_both_explanations_and_no_value() -> None:
    old, new = instrument(), later(kind="yes_no", levels=[])
    link = Link(Relation.MERGED, ("t1", "t2"), ("t2",), (Step(5, True), Step(4, True), Step(1, False)))
    found = carried(old, new, {"m": link}, {"t1": Given(1, text="poco"), "t2": Given(True, text="mucho")})
    assert found.answers["t2"] == Given(None, text="poco\n\nmucho", to_confirm=True)
    assert [line.why for line in found.lines] == [Why.DISAGREE, Why.DISAGREE]


def test_an_explanation_too_long_to_join_is_said_to_stay() -> None:
    link = Link(Relation.MERGED, ("t1", "t2"), ("t1",))
    long = {"t1": Given(text="a" * 15_000), "t2": Given(text="b" * 15_000)}
    found = carried(instrument(), later(), {"m": link}, long)
    assert [line.why for line in found.lines] == [Why.MERGED, Why.TOO_LONG]


@pytest.mark.parametrize(
    "links",
    [
        (Link(Relation.SAME, ("t1",), ("t1",)),),
        (Link(Relation.SAME, ("t1",), ("t1",)), Link(Relation.RETIRED, ("t1",))),
        (Link(Relation.SPLIT, ("t1",), ("t1",)),),
        (Link(Relation.NEW, ("t1",), ("t1",)),),
        (Link(Relation.REWORDED, ("t1",), ("t9",)),),
        (Link(Relation.REWORDED, ("t1",), ("t1",), (Step(9, 1),)),),
        (Link(Relation.REWORDED, ("t1",), ("t1",), (Step(1, 1), Step(1, 2))),),
    ],
)
def test_a_mapping_that_forgets_repeats_or_contradicts_is_refused(links: tuple[Link, ...]) -> None:
    old, new = instrument(), later(kind="yes_no", levels=[]) if len(links) == 1 else later()
    rest = tuple(link for link in mapping.propose(old, later()).links if link.old != ("t1",))
    version_map = VersionMap("prueba", "2026.1", "2027.1", (*rest, *links))
    assert "t1" in {where for problem in mapping.problems(version_map, old, new) for where in problem.where.split(", ")}


def test_a_question_without_a_line_is_a_fault() -> None:
    old, new = instrument(), later()
    proposal = mapping.propose(old, new)
    shorter = VersionMap(proposal.key, proposal.old, proposal.new, proposal.links[1:])
    assert [problem.where for problem in mapping.problems(shorter, old, new)] == ["t1", "t1"]
