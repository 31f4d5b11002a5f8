"""What an answer may hold, when it counts as answered, and which questions are shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from diagnostics.rules.instrument import Condition, Instrument, Operator, Question, QuestionKind, Test

LONGEST_LINK: Final = 500
LARGEST_NUMBER: Final = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as the rules see it. `to_confirm`: carried from elsewhere and not looked at by a person yet."""

    value: Any = None
    is_na: bool = False
    text: str = ""
    to_confirm: bool = False


def value_problem(question: Question, value: Any) -> str:
    """Why `value` cannot answer the question; "" when it can. None (no answer yet) always can. The text is a code:
    `not_a_level`, `not_yes_no`, `not_an_option`, `not_a_number`, `not_a_date`, `not_a_link`, `no_value`."""
    if value is None:
        return ""
    match question.kind:
        case QuestionKind.LEVEL:
            good = type(value) is int and 1 <= value <= len(question.levels)
            return "" if good else "not_a_level"
        case QuestionKind.YES_NO:
            return "" if isinstance(value, bool) else "not_yes_no"
        case QuestionKind.ONE | QuestionKind.SEVERAL:
            return _options_problem(question, value)
        case QuestionKind.NUMBER:
            return "" if _number(value) is not None else "not_a_number"
        case QuestionKind.DATE:
            return "" if _is_date(value) else "not_a_date"
        case QuestionKind.LINK:
            return "" if _is_link(value) else "not_a_link"
    return "no_value"  # a text: its words are the answer


def is_answered(question: Question, given: Given | None) -> bool:
    """Whether the question needs nothing more: a confirmed value (words, for a text), or "no aplica" with its justification."""
    if given is None or given.to_confirm:
        return False
    if given.is_na:
        return question.allows_na and bool(given.text.strip())
    if question.kind == QuestionKind.TEXT:
        return bool(given.text.strip())
    return given.value is not None and not value_problem(question, given.value)


def shown(instrument: Instrument, answers: Mapping[str, Given]) -> frozenset[str]:
    """Identifiers of the questions whose conditions hold. A condition that asks for a hidden question sees it unanswered."""
    visible: set[str] = set()
    for question in instrument.questions():
        if question.show_if is None or _holds(question.show_if, instrument, answers, visible):
            visible.add(question.id)
    return frozenset(visible)


def count(instrument: Instrument, answers: Mapping[str, Given]) -> tuple[int, int]:
    """How many questions are shown, and how many of those are answered."""
    asked = shown(instrument, answers)
    return len(asked), sum(is_answered(instrument.by_id[name], answers.get(name)) for name in asked)


def _holds(condition: Condition, instrument: Instrument, answers: Mapping[str, Given], visible: set[str]) -> bool:
    results = (
        _test_holds(
            test, instrument.by_id[test.question], answers.get(test.question) if test.question in visible else None
        )
        for test in condition.tests
    )
    return any(results) if condition.any_of else all(results)


def _test_holds(test: Test, question: Question, given: Given | None) -> bool:
    if test.operator == Operator.ANSWERED:
        return is_answered(question, given)
    if given is None or given.is_na or given.value is None:
        return False
    if test.operator == Operator.INCLUDES:
        return isinstance(given.value, list) and test.value in given.value
    if test.operator in {Operator.AT_LEAST, Operator.AT_MOST}:
        held, bound = _number(given.value), _number(test.value)
        if held is None or bound is None:
            return False
        return held >= bound if test.operator == Operator.AT_LEAST else held <= bound
    same = bool(given.value == test.value)
    return same if test.operator == Operator.IS else not same


def _options_problem(question: Question, value: Any) -> str:
    known = {option.id for option in question.options}
    if question.kind == QuestionKind.ONE:
        return "" if isinstance(value, str) and value in known else "not_an_option"
    if not isinstance(value, list) or any(not isinstance(chosen, str) or chosen not in known for chosen in value):
        return "not_an_option"
    return "" if value == sorted(set(value)) else "not_an_option"


def _number(value: Any) -> Decimal | None:
    """Levels are ints, numbers are decimals as text; anything else is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST_NUMBER else None


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_link(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > LONGEST_LINK or any(character.isspace() for character in value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
