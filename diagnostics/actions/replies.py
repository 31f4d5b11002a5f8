"""The municipality answers what the council said of its diagnostic, before it counts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics.actions.answers import Content, save_answer
from diagnostics.actions.reviewers import locked
from diagnostics.actions.rounds import deadline, overtaken
from diagnostics.choices import AnswerOrigin, Opinion, Reply
from diagnostics.models import Answer, AnswerRevision, ReviewEntry
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.returned import returned_entries
from diagnostics.rules.diagnostic_states import WRITABLE
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def agree(*, by: User, entry: ReviewEntry, client_id: UUID, now: datetime) -> ReviewEntry:
    """The proposed level becomes the answer, through the one door of answers; the explanation stays as it is. The same
    `client_id` again, of a double click, changes nothing."""
    with transaction.atomic():
        held = _held(by, entry, now)
        same = AnswerRevision.objects.filter(client_id=client_id, answer__question=held.question)
        if same.filter(answer__diagnostic=held.diagnostic).exists():
            return held
        _check_not_agreed(held)
        if held.opinion != Opinion.OTHER_LEVEL:
            raise RefusedError(_("No level was proposed for this answer."))
        answer = Answer.objects.filter(diagnostic=held.diagnostic, question=held.question).first() or Answer()
        save_answer(
            by=by,
            diagnostic=held.diagnostic,
            question=held.question,
            content=Content(held.proposed_value, text=answer.text, confidence=answer.confidence),
            base_version=answer.version,
            client_id=client_id,
            now=now,
            origin=AnswerOrigin.REVIEW,
        )
        return _reply(by, held, Reply.AGREED, "", now)


def disagree(*, by: User, entry: ReviewEntry, text: str, now: datetime) -> ReviewEntry:
    """The answer stays as it is, and this is why. It may be said of a correction too: the reviewer reads it."""
    with transaction.atomic():
        held = _held(by, entry, now)
        _check_not_agreed(held)
        if not text.strip():
            raise RefusedError(_("Say why: the reviewer will read it."))
        return _reply(by, held, Reply.DISAGREED, text.strip(), now)


def _held(by: User, entry: ReviewEntry, now: datetime) -> ReviewEntry:
    """The entry, locked, while the municipality may reply to it: asked in the last return, in time."""
    check_can(by, Permission.FILL_DIAGNOSTIC, entry.diagnostic.municipality)
    diagnostic = locked(entry.diagnostic)
    if diagnostic.state not in WRITABLE:
        raise OvertakenError(overtaken(diagnostic))
    asked = returned_entries(diagnostic).get(entry.question)
    if asked is None or asked.pk != entry.pk:
        raise OvertakenError(_("This is no longer asked."))
    if timezone.localdate(now) > deadline(diagnostic):
        raise RefusedError(_("The time to correct is over. Ask the council for more time."))
    asked.diagnostic = diagnostic
    return asked


def _check_not_agreed(entry: ReviewEntry) -> None:
    if entry.reply == Reply.AGREED:
        raise RefusedError(_("The municipality already agreed. If it changes its mind, change the answer itself."))


def _reply(by: User, entry: ReviewEntry, reply: Reply, text: str, now: datetime) -> ReviewEntry:
    entry.reply, entry.reply_text, entry.replied_by, entry.replied_at = reply, text, by, now
    entry.save(update_fields=["reply", "reply_text", "replied_by", "replied_at"])
    diagnostic = entry.diagnostic
    record_event(
        "diagnostic.agreed" if reply == Reply.AGREED else "diagnostic.disagreed",
        by=by,
        at=now,
        subject=diagnostic,
        municipality_cut=diagnostic.municipality_id,
        reason=text,
        question=instrument_of(diagnostic.version).by_id[entry.question].text,
    )
    return entry
