"""State changes about people, and the writing of events."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.choices import CouncilRole, Language
from accounts.models import Event, User
from accounts.permissions import COUNCIL, Permission

CLAVEUNICA = "claveunica"

if TYPE_CHECKING:
    from django.db.models import Model


class RunRefusedError(Exception):
    """A RUN cannot be that of an account. The text says why, for the person who proved it, and does not name it."""


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
    event = new_event(kind, by=by, at=at, subject=subject, municipality_cut=municipality_cut, reason=reason, **data)
    event.save(force_insert=True)
    return event


def new_event(
    kind: str,
    *,
    by: User | None,
    at: datetime,
    subject: Model | None = None,
    municipality_cut: str = "",
    reason: str = "",
    **data: Any,
) -> Event:
    """An event not yet written, for changes of many things at once, whose events are written together."""
    return Event(
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


def make_person(
    *,
    by: User | None,
    now: datetime,
    email: str,
    name: str,
    council_role: str = "",
    language: str = Language.SPANISH,
    is_active: bool = True,
    password: str | None = None,
) -> User:
    """Make an account. Without a password its owner chooses one by recovering access. `by=None` is a command of the portal."""
    _check_manages_people(by)
    with transaction.atomic():
        person = User.objects.create_user(
            email, password, name=name, council_role=council_role, language=language, is_active=is_active
        )
        record_event("person.made", by=by, at=now, subject=person, person=person.name)
    return person


def change_person(*, by: User, person: User, now: datetime, **changes: Any) -> None:
    """Set name, language, council role or whether the account is open, with an event for what others should notice.

    Raises `PermissionDenied` also when administrators would take from themselves the role or the account they act with.
    """
    _check_manages_people(by)
    with transaction.atomic():
        before = User.objects.select_for_update().get(pk=person.pk)
        if before.pk == by.pk and {"council_role", "is_active"} & changes.keys():
            raise PermissionDenied
        User.objects.filter(pk=person.pk).update(**changes)
        person.refresh_from_db()
        if person.council_role != before.council_role:
            roles = {"before": before.council_role, "role": person.council_role}
            record_event("person.role_changed", by=by, at=now, subject=person, person=person.name, **roles)
        if person.is_active != before.is_active:
            kind = "person.opened" if person.is_active else "person.closed"
            record_event(kind, by=by, at=now, subject=person, person=person.name)


def remove_second_factor(*, by: User, person: User, now: datetime) -> None:
    """Take every second factor and recovery code from someone who lost theirs. Raises `PermissionDenied`, also for one's own."""
    _check_manages_people(by)
    if person.pk == by.pk:
        raise PermissionDenied
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        record_event("person.second_factor_removed", by=by, at=now, subject=person, person=person.name)


def leave_digest(*, person: User, now: datetime) -> User:
    """Send the person no digest any more; asked by whoever holds the address in their mail. Twice is once."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=person.pk)
        if locked.wants_digest:
            locked.wants_digest = False
            locked.save(update_fields=["wants_digest"])
            record_event("person.left_digest", by=locked, at=now, subject=locked)
    return locked


def confirm_run(*, by: User, run: str, now: datetime) -> bool:
    """Write the RUN that ClaveÚnica proved to be this person's, and link the two. Returns whether the link is new.

    What was proved wins over what someone typed: another account that merely claims this RUN loses it. Raises
    `RunRefusedError` when this account holds another RUN, or another account proved this one before.
    """
    with transaction.atomic():
        claimants = list(User.objects.select_for_update().filter(Q(pk=by.pk) | Q(run=run)).order_by("pk"))
        person = next(one for one in claimants if one.pk == by.pk)
        if (person.run or run) != run or has_confirmed_run(person, other_than=run):
            raise RunRefusedError(
                _("Your account has another RUN than the one ClaveÚnica confirmed. Correct it in “My account”.")
            )
        link = SocialAccount.objects.filter(provider=CLAVEUNICA, uid=run).first()
        if link and link.user_id != by.pk:
            raise RunRefusedError(
                _("Another account of the portal is linked with this ClaveÚnica. Sign in with that one.")
            )
        for claimant in claimants:
            if claimant.pk != by.pk:
                User.objects.filter(pk=claimant.pk).update(run=None)
                record_event("person.run_removed", by=None, at=now, subject=claimant, person=claimant.name)
        if link and person.run:
            return False
        SocialAccount.objects.get_or_create(provider=CLAVEUNICA, uid=run, defaults={"user": by})
        User.objects.filter(pk=by.pk).update(run=run)
        by.run = run
        record_event("person.run_confirmed", by=by, at=now, subject=person, person=person.name)
    return True


def has_confirmed_run(person: User, *, other_than: str = "") -> bool:
    """Whether ClaveÚnica proved a RUN of this person."""
    links = SocialAccount.objects.filter(provider=CLAVEUNICA, user=person)
    return bool(links.exclude(uid=other_than).exists())


def _check_manages_people(by: User | None) -> None:
    role = by.council_role if by and by.is_active else ""
    if by is not None and (not role or Permission.MANAGE_PEOPLE not in COUNCIL[CouncilRole(role)]):
        raise PermissionDenied(Permission.MANAGE_PEOPLE.value)
