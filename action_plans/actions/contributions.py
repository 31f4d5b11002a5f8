"""Citizens contribute to a plan and support what others wrote, with an account or with an address that they confirm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from action_plans.choices import ContributionKind, ContributionState, Sector
from action_plans.models import Assessment, Author, Commitment, Contribution, Plan, PlanEdition, Support
from action_plans.notifications import letters
from action_plans.reports.assessments import is_observed, questions_about
from action_plans.rules.contribution_states import first_state, step
from action_plans.rules.plan_states import DRAFTING, LISTENING
from config.page_cache import forget_public_pages
from municipalities.actions import RefusedError

if TYPE_CHECKING:
    from accounts.models import User

UNCONFIRMED_FOR: Final = timedelta(days=7)
"""What nobody confirmed is deleted after this."""
SHORTEST: Final = 10


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sends. `client_id` comes with the form: sent twice, it is one. An observation names its assessment."""

    kind: ContributionKind
    text: str
    client_id: UUID
    shown_as: str
    email: str = ""
    sector: Sector = Sector.OTHER
    title: str = ""
    commitment: Commitment | None = None
    edition: PlanEdition | None = None
    passage: dict[str, Any] | None = None
    assessment: Assessment | None = None


def contribute(*, plan: Plan, sent: Sent, now: datetime, user: User | None = None) -> Contribution:
    """Receive a contribution while the plan listens, or an observation while its assessment is observed. Someone without an
    account confirms their address first.

    Raises `RefusedError` for what says nothing, when the plan does not listen, or without an address and an account.
    """
    text = sent.text.strip()
    if len(text) < SHORTEST:
        raise RefusedError(_("Write a little more: what you propose, and why."))
    if user is None and not sent.email:
        raise RefusedError(_("Write your e-mail: the answer is sent there. It is never published."))
    with transaction.atomic():
        # Of two clicks the second waits here, and so does whoever takes the plan to another stage.
        held = Plan.objects.select_for_update(of=("self",), no_key=True).select_related("municipality").get(pk=plan.pk)
        before = Contribution.objects.filter(plan=held, client_id=sent.client_id).first()
        if before:
            return before
        _check_is_heard(held, sent, now)
        author = _author(sent, user, now)
        state = first_state(is_confirmed=author.confirmed_at is not None, is_known=author.trusted_at is not None)
        is_public = state == ContributionState.PUBLISHED
        words = {
            "plan": held,
            "commitment": sent.commitment,
            "edition": sent.edition,
            "assessment": sent.assessment,
            "passage": sent.passage,
            "kind": sent.kind,
            "title": " ".join(sent.title.split()),
            "text": text,
            "state": state,
            "sent_at": now,
            "published_at": now if is_public else None,
        }
        # One form sent to two plans at once waits here for the other plan, which nothing above holds.
        contribution, made = Contribution.objects.get_or_create(client_id=sent.client_id, defaults=words)
        if not made:
            raise RefusedError(_("This form was already used for another plan. Open it again."))
        contribution.authors.add(author)
        if state == ContributionState.UNCONFIRMED:
            letters.confirm(contribution, author, now=now)
        if is_public:
            transaction.on_commit(forget_public_pages, robust=True)
    return contribution


def _check_is_heard(plan: Plan, sent: Sent, now: datetime) -> None:
    """Each has its time. An observation is of a published assessment of the plan, and of something that it asks about."""
    assessment = sent.assessment
    if assessment is None:
        if plan.stage not in LISTENING:
            raise RefusedError(_("The plan does not receive contributions now."))
        return
    is_of_here = assessment.plan_id == plan.pk and (
        sent.commitment is None or bool(questions_about(assessment, sent.commitment))
    )
    if not is_of_here or not is_observed(assessment, plan.stage, timezone.localdate(now)):
        raise RefusedError(_("The assessment does not receive observations any more."))


def _author(sent: Sent, user: User | None, now: datetime) -> Author:
    """The author behind an account, or a new one who has yet to confirm: nobody speaks for an address by typing it."""
    shown = " ".join(sent.shown_as.split()) or _("A neighbour")
    if user is not None:
        author = author_of(user, now=now)
        if sent.shown_as.strip():
            author.shown_as, author.sector = shown, sent.sector
            author.save(update_fields=["shown_as", "sector"])
        return author
    return Author.objects.create(
        shown_as=shown, sector=sent.sector, email=sent.email.strip().lower(), created_at=now, forget_at=now + kept()
    )


