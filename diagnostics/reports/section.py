"""A section of a diagnostic as its page shows it: each question with its answer, people, evidence and what was said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

from django.db.models import Count, QuerySet
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diagnostics.choices import Audience, Confidence, Reply
from diagnostics.models import Answer, AnswerContent, Comment, Diagnostic, ReviewEntry
from diagnostics.reports.evidence import Piece, by_question
from diagnostics.reports.filled import evidence_uses
from diagnostics.reports.known import known_answers
from diagnostics.reports.progress import SoFar
from diagnostics.reports.returned import returned_entries
from diagnostics.rules.answer_words import said
from diagnostics.rules.answers import is_answered
from diagnostics.rules.controls import NO, YES, controls_of
from diagnostics.rules.instrument import Dimension, Question, QuestionKind
from diagnostics.rules.known import Known, differs, is_offered

if TYPE_CHECKING:
    from accounts.models import User

_OF_AN_ANSWER: Final = (
    *("diagnostic", "question", "version", "value", "is_na", "text", "confidence", "origin"),
    *("to_confirm", "is_locked", "updated_at", "updated_by__name"),
)
_WITH_OPTIONS: Final = {QuestionKind.LEVEL, QuestionKind.YES_NO, QuestionKind.ONE, QuestionKind.SEVERAL}
CHECKED: Final = mark_safe(" checked")
SELECTED: Final = mark_safe(" selected")


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values that a control offers. `meaning` is what a level stands for."""

    value: str
    label: str
    is_chosen: bool
    meaning: str = ""

    @property
    def words(self) -> str:
        return format_html("<strong>{}</strong> {}", self.label, self.meaning) if self.meaning else self.label

    @property
    def checked(self) -> str:
        return CHECKED if self.is_chosen else ""

    @property
    def selected(self) -> str:
        return SELECTED if self.is_chosen else ""


@dataclass
class QuestionOnPage:
    """A question of the section. `typed` is what stands in its controls: the present answer, or what could not be saved, with
    `theirs` or `problem` telling why. `client_id` makes the button without scripts save once."""

    question: Question
    answer: Answer
    typed: AnswerContent | Any
    is_shown: bool
    is_answered: bool
    evidence: tuple[Piece, ...] = ()
    known: Known | None = None
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

    @cached_property
    def options(self) -> list[Option]:
        """What there is to choose from, for the kinds of question that offer something."""
        question, chosen = self.question, self.controls
        if question.kind == QuestionKind.LEVEL:
            words, levels = _("Level %(level)s of %(levels)s: %(name)s"), question.levels
            return [
                Option(
                    value := str(level.value),
                    words % {"level": value, "levels": len(levels), "name": level.name},
                    value in chosen,
                    level.meaning,
                )
                for level in levels
            ]
        offered = [(option.id, option.text) for option in question.options]
        if question.kind == QuestionKind.YES_NO:
            offered = [(YES, _("Yes")), (NO, _("No"))]
        return [Option(value, label, value in chosen) for value, label in offered]

    @property
    def offers_options(self) -> bool:
        return self.question.kind in _WITH_OPTIONS

    @property
    def input_type(self) -> str:
        """How the options are chosen: one of them, or several."""
        return "checkbox" if self.question.kind == QuestionKind.SEVERAL else "radio"

    @property
    def comments_said(self) -> str:
        words = ngettext("%(total)s comment", "%(total)s comments", self.comments)
        return words % {"total": self.comments}

    @property
    def confidences(self) -> list[Option]:
        offered = [("", _("Not said")), *Confidence.choices]
        return [Option(value, str(label), value == self.typed.confidence) for value, label in offered]

    @property
    def theirs_said(self) -> str:
        return said(self.question, self.theirs.value) if self.theirs else ""

    @property
    def said(self) -> str:
        return said(self.question, self.answer.value)

    @property
    def known_said(self) -> str:
        return said(self.question, self.known.value) if self.known else ""

    @property
    def known_words(self) -> str:
        """What the explanation says when there is none: the source."""
        return _("Source: %(source)s.") % {"source": self.known.source} if self.known else ""

    @property
    def known_controls(self) -> list[str]:
        return controls_of(self.question, self.known.value) if self.known else []

    @property
    def is_known_offered(self) -> bool:
        """Whether what the portal knows is not the answer already."""
        return self.known is not None and is_offered(self.known, self.typed.value, is_na=self.typed.is_na)

    @property
    def is_known_otherwise(self) -> bool:
        return self.known is not None and (self.typed.is_na or differs(self.known, self.typed.value))

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


def questions_on_page(
    diagnostic: Diagnostic, dimension: Dimension, now: SoFar, user: User, today: date
) -> list[QuestionOnPage]:
    """The questions of a section, hidden ones included. Five queries; one more when it was returned, and one for each place
    where the portal may know an answer."""
    pieces = by_question(evidence_uses(diagnostic, [question.id for question in dimension.questions()]))
    known = known_answers(diagnostic.municipality, dimension.questions(), today=today)
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
            is_shown=question.id in now.shown,
            is_answered=is_answered(question, now.answers.get(question.id)),
            evidence=tuple(pieces.get(question.id, ())),
            known=known.get(question.id),
            comments=counts.get(question.id, 0),
            returned=returned.get(question.id),
        )
        for question in dimension.questions()
    ]


def answers_of(diagnostic: Diagnostic, questions: list[str]) -> dict[str, Answer]:
    """The present answers by question, an empty one of version 0 where there is none. One query."""
    rows = Answer.objects.filter(diagnostic=diagnostic, question__in=questions)
    rows = rows.select_related("updated_by").only(*_OF_AN_ANSWER)
    found = {row.question: row for row in rows}
    return {name: found.get(name) or Answer(diagnostic=diagnostic, question=name) for name in questions}


def comments_for(user: User, diagnostic: Diagnostic) -> QuerySet[Comment]:
    """What the person may read: the council's people only what the municipality shares."""
    comments = Comment.objects.filter(diagnostic=diagnostic)
    return comments.filter(audience=Audience.SHARED) if user.is_council else comments
