"""The review of diagnostics as one person may see it: what was said of each answer, and what it lacks for its next step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Max
from django.utils import timezone

from diagnostics.models import Answer, Diagnostic, EvidenceUse, ReviewEntry, Reviewer, ReviewReturn
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import review as rules
from diagnostics.rules.answers import Given, shown
from diagnostics.rules.instrument import Dimension, Instrument, Question
from diagnostics.rules.review import Present, Said, Standing

if TYPE_CHECKING:
    from accounts.models import User


@dataclass
class Review:
    """A diagnostic under review. `entries` are those that `user` may see, oldest first, by question; `evidence` is the moment
    at which that of a question last changed."""

    user: User
    diagnostic: Diagnostic
    instrument: Instrument
    answers: Mapping[str, Answer]
    returns: Sequence[ReviewReturn] = ()
    reviewers: Sequence[Reviewer] = ()
    entries: Mapping[str, Sequence[ReviewEntry]] = field(default_factory=dict)
    evidence: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def turn(self) -> int:
        return len(self.returns) + 1

    @cached_property
    def questions(self) -> list[Question]:
        """Those that are asked, in the order of the form."""
        given = {name: Given(row.value, row.is_na, row.text, row.to_confirm) for name, row in self.answers.items()}
        visible = shown(self.instrument, given)
        return [question for question in self.instrument.questions() if question.id in visible]

    @cached_property
    def seats(self) -> dict[int, Reviewer]:
        return {reviewer.seat: reviewer for reviewer in self.reviewers}

    @property
    def seat(self) -> Reviewer | None:
        """The person's own seat, while they hold one that counts."""
        return next((one for one in self.reviewers if one.user_id == self.user.pk and one.seat in self.wanted), None)

    @property
    def wanted(self) -> tuple[int, ...]:
        return (1, 2) if self.diagnostic.needs_second_review else (1,)

    @property
    def is_blind(self) -> bool:
        """Two independent reviewers, and not both are done."""
        if not self.diagnostic.needs_second_review:
            return False
        return any((held := self.seats.get(seat)) is None or held.done_at is None for seat in self.wanted)

    def entry(self, question: str) -> ReviewEntry | None:
        """What counts of all that was said of an answer: the last that was told, or in this turn the reviewer's. Of two who
        agree it is the first one's, and while they are blind the person's own."""
        found = [one for one in self.entries.get(question, ()) if one.is_told or self._speaks(one)]
        return found[-1] if found else None

    def _speaks(self, entry: ReviewEntry) -> bool:
        if entry.turn != self.turn:
            return False
        if not self.diagnostic.needs_second_review:
            return True
        return entry.by_id == (self.user.pk if self.is_blind else self.seats[1].user_id)

    def present(self, question: str) -> Present:
        answer, entry = self.answers.get(question), self.entry(question)
        changed = self.evidence.get(question)
        moved = entry is not None and changed is not None and changed > entry.at
        return Present(answer.version, answer.value, answer.is_na, moved) if answer else Present(0, moved=moved)

    def standing(self, question: str) -> Standing:
        return rules.standing(said_in(self.entry(question)), self.present(question), self.turn)

    @cached_property
    def standings(self) -> dict[str, Standing]:
        return {question.id: self.standing(question.id) for question in self.questions}

    @property
    def counted(self) -> tuple[int, int]:
        """How many of how many are reviewed."""
        return rules.counted(self.standings.values())

    @property
    def sections(self) -> list[tuple[Dimension, int, int]]:
        """Every dimension with how many of how many answers are reviewed."""
        return [
            (part, *rules.counted(self.standings[q.id] for q in part.questions() if q.id in self.standings))
            for part in self.instrument.dimensions
        ]

    def with_standing(self, wanted: Iterable[Standing]) -> list[Question]:
        held = frozenset(wanted)
        return [question for question in self.questions if self.standings[question.id] in held]

    @property
    def unread(self) -> list[Question]:
        return self.with_standing(frozenset(Standing) - rules.REVIEWED)

    @property
    def asked(self) -> list[Question]:
        return self.with_standing(rules.ASKED)

    @property
    def differences(self) -> list[tuple[Question, ReviewEntry | None, ReviewEntry | None]]:
        """Where two independent reviewers said other things in this turn, once both are done."""
        if not self.diagnostic.needs_second_review or self.is_blind:
            return []
        pairs = [(q, self._of(q.id, self.seats[1]), self._of(q.id, self.seats[2])) for q in self.questions]
        return [(question, one, other) for question, one, other in pairs if gist(one) != gist(other)]

    def _of(self, question: str, reviewer: Reviewer) -> ReviewEntry | None:
        of_turn = (one for one in self.entries.get(question, ()) if one.turn == self.turn)
        return next((one for one in of_turn if one.by_id == reviewer.user_id), None)

    @property
    def due(self) -> date | None:
        """The last day for the council, while the diagnostic is with it."""
        if self.diagnostic.submitted_at is None:
            return None
        given = min((one.due for one in self.reviewers if one.due), default=None)
        return rules.due(timezone.localdate(self.diagnostic.submitted_at), given)


