"""What reviewers say of each answer, and returning a diagnostic for correction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from diagnostics.actions.reviewers import check_may_review, locked, seat_of
from diagnostics.actions.rounds import deadline, move, overtaken
from diagnostics.choices import CorrectionReason, DiagnosticState, Opinion, Reply
from diagnostics.models import Answer, Diagnostic, Extension, ReviewEntry, Reviewer, ReviewReturn
from diagnostics.reports.review import Review, review_of
from diagnostics.rules.answers import value_problem
from diagnostics.rules.instrument import Question
from diagnostics.rules.review import LOCKS, PROPOSABLE, Standing
from municipalities.actions import OvertakenError, RefusedError

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Words:
    """An opinion as its reviewer gives it."""

    opinion: Opinion
    reason: str = ""
    note: str = ""
    proposed: Any = None


class ChangedError(OvertakenError):
    """The answer is no longer the one that was read."""


def give_opinion(
    *, by: User, diagnostic: Diagnostic, question: str, words: Words, answer_version: int, now: datetime
) -> ReviewEntry:
    """Say something of an answer, of the version that was read. Said again in the same turn, it replaces what was said before.

    Accepting closes the answer, anything else opens it again; of two independent reviewers both must accept, so it is closed
    when they return the diagnostic. Raises `OvertakenError` when the diagnostic is not under review any more, `ChangedError`,
    `RefusedError`, `PermissionDenied`.
    """
    with transaction.atomic():
        held = locked(diagnostic)
        review, _seat = seat_of(held, by)
        asked = next((one for one in review.questions if one.id == question), None)
        if asked is None:
            raise RefusedError(_("This question is not asked in this diagnostic."))
        present = review.present(question)
        if present.version != answer_version:
            raise ChangedError(_("The answer changed since you read it: read it again. What you wrote is still here."))
        _check(words, asked, None if present.is_na else present.value)
        entry = _write(review, question, words, answer_version, now)
        if not held.needs_second_review:
            Answer.objects.filter(diagnostic=held, question=question).update(
                is_locked=words.opinion == Opinion.ACCEPTED
            )
    return entry


def _check(words: Words, question: Question, present: Any) -> None:
    if words.opinion == Opinion.ACCEPTED:
        return
    if words.opinion == Opinion.CORRECTION:
        if words.reason not in CorrectionReason.values:
            raise RefusedError(_("Choose the reason: the municipality will read it."))
        if words.reason == CorrectionReason.OTHER and not words.note.strip():
            raise RefusedError(_("Explain the reason: the municipality will read it."))
        return
    if not words.note.strip():
        raise RefusedError(_("Write why: the municipality will read it."))
    if words.opinion == Opinion.OTHER_LEVEL:
        if question.kind not in PROPOSABLE or words.proposed is None or value_problem(question, words.proposed):
            raise RefusedError(_("Choose the level that you propose."))
        if words.proposed == present:
            raise RefusedError(_("You propose the level that the answer already has."))


def _write(review: Review, question: str, words: Words, version: int, now: datetime) -> ReviewEntry:
    entry, _made = ReviewEntry.objects.update_or_create(
        diagnostic=review.diagnostic,
        question=question,
        turn=review.turn,
        by=review.user,
        defaults={
            "at": now,
            "opinion": words.opinion,
            "reason": words.reason if words.opinion == Opinion.CORRECTION else "",
            "note": words.note.strip(),
            "proposed_value": words.proposed if words.opinion == Opinion.OTHER_LEVEL else None,
            "answer_version": version,
        },
    )
    return entry


def adopt(*, by: User, diagnostic: Diagnostic, question: str, seen: int, now: datetime) -> ReviewEntry:
    """Of two independent reviewers, one makes the other's opinion their own. `seen`: the other's entry that the person read."""
    with transaction.atomic():
        held = locked(diagnostic)
        review, _seat = seat_of(held, by)
        both = next(((one, other) for q, one, other in review.differences if q.id == question), None)
        if both is None:
            raise OvertakenError(_("You both say the same of this answer now."))
        other = next((one for one in both if one is not None and one.by_id != by.pk), None)
        if other is None or other.pk != seen:
            raise OvertakenError(_("The other opinion changed meanwhile: read it again."))
        words = Words(Opinion(other.opinion), other.reason, other.note, other.proposed_value)
        return _write(review, question, words, other.answer_version, now)


def reopen(*, by: User, diagnostic: Diagnostic, question: str, now: datetime) -> None:
    """Open an answer that was closed, until the diagnostic is validated: the municipality may change it when it is its turn."""
    with transaction.atomic():
        held = locked(diagnostic)
        check_may_review(by, held)
        if held.state not in {DiagnosticState.UNDER_REVIEW, DiagnosticState.RETURNED}:
            raise OvertakenError(overtaken(held))
        review = review_of(held, by)
        if review.seat is None:
            raise RefusedError(_("Take up the review first: nobody reviews what is not theirs."))
        asked = review.instrument.by_id.get(question)
        if asked is None:
            raise RefusedError(_("This question is not asked in this diagnostic."))
        if Answer.objects.filter(diagnostic=held, question=question, is_locked=True).update(is_locked=False):
            _record("diagnostic.answer_reopened", by, held, now, question=asked.text)


def obstacle_to_return(review: Review) -> str:
    """Why it cannot be returned now; empty when it can."""
    if review.is_blind:
        return _("The two reviewers have not both finished.")
    if review.differences:
        return _("The two reviewers do not agree yet.")
    if not review.asked:
        return _("Nothing is asked: ask for a correction or propose another level in at least one answer.")
    return ""


def return_for_correction(
    *, by: User, diagnostic: Diagnostic, reason: str, until: date, now: datetime, seen: str
) -> Diagnostic:
    """Return the diagnostic with all that was said in this turn: the municipality corrects, agrees or disagrees, and submits
    again. What is accepted is closed. More time is given where the round would end before `until`.
    """
    with transaction.atomic():
        held = locked(diagnostic)
        review, _seat = seat_of(held, by)
        if seen != held.state:
            raise OvertakenError(overtaken(held))
        if problem := obstacle_to_return(review):
            raise RefusedError(problem)
        if not reason.strip():
            raise RefusedError(_("Say the reason: the other side will read it."))
        if until <= timezone.localdate(now):
            raise RefusedError(_("Give the municipality at least until tomorrow."))
        tell(review)
        close_checked(review)
        ReviewReturn.objects.create(
            diagnostic=held, turn=review.turn, reason=reason.strip(), until=until, by=by, at=now
        )
        if until > deadline(held):
            words = _("To correct what was returned in turn %(turn)s.") % {"turn": review.turn}
            Extension.objects.create(diagnostic=held, until=until, reason=words, granted_by=by, granted_at=now)
        Reviewer.objects.filter(diagnostic=held).update(done_at=None, due=None)
        return move(by=by, diagnostic=held, to=DiagnosticState.RETURNED, now=now, reason=reason, seen=seen)


def tell(review: Review) -> None:
    """Mark what the municipality will read of this turn: of each answer what counts. Proposals wait for its reply."""
    for question in review.questions:
        entry = review.entry(question.id)
        if entry is None or entry.is_told or entry.turn != review.turn:
            continue
        entry.is_told = True
        if review.standings[question.id] == Standing.PROPOSED:
            entry.reply = Reply.WAITING
        entry.save(update_fields=["is_told", "reply"])


def close_checked(review: Review) -> None:
    """Close the answers that two independent reviewers accepted, or whose proposed level the municipality took over."""
    names = [question.id for question in review.with_standing(LOCKS)]
    if not review.diagnostic.needs_second_review:
        names = [name for name in names if review.standings[name] == Standing.AGREED]
    Answer.objects.filter(diagnostic=review.diagnostic, question__in=names, is_locked=False).update(is_locked=True)


def _record(kind: str, by: User, diagnostic: Diagnostic, now: datetime, **words: str) -> None:
    record_event(kind, by=by, at=now, subject=diagnostic, municipality_cut=diagnostic.municipality_id, **words)
