"""What the portal may already know: the words that an instrument's questions name (`Question.known_as`), and where each comes
from. Pure: `reports.known` reads the sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from diagnostics.rules.instrument import QuestionKind


class Kept(StrEnum):
    """Where the portal keeps a fact."""

    SINIM = "a variable of SINIM, with the budget's indicators"
    BUDGET = "the published budgets"
    ADHESION = "the register of adhesions"
    NOWHERE = "nowhere yet"


class Fact(NamedTuple):
    """A fact that answers a question of `kind`. `code` and `number` name a variable of SINIM: in its files, in its catalogue."""

    kind: QuestionKind
    kept: Kept
    code: str = ""
    number: str = ""


FACTS: Final[Mapping[str, Fact]] = {
    "sinim_cosoc": Fact(QuestionKind.YES_NO, Kept.SINIM, "MCOSOC", "4327"),
    "sinim_ordinance": Fact(QuestionKind.YES_NO, Kept.SINIM, "MOCOSOC", "4328"),
    "budget_published": Fact(QuestionKind.YES_NO, Kept.BUDGET),
    "adhesion_in_force": Fact(QuestionKind.YES_NO, Kept.ADHESION),
    # No source that the portal reads gives it: the question is asked as any other.
    "public_account_date": Fact(QuestionKind.DATE, Kept.NOWHERE),
}


@dataclass(frozen=True, slots=True)
class Known:
    """An answer that the portal has. `source` says from where, of what year, and on which day it was read."""

    value: Any
    source: str
    read_on: date


def differs(known: Known, value: Any) -> bool:
    """Whether someone answered otherwise. No answer does not differ."""
    return value is not None and bool(value != known.value)


def is_offered(known: Known, value: Any, *, is_na: bool) -> bool:
    """Whether there is something to offer: no answer yet, or another one."""
    return is_na or value is None or differs(known, value)
