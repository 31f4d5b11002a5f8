"""Mails about the council's advice."""

from __future__ import annotations

from datetime import datetime

from action_plans.models import Recommendation
from municipalities.choices import MailKind
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import people_of
from municipalities.notifications.words import link


def recommended(row: Recommendation, *, now: datetime) -> None:
    """Tell the municipality of a recommendation."""
    plan, place = row.plan, row.plan.municipality
    words = {
        "titulo": plan.title,
        "motivo": row.text,
        "enlace": link("action_plans:advice", place.cut, place.slug),
        "contacto": f"{row.by.name} ({row.by.email})",
    }
    readers = people_of([place.pk])[place.pk]
    letters = [Letter(reader, None, words, f"recommended:{row.pk}:{reader.mark}", place) for reader in readers]
    queue_many(MailKind.PLAN_RECOMMENDED, letters, now=now, by=row.by)