def author_of(user: User, *, now: datetime) -> Author:
    """The author behind an account, one for all that they write; what they do now starts their time anew."""
    author, made = Author.objects.get_or_create(
        user=user,
        forgotten_at=None,
        defaults={
            "shown_as": user.name or _("A neighbour"),
            "email": user.email,
            "confirmed_at": now,
            "created_at": now,
            "forget_at": now + kept(),
        },
    )
    if not made:
        author.forget_at = now + kept()
        author.save(update_fields=["forget_at"])
    return author


def kept() -> timedelta:
    """How long the address of an author is kept after what they wrote last."""
    return timedelta(days=settings.AUTHORS_KEPT_DAYS)


def confirm(*, key: UUID, now: datetime) -> Author:
    """The author followed the link in the mail: what they wrote or supported counts now. Followed twice, it is the same.

    Raises `RefusedError` when it came too late.
    """
    plans = Plan.objects.filter(contributions__authors__key=key)
    with transaction.atomic():
        held = list(Plan.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=plans).order_by("pk"))
        author = Author.objects.select_for_update().filter(key=key, forgotten_at=None).first()
        if author is None:
            raise RefusedError(_("This link is no longer valid. Send it again."))
        if author.confirmed_at is None:
            # What was said to an assessment in time still counts: it may be answered after the plan is closed.
            said = Contribution.objects.on_the_text().filter(authors=author)
            if any(plan.stage not in DRAFTING for plan in held) and said.exists():
                raise RefusedError(_("The plan does not receive contributions any more."))
            known = Author.objects.filter(email=author.email, trusted_at__isnull=False, forgotten_at=None).exists()
            author.confirmed_at, author.trusted_at = now, now if known else None
            author.save(update_fields=["confirmed_at", "trusted_at"])
            _release(author, now)
            transaction.on_commit(forget_public_pages, robust=True)
    return author


def _release(author: Author, now: datetime) -> None:
    """What waited for the confirmation goes on; a second support of the same address counts once."""
    waiting = author.contributions.select_for_update(of=("self",)).filter(state=ContributionState.UNCONFIRMED)
    for each in waiting:
        state = first_state(is_confirmed=True, is_known=author.trusted_at is not None)
        step(each.state, state)
        each.state, each.published_at = state, now if state == ContributionState.PUBLISHED else None
        each.save(update_fields=["state", "published_at"])
    for each_support in author.supports.select_related("contribution"):
        # Of two links followed at once the second waits for the contribution, and then sees the first.
        Contribution.objects.select_for_update(of=("self",)).get(pk=each_support.contribution_id)
        others = Support.objects.counted().filter(contribution=each_support.contribution).exclude(pk=each_support.pk)
        if others.filter(author__email=author.email).exists():
            each_support.delete()


def support(*, contribution: Contribution, now: datetime, user: User | None = None, email: str = "") -> Support:
    """Stand behind a contribution, once: at once with an account, else once the address is confirmed.

    Raises `RefusedError` when it is not public any more, or without an address and an account.
    """
    address = (user.email if user else email).strip().lower()
    if not address:
        raise RefusedError(_("Write your e-mail: a mail asks you to confirm it. It is never published."))
    with transaction.atomic():
        held = Contribution.objects.select_for_update(of=("self",)).select_related("plan__municipality")
        one = held.get(pk=contribution.pk)
        if one.state != ContributionState.PUBLISHED:
            raise RefusedError(_("This contribution cannot be supported now."))
        before = Support.objects.filter(contribution=one, author__email=address, author__forgotten_at=None)
        if user is None:
            standing = before.select_related("author").first()
            author = standing.author if standing else _supporter(address, now)
            row = standing or Support.objects.create(contribution=one, author=author, at=now)
            if author.confirmed_at is None:
                letters.confirm_support(one, author, now=now)
            return row
        counted = before.filter(author__confirmed_at__isnull=False).first()
        if counted:
            return counted
        row = Support.objects.create(contribution=one, author=author_of(user, now=now), at=now)
        transaction.on_commit(forget_public_pages, robust=True)
    return row


def _supporter(address: str, now: datetime) -> Author:
    return Author.objects.create(shown_as=_("A neighbour"), email=address, created_at=now, forget_at=now + kept())
