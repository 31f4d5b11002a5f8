"""Mails about the steps of a diagnostic, by the table of its states."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic
from diagnostics.notifications.letters import contact_of, letter
from diagnostics.notifications.recipients import readers_of
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.returned import returned_entries
from diagnostics.rules.diagnostic_states import Step
from municipalities.notifications.outbox import queue_many
from municipalities.notifications.recipients import advisers_of

if TYPE_CHECKING:
    from accounts.models import User

LONGEST: Final = 30
"""Questions that a mail names; the rest is counted."""


def tell_of_step(diagnostic: Diagnostic, taken: Step, *, by: User | None, now: datetime, reason: str) -> None:
    """Write the mails of a step, in its transaction. `diagnostic` is as it stands after the step: what the mail tells of it
    (folio, public day, more time) is in its row before the step is taken."""
    if not taken.tells:
        return
    with translation.override(Language.SPANISH):
        words = {"motivo": _why(diagnostic, reason), "folio": diagnostic.folio or ""}
        if diagnostic.public_from:
            words["publico_desde"] = f"{diagnostic.public_from:%d-%m-%Y}"
    last_day = diagnostic.last_day()
    # A day that is over is no day to ask for.
    until = last_day if last_day >= timezone.localdate(now) else None
    contact = contact_of(advisers_of([diagnostic.municipality])[diagnostic.municipality_id], by)
    for told in taken.tells:
        letters = [
            letter(diagnostic, reader, contact=contact, until=until, **words)
            for reader in readers_of(told.reader, diagnostic)
        ]
        queue_many(told.mail, letters, now=now, by=by)


def _why(diagnostic: Diagnostic, reason: str) -> str:
    """The reason as it was typed; of a returned diagnostic also each question to correct, and why."""
    parts = [reason.strip()] if reason.strip() else []
    if diagnostic.state == DiagnosticState.RETURNED:
        questions = instrument_of(diagnostic.version).by_id
        entries = [entry for entry in returned_entries(diagnostic).values() if entry.question in questions]
        lines = [
            "- "
            + " ".join(
                filter(None, [questions[entry.question].text, _of_entry(entry.get_reason_display(), entry.note)])
            )
            for entry in sorted(entries, key=lambda entry: list(questions).index(entry.question))
        ]
        if len(lines) > LONGEST:
            lines = [*lines[:LONGEST], _("- and %(count)d more") % {"count": len(lines) - LONGEST}]
        if lines:
            parts.append("\n".join([_("Answers to correct:"), *lines]))
    return "\n\n".join(parts)


def _of_entry(reason: str, note: str) -> str:
    return " ".join(filter(None, [f"{reason}." if reason else "", " ".join(note.split())]))
