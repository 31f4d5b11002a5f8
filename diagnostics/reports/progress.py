"""How far a diagnostic has come: by section, by person, and what its evidence still lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diagnostics.models import Answer, Diagnostic, EvidenceUse, SectionAssignment
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.answers import Given, is_answered, shown
from diagnostics.rules.instrument import Dimension, Instrument, Question
from diagnostics.rules.submission import Filled


class Told(Protocol):
    """What progress is counted from. `evidence` holds the questions that show some."""

    @property
    def instrument(self) -> Instrument: ...
    @property
    def answers(self) -> Mapping[str, Given]: ...
    @property
    def shown(self) -> frozenset[str]: ...
    @property
    def evidence(self) -> Container[str]: ...


@dataclass(frozen=True, slots=True)
class SoFar:
    """A diagnostic as progress sees it, and no more: it is told after each save."""

    instrument: Instrument
    answers: Mapping[str, Given]
    shown: frozenset[str]
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the questions that are asked (`total`), how many are answered, and how many of those lack the evidence they need."""

    total: int = 0
    answered: int = 0
    without_evidence: int = 0

    @property
    def missing(self) -> int:
        return self.total - self.answered

    @property
    def sentence(self) -> str:
        """ "Faltan 12 de 48, 3 con evidencia pendiente"."""
        if self.missing:
            words = ngettext(
                "%(missing)d of %(total)d is missing", "%(missing)d of %(total)d are missing", self.missing
            )
        else:
            words = ngettext("The only question is answered", "All %(total)d are answered", self.total)
        words %= {"missing": self.missing, "total": self.total}
        if self.without_evidence:
            words += _(", %(number)d with evidence pending") % {"number": self.without_evidence}
        return words


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the overview. `writers` are those who wrote its present answers, with how many; `to_confirm` answers came
    from elsewhere."""

    dimension: Dimension
    progress: Progress
    to_confirm: int
    assignments: tuple[SectionAssignment, ...]
    writers: tuple[tuple[str, int], ...]

    @property
    def is_late_for(self) -> date | None:
        """The earliest day given to someone, while something is missing."""
        days = [given.due for given in self.assignments if given.due]
        return min(days) if days and self.progress.missing else None


def so_far(diagnostic: Diagnostic) -> SoFar:
    """What was answered, and which of the answers show evidence. One query; `diagnostic.version` must be at hand."""
    instrument = instrument_of(diagnostic.version)
    of_this = EvidenceUse.objects.filter(diagnostic=diagnostic, question=OuterRef("question"))
    rows = Answer.objects.filter(diagnostic=diagnostic).order_by()
    found = rows.values_list(
        *("question", "value", "is_na", "text", "to_confirm"), Exists(of_this.filter(evidence__removed_at__isnull=True))
    )
    answers, evidence = {}, set()
    for question, value, is_na, text, to_confirm, shows in found:
        answers[question] = Given(value, is_na, text, to_confirm)
        if shows:
            evidence.add(question)
    return SoFar(instrument, answers, shown(instrument, answers), frozenset(evidence))


def progress(filled: Told, questions: Iterable[Question] | None = None) -> Progress:
    """Of the whole diagnostic, or of some of its questions."""
    asked = [q for q in (filled.instrument.questions() if questions is None else questions) if q.id in filled.shown]
    answered = [question for question in asked if is_answered(question, filled.answers.get(question.id))]
    return Progress(len(asked), len(answered), sum(lacks_evidence(filled, question) for question in answered))


def lacks_evidence(filled: Told, question: Question) -> bool:
    """Whether the question needs evidence and shows none. What does not apply needs none."""
    given = filled.answers.get(question.id)
    return question.needs_evidence and not (given and given.is_na) and question.id not in filled.evidence


def sections(diagnostic: Diagnostic, filled: Filled) -> list[Section]:
    """Every section with its progress and its people. Two queries."""
    given: dict[str, list[SectionAssignment]] = {}
    for row in diagnostic.assignments.select_related("user").order_by("due", "pk"):
        given.setdefault(row.dimension, []).append(row)
    written = Answer.objects.filter(diagnostic=diagnostic, updated_by__isnull=False, version__gt=0)
    by = dict(written.values_list("question", "updated_by__name"))
    return [
        Section(
            dimension=dimension,
            progress=progress(filled, dimension.questions()),
            to_confirm=sum(_waits(filled, question) for question in dimension.questions()),
            assignments=tuple(given.get(dimension.id, ())),
            writers=tuple(Counter(by[q.id] for q in dimension.questions() if q.id in by).most_common()),
        )
        for dimension in filled.instrument.dimensions
    ]


def _waits(filled: Filled, question: Question) -> bool:
    answer = filled.answers.get(question.id)
    return question.id in filled.shown and answer is not None and answer.to_confirm
