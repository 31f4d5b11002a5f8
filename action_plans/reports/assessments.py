"""Assessments as they are written and as they are read: part by part, the plan itself and each of its commitments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from action_plans.choices import AssessmentState, Completion, OgpValue, Opening
from action_plans.models import Assessment, AssessmentAnswer, AssessmentPiece, Commitment
from action_plans.rules import assessments as rules
from action_plans.rules.assessments import ABOUT_PLAN, COMPLETION, completion_of, openings
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.answers import Given, is_answered
from diagnostics.rules.instrument import Question, QuestionKind


class Answered(NamedTuple):
    """A question with what was answered, in words. `row` is None where nothing was."""

    question: Question
    row: AssessmentAnswer | None

    @property
    def is_complete(self) -> bool:
        row = self.row
        return is_answered(self.question, Given(row.value, row.is_na, row.text) if row else None)

    @property
    def said(self) -> str:
        """The chosen level or yes or no, in words."""
        if self.row is None:
            return ""
        if self.row.is_na:
            return _("Does not apply")
        value = self.row.value
        if self.question.kind == QuestionKind.LEVEL and type(value) is int:
            return next((each.name.capitalize() for each in self.question.levels if each.value == value), "")
        if self.question.kind == QuestionKind.YES_NO and isinstance(value, bool):
            return _("Yes") if value else _("No")
        return ""


@dataclass(frozen=True)
class Part:
    """What is asked of the plan (`about` is None) or of one commitment."""

    about: Commitment | None
    answers: tuple[Answered, ...]
    pieces: tuple[AssessmentPiece, ...] = ()

    @property
    def public_pieces(self) -> list[AssessmentPiece]:
        """The evidence that everyone may open, or is being checked."""
        return [piece for piece in self.pieces if piece.is_public]

    @property
    def hidden_pieces(self) -> list[AssessmentPiece]:
        """What was public and is shown no more."""
        return [piece for piece in self.pieces if piece.hidden_at]

    @property
    def withheld(self) -> int:
        return len(self.pieces) - len(self.public_pieces) - len(self.hidden_pieces)

    @property
    def key(self) -> str:
        return str(self.about.key) if self.about else ABOUT_PLAN

    @property
    def left(self) -> int:
        return sum(not each.is_complete for each in self.answers)

    @property
    def values(self) -> dict[str, Any]:
        return {each.question.id: each.row.value for each in self.answers if each.row and not each.row.is_na}

    @property
    def completion(self) -> Completion | None:
        return completion_of(self.values.get(COMPLETION))

    @property
    def openings(self) -> dict[OgpValue, Opening]:
        return openings(self.values)


def is_observed(assessment: Assessment, stage: str, today: date) -> bool:
    """Whether an assessment receives observations while its plan is in a stage; never before it is published."""
    published = assessment.published_at
    if assessment.state != AssessmentState.PUBLISHED or published is None:
        return False
    return rules.is_observed(stage, timezone.localdate(published), today)


def questions_about(assessment: Assessment, about: Commitment | None) -> list[Question]:
    """What is asked of the plan, or of a commitment that belongs to the assessment; nothing of any other."""
    if about is not None and about.plan_id != assessment.plan_id:
        return []
    if assessment.commitment_id and (about is None or about.pk != assessment.commitment_id):
        return []
    dimensions = instrument_of(assessment.version).dimensions
    return [
        question
        for dimension in dimensions
        if (dimension.id == ABOUT_PLAN) == (about is None)
        for question in dimension.questions()
    ]


def parts_of(assessment: Assessment) -> list[Part]:
    """Every part that asks something: the commitments in their order, then the plan. Three queries."""
    rows = {(row.question, row.commitment_id): row for row in assessment.answers.all()}
    pieces = pieces_of(assessment.pieces.all())
    return [part for part in _parts(assessment, rows, pieces, _asked_of(assessment)) if part.answers]


def part_of(assessment: Assessment, about: Commitment | None) -> Part:
    """One part. Two queries."""
    rows = assessment.answers.filter(commitment=about).select_related("updated_by")
    by_key = {(row.question, row.commitment_id): row for row in rows}
    return next(_parts(assessment, by_key, pieces_of(assessment.pieces.filter(commitment=about)), [about]))


def pieces_of(rows: QuerySet[AssessmentPiece]) -> dict[int | None, list[AssessmentPiece]]:
    """Evidence by commitment. One query."""
    found: dict[int | None, list[AssessmentPiece]] = defaultdict(list)
    for piece in rows.select_related("version__evidence", "version__document", "document", "hidden_by"):
        found[piece.commitment_id].append(piece)
    return found


def _asked_of(assessment: Assessment) -> list[Commitment | None]:
    """Of one commitment, of those that stand in the plan and the plan itself; published, of those that were answered for."""
    if assessment.commitment_id:
        return [assessment.commitment]
    commitments = assessment.plan.commitments.order_by("number")
    if assessment.state == AssessmentState.PUBLISHED:
        return [*commitments.filter(pk__in=assessment.answers.values("commitment")), None]
    return [*commitments.filter(withdrawn_at__isnull=True), None]


def _parts(
    assessment: Assessment,
    rows: dict[tuple[str, int | None], AssessmentAnswer],
    pieces: Mapping[int | None, list[AssessmentPiece]],
    about: Iterable[Commitment | None],
) -> Iterator[Part]:
    for each in about:
        key = each.pk if each else None
        asked = questions_about(assessment, each)
        answers = tuple(Answered(question, rows.get((question.id, key))) for question in asked)
        yield Part(each, answers, tuple(pieces.get(key, ())))
