"""How far a diagnostic has come: by section, by person, and what its evidence still lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diagnostics.models import Answer, Diagnostic, SectionAssignment
from diagnostics.rules.answers import is_answered
from diagnostics.rules.instrument import Dimension, Question
from diagnostics.rules.submission import Filled


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


def progress(filled: Filled, questions: Iterable[Question] | None = None) -> Progress:
    """Of the whole diagnostic, or of some of its questions."""
    asked = [q for q in (filled.instrument.questions() if questions is None else questions) if q.id in filled.shown]
    answered = [question for question in asked if is_answered(question, filled.answers.get(question.id))]
    return Progress(len(asked), len(answered), sum(lacks_evidence(filled, question) for question in answered))


def lacks_evidence(filled: Filled, question: Question) -> bool:
    """Whether the question needs evidence and shows none. What does not apply needs none."""
    given = filled.answers.get(question.id)
    return question.needs_evidence and not (given and given.is_na) and not filled.evidence.get(question.id)


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
