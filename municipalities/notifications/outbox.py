"""The outbox: a mail is a row before it is sent, written in the transaction of what it tells of."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from municipalities.choices import MailKind
from municipalities.models import Adhesion, Mail

if TYPE_CHECKING:
    from accounts.models import User
    from municipalities.notifications.recipients import Recipient


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
    if once and Mail.objects.filter(once=once).exists():
        return None
    return Mail.objects.create(
        kind=kind,
        to=to.email,
        to_name=to.name,
        user_id=to.user_id,
        municipality_id=adhesion.municipality_id if adhesion else None,
        adhesion=adhesion,
        campaign_id=adhesion.campaign_id if adhesion else None,
        subject=str(kind.label),
        body="",
        once=once,
        not_before=now,
        message_id=f"<{uuid.uuid4()}@portal>",
        created_at=now,
        created_by=by,
    )
