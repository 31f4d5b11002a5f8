"""An instrument as plain data: dimensions, descriptors, questions, scales. Everything that reads an instrument reads these. Pure.

Identifiers are permanent: a question whose words change keeps its identifier, one whose meaning changes gets a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property


class QuestionKind(StrEnum):
    """What an answer's `value` holds: LEVEL an int from 1; YES_NO a bool; ONE an option's id; SEVERAL a sorted list of them;
    NUMBER a decimal as text; DATE an ISO date; LINK an address; TEXT nothing (its words are the answer's `text`)."""

    LEVEL = "level"
    YES_NO = "yes_no"
    ONE = "one"
    SEVERAL = "several"
    NUMBER = "number"
    DATE = "date"
    LINK = "link"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Level:
    """A step of a scale, 1 the lowest; `meaning` completes "nivel 3 significa..."."""

    value: int
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose. `points` in [0, 1]; of several options the points add up, at most to 1."""

    id: str
    text: str
    points: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Band:
    """From `low` on (included) a number is worth `points`. Bands rise in both."""

    low: Decimal
    points: Decimal


class Operator(StrEnum):
    """How a test compares: IS and IS_NOT any value; AT_LEAST and AT_MOST levels and numbers; INCLUDES an option of several;
    ANSWERED takes no value."""

    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    INCLUDES = "includes"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of the answer to an earlier question."""

    question: str
    operator: Operator
    value: bool | int | str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """When a question is shown: all of its tests hold, or any of them. This is the whole language; there is no code in it."""

    tests: tuple[Test, ...]
    any_of: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """`weight` 0 or a kind that informs: not scored. `effort` from 1 (little) to 3: what the next level costs a municipality.
    `known_as` names what the portal may already know (`diagnostics.reports.known`)."""

    id: str
    kind: QuestionKind
    text: str
    weight: Decimal = Decimal(1)
    guidance: str = ""
    legal_basis: str = ""
    evidence: str = ""
    needs_evidence: bool = False
    allows_na: bool = False
    show_if: Condition | None = None
    levels: tuple[Level, ...] = ()
    options: tuple[Option, ...] = ()
    bands: tuple[Band, ...] = ()
    unit: str = ""
    recommendation: str = ""
    effort: int = 2
    known_as: str = ""

    @property
    def is_scored(self) -> bool:
        """Whether it counts: dates, links and texts inform and are never scored."""
        return self.weight > 0 and self.kind not in {QuestionKind.DATE, QuestionKind.LINK, QuestionKind.TEXT}


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A subject within a dimension. `weight` counts among the descriptors of the dimension."""

    id: str
    name: str
    questions: tuple[Question, ...]
    weight: Decimal = Decimal(1)
    guidance: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A section of the form. `weight` counts among the dimensions of the index."""

    id: str
    name: str
    descriptors: tuple[Descriptor, ...]
    weight: Decimal = Decimal(1)
    description: str = ""

    def questions(self) -> Iterator[Question]:
        for descriptor in self.descriptors:
            yield from descriptor.questions


@dataclass(frozen=True)
class Instrument:
    """A version of an instrument, whole. `scale` names the levels of the index; `note` says on its face what it is."""

    key: str
    version: str
    title: str
    scale: tuple[Level, ...]
    dimensions: tuple[Dimension, ...]
    note: str = ""
    sources: tuple[str, ...] = field(default=())

    def questions(self) -> Iterator[Question]:
        """Every question, in the order of the form."""
        for dimension in self.dimensions:
            yield from dimension.questions()

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions()}

    @cached_property
    def asked_by_conditions(self) -> frozenset[str]:
        """The questions whose answers decide whether others are asked."""
        conditions = (question.show_if for question in self.questions() if question.show_if)
        return frozenset(test.question for condition in conditions for test in condition.tests)
