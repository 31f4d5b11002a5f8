"""The rules of diagnostics: files, answers, conditions, scores."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from diagnostics.rules import instrument_file
from diagnostics.rules.answers import Given, is_answered, shown, value_problem
from diagnostics.rules.gaps import better, ranked
from diagnostics.rules.instrument import Instrument, Question, QuestionKind
from diagnostics.rules.scores import Node, compute, lower_bound, rounded, step
from tests.diagnostics import generated
from tests.diagnostics.factories import DATA, instrument

SMALL = instrument()


def values(question: Question) -> st.SearchStrategy[object]:
    """Anything that may answer a question."""
    match question.kind:
        case QuestionKind.LEVEL:
            return st.integers(1, len(question.levels))
        case QuestionKind.YES_NO:
            return st.booleans()
        case QuestionKind.ONE:
            return st.sampled_from([option.id for option in question.options])
        case QuestionKind.SEVERAL:
            return st.sets(st.sampled_from([option.id for option in question.options])).map(sorted)
        case QuestionKind.NUMBER:
            return st.integers(0, 100).map(str)
        case QuestionKind.DATE:
            return st.dates().map(str)
        case QuestionKind.LINK:
            return st.just("https://ejemplo.cl/")
    return st.none()


def answer(question: Question) -> st.SearchStrategy[Given]:
    return st.builds(
        Given,
        value=st.none() | values(question),
        is_na=st.booleans(),
        text=st.sampled_from(["", "porque sí"]),
        to_confirm=st.booleans(),
    )


def answers(of: Instrument = SMALL) -> st.SearchStrategy[dict[str, Given]]:
    return st.fixed_dictionaries({}, optional={question.id: answer(question) for question in of.questions()})


def test_a_file_read_and_written_is_the_same_file() -> None:
    text = instrument_file.write(SMALL)
    assert instrument_file.read(text) == SMALL
    assert instrument_file.write(instrument_file.read(text)) == text
    assert instrument_file.to_data(instrument_file.from_data(DATA)) == instrument_file.to_data(SMALL)
    assert instrument_file.problems(SMALL) == []


@pytest.mark.parametrize(
    "text",
    ["", "- 1", "key: [", "a: &a [1]\nb: *a", "key: x\nversion: '1'", "!!python/object/apply:os.system ['true']"],
)
def test_what_is_no_instrument_is_refused_with_its_problems(text: str) -> None:
    with pytest.raises(instrument_file.InstrumentError) as caught:
        instrument_file.read(text)
    assert caught.value.problems


@examples(answers())
def test_scores_stay_between_nothing_and_all_and_potential_is_never_below(given: dict[str, Given]) -> None:
    def walk(node: object) -> None:
        if node.reached is not None:  # type: ignore[attr-defined]
            assert 0 <= node.reached <= node.potential <= 1  # type: ignore[attr-defined]
        for child in node.children:  # type: ignore[attr-defined]
            walk(child)

    walk(compute(SMALL, given))


@examples(answers(), st.randoms())
def test_the_order_of_the_answers_is_indifferent(given: dict[str, Given], random: object) -> None:
    shuffled = list(given.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert compute(SMALL, dict(shuffled)) == compute(SMALL, given)


@examples(answers(), st.data())
def test_a_better_answer_never_lowers_the_index(given: dict[str, Given], data: st.DataObject) -> None:
    for gap in ranked(SMALL, given):
        # A question that others depend on may uncover them: that is another set of questions, not a better answer.
        if gap.question.id == "t2" or gap.then == gap.now:
            continue
        better = {**given, gap.question.id: Given(value=gap.then)}
        before, after = compute(SMALL, given).reached, compute(SMALL, better).reached
        assert before is not None
        assert after is not None
        assert after - before == gap.gain
        assert gap.gain > 0


def every(node: Node) -> dict[str, Fraction | None]:
    """What each node reached, by its key."""
    return {node.key: node.reached} | {key: score for child in node.children for key, score in every(child).items()}


@settings(max_examples=40)
@examples(st.data())
def test_no_better_answer_to_any_instrument_lowers_any_score(data: st.DataObject) -> None:
    whole = data.draw(generated.instruments())
    given = data.draw(generated.answers(whole))
    before = every(compute(whole, given))
    for question in whole.questions():
        held = given.get(question.id)
        # Where a question decides whether others are asked, a better answer is another set of questions.
        if question.id in whole.asked_by_conditions or before[question.id] is None:
            continue
        counted = held.value if held and is_answered(question, held) else None
        for more in better(question, counted):
            after = every(compute(whole, {**given, question.id: Given(more.value)}))
            assert all(after[key] >= score for key, score in before.items() if score is not None)  # type: ignore[operator]
            assert after[question.id] == more.earned


@settings(max_examples=40)
@examples(st.data())
def test_not_applicable_without_a_justification_never_raises_any_score(data: st.DataObject) -> None:
    whole = data.draw(generated.instruments())
    given = data.draw(generated.answers(whole))
    before = every(compute(whole, given))
    for question in whole.questions():
        if question.id in whole.asked_by_conditions or before[question.id] is None:
            continue
        after = every(compute(whole, {**given, question.id: Given(is_na=True)}))
        assert all(after[key] <= score for key, score in before.items() if score is not None)  # type: ignore[operator]


@settings(max_examples=40)
@examples(st.data(), st.randoms())
def test_the_order_of_answers_is_indifferent_on_any_instrument(data: st.DataObject, random: Random) -> None:
    whole = data.draw(generated.instruments())
    given = data.draw(generated.answers(whole))
    shuffled = list(given.items())
    random.shuffle(shuffled)
    assert compute(whole, dict(shuffled)) == compute(whole, given)


@examples(answers())
def test_not_applicable_without_a_justification_never_raises_the_index(given: dict[str, Given]) -> None:
    for question in SMALL.questions():
        evaded = {**given, question.id: Given(is_na=True)}
        empty = {key: held for key, held in given.items() if key != question.id}
        assert compute(SMALL, evaded).reached == compute(SMALL, empty).reached


def test_not_applicable_gives_its_weight_to_its_siblings() -> None:
    given = {"t1": Given(value=3), "t2": Given(is_na=True, text="No hay competencia."), "t4": Given(value="95")}
    descriptor = compute(SMALL, given).children[0].children[0]
    assert [float(child.share) for child in descriptor.children] == [1, 0, 0]
    assert descriptor.reached == 0.5


def test_a_hidden_question_is_not_asked_and_does_not_count() -> None:
    assert "t3" not in shown(SMALL, {"t2": Given(value=False)})
    assert "t3" in shown(SMALL, {"t2": Given(value=True)})


def test_an_answer_to_be_confirmed_does_not_count_yet() -> None:
    question = SMALL.by_id["t1"]
    assert not is_answered(question, Given(value=5, to_confirm=True))
    assert is_answered(question, Given(value=5))


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("t1", 0), ("t1", 6), ("t1", True), ("t1", "3"), ("t2", 1),
        ("t3", ["datos", "actas"]), ("t3", ["x"]), ("t3", "actas"),
        ("t4", "NaN"), ("t4", "1e400"), ("t4", 1.5),
        ("p1", "x"), ("p1", ["anual"]), ("p2", "2026-2-3"), ("p2", 3), ("p3", "words go in the text"),
        ("t5", "javascript:alert(1)"), ("t5", "https://"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_no_answer(question: str, value: object) -> None:
    assert value_problem(SMALL.by_id[question], value)


def test_the_levels_of_the_index_are_equal_parts() -> None:
    assert [step(lower_bound(level, 5), 5) for level in range(1, 6)] == [1, 2, 3, 4, 5]
    assert step(None, 5) is None


def test_a_score_is_rounded_once_to_twenty_places() -> None:
    assert str(rounded(Fraction(2, 3))) == "0.66666666666666666667"
    assert rounded(None) is None
