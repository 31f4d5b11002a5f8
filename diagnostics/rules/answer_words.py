"""An answer's value in words. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from config.numbers import number
from diagnostics.rules.answers import value_problem
from diagnostics.rules.instrument import Question, QuestionKind

MOST_DECIMALS: Final = 6


def said(question: Question, value: Any) -> str:
    """A value in words: "nivel 2 de 5: inicial", "Sí", the options chosen, "12,5 de cada 100", "31-12-2026"."""
    if value is None:
        return ""
    if value_problem(question, value):
        return str(value)
    if question.kind == QuestionKind.LEVEL:
        level = question.levels[value - 1]
        words = {"level": level.value, "levels": len(question.levels), "name": level.name}
        return _("level %(level)s of %(levels)s: %(name)s") % words
    if question.kind == QuestionKind.YES_NO:
        return _("Yes") if value else _("No")
    if question.kind in {QuestionKind.ONE, QuestionKind.SEVERAL}:
        texts = {option.id: option.text for option in question.options}
        return "; ".join(texts[each] for each in ([value] if isinstance(value, str) else value))
    if question.kind == QuestionKind.NUMBER:
        return measured(Decimal(value), question.unit)
    day: date | None = date.fromisoformat(value) if question.kind == QuestionKind.DATE else None
    return f"{day:%d-%m-%Y}" if day else str(value)


def measured(exact: Decimal, unit: str) -> str:
    """A number with its unit: "2 personas", "12,5 de cada 100". Units are written for many: beside exactly one, a unit that has a
    plural stands apart, "1 (personas)"."""
    if exact == 1 and unit and not unit.startswith("de "):
        return f"{in_figures(exact)} ({unit})"
    return f"{in_figures(exact)} {unit}".strip()


def in_figures(exact: Decimal) -> str:
    """A number with the decimals it has, at most six."""
    exponent = exact.as_tuple().exponent
    return number(exact, min(max(0, -exponent), MOST_DECIMALS) if isinstance(exponent, int) else 0)
