"""Who reviews a diagnostic: taking it up, giving it to someone, two independent reviewers for a sample."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics.actions.rounds import move, overtaken
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic, ReviewEntry, Reviewer, Round
from diagnostics.permissions import is_impartial, may_review
from diagnostics.reports.review import Review, review_of
from diagnostics.rules import review as rules
from diagnostics.rules.diagnostic_states import FINAL
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from accounts.models import User

WITH_THE_COUNCIL: Final = frozenset({DiagnosticState.SUBMITTED, DiagnosticState.UNDER_REVIEW})


def check_may_review(by: User, diagnostic: Diagnostic) -> None:
    """Raise `PermissionDenied` for who may not review it, `RefusedError` for who may not because of who they are."""
    check_can(by, Permission.REVIEW_DIAGNOSTIC, diagnostic.municipality)
    if not is_impartial(by, diagnostic):
        raise RefusedError(_("Whoever submitted it, or belongs or belonged to the municipality, does not review it."))


def locked(diagnostic: Diagnostic) -> Diagnostic:
    """The row, held until the transaction ends: reviewers, savers and steps of one diagnostic go one after the other."""
    rows = Diagnostic.objects.select_for_update(of=("self",)).select_related("municipality", "round", "version")
    return rows.defer("version__content").get(pk=diagnostic.pk)


def begin(*, by: User, diagnostic: Diagnostic, now: datetime) -> Reviewer:
    """Take up the review: the seat assigned to the person, or a free one; the diagnostic goes under review. Twice is once.

    Raises `OvertakenError` when it is not with the council or the seats are taken, `RefusedError`, `PermissionDenied`.
    """
    with transaction.atomic():
        held = locked(diagnostic)
        check_may_review(by, held)
        if held.state not in WITH_THE_COUNCIL:
            raise OvertakenError(overtaken(held))
        review = review_of(held, by)
        seat = review.seat
        if seat is None:
            free = [number for number in review.wanted if number not in review.seats]
            if not free:
                who = ", ".join(str(one.user) for one in review.reviewers)
                raise OvertakenError(_("%(who)s already reviews this diagnostic.") % {"who": who})
            # Someone left in the second seat of a diagnostic that has one reviewer now moves to the first.
            seat, _made = Reviewer.objects.update_or_create(
                diagnostic=held, user=by, defaults={"seat": free[0], "assigned_at": now, "done_at": None}
            )
            _record("diagnostic.reviewer_taken", by, held, now, person=str(by))
        if held.state == DiagnosticState.SUBMITTED:
            move(by=by, diagnostic=held, to=DiagnosticState.UNDER_REVIEW, now=now, seen=held.state)
    return seat


def assign(
    *, by: User, diagnostic: Diagnostic, user: User, now: datetime, seat: int = 1, due: date | None = None
) -> Reviewer:
    """Give a seat to someone who may review it, with a day; whoever held it is replaced, and what they said stays.

    Of two independent reviewers the new one begins anew. Raises `RefusedError`, `PermissionDenied`.
    """
    check_can(by, Permission.ASSIGN_ADVISER, diagnostic.municipality)
    with transaction.atomic():
        held = locked(diagnostic)
        if held.state in FINAL:
            raise OvertakenError(overtaken(held))
        if not may_review(user, held):
            raise RefusedError(_("%(who)s may not review this diagnostic.") % {"who": user})
        if seat not in review_of(held, by).wanted:
            raise RefusedError(_("This diagnostic has one reviewer."))
        if held.reviewers.filter(user=user).exclude(seat=seat).exists():
            raise RefusedError(_("Two independent reviewers are two people."))
        given = held.reviewers.filter(seat=seat).first() or Reviewer(diagnostic=held, seat=seat)
        if given.user_id != user.pk:
            given.user, given.assigned_at, given.done_at = user, now, None
        given.due = due
        given.save()
        _record("diagnostic.reviewer_assigned", by, held, now, person=str(user))
    return given


def finish(*, by: User, diagnostic: Diagnostic, now: datetime) -> Reviewer:
    """One of two independent reviewers is done; when both are, each sees what the other said. Raises `RefusedError`."""
    with transaction.atomic():
        held = locked(diagnostic)
        review, seat = seat_of(held, by)
        if left := len(review.unread):
            raise RefusedError(rules.left_in_words(left))
        if held.needs_second_review and seat.done_at is None:
            seat.done_at = now
            seat.save(update_fields=["done_at"])
            _record("diagnostic.reviewer_done", by, held, now)
    return seat


def seat_of(held: Diagnostic, by: User) -> tuple[Review, Reviewer]:
    """The review of a locked diagnostic and the seat of whoever acts. Raises when they hold none or it is not under review."""
    check_may_review(by, held)
    if held.state != DiagnosticState.UNDER_REVIEW:
        raise OvertakenError(overtaken(held))
    review = review_of(held, by)
    if review.seat is None:
        raise RefusedError(_("Take up the review first: nobody reviews what is not theirs."))
    return review, review.seat


def set_second_review(*, by: User, diagnostic: Diagnostic, wanted: bool, now: datetime) -> Diagnostic:
    """Ask for two independent reviewers, or for one, by hand. Once an opinion was given it stays as it is."""
    check_can(by, Permission.ASSIGN_ADVISER, diagnostic.municipality)
    with transaction.atomic():
        held = locked(diagnostic)
        if held.needs_second_review == wanted:
            return held
        if held.state in FINAL or ReviewEntry.objects.filter(diagnostic=held).exists():
            raise RefusedError(_("The review has begun: the number of its reviewers no longer changes."))
        held.needs_second_review = wanted
        held.save(update_fields=["needs_second_review"])
        if not wanted:
            held.reviewers.filter(seat=2).delete()
        _record("diagnostic.second_review_set" if wanted else "diagnostic.second_review_unset", by, held, now)
    return held


def candidates(round_: Round) -> list[Diagnostic]:
    """The diagnostics among which a sample is drawn: all that count in the round, whatever their state."""
    found = Diagnostic.objects.filter(round=round_).standing()
    return list(found.select_related("municipality").order_by("municipality"))


def draw_sample(*, by: User, round_: Round, percent: int, seed: str, now: datetime) -> list[Diagnostic]:
    """Two independent reviewers for a share of a round, drawn by a seed that the event keeps: anyone can draw it again.

    One whose review has begun stays as it is and is told in the event. Returns those that were marked now.
    """
    if not can(by, Permission.MANAGE_ROUNDS):
        raise PermissionDenied(Permission.MANAGE_ROUNDS.value)
    with transaction.atomic():
        Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        by_cut = {one.municipality_id: one for one in candidates(round_)}
        drawn = [by_cut[cut] for cut in rules.chosen(by_cut.keys(), percent=percent, seed=seed)]
        marked = []
        for one in drawn:
            held = locked(one)
            begun = ReviewEntry.objects.filter(diagnostic=held).exists() or held.state in FINAL
            if not held.needs_second_review and not begun:
                held.needs_second_review = True
                held.save(update_fields=["needs_second_review"])
                marked.append(held)
        record_event(
            "round.second_review_drawn",
            by=by,
            at=now,
            subject=round_,
            round=round_.name,
            percent=percent,
            seed=seed,
            drawn=[one.municipality_id for one in drawn],
            number=len(drawn),
            marked=len(marked),
        )
    return marked


def _record(kind: str, by: User, diagnostic: Diagnostic, now: datetime, **words: str) -> None:
    record_event(kind, by=by, at=now, subject=diagnostic, municipality_cut=diagnostic.municipality_id, **words)
