"""To whom each kind of mail goes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.choices import MailKind, SignatureState
from municipalities.models import Adhesion, AdviserScope, Contact, Membership, Municipality, Signature

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

TO_CITIZENS: Final = frozenset(
    {
        MailKind.CONTRIBUTION_CONFIRM,
        MailKind.CONTRIBUTION_SHOWN,
        MailKind.CONTRIBUTION_ANSWERED,
        MailKind.CONTRIBUTION_HIDDEN,
        MailKind.APPEAL_DECIDED,
        MailKind.SUPPORT_CONFIRM,
        MailKind.MEETING_CONFIRM,
        MailKind.MEETING_SIGNED_UP,
        MailKind.MEETING_REMINDER,
        MailKind.MEETING_CHANGED,
        MailKind.MEETING_CANCELLED,
        MailKind.PLAN_NEWS,
        MailKind.FOLLOW_CONFIRM,
    }
)

TO_MONITORS: Final = frozenset({MailKind.MONITOR_APPOINTED, MailKind.MONITOR_ENDED})


class Recipient(NamedTuple):
    """An address, and the account behind it where there is one."""

    email: str
    name: str
    user_id: int | None = None

    @property
    def mark(self) -> str:
        """Stands for the address in names that end up in the database's messages."""
        return hashlib.sha256(self.email.encode()).hexdigest()[:16]


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
    found = people_of({adhesion.municipality_id for adhesion in adhesions})
    return {adhesion.pk: found[adhesion.municipality_id] for adhesion in adhesions}


def people_of(cuts: Collection[str]) -> dict[str, list[Recipient]]:
    """Whom the council writes to in each municipality, by its code: coordinators and mayor with an account, and the main
    contact. Each address once; two queries."""
    found: dict[str, dict[str, Recipient]] = {cut: {} for cut in cuts}
    members = members_of(cuts, MunicipalRole.COORDINATOR, MunicipalRole.MAYOR)
    for cut, readers in members.items():
        found[cut] = {reader.email: reader for reader in readers}
    for contact in Contact.objects.filter(municipality__in=cuts, is_main=True).exclude(email=""):
        email = contact.email.lower()
        found[contact.municipality_id].setdefault(email, Recipient(email, contact.name))
    return {cut: list(readers.values()) for cut, readers in found.items()}


def members_of(cuts: Collection[str], *roles: MunicipalRole) -> dict[str, list[Recipient]]:
    """Those who have one of these roles in each municipality now, by its code. One query."""
    found: dict[str, list[Recipient]] = {cut: [] for cut in cuts}
    members = Membership.objects.current().filter(municipality__in=cuts, role__in=roles, user__is_active=True)
    for member in members.select_related("user").order_by("pk"):
        reader = Recipient(member.user.email.lower(), member.user.name, member.user_id)
        found[member.municipality_id].append(reader)
    return found


def advisers_of(places: Collection[Municipality]) -> dict[str, list[User]]:
    """The advisers of each municipality, by its code: of its newest adhesion, else whose scope names it, else whose scope names
    its region. Two queries."""
    cuts = [place.pk for place in places]
    newest = Adhesion.objects.filter(municipality__in=cuts).order_by("municipality_id", "-created_at", "-pk")
    assigned = {
        adhesion.municipality_id: [adhesion.adviser]
        for adhesion in newest.distinct("municipality_id").select_related("adviser")
        if adhesion.adviser and adhesion.adviser.is_active and adhesion.adviser.is_council
    }
    by_place: dict[str, list[User]] = {}
    scopes = AdviserScope.objects.filter(user__is_active=True, user__council_role=CouncilRole.ADVISER)
    for scope in scopes.select_related("user").order_by("pk"):
        by_place.setdefault(scope.municipality_id or scope.region_id or "", []).append(scope.user)
    return {
        place.pk: assigned.get(place.pk) or by_place.get(place.pk) or by_place.get(place.region_id) or []
        for place in places
    }


def administrators() -> list[User]:
    """Those of the council who hear of what is nobody's in particular."""
    return list(User.objects.filter(council_role=CouncilRole.ADMINISTRATOR, is_active=True).order_by("pk"))


def _council(kind: MailKind, adhesion: Adhesion) -> list[Recipient]:
    returned = _who_returned(adhesion) if kind in {MailKind.SIGNATURE_RECEIVED, MailKind.CORRECTION_RECEIVED} else None
    if returned and kind == MailKind.CORRECTION_RECEIVED:
        return [recipient(returned)]
    adviser = adhesion.adviser
    readers = [adviser] if adviser and adviser.is_active and adviser.is_council else administrators()
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
