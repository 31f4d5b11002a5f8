"""What would raise the index most for the least effort: the list from which the local plan starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from diagnostics.models import Diagnostic
from diagnostics.reports.answers import given, instrument_of
from diagnostics.reports.closings import Closed, Closing, closings_of
from diagnostics.rules.answer_words import said
from diagnostics.rules.gaps import ranked
from diagnostics.rules.instrument import Descriptor, Dimension, Question
from diagnostics.rules.instrument_words import EFFORTS
from diagnostics.rules.scores import rounded


@dataclass(frozen=True, slots=True)
class Improvement:
    """A better answer to a question, within reach. `key` is the question's identifier and never changes from round to round.

    `now` and `then` in words (`now` empty when it has no valid answer); `gain` what that step adds to the index and `whole` what
    all of the question would, as points of 100; `opens`: other questions that it would have asked, which are not in the gain.
    """

    key: str
    question: Question
    dimension: Dimension
    descriptor: Descriptor
    now: str
    then: str
    gain: Decimal
    whole: Decimal
    opens: tuple[Question, ...] = ()

    @property
    def effort(self) -> int:
        """From 1 (little) to 3."""
        return self.question.effort

    @property
    def effort_words(self) -> str:
        return str(EFFORTS[self.effort])

    @property
    def recommendation(self) -> str:
        return self.question.recommendation


def gaps_of(diagnostic: Diagnostic) -> list[Improvement]:
    """Every gap of the answers as they are, the one that gives most for its effort first. One query."""
    instrument = instrument_of(diagnostic.version)
    dimensions = {dimension.id: dimension for dimension in instrument.dimensions}
    descriptors = {part.id: part for dimension in instrument.dimensions for part in dimension.descriptors}
    return [
        Improvement(
            key=gap.question.id,
            question=gap.question,
            dimension=dimensions[gap.dimension],
            descriptor=descriptors[gap.descriptor],
            now=said(gap.question, gap.now),
            then=said(gap.question, gap.then),
            gain=_points(rounded(gap.gain)),
            whole=_points(rounded(gap.whole)),
            opens=tuple(instrument.by_id[name] for name in gap.opens),
        )
        for gap in ranked(instrument, given(diagnostic))
        if gap.gain > 0
    ]


def closed_of(diagnostic: Diagnostic, gaps: Sequence[Improvement] | None = None) -> list[Closed]:
    """The questions whose gap something was done about, those that are closed first. `gaps` are those that are left, where they
    are at hand."""
    done: dict[str, list[Closing]] = {}
    for closing in closings_of(diagnostic):
        done.setdefault(closing.question, []).append(closing)
    if not done:
        return []
    left = {gap.key for gap in (gaps_of(diagnostic) if gaps is None else gaps)}
    names = instrument_of(diagnostic.version).by_id
    found = [Closed(names[key].text, key not in left, tuple(by)) for key, by in done.items() if key in names]
    return sorted(found, key=lambda each: not each.is_closed)


def _points(value: Decimal | None) -> Decimal:
    return (value or Decimal(0)) * 100
