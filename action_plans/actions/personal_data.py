"""What identifies citizens is deleted when its time is over, or when they ask for it (Ley 21.719)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from action_plans.actions.contributions import UNCONFIRMED_FOR
from action_plans.actions.sign_ups import leave
from action_plans.choices import ContributionState, MeetingState
from action_plans.models import Author, Contribution, Follower, Plan, SignUp, Support
from action_plans.notifications import letters
from action_plans.rules.plan_states import FINAL
from config.page_cache import forget_public_pages
from municipalities.actions import RefusedError


def forget(*, now: datetime) -> int:
    """Delete what nobody confirmed, and what identifies those whose time is over. Returns how many people were forgotten.

    Words stay under the name that was shown, and attendance as numbers: they are part of a public record. Authors are kept
    while a plan to which they contributed goes on, so that its answer reaches them.
    """
    with transaction.atomic():
        _drop_unconfirmed(now)
        over = Author.objects.filter(forget_at__lt=now, forgotten_at=None).exclude(
            contributions__plan__in=Plan.objects.exclude(stage__in=FINAL)
        )
        gone = SignUp.objects.filter(forget_at__lt=now, forgotten_at=None)
        addresses = {*over.values_list("email", flat=True), *gone.values_list("email", flat=True)} - {""}
        count = Author.objects.filter(pk__in=list(over.values_list("pk", flat=True))).update(
            email="", user=None, forgotten_at=now
        )
        count += gone.update(name="", email="", forgotten_at=now)
        kept = {
            *Author.objects.filter(email__in=addresses).values_list("email", flat=True),
            *SignUp.objects.filter(email__in=addresses).values_list("email", flat=True),
            *Follower.objects.filter(email__in=addresses).values_list("email", flat=True),
        }
        letters.forget(sorted(addresses - kept))
    return count


def _drop_unconfirmed(now: datetime) -> None:
    until = now - UNCONFIRMED_FOR
    stale = Contribution.objects.filter(state=ContributionState.UNCONFIRMED, sent_at__lt=until)
    nobody = Author.objects.filter(confirmed_at=None, forgotten_at=None, created_at__lt=until)
    sign_ups = SignUp.objects.filter(confirmed_at=None, forgotten_at=None, at__lt=until)
    followers = Follower.objects.filter(confirmed_at=None, at__lt=until)
    addresses = {each for rows in (nobody, sign_ups, followers) for each in rows.values_list("email", flat=True)} - {""}
    for rows in (stale, nobody, sign_ups, followers):
        rows.delete()
    known = [
        *Author.objects.filter(email__in=addresses).values_list("email", flat=True),
        *Follower.objects.filter(email__in=addresses).values_list("email", flat=True),
    ]
    letters.forget(sorted(addresses - set(known)))


def address_of(key: UUID) -> str:
    """The address behind the link of a mail: whoever holds the link reads its mailbox. Empty when it is no longer known."""
    author = Author.objects.filter(key=key, forgotten_at=None).values_list("email", flat=True).first()
    row = SignUp.objects.filter(token=key, forgotten_at=None).values_list("email", flat=True).first()
    return author or row or ""


def erase(*, key: UUID, now: datetime) -> str:
    """Delete, on their own request, all that identifies whoever holds the link of a mail: also the name that was shown.

    Places in meetings to come are given back. What they wrote stays, as said by nobody in particular. Asked twice, it is
    done once. Raises `RefusedError` for a link that leads nowhere.
    """
    with transaction.atomic():
        address = address_of(key)
        if not address:
            raise RefusedError(_("This link is no longer valid: nothing is kept of you under it."))
        nameless = _("Someone who asked to be forgotten")
        mine = Author.objects.select_for_update().filter(email=address, forgotten_at=None)
        keys = list(mine.values_list("pk", flat=True))
        Contribution.objects.filter(authors__in=keys, state=ContributionState.UNCONFIRMED).delete()
        Support.objects.filter(author__in=keys, author__confirmed_at=None).delete()
        Author.objects.filter(pk__in=keys).update(
            shown_as=nameless, email="", user=None, trusted_at=None, forgotten_at=now
        )
        places = SignUp.objects.filter(email=address, forgotten_at=None)
        for token in places.filter(left_at=None, meeting__state=MeetingState.ANNOUNCED).values_list("token", flat=True):
            leave(token=token, now=now)
        places.update(name="", email="", forgotten_at=now)
        Follower.objects.filter(email=address).delete()
        letters.forget([address])
        transaction.on_commit(forget_public_pages, robust=True)
    return address
