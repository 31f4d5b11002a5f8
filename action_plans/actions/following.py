"""People follow a plan, or one of its commitments, by mail: they confirm the address first, and leave with one click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from action_plans.models import Author, Commitment, Follower, Plan, SignUp
from action_plans.notifications import news
from action_plans.notifications.letters import forget
from municipalities.actions import RefusedError


def follow(*, plan: Plan, email: str, now: datetime, commitment: Commitment | None = None) -> Follower:
    """Somebody asks for news by mail; they begin once the address is confirmed. Asking again sends one letter a day at most.

    Raises `RefusedError` for a commitment of another plan.
    """
    if commitment and commitment.plan_id != plan.pk:
        raise RefusedError(_("This commitment is of another plan."))
    with transaction.atomic():
        follower, _made = Follower.objects.get_or_create(
            plan=plan, commitment=commitment, email=email.strip().lower(), defaults={"at": now}
        )
        if follower.confirmed_at is None:
            news.ask_to_confirm(follower, now=now)
    return follower


def confirm(*, token: UUID, now: datetime) -> Follower:
    """The address is theirs; news are told from now on. Twice is once. Raises `RefusedError` for a link that leads nowhere."""
    with transaction.atomic():
        follower = Follower.objects.select_for_update().filter(token=token).first()
        if follower is None:
            raise RefusedError(_("This link is no longer valid."))
        if follower.confirmed_at is None:
            follower.confirmed_at = follower.told_until = now
            follower.save(update_fields=["confirmed_at", "told_until"])
    return follower


def leave(*, token: UUID) -> None:
    """Follow one thing no more, with one click; the address is forgotten with the last. Twice is once."""
    with transaction.atomic():
        follower = Follower.objects.select_for_update().filter(token=token).first()
        if follower is not None:
            _end([follower])


def leave_all(*, mark: str) -> None:
    """Follow nothing more, with one click, and forget the address that the mark stands for. Twice is once."""
    with transaction.atomic():
        _end(list(Follower.objects.select_for_update().marked(mark).order_by("pk")))


def _end(rows: Sequence[Follower]) -> None:
    """Delete what an address (the same in all rows, which are held) follows, and the address if it follows nothing more."""
    if not rows:
        return
    address = rows[0].email
    Follower.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if not Follower.objects.filter(email=address).exists():
        news.call_back(address)
        _forget(address)


def _forget(address: str) -> None:
    """Take an address that nothing else holds out of the outbox."""
    if not (Author.objects.filter(email=address).exists() or SignUp.objects.filter(email=address).exists()):
        forget([address])
