"""A cell of the workbook of a plan: what it holds, what is typed in it, and how to mend what cannot be read. Pure.

The headings and words are Spanish because they are in people's files; they are compared without accents and capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from action_plans.choices import MilestoneState, PlanStage
from action_plans.rules.goals import GOALS
from action_plans.rules.progress import MOST_UNDER_WAY
from municipalities.rules.register import normalise

STAGES: Final[Mapping[str, str]] = {
    "En preparación": PlanStage.PREPARATION.value,
    "Aprobado": PlanStage.APPROVED.value,
    "En ejecución": PlanStage.IMPLEMENTATION.value,
}
"""As what a plan comes in. Whatever comes later is done here."""
STATES: Final[Mapping[str, str]] = {
    "Sin comenzar": MilestoneState.SCHEDULED.value,
    "En curso": MilestoneState.UNDER_WAY.value,
    "Cumplido": MilestoneState.MET.value,
    "No cumplido": MilestoneState.NOT_MET.value,
}
WORDS: Final[Mapping[str, Mapping[str, str]]] = {"stage": STAGES, "state": STATES}
"""What a cell of these kinds may say, and what it means."""

_DAY: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})|(\d{4})-(\d{2})-(\d{2})")
_NUMBER: Final = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_WHOLE, _PLACES = 14, 4
"""Digits of an indicator's number before and after the comma."""
_HEAVIEST: Final = 100


class Column(NamedTuple):
    """A column: its heading, the field it fills, what it holds, how many letters at most."""

    heading: str
    field: str
    kind: str = "text"
    most: int = 20_000


class CellError(ValueError):
    """What cannot be read, in words that say how to mend it."""


def value_of(column: Column, cell: str) -> Any:
    """What a cell that is not empty says. Raises `CellError`."""
    text = cell.strip()
    if column.kind in ("text", "value"):
        if len(text) > column.most:
            words = _("%(column)s: it has more than %(most)d letters.")
            raise CellError(words % {"column": column.heading, "most": column.most})
        return text
    if column.kind in WORDS:
        value: Any = {normalise(word): value for word, value in WORDS[column.kind].items()}.get(normalise(text))
    else:
        value = _READERS[column.kind](text)
    if value is None:
        named = {"column": column.heading, "cell": text[:40], "words": ", ".join(WORDS.get(column.kind, ()))}
        raise CellError(_MENDS[column.kind] % {**named, "most": MOST_UNDER_WAY})
    return value


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    parts = [int(part) for part in found.groups() if part]
    year, month, day = parts if found[4] else reversed(parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _digits(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else None


def _from_one(text: str) -> int | None:
    return _digits(text) or None


def _weight(text: str) -> int | None:
    number = _from_one(text)
    return number if number and number <= _HEAVIEST else None


def _advance(text: str) -> int | None:
    number = _digits(text.removesuffix("%").strip())
    return number if number is not None and number <= MOST_UNDER_WAY else None


def _amount(text: str) -> str | None:
    """A number typed in Chile, as an edition holds it; None for none that the table takes."""
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text.replace(".", "").replace(",", "."))
    whole, _mark, rest = format(number, "f").lstrip("-").partition(".")
    if len(whole.lstrip("0")) > _WHOLE or len(rest.rstrip("0")) > _PLACES:
        return None
    return format(number.normalize(), "f") if number else "0"


def _goals(text: str) -> list[int] | None:
    goals = {int(part) for part in re.findall(r"\d{1,2}", text)}
    return sorted(goals) if goals and goals <= set(GOALS) else None


def _accounts(text: str) -> list[str] | None:
    return list(dict.fromkeys(filter(None, re.split(r"[\s;,]+", text)))) or None


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "day": _day,
    "number": _from_one,
    "weight": _weight,
    "advance": _advance,
    "amount": _amount,
    "goals": _goals,
    "accounts": _accounts,
}
_FROM_ONE: Final = gettext_lazy("%(column)s: “%(cell)s” is not a whole number from 1 on.")
_NO_WORD: Final = gettext_lazy("%(column)s: “%(cell)s” is none of: %(words)s.")
_MENDS: Final[Mapping[str, Promise]] = {
    "day": gettext_lazy("%(column)s: “%(cell)s” is no day. Write it as 31-12-2026."),
    "number": _FROM_ONE,
    "weight": _FROM_ONE,
    "advance": gettext_lazy("%(column)s: “%(cell)s” is not a whole number from 0 to %(most)d."),
    "amount": gettext_lazy("%(column)s: “%(cell)s” is no number. Write it as 1234,5."),
    "goals": gettext_lazy("%(column)s: write numbers from 1 to 17, as “11, 16”."),
    "accounts": gettext_lazy("%(column)s: write codes of accounts, with a comma between them."),
    "stage": _NO_WORD,
    "state": _NO_WORD,
}
