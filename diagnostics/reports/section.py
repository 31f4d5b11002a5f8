"""A section of a diagnostic as its page shows it: each question with its answer, people, evidence and what was said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from django.db.models import Count, QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from config.numbers import number
from diagnostics.choices import Audience, Opinion, Reply
from diagnostics.models import Answer, AnswerContent, Comment, Diagnostic, ReviewEntry, ReviewReturn
from diagnostics.rules.answers import is_answered, value_problem
from diagnostics.rules.controls import controls_of
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.instrument import Dimension, Question, QuestionKind
from diagnostics.rules.submission import EvidenceSeen, Filled

if TYPE_CHECKING:
    from accounts.models import User

MOST_DECIMALS: Final = 6


@dataclass
class QuestionOnPage:
    """A question of the section. `typed` is what stands in its controls: the present answer, or what could not be saved, with
    `theirs` or `problem` telling why. `client_id` makes the button without scripts save once."""

    question: Question
    answer: Answer
    typed: AnswerContent | Any
    is_shown: bool
    is_answered: bool
    evidence: tuple[EvidenceSeen, ...] = ()
    comments: int = 0
    returned: ReviewEntry | None = None
    theirs: Answer | None = None
    problem: str = ""
    client_id: UUID = field(default_factory=uuid4)

    @property
    def controls(self) -> list[str]:
        return controls_of(self.question, self.typed.value)

    @property
    def control(self) -> str:
        return self.controls[0] if self.controls else ""

    @property
    def theirs_said(self) -> str:
        return said(self.question, self.theirs.value) if self.theirs else ""

    @property
    def said(self) -> str:
        return said(self.question, self.answer.value)

    @property
    def is_corrected(self) -> bool:
        """Whether the answer changed since the council asked for it."""
        return self.returned is not None and self.answer.version > self.returned.answer_version

    @property
    def proposed(self) -> str:
        """The level that the council proposes, in words."""
        return said(self.question, self.returned.proposed_value) if self.returned else ""

    @property
    def may_reply(self) -> bool:
        return self.returned is not None and self.returned.reply != Reply.AGREED


def questions_on_page(diagnostic: Diagnostic, dimension: Dimension, filled: Filled, user: User) -> list[QuestionOnPage]:
    """The questions of a section, hidden ones included. Three queries, four when it was submitted before."""
    answers = answers_of(diagnostic, [question.id for question in dimension.questions()])
    counts = dict(
        comments_for(user, diagnostic)
        .values_list("question")
        .annotate(n=Count("pk"))
        .order_by()
        .values_list("question", "n")
    )
    returned = returned_entries(diagnostic)
    return [
        QuestionOnPage(
            question=question,
            answer=answers[question.id],
            typed=answers[question.id],
            is_shown=question.id in filled.shown,
            is_answered=is_answered(question, filled.answers.get(question.id)),
            evidence=filled.evidence.get(question.id, ()),
            comments=counts.get(question.id, 0),
            returned=returned.get(question.id),
        )
        for question in dimension.questions()
    ]


def answers_of(diagnostic: Diagnostic, questions: list[str]) -> dict[str, Answer]:
    """The present answers by question, an empty one of version 0 where there is none. One query."""
    rows = Answer.objects.filter(diagnostic=diagnostic, question__in=questions).select_related("updated_by")
    found = {row.question: row for row in rows}
    return {name: found.get(name) or Answer(diagnostic=diagnostic, question=name) for name in questions}


def comments_for(user: User, diagnostic: Diagnostic) -> QuerySet[Comment]:
    """What the person may read: the council's people only what the municipality shares."""
    comments = Comment.objects.filter(diagnostic=diagnostic)
    return comments.filter(audience=Audience.SHARED) if user.is_council else comments


def returned_entries(diagnostic: Diagnostic) -> Mapping[str, ReviewEntry]:
    """What the council asked in its last return, by question, while the municipality has the diagnostic."""
    return last_asked(diagnostic) if diagnostic.state in WRITABLE else {}


def last_asked(diagnostic: Diagnostic) -> Mapping[str, ReviewEntry]:
    """What the council asked in its last return, by question, wherever the diagnostic is now."""
    if diagnostic.submitted_at is None:
        return {}
    last = ReviewReturn.objects.filter(diagnostic=diagnostic).order_by("-turn").values("turn")[:1]
    asked = ReviewEntry.objects.filter(diagnostic=diagnostic, is_told=True, turn=last)
    asked = asked.filter(opinion__in=[Opinion.CORRECTION, Opinion.OTHER_LEVEL])
    return {entry.question: entry for entry in asked.select_related("by", "replied_by")}


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
        return f"{_in_figures(value)} {question.unit}".strip()
    day: date | None = parse_date(value) if question.kind == QuestionKind.DATE else None
    return f"{day:%d-%m-%Y}" if day else str(value)


def _in_figures(value: str) -> str:
    exact = Decimal(value)
    exponent = exact.as_tuple().exponent
    return number(exact, min(max(0, -exponent), MOST_DECIMALS) if isinstance(exponent, int) else 0)
