"""Mails about the steps of an adhesion."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from municipalities.models import Adhesion
from municipalities.notifications.outbox import letters_to, queue_many
from municipalities.notifications.recipients import recipients
from municipalities.rules.adhesion_states import Step

if TYPE_CHECKING:
    from accounts.models import User


def tell_of_step(
    adhesion: Adhesion, taken: Step, *, by: User | None, now: datetime, reason: str, words: dict[str, str]
) -> None:
    """Write the mail of a step to each of its readers, in the transaction of the step."""
    if taken.mail is None:
        return
    letters = letters_to(recipients(taken.mail, adhesion), adhesion, {"motivo": reason, **words})
    queue_many(taken.mail, letters, now=now, by=by)
