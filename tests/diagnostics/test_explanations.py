"""Every score says why it is what it is, and what the next level asks."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from diagnostics.rules.answer_words import measured
from diagnostics.rules.answers import Given
from diagnostics.rules.explanations import (
    Cause,
    Offer,
    Reason,
    Step,
    Words,
    from_data,
    hundred,
    least_effort,
    reasons,
    some_points,
    to_data,
    words_of_question,
)
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.scores import Node, compute, lower_bound
from tests.diagnostics import generated
from tests.diagnostics.factories import instrument
from tests.diagnostics.test_rules import answers

SMALL = instrument()


def told(answered: dict[str, Given]) -> dict[str, Reason]:
    return reasons(SMALL, compute(SMALL, answered), answered)


def words(question: str, answered: dict[str, Given]) -> Words:
    return words_of_question(SMALL.by_id[question], told(answered)[question])


@pytest.mark.parametrize(
    ("question", "answer", "why", "missing"),
    [
        ("t1", Given(2), "Nivel 2 de 5, inicial, porque la respuesta es “nivel 2: inicial”.",
         "Para el nivel 3, en desarrollo, falta “nivel 3: en desarrollo”."),
        ("t1", Given(5), "Nivel 5 de 5, referente, porque la respuesta es “nivel 5: referente”.",
         "Es el nivel más alto: no falta nada."),
        ("t1", Given(4, to_confirm=True),
         "Todavía no gana puntos: la respuesta viene de otra parte y nadie la ha confirmado.", "Falta confirmar la respuesta."),
        ("t2", Given(True), "Gana todos sus puntos porque la respuesta es sí.", "No falta nada."),
        ("t2", Given(False), "No gana puntos porque la respuesta es no.", "Falta poder responder que sí."),
        ("t2", Given(is_na=True), "No gana puntos: dice “no aplica” sin una justificación, o la pregunta no lo admite.",
         "Falta una respuesta, o la justificación."),
        ("t2", Given(is_na=True, text="No hay."), "No aplica, y se explica por qué: su peso se reparte entre las demás.", ""),
        ("t3", Given(["actas"]), "No se pregunta, por lo que se respondió en otra: su peso se reparte entre las demás.", ""),
        ("t4", Given("80.5"), "Gana 50 de 100 puntos porque la respuesta es “80,5 respuestas a tiempo de cada 100”.",
         "Desde 90 respuestas a tiempo de cada 100 gana 100 de 100 puntos."),
        ("p1", Given("anual"), "Gana 50 de 100 puntos porque la respuesta es “Una vez al año”.",
         "Con “Cada tres meses” gana 100 de 100 puntos."),
        ("p1", Given(), "No gana puntos porque todavía no tiene respuesta.", "Falta una respuesta."),
        ("p2", Given("2026-04-01"), "Informa y no da puntos.", ""),
    ],
)  # fmt: skip
def test_a_question_says_what_counted_and_what_the_next_step_is(
    question: str, answer: Given, why: str, missing: str
) -> None:
    assert words(question, {question: answer}) == (why, missing)


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        ("2", "personas", "2 personas"),
        ("1", "personas", "1 (personas)"),
        ("1.0", "personas", "1,0 (personas)"),
        ("0", "sesiones", "0 sesiones"),
        ("1", "de cada 100", "1 de cada 100"),
        ("1", "", "1"),
    ],
)
def test_beside_exactly_one_a_unit_in_plural_stands_apart(amount: str, unit: str, words: str) -> None:
    assert measured(Decimal(amount), unit) == words


def test_of_several_options_the_next_one_is_named() -> None:
    held = {"t2": Given(True), "t3": Given(["actas"])}
    assert words("t3", held).missing == "Si se suma “Datos abiertos”, gana 100 de 100 puntos."


def test_what_does_not_apply_is_told_where_its_weight_went() -> None:
    found = told({"t2": Given(is_na=True, text="No hay competencia."), "t1": Given(3)})
    assert found["t2"].cause == Cause.NOT_APPLICABLE
    assert found["activa"].not_applicable == ("t2",)


def test_a_mean_names_the_parts_that_take_most_away() -> None:
    found = told({"t1": Given(5), "t2": Given(False), "t4": Given("95"), "p1": Given("anual")})
    assert [pull.key for pull in found["transparencia"].pulls] == ["activa"]
    assert found[""].lacks is not None


@examples(answers())
def test_reasons_come_back_from_what_is_stored(given: dict[str, Given]) -> None:
    for reason in told(given).values():
        assert from_data(to_data(reason)) == reason


def reached_by(whole: Instrument, answered: dict[str, Given], key: str) -> tuple[Node, Node]:
    """A node now, and after the path of its reason."""
    now = compute(whole, answered)
    path = reasons(whole, now, answered)[key].path
    then = compute(whole, {**answered, **{step.question: Given(step.value) for step in path}})
    return found(now, key), found(then, key)


def found(node: Node, key: str) -> Node:
    return next(each for each in walk(node) if each.key == key)


def walk(node: Node) -> list[Node]:
    return [node, *(below for child in node.children for below in walk(child))]


@settings(max_examples=30)
@examples(st.data())
def test_the_path_reaches_the_next_level(data: st.DataObject) -> None:
    whole = data.draw(generated.instruments())
    answered = data.draw(generated.answers(whole))
    levels = len(whole.scale)
    for key, reason in reasons(whole, compute(whole, answered), answered).items():
        if not reason.path:
            continue
        now, then = reached_by(whole, answered, key)
        assert now.reached is not None
        assert then.reached is not None
        bound = next(b for b in (lower_bound(level, levels) for level in range(1, levels + 1)) if b > now.reached)
        assert then.reached >= bound


@examples(
    st.lists(
        st.lists(st.tuples(st.integers(1, 30), st.integers(1, 3)), min_size=1, max_size=3), min_size=1, max_size=5
    ),
    st.integers(1, 60),
)
def test_no_other_combination_gets_there_with_less_effort(steps: list[list[tuple[int, int]]], need: int) -> None:
    offers = []
    for number, ladder in enumerate(steps):
        gain = effort = 0
        rungs = []
        for more, cost in ladder:
            gain, effort = gain + more, effort + cost
            rungs.append(Offer(Step(str(number), gain), Fraction(gain, 100), effort))
        offers.append(tuple(rungs))
    path = least_effort(Fraction(need, 100), offers)
    efforts = {rung.step: rung.effort for one in offers for rung in one}
    every = [
        sum(rung.effort for rung in chosen if rung)
        for chosen in product(*[(None, *one) for one in offers])
        if sum((rung.gain for rung in chosen if rung), Fraction(0)) >= Fraction(need, 100)
    ]
    assert bool(path) == bool(every)
    assert sum(efforts[step] for step in path) == min(every, default=0)


def test_points_never_show_a_level_that_was_not_reached() -> None:
    assert hundred(Fraction(3996, 10000), 5) == "39,96"
    assert hundred(Fraction(3994, 10000), 5) == "39,9"
    assert hundred(Decimal("0.99999"), 5) == "99,999"
    assert hundred(Fraction(1), 5) == "100,0"
    assert hundred(None, 5) == ""


def test_little_is_not_shown_as_nothing() -> None:
    assert some_points(Decimal("0.0001")) == "menos de 0,1 puntos"
    assert some_points(Decimal("0.01")) == "1,0 punto"
    assert some_points(Decimal("0.0345")) == "3,5 puntos"
