"""What a diagnostic says of its municipality: the index and everything below it, each part with its level, why it stands there
and what the next level asks. Of a live diagnostic, from its stored scores; of a snapshot, from what it froze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone

from diagnostics.choices import ScoreLevel
from diagnostics.models import Diagnostic, Score, Snapshot
from diagnostics.reports.answers import given, instrument_of
from diagnostics.reports.scores import RULES, is_behind, rows_of
from diagnostics.rules import explanations
from diagnostics.rules.answer_words import said
from diagnostics.rules.answers import Given
from diagnostics.rules.diagnostic_states import VALID
from diagnostics.rules.explanations import Words
from diagnostics.rules.instrument import Descriptor, Dimension, Instrument, Level, Question, QuestionKind
from diagnostics.rules.scores import Standing, compute, thawed


class Way(NamedTuple):
    """A better answer that helps to reach the next level: the question, and the answer in words."""

    question: Question
    answer: str


@dataclass(frozen=True, slots=True)
class Part:
    """The index, a dimension, a descriptor or a question.

    `reached` and `potential` in [0, 1]: what it earns, and what it could earn if all that has no answer earned everything; None
    when it does not count. `level` is of the scale of the index, for a question of its own scale; None where there is none.
    `share` is its part of its parent's score. `ways` reach the next level with the least effort.
    """

    key: str
    of: ScoreLevel
    name: str
    standing: Standing
    reached: Decimal | None
    potential: Decimal | None
    share: Decimal
    level: Level | None
    levels: int
    why: str
    missing: str
    answer: str = ""
    ways: tuple[Way, ...] = ()
    children: tuple[Part, ...] = ()

    @property
    def points(self) -> str:
        """ "37,5", of 100; empty when it does not count."""
        return explanations.hundred(self.reached, self.levels)

    @property
    def potential_points(self) -> str:
        return explanations.hundred(self.potential, self.levels)

    @property
    def share_points(self) -> Decimal:
        """Percent of its parent."""
        return self.share * 100

    @property
    def reached_width(self) -> str:
        """For a bar, as a number of CSS and SVG."""
        return f"{(self.reached or 0) * 100:.2f}"

    @property
    def potential_width(self) -> str:
        return f"{(self.potential or 0) * 100:.2f}"

    @property
    def may_rise(self) -> bool:
        """Whether something without an answer could still raise it."""
        return self.potential is not None and self.potential != self.reached


@dataclass(frozen=True, slots=True)
class Result:
    """A diagnostic's result. `is_behind`: answers changed after it was computed. `is_provisional`: the council has not validated
    it."""

    instrument: Instrument
    index: Part
    is_behind: bool
    is_provisional: bool
    at: datetime | None

    @property
    def dimensions(self) -> tuple[Part, ...]:
        return self.index.children

    @property
    def descriptors(self) -> tuple[Part, ...]:
        return tuple(part for dimension in self.dimensions for part in dimension.children)

    @property
    def has_answers(self) -> bool:
        """Whether anything was answered that counts."""
        questions = (part for descriptor in self.descriptors for part in descriptor.children)
        return any(part.standing in {Standing.ANSWERED, Standing.NOT_APPLICABLE} for part in questions)


def result_of(diagnostic: Diagnostic) -> Result:
    """Of the stored scores; of the answers as they are where none are stored yet. One query, two in that case."""
    instrument = instrument_of(diagnostic.version)
    rows = list(Score.objects.filter(diagnostic=diagnostic))
    if not rows or any(row.derivation.get("rules") != RULES for row in rows):
        answers = given(diagnostic)
        rows = rows_of(diagnostic, instrument, compute(instrument, answers), answers, timezone.now())
    return Result(
        instrument=instrument,
        index=_index(instrument, rows),
        is_behind=is_behind(diagnostic),
        is_provisional=diagnostic.state not in VALID,
        at=max(row.computed_at for row in rows),
    )


def result_of_snapshot(snapshot: Snapshot) -> Result:
    """Of what was frozen: its scores stay what they were, whatever becomes of the rules."""
    diagnostic = snapshot.diagnostic
    instrument = instrument_of(diagnostic.version)
    answers = answers_of_content(snapshot.content)
    rows = rows_of(diagnostic, instrument, thawed(snapshot.content["scores"]), answers, snapshot.at)
    return Result(
        instrument=instrument,
        index=_index(instrument, rows),
        is_behind=False,
        is_provisional=diagnostic.state not in VALID,
        at=snapshot.at,
    )


def answers_of_content(content: Mapping[str, Any]) -> dict[str, Given]:
    """The answers of a snapshot's content, by question."""
    return {
        question: Given(held["value"], held["not_applicable"], held["text"], held["to_confirm"])
        for question, held in content["answers"].items()
    }


# --- Parts ------------------------------------------------------------------------------------------------------------


def _index(instrument: Instrument, rows: list[Score]) -> Part:
    by_key = {row.key: row for row in rows}
    parts = tuple(_dimension(instrument, dimension, by_key) for dimension in instrument.dimensions)
    return _mean(instrument, by_key[""], ScoreLevel.INDEX, instrument.title, parts)


def _dimension(instrument: Instrument, dimension: Dimension, rows: Mapping[str, Score]) -> Part:
    parts = tuple(_descriptor(instrument, descriptor, rows) for descriptor in dimension.descriptors)
    return _mean(instrument, rows[dimension.id], ScoreLevel.DIMENSION, dimension.name, parts)


def _descriptor(instrument: Instrument, descriptor: Descriptor, rows: Mapping[str, Score]) -> Part:
    parts = tuple(_question(instrument, question, rows[question.id]) for question in descriptor.questions)
    return _mean(instrument, rows[descriptor.id], ScoreLevel.DESCRIPTOR, descriptor.name, parts)


def _mean(instrument: Instrument, row: Score, of: ScoreLevel, name: str, children: tuple[Part, ...]) -> Part:
    reason = explanations.from_data(row.derivation["reason"])
    names = {child.key: child.name for child in children}
    ways = (Way(instrument.by_id[question], said(instrument.by_id[question], value)) for question, value in reason.path)
    return _part(
        row,
        of,
        name,
        explanations.words_of_mean(instrument, reason, row.reached, row.step, names),
        level=instrument.scale[row.step - 1] if row.step else None,
        levels=len(instrument.scale),
        ways=tuple(ways),
        children=children,
    )


def _question(instrument: Instrument, question: Question, row: Score) -> Part:
    reason = explanations.from_data(row.derivation["reason"])
    is_level = question.kind == QuestionKind.LEVEL and isinstance(reason.value, int)
    return _part(
        row,
        ScoreLevel.QUESTION,
        question.text,
        explanations.words_of_question(question, reason),
        level=question.levels[reason.value - 1] if is_level else None,
        levels=len(question.levels) or len(instrument.scale),
        answer=said(question, reason.value),
    )


def _part(row: Score, of: ScoreLevel, name: str, words: Words, **more: Any) -> Part:
    return Part(
        key=row.key,
        of=of,
        name=name,
        standing=Standing(row.derivation["standing"]),
        reached=row.reached,
        potential=row.potential,
        share=Decimal(row.derivation["share"]),
        why=words.why,
        missing=words.missing,
        **more,
    )
