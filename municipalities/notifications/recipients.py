"""To whom each kind of mail goes."""

from __future__ import annotations

from typing import Final, NamedTuple

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.choices import MailKind, SignatureState
from municipalities.models import Adhesion, Contact, Membership, Signature

TO_COUNCIL: Final = frozenset({MailKind.SIGNATURE_RECEIVED, MailKind.CORRECTION_RECEIVED, MailKind.ADHESION_REQUEST})


class Recipient(NamedTuple):
    """An address, and the account behind it where there is one."""

    email: str
    name: str
    user_id: int | None = None


def recipients(kind: MailKind, adhesion: Adhesion) -> list[Recipient]:
    """Council: the adviser, or the administrators where none is assigned; a signed act also goes to whoever returned the one
    before it, and a correction to them in the first place. Municipality: coordinators and mayor with an account, and the main
    contact. Each address once."""
    if kind == MailKind.CORRECTION_RECEIVED:
        return _who_returned(adhesion) or _council(adhesion)
    if kind == MailKind.SIGNATURE_RECEIVED:
        return list(dict.fromkeys([*_council(adhesion), *_who_returned(adhesion)]))
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


def _who_returned(adhesion: Adhesion) -> list[Recipient]:
    """Whoever returned the last signed act, if they still work for the council."""
    returned = Signature.objects.filter(act__adhesion=adhesion, state=SignatureState.RETURNED).order_by("-decided_at")
    last = returned.select_related("decided_by").first()
    person = last.decided_by if last else None
    if person is None or not person.is_active or not person.is_council:
        return []
    return [Recipient(person.email, person.name, person.pk)]


def _council(adhesion: Adhesion) -> list[Recipient]:
    adviser = adhesion.adviser
    if adviser and adviser.is_active:
        return [Recipient(adviser.email, adviser.name, adviser.pk)]
    administrators = User.objects.filter(council_role=CouncilRole.ADMINISTRATOR, is_active=True)
    return [Recipient(person.email, person.name, person.pk) for person in administrators]
