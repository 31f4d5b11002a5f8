"""The outbox: a mail is a row before it is sent, written in the transaction of what it tells of."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from municipalities.choices import MailKind
from municipalities.models import Adhesion, Mail
from municipalities.notifications.recipients import Recipient

if TYPE_CHECKING:
    from accounts.models import User


class Letter(NamedTuple):
    """One mail to write: to whom, about which adhesion, with which further words; `once` names what is sent only once."""

    to: Recipient
    adhesion: Adhesion | None = None
    words: dict[str, str] = {}
    once: str | None = None


def queue(
    kind: MailKind,
    *,
    to: Recipient,
    now: datetime,
    by: User | None = None,
    adhesion: Adhesion | None = None,
    words: dict[str, str] | None = None,
    once: str | None = None,
) -> Mail | None:
    """Write a mail into the outbox from the template of its kind; `words` fill its fields.

    None when `once` was written before.
    """
    written = queue_many(kind, [Letter(to, adhesion, words or {}, once)], now=now, by=by)
    return written[0] if written else None


def queue_many(kind: MailKind, letters: Sequence[Letter], *, now: datetime, by: User | None = None) -> list[Mail]:
    """Write many mails of one kind, with a few queries for all; returns those that were written, in no order."""
    rows = [
        Mail(
            kind=kind,
            to=letter.to.email,
            to_name=letter.to.name,
            user_id=letter.to.user_id,
            municipality_id=letter.adhesion.municipality_id if letter.adhesion else None,
            adhesion=letter.adhesion,
            campaign_id=letter.adhesion.campaign_id if letter.adhesion else None,
            subject=str(kind.label),
            body="",
            once=letter.once,
            not_before=now,
            message_id=f"<{uuid.uuid4()}@portal>",
            created_at=now,
            created_by=by,
        )
        for letter in letters
    ]
    Mail.objects.bulk_create(rows, ignore_conflicts=True)
    return list(Mail.objects.filter(message_id__in=[row.message_id for row in rows]))
