"""State changes about people, and the writing of events."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.models import Event

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.models import User


def record_event(
    kind: str,
    *,
    by: User | None,
    at: datetime,
    subject: Model | None = None,
    municipality_cut: str = "",
    reason: str = "",
    **data: Any,
) -> Event:
    """Write one event that people will read, in the transaction of the change it tells of. `by=None` is the portal itself."""
    return Event.objects.create(
        kind=kind,
        at=at,
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "",
        municipality_cut=municipality_cut,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=str(subject.pk) if subject else "",
        reason=reason,
        data=data,
    )