def said_in(entry: ReviewEntry | None) -> Said | None:
    if entry is None:
        return None
    return Said(entry.opinion, entry.turn, entry.answer_version, entry.proposed_value, entry.reply)


def gist(entry: ReviewEntry | None) -> tuple[object, ...] | None:
    """What two reviewers must say alike: opinion, reason and proposed level. Their words may be others."""
    return (entry.opinion, entry.reason, entry.proposed_value) if entry else None


def reviews(diagnostics: Iterable[Diagnostic], user: User) -> list[Review]:
    """The reviews of diagnostics, in their order. Five queries, however many there are; `version` must be at hand."""
    held = list(diagnostics)
    keys = [diagnostic.pk for diagnostic in held]
    answers: dict[int, dict[str, Answer]] = defaultdict(dict)
    for answer in Answer.objects.filter(diagnostic__in=keys).select_related("updated_by"):
        answers[answer.diagnostic_id][answer.question] = answer
    entries: dict[int, dict[str, list[ReviewEntry]]] = defaultdict(lambda: defaultdict(list))
    said = ReviewEntry.objects.visible_to(user).filter(diagnostic__in=keys).select_related("by", "replied_by")
    for entry in said.order_by("turn", "at", "pk"):
        entries[entry.diagnostic_id][entry.question].append(entry)
    reviewers: dict[int, list[Reviewer]] = defaultdict(list)
    for reviewer in Reviewer.objects.filter(diagnostic__in=keys).select_related("user").order_by("seat"):
        reviewers[reviewer.diagnostic_id].append(reviewer)
    returns: dict[int, list[ReviewReturn]] = defaultdict(list)
    for each in ReviewReturn.objects.filter(diagnostic__in=keys).select_related("by").order_by("turn"):
        returns[each.diagnostic_id].append(each)
    moved: dict[int, dict[str, datetime]] = defaultdict(dict)
    uses = EvidenceUse.objects.filter(diagnostic__in=keys).values("diagnostic", "question").order_by()
    for row in uses.annotate(linked=Max("linked_at"), added=Max("evidence__versions__added_at")):
        moved[row["diagnostic"]][row["question"]] = max(filter(None, (row["linked"], row["added"])))
    return [
        Review(
            user=user,
            diagnostic=diagnostic,
            instrument=instrument_of(diagnostic.version),
            answers=answers[diagnostic.pk],
            returns=returns[diagnostic.pk],
            reviewers=reviewers[diagnostic.pk],
            entries=entries[diagnostic.pk],
            evidence=moved[diagnostic.pk],
        )
        for diagnostic in held
    ]


def review_of(diagnostic: Diagnostic, user: User) -> Review:
    return reviews([diagnostic], user)[0]
