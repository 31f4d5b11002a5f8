"""Reminders of what was asked of a municipality. None goes out twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Mail
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import Recipient, recipients_of
from municipalities.rules.reminders import KINDS

if TYPE_CHECKING:
    from accounts.models import User


def remind_many(adhesions: Sequence[Adhesion], *, by: User | None, now: datetime) -> list[Mail]:
    """Remind the people of these municipalities, in the transaction of the caller; returns the mails written."""
    readers = recipients_of(adhesions)
    return [
        mail
        for adhesion in adhesions
        for mail in queue_many(
            KINDS[AdhesionState(adhesion.state)],
            [Letter(reader, adhesion, once=_once(adhesion, reader)) for reader in readers[adhesion.pk]],
            now=now,
            by=by,
        )
    ]


def would_remind(adhesions: Sequence[Adhesion], *, now: datetime) -> dict[int, int]:
    """How many people a reminder would reach now, by the adhesion's number."""
    readers = recipients_of(adhesions)
    names = {adhesion.pk: [_once(adhesion, reader) for reader in readers[adhesion.pk]] for adhesion in adhesions}
    every = [name for some in names.values() for name in some]
    written = set(Mail.objects.filter(once__in=every).values_list("once", flat=True))
    return {pk: sum(name not in written for name in some) for pk, some in names.items()}


def _once(adhesion: Adhesion, reader: Recipient) -> str:
    return f"reminder:{adhesion.pk}:{adhesion.state_since:%Y%m%d%H%M%S%f}:{reader.email}"[:150]
