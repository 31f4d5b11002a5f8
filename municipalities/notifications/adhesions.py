"""Mails about the steps of an adhesion."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from municipalities.models import Adhesion
from municipalities.notifications.outbox import queue
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
    for recipient in recipients(taken.mail, adhesion):
        queue(taken.mail, to=recipient, adhesion=adhesion, by=by, now=now, words={"motivo": reason, **words})
