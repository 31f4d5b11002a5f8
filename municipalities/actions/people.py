"""State changes about who belongs to a municipality: invitations and memberships.

Every action first locks the municipality's row (in a mode that imports and other readers do not notice), so that two people
who act at once on the same municipality act one after the other: the second sees what the first did.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.choices import MunicipalRole
from accounts.permissions import Permission
from accounts.rules import hash_of_secret
from municipalities.actions import RefusedError
from municipalities.models import Invitation, Membership, Municipality
from municipalities.permissions import check_can, grantable_roles
from municipalities.tasks import send_invitation

if TYPE_CHECKING:
    from accounts.models import User

INVITATION_LIFE = timedelta(days=7)


def invite(*, by: User, municipality: Municipality, email: str, role: str, basis: str, now: datetime) -> Invitation:
    """Invite an e-mail address into a municipality; a worker mails the link. An earlier waiting invitation is replaced.

    Raises `PermissionDenied` when `by` may not grant the role there, `RefusedError` when the person already belongs.
    """
    email = email.strip().lower()
    with transaction.atomic():
        _lock(municipality)
        check_can(by, Permission.INVITE_MEMBER, municipality)
        _check_grant(by, municipality, role)
        if Membership.objects.current(_day(now)).filter(municipality=municipality, user__email=email).exists():
            raise RefusedError(_("This person already belongs to the municipality. Change their role instead."))
        for earlier in Invitation.objects.waiting().filter(municipality=municipality, email=email):
            revoke_invitation(by=by, invitation=earlier, now=now)
        invitation = Invitation.objects.create(
            municipality=municipality,
            email=email,
            role=role,
            basis=basis.strip(),
            # Of a secret that nobody ever sees: the real one is made when the mail is written.
            secret_hash=hash_of_secret(secrets.token_urlsafe()),
            invited_by=by,
            invited_at=now,
            expires_at=now + INVITATION_LIFE,
        )
        _record("membership.invited", by=by, at=now, subject=invitation, role=role)
        send_invitation.delay_on_commit(invitation.pk)
    return invitation


def accept_invitation(*, by: User, invitation: Invitation, now: datetime) -> Membership:
    """Turn an open invitation into a membership of `by`, once.

    Raises `RefusedError` when it is no longer open, was sent to another address, or whoever sent it may no longer grant it.
    """
    with transaction.atomic():
        _lock(invitation.municipality)
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        municipality = invitation.municipality
        if not invitation.is_open(now):
            raise RefusedError(_("This invitation is no longer open."))
        if not owns_email(by, invitation.email):
            raise RefusedError(_("This invitation was sent to another e-mail address."))
        if invitation.role not in grantable_roles(invitation.invited_by, municipality):
            raise RefusedError(
                _("Who invited you no longer holds the office to do so. Ask the municipality for a new one.")
            )
        if Membership.objects.current(_day(now)).filter(municipality=municipality, user=by).exists():
            raise RefusedError(_("You already belong to this municipality."))
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        membership = Membership.objects.create(
            user=by,
            municipality=municipality,
            role=invitation.role,
            starts=_day(now),
            granted_by=invitation.invited_by,
            basis=invitation.basis,
        )
        _record("membership.invitation_accepted", by=by, at=now, subject=membership, role=membership.role)
    return membership


def revoke_invitation(*, by: User, invitation: Invitation, now: datetime) -> None:
    """Withdraw an invitation that nobody accepted yet; withdrawing it twice changes nothing."""
    with transaction.atomic():
        _lock(invitation.municipality)
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        check_can(by, Permission.INVITE_MEMBER, invitation.municipality)
        _check_grant(by, invitation.municipality, invitation.role)
        if invitation.accepted_at:
            raise RefusedError(_("This invitation was already accepted. End the membership instead."))
        if invitation.revoked_at:
            return
        invitation.revoked_at = now
        invitation.save(update_fields=["revoked_at"])
        _record("membership.invitation_withdrawn", by=by, at=now, subject=invitation, role=invitation.role)


def end_membership(*, by: User, membership: Membership, reason: str, now: datetime) -> None:
    """End a membership today: from the next request on it opens nothing. Ending an ended one changes nothing.

    A coordinator may end officers' and readers' memberships and resign the own one; nobody ends the last coordinator's.
    """
    with transaction.atomic():
        _lock(membership.municipality)
        membership = Membership.objects.select_for_update().get(pk=membership.pk)
        check_can(by, Permission.END_MEMBERSHIP, membership.municipality)
        if membership.user_id != by.pk:
            _check_grant(by, membership.municipality, membership.role)
        if _is_over(membership, now):
            return
        _keep_a_coordinator(membership, now)
        _end(membership, now)
        told = {"role": membership.role, "person": str(membership.user)}
        _record("membership.ended", by=by, at=now, subject=membership, reason=reason, **told)


def change_role(*, by: User, membership: Membership, role: str, basis: str, now: datetime) -> Membership:
    """Give a member another role: the present membership ends today and one with the new role begins. Give that one.

    `by` must be able to grant both roles; nobody demotes the last coordinator.
    """
    with transaction.atomic():
        _lock(membership.municipality)
        membership = Membership.objects.select_for_update().get(pk=membership.pk)
        _check_grant(by, membership.municipality, membership.role)
        _check_grant(by, membership.municipality, role)
        if _is_over(membership, now):
            raise RefusedError(_("This membership has already ended."))
        if membership.role == role:
            return membership
        _keep_a_coordinator(membership, now)
        _end(membership, now)
        changed = Membership.objects.create(
            user=membership.user,
            municipality=membership.municipality,
            role=role,
            starts=_day(now),
            granted_by=by,
            basis=basis.strip(),
        )
        told = {"role": role, "before": membership.role, "person": str(membership.user)}
        _record("membership.role_changed", by=by, at=now, subject=changed, reason=basis, **told)
    return changed


def owns_email(user: User, email: str) -> bool:
    """Whether the person proved that the address is theirs."""
    owned: bool = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()
    return owned


def _day(now: datetime) -> date:
    return timezone.localdate(now)


def _lock(municipality: Municipality) -> None:
    """Queue behind whoever is changing the people of this municipality. Not a full lock: rows that point to it may be added."""
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)


def _check_grant(by: User, municipality: Municipality, role: str) -> None:
    if role not in grantable_roles(by, municipality):
        raise PermissionDenied(Permission.INVITE_MEMBER.value)


def _is_over(membership: Membership, now: datetime) -> bool:
    return membership.ends is not None and membership.ends <= _day(now)


def _end(membership: Membership, now: datetime) -> None:
    # One that was to begin later never does.
    membership.ends = max(_day(now), membership.starts)
    membership.save(update_fields=["ends"])


def _keep_a_coordinator(membership: Membership, now: datetime) -> None:
    """Refuse to lose the last coordinator whose membership has no end and whose account is open."""
    if membership.role != MunicipalRole.COORDINATOR:
        return
    others = Membership.objects.current(_day(now)).filter(
        municipality=membership.municipality, role=MunicipalRole.COORDINATOR, ends__isnull=True, user__is_active=True
    )
    if not others.exclude(pk=membership.pk).exists():
        raise RefusedError(
            _("This is the only coordinator of the municipality. Someone else must be named coordinator first.")
        )


def _record(
    kind: str, *, by: User, at: datetime, subject: Invitation | Membership, reason: str = "", **data: str
) -> None:
    record_event(
        kind, by=by, at=at, subject=subject, municipality_cut=subject.municipality_id, reason=reason.strip(), **data
    )
