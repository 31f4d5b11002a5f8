"""Correcting a validated diagnostic: it stays as it is; another one, begun from its answers, takes its place."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics.actions.reviewers import locked
from diagnostics.actions.rounds import overtaken
from diagnostics.choices import AnswerOrigin, DiagnosticState, Opinion
from diagnostics.imports.carrying import first_revision
from diagnostics.models import (
    Answer,
    AnswerRevision,
    Diagnostic,
    EvidenceUse,
    Extension,
    ReviewEntry,
    ReviewReturn,
)
from diagnostics.notifications.steps import tell_of_step
from diagnostics.reports import scores
from diagnostics.reports.review import review_of
from diagnostics.rules import diagnostic_states
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def correction_of(diagnostic: Diagnostic) -> Diagnostic | None:
    """The correction that is being made of it, or that took its place. One query."""
    return diagnostic.corrections.exclude(state=DiagnosticState.CANCELLED).first()


def begin_correction(
    *, by: User, diagnostic: Diagnostic, reason: str, until: date, now: datetime, seen: str
) -> Diagnostic:
    """Open the correction of a validated diagnostic, in the hands of its municipality as one that was returned: with its answers
    and evidence, and what the council accepted of them, which holds while they do not change.

    Raises `OvertakenError` when it is not validated any more or is being corrected, `RefusedError`, `PermissionDenied`.
    """
    with transaction.atomic():
        held = locked(diagnostic)
        check_can(by, Permission.VALIDATE_DIAGNOSTIC, held.municipality)
        if held.state != seen or held.state != DiagnosticState.VALIDATED:
            raise OvertakenError(overtaken(held))
        if correction_of(held):
            raise OvertakenError(_("It is being corrected already."))
        if not reason.strip():
            raise RefusedError(_("Say the reason: the other side will read it."))
        if until <= timezone.localdate(now):
            raise RefusedError(_("Give the municipality at least until tomorrow."))
        made = _open(held, by, reason.strip(), now)
        _copy_answers(held, made, by, now)
        _copy_evidence(held, made)
        _copy_opinions(held, made, by)
        ReviewReturn.objects.create(diagnostic=made, turn=1, reason=reason.strip(), until=until, by=by, at=now)
        if until > made.round.closes:
            words = _("To correct what was validated with the folio %(folio)s.") % {"folio": held.folio}
            Extension.objects.create(diagnostic=made, until=until, reason=words, granted_by=by, granted_at=now)
        scores.store_scores(made.pk, now=now)
        record_event(
            "diagnostic.correction_begun",
            by=by,
            at=now,
            subject=made,
            municipality_cut=made.municipality_id,
            reason=reason.strip(),
            folio=held.folio,
        )
        # The municipality reads the mail of a return: it is asked for the same.
        taken = diagnostic_states.step(DiagnosticState.UNDER_REVIEW, DiagnosticState.RETURNED)
        tell_of_step(made, taken, by=by, now=now, reason=reason)
    return made


def _open(held: Diagnostic, by: User, reason: str, now: datetime) -> Diagnostic:
    return Diagnostic.objects.create(
        round=held.round,
        municipality=held.municipality,
        version=held.version,
        previous=held.previous,
        corrects=held,
        correction_reason=reason,
        state=DiagnosticState.RETURNED,
        state_since=now,
        submitted_by=held.submitted_by,
        submitted_at=held.submitted_at,
        needs_second_review=held.needs_second_review,
        answers_changed_at=now,
        created_at=now,
    )


def _copy_answers(held: Diagnostic, made: Diagnostic, by: User, now: datetime) -> None:
    """Each answer as it was validated, open, the first version of its own history."""
    fields = ("question", "value", "is_na", "text", "confidence")
    rows = Answer.objects.bulk_create(
        Answer(diagnostic=made, version=1, origin=AnswerOrigin.CARRIED, updated_at=now, updated_by=by, **told)
        for told in Answer.objects.filter(diagnostic=held, version__gt=0).values(*fields)
    )
    AnswerRevision.objects.bulk_create(first_revision(row, f"correction:{held.pk}") for row in rows)


def _copy_evidence(held: Diagnostic, made: Diagnostic) -> None:
    """The same pieces, linked when they were linked: what was accepted with them has not changed."""
    uses = EvidenceUse.objects.filter(diagnostic=held, evidence__removed_at__isnull=True)
    fields = ("question", "evidence_id", "linked_by_id", "linked_at")
    EvidenceUse.objects.bulk_create(EvidenceUse(diagnostic=made, **told) for told in uses.values(*fields))


def _copy_opinions(held: Diagnostic, made: Diagnostic, by: User) -> None:
    """What was accepted, by whom and when; nothing else was left at the validation but levels that were agreed on."""
    review = review_of(held, by)
    said = [entry for question in review.questions if (entry := review.entry(question.id))]
    ReviewEntry.objects.bulk_create(
        ReviewEntry(
            diagnostic=made,
            question=entry.question,
            turn=1,
            by_id=entry.by_id,
            at=entry.at,
            opinion=entry.opinion,
            note=entry.note,
            answer_version=1,
            is_told=True,
        )
        for entry in said
        if entry.opinion in {Opinion.ACCEPTED, Opinion.COMMENTED} and entry.is_told
    )
