"""To whom each kind of mail goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.choices import MailKind
from municipalities.models import Adhesion, Contact, Membership

TO_COUNCIL: Final = frozenset({MailKind.SIGNATURE_RECEIVED, MailKind.CORRECTION_RECEIVED, MailKind.ADHESION_REQUEST})


class Recipient(NamedTuple):
    """An address, and the account behind it where there is one."""

    email: str
    name: str
    user_id: int | None = None


def recipients(kind: MailKind, adhesion: Adhesion) -> list[Recipient]:
    """Council: the adviser, or the administrators where none is assigned. Municipality: coordinators and mayor with an account,
    and the main contact. Each address once."""
    if kind in TO_COUNCIL:
        return _council(adhesion)
    return recipients_of([adhesion])[adhesion.pk]


def recipients_of(adhesions: Sequence[Adhesion]) -> dict[int, list[Recipient]]:
    """The people of the municipality of each adhesion, by the adhesion's number, in two queries."""
    found: dict[str, dict[str, Recipient]] = {adhesion.municipality_id: {} for adhesion in adhesions}
    members = Membership.objects.current().filter(
        municipality__in=found, role__in=[MunicipalRole.COORDINATOR, MunicipalRole.MAYOR], user__is_active=True
    )
    for member in members.select_related("user").order_by("pk"):
        person = member.user
        found[member.municipality_id][person.email] = Recipient(person.email, person.name, person.pk)
    for contact in Contact.objects.filter(municipality__in=found, is_main=True).exclude(email=""):
        email = contact.email.lower()
        found[contact.municipality_id].setdefault(email, Recipient(email, contact.name))
    return {adhesion.pk: list(found[adhesion.municipality_id].values()) for adhesion in adhesions}


def _council(adhesion: Adhesion) -> list[Recipient]:
    adviser = adhesion.adviser
    if adviser and adviser.is_active:
        return [Recipient(adviser.email, adviser.name, adviser.pk)]
    administrators = User.objects.filter(council_role=CouncilRole.ADMINISTRATOR, is_active=True)
    return [Recipient(person.email, person.name, person.pk) for person in administrators]
