"""To whom each kind of mail goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.choices import MailKind, SignatureState
from municipalities.models import Adhesion, Contact, Membership, Signature

TO_COUNCIL: Final = frozenset(
    {
        MailKind.SIGNATURE_RECEIVED,
        MailKind.CORRECTION_RECEIVED,
        MailKind.ADHESION_REQUEST,
        MailKind.DIAGNOSTIC_SUBMITTED,
        MailKind.DIAGNOSTIC_CORRECTED,
        MailKind.DIAGNOSTIC_TAKEN_BACK,
    }
)


class Recipient(NamedTuple):
    """An address, and the account behind it where there is one."""

    email: str
    name: str
    user_id: int | None = None


def recipients(kind: MailKind, adhesion: Adhesion) -> list[Recipient]:
    """Council: whoever returned the act, for its correction; else the adviser; else the administrators. An act signed again goes
    to whoever returned the one before it too. Municipality: coordinators and mayor with an account, and the main contact. Each
    address once."""
    if kind == MailKind.SIGNATURE_RECEIVED and (returned := _who_returned(adhesion)):
        return list(dict.fromkeys([*_council(kind, adhesion), recipient(returned)]))
    if kind in TO_COUNCIL:
        return _council(kind, adhesion)
    return recipients_of([adhesion])[adhesion.pk]


def recipients_of(adhesions: Sequence[Adhesion]) -> dict[int, list[Recipient]]:
    """The people of the municipality of each adhesion, by the adhesion's number, in two queries."""
    places = {adhesion.municipality_id for adhesion in adhesions}
    found: dict[str, dict[str, Recipient]] = {place: {} for place in places}
    members = (
        Membership.objects.current()
        .filter(
            municipality__in=places,
            role__in=[MunicipalRole.COORDINATOR, MunicipalRole.MAYOR],
            user__is_active=True,
        )
        .select_related("user")
        .order_by("pk")
    )
    for member in members:
        email = member.user.email.lower()
        found[member.municipality_id][email] = Recipient(email, member.user.name, member.user_id)
    for contact in Contact.objects.filter(municipality__in=places, is_main=True).exclude(email=""):
        email = contact.email.lower()
        found[contact.municipality_id].setdefault(email, Recipient(email, contact.name))
    return {adhesion.pk: list(found[adhesion.municipality_id].values()) for adhesion in adhesions}


def _council(kind: MailKind, adhesion: Adhesion) -> list[Recipient]:
    returned = _who_returned(adhesion) if kind in {MailKind.SIGNATURE_RECEIVED, MailKind.CORRECTION_RECEIVED} else None
    if returned and kind == MailKind.CORRECTION_RECEIVED:
        return [recipient(returned)]
    adviser = adhesion.adviser
    if adviser and adviser.is_active and adviser.is_council:
        readers = [adviser]
    else:
        administrators = User.objects.filter(council_role=CouncilRole.ADMINISTRATOR, is_active=True)
        readers = list(administrators.order_by("pk"))
    # The act was issued anew after it was returned: whoever returned it waits for this signature too.
    if returned and returned not in readers:
        readers.append(returned)
    return [recipient(person) for person in readers]


def _who_returned(adhesion: Adhesion) -> User | None:
    """Whoever returned the last signed act that was returned, while they still work for the council."""
    returned = (
        Signature.objects.filter(act__adhesion=adhesion, state=SignatureState.RETURNED)
        .select_related("decided_by")
        .order_by("-decided_at", "-pk")
        .first()
    )
    person = returned.decided_by if returned else None
    return person if person and person.is_active and person.is_council else None


def recipient(person: User) -> Recipient:
    """Someone with an account."""
    return Recipient(person.email, person.name, person.pk)
