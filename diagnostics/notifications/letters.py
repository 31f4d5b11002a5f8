"""A mail about a diagnostic to one reader: the words that its template may use."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings

from diagnostics.models import Diagnostic
from municipalities.notifications.outbox import Letter
from municipalities.notifications.recipients import Recipient
from municipalities.notifications.words import link

if TYPE_CHECKING:
    from accounts.models import User


def letter(
    diagnostic: Diagnostic,
    to: Recipient,
    *,
    contact: User | None = None,
    until: date | None = None,
    once: str | None = None,
    **words: str,
) -> Letter:
    """`contact`: whom of the council the municipality may ask; `until`: the last day to write. Pass diagnostics with `round` and
    `municipality__region` selected."""
    known = {
        "ronda": diagnostic.round.name,
        "enlace": address(diagnostic, to),
        "contacto": f"{contact.name} ({contact.email})" if contact else "",
        "plazo": f"{until:%d-%m-%Y}" if until else "",
    }
    return Letter(to, words=known | words, once=once, municipality=diagnostic.municipality)


def address(diagnostic: Diagnostic, to: Recipient) -> str:
    """Where this reader goes on; who has no account is led to what everyone may see."""
    place = diagnostic.municipality
    if to.user_id is None:
        return settings.SITE_URL + place.get_absolute_url()
    return link("diagnostics:diagnostic", place.cut, place.slug, diagnostic.pk)


def contact_of(advisers: list[User], by: User | None) -> User | None:
    """Whom the municipality may ask: its adviser, else whoever of the council took the step that it is told of."""
    return next((person for person in (*advisers, by) if person and person.is_active and person.is_council), None)
