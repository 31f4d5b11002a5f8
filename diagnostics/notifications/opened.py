"""Mails about many diagnostics at once: they were opened, they have more time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from diagnostics.models import Diagnostic, Round
from diagnostics.notifications.letters import contact_of, letter
from municipalities.choices import MailKind
from municipalities.models import Mail
from municipalities.notifications.outbox import queue_many
from municipalities.notifications.recipients import advisers_of, people_of

if TYPE_CHECKING:
    from accounts.models import User


def tell_opened(
    diagnostics: Sequence[Diagnostic], *, by: User, now: datetime, starts_from: Round | None = None
) -> list[Mail]:
    """Tell the municipalities that they can begin; `starts_from` is the round whose answers are there already."""
    until = {one.pk: one.round.closes for one in diagnostics}
    follows = {one.pk for one in diagnostics if one.previous_id} if starts_from else set()
    name = starts_from.name if starts_from else ""
    words = {one.pk: {"anterior": name if one.pk in follows else ""} for one in diagnostics}
    return _tell(MailKind.DIAGNOSTIC_OPENED, diagnostics, until, words, by=by, now=now)


def tell_extended(
    diagnostics: Sequence[Diagnostic], *, until: date, reason: str, by: User, now: datetime
) -> list[Mail]:
    """Tell the municipalities their new last day, and why."""
    days = {one.pk: until for one in diagnostics}
    words = {one.pk: {"motivo": reason} for one in diagnostics}
    return _tell(MailKind.DIAGNOSTIC_EXTENDED, diagnostics, days, words, by=by, now=now)


def _tell(
    kind: MailKind,
    diagnostics: Sequence[Diagnostic],
    until: Mapping[int, date],
    words: Mapping[int, dict[str, str]],
    *,
    by: User,
    now: datetime,
) -> list[Mail]:
    readers = people_of([one.municipality_id for one in diagnostics])
    advisers = advisers_of([one.municipality for one in diagnostics])
    letters = [
        letter(
            one,
            reader,
            contact=contact_of(advisers[one.municipality_id], by),
            until=until[one.pk],
            **words[one.pk],
        )
        for one in diagnostics
        for reader in readers[one.municipality_id]
    ]
    return queue_many(kind, letters, now=now, by=by)
