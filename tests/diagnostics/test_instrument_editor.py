"""The editor's forms: what they show and get back unchanged makes the same instrument."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from diagnostics.forms.instruments import Editor
from diagnostics.rules import instrument_file
from diagnostics.rules.instrument import Condition, Instrument, Operator, Question
from diagnostics.rules.instrument import Test as Comparison
from diagnostics.rules.instrument_edit import parts, put
from diagnostics.rules.instrument_words import condition_words
from tests.diagnostics.factories import instrument
from tests.diagnostics.generated import instruments


def sent(editor: Editor) -> dict[str, Any]:
    """What a browser sends back of a page that nobody touched."""
    forms = [editor.form, *(form for rows in editor.rows.values() for form in (rows.management_form, *rows))]
    found = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is True:
                found[field.html_name] = "on"
            elif value is not False:
                found[field.html_name] = "" if value is None else str(value).replace("\n", "\r\n")
    return found


def through_the_editor(before: Instrument) -> Instrument:
    asked: dict[str, Question] = {}
    after = before
    for part in (before, *parts(before)):
        data = sent(Editor(part, seen="x", asked=asked))
        editor = Editor(part, seen="x", asked=asked, data=data)
        assert editor.is_valid(), (editor.form.errors, [rows.errors for rows in editor.rows.values()])
        made = editor.part()
        after = made if isinstance(part, Instrument) else put(after, part.id, made)
        if isinstance(part, Question):
            asked[part.id] = part
    return after


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instruments())
def test_file_editor_file_gives_the_same_file(before: Instrument) -> None:
    text = instrument_file.write(before)
    assert instrument_file.write(through_the_editor(instrument_file.read(text))) == text


def edited(part: Question, **typed: str) -> Question:
    asked = {question.id: question for question in instrument().questions()}
    data = sent(Editor(part, seen="x", asked=asked)) | typed
    editor = Editor(part, seen="x", asked=asked, data=data)
    assert editor.is_valid()
    made = editor.part()
    assert isinstance(made, Question)
    return made


def test_a_condition_typed_in_words_is_of_the_type_that_its_question_takes() -> None:
    part = instrument().by_id["p2"]
    yes = {"tests-0-question": "t2", "tests-0-operator": "is", "tests-0-value": "SÍ"}
    level = {"tests-1-question": "t1", "tests-1-operator": "at_least", "tests-1-value": "3", "any_of": "any"}
    made = edited(part, **yes, **level)
    expected = (Comparison("t2", Operator.IS, value=True), Comparison("t1", Operator.AT_LEAST, 3))
    assert made.show_if == Condition(expected, any_of=True)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (Comparison("t2", Operator.IS, value=True), "“¿Tiene portal propio?” es Sí"),
        (
            Comparison("t1", Operator.AT_LEAST, 3),
            "publica la información obligatoria?” es al menos nivel 3 de 5: en desarr",
        ),
        (Comparison("t3", Operator.INCLUDES, "datos"), "“¿Qué publica además?” incluye Datos abiertos"),
        (Comparison("t4", Operator.AT_MOST, 1500), "es a lo más 1.500 respuestas a tiempo de cada 100"),
        (Comparison("p1", Operator.IS_NOT, "anual"), "“¿Cada cuánto se reúne el COSOC?” no es Una vez al año"),
        (Comparison("p2", Operator.ANSWERED), "“¿Cuándo fue la última sesión?” está respondida"),
        (Comparison("gone", Operator.IS, value=False), "“gone” es No"),
    ],
)
def test_who_answers_reads_a_condition_in_the_words_of_the_questions(test: Comparison, words: str) -> None:
    assert words in condition_words(Condition((test,)), instrument().by_id)


def test_a_row_left_blank_is_taken_out_and_half_a_row_is_refused() -> None:
    part = instrument().by_id["p1"]
    made = edited(part, **{"options-1-id": "", "options-1-text": "", "options-1-points": ""})
    assert [option.id for option in made.options] == ["nunca", "trimestral"]
    data = sent(Editor(part, seen="x", asked={})) | {"options-1-text": ""}
    assert not Editor(part, seen="x", asked={}, data=data).is_valid()


def test_a_published_identifier_does_not_change_whatever_is_sent() -> None:
    part = instrument().by_id["t1"]
    data = sent(Editor(part, seen="x", asked={}, frozen=True)) | {"id": "otro"}
    editor = Editor(part, seen="x", asked={}, frozen=True, data=data)
    assert editor.is_valid()
    assert editor.part() == part
