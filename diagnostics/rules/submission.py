"""What is checked before a diagnostic is submitted: one rule a module in `checks`, listed here. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import Final

from diagnostics.rules.answers import Given
from diagnostics.rules.instrument import Instrument

CHECKS: Final = (
    "unanswered",
    "to_confirm",
    "na_without_reason",
    "unanswered_proposal",
    "untouched_correction",
    "missing_evidence",
    "expired_evidence",
    "high_without_words",
    "low_confidence",
)
"""Modules of `diagnostics.rules.checks`, the gravest first."""


@dataclass(frozen=True, slots=True)
class EvidenceSeen:
    """What a rule knows of a piece of evidence: the day its validity ends, and whether its file or link can be opened."""

    title: str
    expires: date | None = None
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What the council asked of an answer when it returned the diagnostic, and whether the municipality replied in words or
    touched the answer or its evidence since."""

    is_proposal: bool
    is_replied: bool = False
    is_touched: bool = False


@dataclass(frozen=True)
class Filled:
    """A diagnostic as the checks see it. `shown` are the questions that are asked; `evidence` and `asked` by question."""

    instrument: Instrument
    answers: Mapping[str, Given]
    shown: frozenset[str]
    today: date
    evidence: Mapping[str, tuple[EvidenceSeen, ...]] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()
    asked: Mapping[str, Asked] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check found at a question. A blocking one must be mended, another is acknowledged by whoever submits."""

    check: str
    question: str
    text: str
    blocks: bool


def remarks(filled: Filled) -> list[Remark]:
    """Everything the checks found: blocking ones first, then in the order of the form."""
    found: list[Remark] = []
    for name in CHECKS:
        found += import_module(f"diagnostics.rules.checks.{name}").check(filled)
    place = {question.id: number for number, question in enumerate(filled.instrument.questions())}
    return sorted(found, key=lambda remark: (not remark.blocks, place[remark.question]))
