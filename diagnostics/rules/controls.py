"""Between the value of an answer and what stands in the controls of its form, as people here write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from diagnostics.rules.instrument import Question, QuestionKind

YES: Final = "si"
NO: Final = "no"
_GROUPED: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?")
_DECIMAL: Final = re.compile(r"-?[0-9]+(,[0-9]+)?")
_DIGITS: Final = re.compile(r"[0-9]{1,4}")


def value_of(question: Question, sent: Sequence[str]) -> Any:
    """The value in the controls, None when nothing was chosen or typed. What cannot be a value stays as it was typed: it is
    refused (`rules.answers.value_problem`), and kept."""
    if question.kind == QuestionKind.SEVERAL:
        return sorted({each for each in sent if each}) or None
    typed = sent[0].strip() if sent else ""
    if not typed or question.kind == QuestionKind.TEXT:
        return None
    if question.kind == QuestionKind.LEVEL:
        return int(typed) if _DIGITS.fullmatch(typed) else typed
    if question.kind == QuestionKind.YES_NO:
        return {YES: True, NO: False}.get(typed, typed)
    return _number(typed) if question.kind == QuestionKind.NUMBER else typed


def controls_of(question: Question, value: Any) -> list[str]:
    """What stands in the controls for a value: `value_of` gives it back."""
    if value is None:
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, bool):
        return [YES if value else NO]
    text = str(value)
    is_decimal = question.kind == QuestionKind.NUMBER and _DECIMAL.fullmatch(text.replace(".", ",", 1))
    return [text.replace(".", ",") if is_decimal else text]


def _number(typed: str) -> str:
    """`1.234,5` and `1234,5`, and `1234.5` of those who write so, as decimals in text."""
    if _GROUPED.fullmatch(typed):
        typed = typed.replace(".", "")
    return typed.replace(",", ".") if _DECIMAL.fullmatch(typed) else typed
