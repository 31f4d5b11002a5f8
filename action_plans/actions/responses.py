"""Each contribution gets a reasoned response; those that say the same are joined, one that says several things is divided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.actions.contributions import SHORTEST
from action_plans.actions.plans import locked
from action_plans.choices import ContributionState, Verdict
from action_plans.models import Commitment, Contribution, Plan, Response
from action_plans.notifications import letters
from action_plans.rules.contribution_states import ANSWERABLE, step
from action_plans.rules.moderation import are_words_of, left_by
from action_plans.rules.plan_states import DRAFTING
from config.page_cache import forget_public_pages
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def respond(
    *,
    by: User,
    plan: Plan,
    contributions: Sequence[int],
    verdict: Verdict,
    reasons: str,
    now: datetime,
    led_to: Commitment | None = None,
) -> list[Response]:
    """Give one or several alike the reasoned response, and tell the authors; those that cannot be answered now are left.

    Given again, it replaces the former, which the history keeps. Said again word for word, nobody is told twice.
    """
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    if len(reasons.strip()) < SHORTEST:
        raise RefusedError(_("Write the reasons: whoever contributed reads them."))
    if led_to is not None and led_to.plan_id != plan.pk:
        raise RefusedError(_("The commitment is of another plan."))
    given = []
    with transaction.atomic():
        locked(plan)
        said = {"verdict": verdict, "reasons": reasons.strip(), "led_to": led_to}
        for held in _held(plan, contributions):
            if held.state not in ANSWERABLE:
                continue
            former = Response.objects.filter(contribution=held).first()
            if former and all(getattr(former, name) == value for name, value in said.items()):
                given.append(former)
                continue
            response, made = Response.objects.update_or_create(
                contribution=held, defaults={**said, "at": now, "by": by}
            )
            _record("contribution.answered", by, held, now, verdict=verdict.value)
            letters.answered(response, now=now, is_first=made)
            given.append(response)
        transaction.on_commit(forget_public_pages, robust=True)
    if not given:
        raise OvertakenError(_("The contribution is not public any more: it gets no response now."))
    return given


def merge(*, by: User, contributions: Sequence[int], into: Contribution, now: datetime) -> Contribution:
    """Join contributions that say the same: one stays public, the others lead to it, and it counts the authors and supports
    of all. Raises `RefusedError` for one that has a response or joined others itself."""
    plan = into.plan
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    with transaction.atomic():
        held_plan = locked(plan)
        held = {row.pk: row for row in _held(plan, [*contributions, into.pk])}
        target = held.pop(into.pk, None)
        if target is None or target.state != ContributionState.PUBLISHED:
            raise OvertakenError(_("The contribution in which the others are to be joined is not public any more."))
        _check_not_settled(held_plan, target)
        if not held:
            raise RefusedError(_("Choose at least one other contribution."))
        for each in held.values():
            if each.assessment_id != target.assessment_id:
                raise RefusedError(_("Only observations on the same assessment are joined, and only with one another."))
            if each.state != ContributionState.PUBLISHED or hasattr(each, "response") or each.merged.exists():
                raise RefusedError(
                    _("“%(title)s” cannot be joined: only public ones without a response, which joined no others.")
                    % {"title": each}
                )
            step(each.state, ContributionState.MERGED)
            each.state, each.became = ContributionState.MERGED, target
            each.save(update_fields=["state", "became"])
            _record("contribution.merged", by, each, now, into=str(target))
        if hasattr(target, "response"):
            # Whoever was told before is not told again.
            letters.answered(target.response, now=now, is_first=True)
        transaction.on_commit(forget_public_pages, robust=True)
    return target


def separate(*, by: User, contribution: Contribution, now: datetime) -> Contribution:
    """Take a joining back: the contribution stands for itself again and is owed its own response."""
    plan = contribution.plan
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    with transaction.atomic():
        held_plan = locked(plan)
        held = _held(plan, [contribution.pk])[0]
        _check_not_settled(held_plan, held)
        if held.state != ContributionState.MERGED:
            raise OvertakenError(_("It is not joined with another any more."))
        step(held.state, ContributionState.PUBLISHED)
        held.state, held.became = ContributionState.PUBLISHED, None
        held.save(update_fields=["state", "became"])
        _record("contribution.separated", by, held, now)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def split(*, by: User, contribution: Contribution, texts: Sequence[str], now: datetime) -> list[Contribution]:
    """Divide a contribution that says several things; each part keeps the authors, and gets a response of its own.

    Raises `RefusedError` for fewer than two parts, for words that are not in it (nobody speaks in an author's name), and for some
    of its words in no part: they would get no answer.
    """
    plan = contribution.plan
    check_can(by, Permission.COORDINATE_PLAN, plan.municipality)
    parts = [text.strip() for text in texts if text.strip()]
    if len(parts) < 2:
        raise RefusedError(_("Divide it into two parts at least."))
    if not all(are_words_of(part, contribution.text) for part in parts):
        raise RefusedError(
            _("A part holds words that its author did not write. Only divide it; say the rest in your answer.")
        )
    if left := left_by(parts, contribution.text):
        raise RefusedError(
            _("All that was written stays in some part. This is in none: “%(words)s”.")
            % {"words": Truncator(left[0]).words(12)}
        )
    with transaction.atomic():
        held_plan = locked(plan)
        held = _held(plan, [contribution.pk])[0]
        _check_not_settled(held_plan, held)
        if held.state != ContributionState.PUBLISHED or hasattr(held, "response") or held.merged.exists():
            raise OvertakenError(
                _("Only a public contribution without a response, which joined no others, is divided.")
            )
        step(held.state, ContributionState.SPLIT)
        held.state = ContributionState.SPLIT
        held.save(update_fields=["state"])
        made = [_part(held, number, text) for number, text in enumerate(parts, start=1)]
        _record("contribution.split", by, held, now, number=len(made))
        transaction.on_commit(forget_public_pages, robust=True)
    return made


def _part(whole: Contribution, number: int, text: str) -> Contribution:
    part = Contribution.objects.create(
        plan=whole.plan,
        commitment=whole.commitment,
        edition=whole.edition,
        assessment=whole.assessment,
        passage=whole.passage,
        client_id=part_id(whole, number),
        kind=whole.kind,
        title=_numbered(whole.title, number),
        text=text,
        state=ContributionState.PUBLISHED,
        sent_at=whole.sent_at,
        published_at=whole.published_at,
        split_from=whole,
    )
    part.authors.set(whole.authors.all())
    return part


def _numbered(title: str, number: int) -> str:
    """Parts are told apart by their number; without a title, by their first words."""
    if not title:
        return ""
    words = _("part %(number)d") % {"number": number}
    return f"{Truncator(title).chars(130)} ({words})"


def part_id(contribution: Contribution, number: int) -> UUID:
    """The identifier of a part: the same division sent twice makes the same parts."""
    return uuid5(contribution.key, str(number))


def _held(plan: Plan, keys: Sequence[int]) -> list[Contribution]:
    rows = Contribution.objects.select_for_update(of=("self",)).select_related("plan__municipality", "assessment")
    return list(rows.filter(plan=plan, pk__in=keys).order_by("pk"))


def _check_not_settled(plan: Plan, contribution: Contribution) -> None:
    """Once the plan is approved, what was said to its text and answered stays as it was answered."""
    if contribution.assessment_id is None and plan.stage not in DRAFTING:
        raise RefusedError(_("The plan is approved: its contributions are not joined or divided any more."))


def _record(kind: str, by: User, contribution: Contribution, now: datetime, **words: Any) -> None:
    plan = contribution.plan
    record_event(
        kind, by=by, at=now, subject=plan, municipality_cut=plan.municipality_id, title=str(contribution), **words
    )
