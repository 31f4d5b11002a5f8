"""The page of a review: each answer of a dimension beside that of the round before, with all that was said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from diagnostics.choices import Audience, DiagnosticState, Opinion
from diagnostics.models import Answer, Comment, Diagnostic, EvidenceUse, EvidenceVersion, ReviewEntry, VersionMapping
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.filled import evidence_uses, is_open
from diagnostics.reports.review import Review
from diagnostics.rules import mapping as mappings
from diagnostics.rules.answer_words import said
from diagnostics.rules.controls import controls_of
from diagnostics.rules.instrument import Dimension, Question, QuestionKind
from diagnostics.rules.mapping import Relation
from diagnostics.rules.review import PROPOSABLE, REVIEWED, Standing

if TYPE_CHECKING:
    from diagnostics.forms.review import OpinionForm


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence as a reviewer opens it."""

    use: EvidenceUse
    version: EvidenceVersion | None
    today: date

    @property
    def href(self) -> str:
        if self.version is None:
            return ""
        return self.version.document.get_absolute_url() if self.version.document else self.version.url

    @property
    def is_expired(self) -> bool:
        expires = self.use.evidence.expires
        return expires is not None and expires < self.today

    @property
    def may_open(self) -> bool:
        return is_open(self.version)


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in the round before: `said` and `text` of an answer, or `why` there is nothing to compare."""

    said: str = ""
    text: str = ""
    is_na: bool = False
    asked: str = ""
    why: str = ""


@dataclass
class AnswerOnPage:
    """A question of the page. `sent` is a form that could not be saved, with the `problem`: what was typed stays."""

    question: Question
    answer: Answer
    review: Review
    evidence: list[Piece]
    comments: list[Comment]
    before: list[Before]
    sent: OpinionForm | None = None
    problem: str = ""

    @property
    def said(self) -> str:
        return said(self.question, self.answer.value)

    @property
    def entry(self) -> ReviewEntry | None:
        return self.review.entry(self.question.id)

    @property
    def standing(self) -> Standing:
        return self.review.standings[self.question.id]

    @property
    def is_reviewed(self) -> bool:
        return self.standing in REVIEWED

    @property
    def is_settled(self) -> bool:
        """Decided in an earlier turn, and nothing changed: its form stays folded."""
        settled = self.is_reviewed and self.entry is not None and self.entry.turn < self.review.turn
        return settled and self.sent is None

    @property
    def history(self) -> list[tuple[ReviewEntry, str]]:
        """All that was said of it in order, with the proposed level in words."""
        entries = self.review.entries.get(self.question.id, ())
        return [(entry, said(self.question, entry.proposed_value)) for entry in entries]

    @property
    def levels(self) -> list[tuple[str, str]]:
        """What can be proposed: the value of the control, and its words."""
        if self.question.kind not in PROPOSABLE:
            return []
        if self.question.kind == QuestionKind.LEVEL:
            values: list[Any] = [level.value for level in self.question.levels]
        elif self.question.kind == QuestionKind.YES_NO:
            values = [True, False]
        else:
            values = [option.id for option in self.question.options]
        present = None if self.answer.is_na else self.answer.value
        return [(controls_of(self.question, one)[0], said(self.question, one)) for one in values if one != present]

    @property
    def typed(self) -> dict[str, str]:
        """What stands in the controls: what could not be saved, else what was said of this very answer in this turn."""
        if self.sent is not None:
            names = ("opinion", "reason", "note", "proposed")
            return {name: str(self.sent.data.get(self.sent.add_prefix(name), "")) for name in names}
        entry = self.entry
        if entry is None or not self.is_reviewed or (entry.opinion == Opinion.OTHER_LEVEL and entry.reply):
            return {"opinion": "", "reason": "", "note": "", "proposed": ""}
        proposed = controls_of(self.question, entry.proposed_value)
        return {
            "opinion": entry.opinion,
            "reason": entry.reason,
            "note": entry.note,
            "proposed": proposed[0] if proposed else "",
        }


def answers_on_page(review: Review, dimension: Dimension, *, today: date) -> list[AnswerOnPage]:
    """The questions of a dimension that are asked. Five queries, and one more across versions."""
    diagnostic = review.diagnostic
    evidence: dict[str, list[Piece]] = defaultdict(list)
    for use, version in evidence_uses(diagnostic):
        evidence[use.question].append(Piece(use, version, today))
    comments: dict[str, list[Comment]] = defaultdict(list)
    shared = Comment.objects.filter(diagnostic=diagnostic, audience=Audience.SHARED)
    for comment in shared.select_related("by"):
        comments[comment.question].append(comment)
    asked = set(dimension.questions())
    before = answers_before(diagnostic)
    return [
        AnswerOnPage(
            question=question,
            answer=review.answers.get(question.id) or Answer(diagnostic=diagnostic, question=question.id),
            review=review,
            evidence=evidence[question.id],
            comments=comments[question.id],
            before=before.get(question.id, [Before(why=_("The question was not asked then."))]) if before else [],
        )
        for question in review.questions
        if question in asked
    ]


def diagnostic_before(diagnostic: Diagnostic) -> Diagnostic | None:
    """The one it corrects or began from, or the last one of the municipality that was validated."""
    rows = Diagnostic.objects.select_related("round", "version").defer("version__content")
    if first := diagnostic.corrects_id or diagnostic.previous_id:
        return rows.get(pk=first)
    others = rows.filter(municipality=diagnostic.municipality_id, state=DiagnosticState.VALIDATED)
    return others.exclude(pk=diagnostic.pk).order_by("-validated_at").first()


def answers_before(diagnostic: Diagnostic) -> Mapping[str, list[Before]]:
    """What stood in the diagnostic before, by the question of now; empty when there is none. Across versions by the mapping: what
    was split or merged is read in its old words, and said not to compare."""
    earlier = diagnostic_before(diagnostic)
    if earlier is None:
        return {}
    old, answers = instrument_of(earlier.version), {row.question: row for row in earlier.answers.all()}
    if earlier.version_id == diagnostic.version_id:
        return {question.id: [_before(question, answers.get(question.id))] for question in old.questions()}
    pair = VersionMapping.objects.filter(source=earlier.version_id, target=diagnostic.version_id).first()
    if pair is None:
        why = _("It was answered with another version of the instrument, and nobody told how the two go together.")
        return {question.id: [Before(why=why)] for question in instrument_of(diagnostic.version).questions()}
    found: dict[str, list[Before]] = {}
    for link in mappings.from_data(pair.content).links:
        is_same = link.relation == Relation.SAME
        was = [
            _before(old.by_id[name], answers.get(name), "" if is_same else old.by_id[name].text) for name in link.old
        ]
        if link.relation in {Relation.SPLIT, Relation.MERGED}:
            was.insert(0, Before(why=_("The question was split or merged since: the answers do not compare.")))
        found.update((name, was) for name in link.new if was)
    return found


def _before(question: Question, answer: Answer | None, asked: str = "") -> Before:
    if answer is None or (answer.value is None and not answer.text and not answer.is_na):
        return Before(why=_("It was not answered then."), asked=asked)
    return Before(said(question, answer.value), answer.text, answer.is_na, asked)
