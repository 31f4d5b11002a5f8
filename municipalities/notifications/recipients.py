"""To whom each kind of mail goes."""

from __future__ import annotations

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
    members = (
        Membership.objects.current()
        .filter(
            municipality=adhesion.municipality_id,
            role__in=[MunicipalRole.COORDINATOR, MunicipalRole.MAYOR],
            user__is_active=True,
        )
        .select_related("user")
    )
    found = {member.user.email: Recipient(member.user.email, member.user.name, member.user_id) for member in members}
    for contact in Contact.objects.filter(municipality=adhesion.municipality_id, is_main=True).exclude(email=""):
        found.setdefault(contact.email.lower(), Recipient(contact.email.lower(), contact.name))
    return list(found.values())


def _council(adhesion: Adhesion) -> list[Recipient]:
    adviser = adhesion.adviser
    if adviser and adviser.is_active:
        return [Recipient(adviser.email, adviser.name, adviser.pk)]
    administrators = User.objects.filter(council_role=CouncilRole.ADMINISTRATOR, is_active=True)
    return [Recipient(person.email, person.name, person.pk) for person in administrators]
