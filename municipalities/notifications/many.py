"""Mails about many adhesions at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from municipalities.models import Adhesion, Mail
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import TO_COUNCIL, people_of, recipients, recipients_of
from municipalities.rules.adhesion_states import Step

if TYPE_CHECKING:
    from accounts.models import User


def tell_of_steps(
    adhesions: Sequence[Adhesion], taken: Step, *, by: User | None, now: datetime, reason: str
) -> list[Mail]:
    """Write the mail of a step to the readers of each adhesion that took it, in the transaction of the step."""
    if taken.mail is None:
        return []
    if taken.mail in TO_COUNCIL:
        readers = {adhesion.pk: recipients(taken.mail, adhesion) for adhesion in adhesions}
    else:
        readers = recipients_of(adhesions)
    words = {"motivo": reason}
    letters = [Letter(reader, adhesion, words) for adhesion in adhesions for reader in readers[adhesion.pk]]
    return queue_many(taken.mail, letters, now=now, by=by)


def reachable(municipalities: Sequence[str]) -> set[str]:
    """The codes of those municipalities where the council's mails have a reader. Two queries."""
    return {cut for cut, readers in people_of(municipalities).items() if readers}
