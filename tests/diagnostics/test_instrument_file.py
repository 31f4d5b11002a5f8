"""The file of an instrument: there and back, and what is wrong with it."""

import copy

import pytest
from hypothesis import given, settings

from diagnostics.rules import instrument_file
from diagnostics.rules.instrument import Instrument
from tests.diagnostics.factories import DATA
from tests.diagnostics.generated import instruments


@settings(max_examples=60, deadline=None)
@given(instruments())
def test_file_and_instrument_give_each_other_back(instrument: Instrument) -> None:
    text = instrument_file.write(instrument)
    again = instrument_file.read(text)
    assert again == instrument
    assert instrument_file.write(again) == text
    assert instrument_file.checksum(again) == instrument_file.checksum(instrument)


@settings(max_examples=60, deadline=None)
@given(instruments())
def test_what_is_generated_has_no_problem_but_those_of_weight(instrument: Instrument) -> None:
    found = {problem.where for problem in instrument_file.problems(instrument)}
    assert not found & set(instrument.by_id)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("key: [", "line 1"),
        ("a: &x 1\nb: *x", "line 2"),
        ("key: prueba", ""),
        ("- 1", ""),
        ("'", "line 1"),
        ("x" * (instrument_file.LARGEST + 1), ""),
        ("[" * 5000, ""),
    ],
)
def test_what_is_no_instrument_is_refused_with_a_place(text: str, where: str) -> None:
    with pytest.raises(instrument_file.InstrumentError) as caught:
        instrument_file.read(text)
    assert caught.value.problems[0].what
    assert where.replace("line", "") in caught.value.problems[0].where or not where


def test_every_fault_is_told_with_the_identifiers_that_lead_to_it() -> None:
    data = copy.deepcopy(DATA)
    question = data["dimensions"][0]["descriptors"][0]["questions"][0]
    question["kind"] = "escala"
    question["otro"] = 1
    del data["title"]
    with pytest.raises(instrument_file.InstrumentError) as caught:
        instrument_file.from_data(data)
    wheres = [problem.where for problem in caught.value.problems]
    assert "dimensions / transparencia / descriptors / activa / questions / t1 / kind" in wheres
    assert len(wheres) == 3


def test_blanks_and_line_ends_of_another_system_change_nothing() -> None:
    data = copy.deepcopy(DATA)
    data["title"] = "  Instrumento de prueba\t"
    data["note"] = "Solo para pruebas.\r\n"
    assert instrument_file.from_data(data) == instrument_file.from_data(DATA)


def test_a_condition_on_a_later_question_cannot_go_live() -> None:
    data = copy.deepcopy(DATA)
    held = data["dimensions"][0]["descriptors"][0]["questions"]
    held.insert(0, held.pop())
    (problem,) = instrument_file.problems(instrument_file.from_data(data))
    assert problem.where == "t3"
    assert "t2" in problem.what


@pytest.mark.parametrize(
    ("operator", "value"), [("is", "tal vez"), ("is", None), ("at_least", 2), ("includes", True), ("answered", True)]
)
def test_a_condition_that_can_never_hold_cannot_go_live(operator: str, value: object) -> None:
    data = copy.deepcopy(DATA)
    test = {"question": "t2", "operator": operator} | ({} if value is None else {"value": value})
    data["dimensions"][0]["descriptors"][0]["questions"][2]["show_if"] = {"tests": [test]}
    assert [problem.where for problem in instrument_file.problems(instrument_file.from_data(data))] == ["t3"]


def test_empty_parts_and_repeated_identifiers_cannot_go_live() -> None:
    data = copy.deepcopy(DATA)
    data["dimensions"][1]["descriptors"] = []
    data["dimensions"][0]["descriptors"][1]["id"] = "t1"
    found = {problem.where for problem in instrument_file.problems(instrument_file.from_data(data))}
    assert found == {"participacion", "t1"}
