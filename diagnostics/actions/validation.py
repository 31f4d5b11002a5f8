"""Validating a diagnostic: folio, scores, snapshot and document, once, and nothing of it changes any more."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from config.page_cache import forget_public_pages
from diagnostics.actions.reviewers import locked
from diagnostics.actions.reviews import tell
from diagnostics.actions.rounds import move, overtaken
from diagnostics.choices import DiagnosticState, SnapshotKind
from diagnostics.models import Diagnostic
from diagnostics.permissions import is_impartial
from diagnostics.reports.filled import filled
from diagnostics.reports.pdf import diagnostic_pdf
from diagnostics.reports.review import Review, review_of
from diagnostics.reports.scores import store_scores
from diagnostics.reports.snapshots import take
from diagnostics.rules.review import ASKED, GOOD, folio, left_in_words
from diagnostics.rules.submission import remarks
from municipalities.actions import OvertakenError, RefusedError, documents
from municipalities.choices import DocumentKind
from municipalities.permissions import can

if TYPE_CHECKING:
    from accounts.models import User

_FOLIOS: Final = "diagnostics.diagnostic.folio"


def obstacle_to_validation(review: Review) -> str:
    """Why it cannot be validated now; empty when it can."""
    if review.is_blind:
        return _("The two reviewers have not both finished.")
    if review.differences:
        return _("The two reviewers do not agree yet.")
    if asked := review.with_standing(ASKED):
        return _("The municipality has to answer something first (%(number)s): return it.") % {"number": len(asked)}
    left = len(review.questions) - len(review.with_standing(GOOD))
    return left_in_words(left) if left else ""


def validate(*, by: User, diagnostic: Diagnostic, public_from: date, now: datetime, seen: str) -> Diagnostic:
    """Validate, once: the next folio of the year, scores, snapshot and document belong to the same transaction.

    Raises `OvertakenError`, `RefusedError` with what is missing, `PermissionDenied`.
    """
    with transaction.atomic():
        held = locked(diagnostic)
        if held.state != seen or held.state != DiagnosticState.UNDER_REVIEW:
            raise OvertakenError(overtaken(held))
        if not can(by, Permission.VALIDATE_DIAGNOSTIC, held.municipality):
            raise PermissionDenied(Permission.VALIDATE_DIAGNOSTIC.value)
        if not is_impartial(by, held):
            raise RefusedError(
                _("Whoever submitted it, or belongs or belonged to the municipality, does not validate it.")
            )
        review = review_of(held, by)
        if problem := obstacle_to_validation(review):
            raise RefusedError(problem)
        if public_from < timezone.localdate(now):
            raise RefusedError(_("The day from which it is public cannot be in the past."))
        if held.corrects:
            _take_the_place(held, held.corrects, public_from, now)
        tell(review)
        found = remarks(filled(held, today=timezone.localdate(now)))
        store_scores(held.pk, now=now)
        held.folio = _next_folio(timezone.localdate(now).year)
        held.validated_by, held.validated_at, held.public_from = by, now, public_from
        held.save(update_fields=["folio", "validated_by", "validated_at", "public_from"])
        done = move(by=by, diagnostic=held, to=DiagnosticState.VALIDATED, now=now, seen=seen)
        snapshot = take(done, kind=SnapshotKind.VALIDATED, name=_("As validated"), by=by, now=now)
        # The step before the file: what the step refuses leaves no file behind.
        done.document = documents.keep(
            municipality=done.municipality,
            kind=DocumentKind.DIAGNOSTIC,
            content=diagnostic_pdf(done, snapshot, review=review, remarks=found),
            name=f"{done.folio}.pdf",
            now=now,
        )
        done.save(update_fields=["document"])
        record_event(
            "diagnostic.validated",
            by=by,
            at=now,
            subject=done,
            municipality_cut=done.municipality_id,
            folio=done.folio,
            day=f"{public_from:%d-%m-%Y}",
        )
        transaction.on_commit(forget_public_pages)
    return done


def _take_the_place(held: Diagnostic, former: Diagnostic, public_from: date, now: datetime) -> None:
    """What it corrects stands no longer; its folio goes on leading to it. Readers never find neither of them."""
    today = timezone.localdate(now)
    if former.public_from and public_from > max(former.public_from, today):
        raise RefusedError(
            _("It takes the place of %(folio)s, so it is public from %(day)s at the latest.")
            % {"folio": former.folio, "day": f"{max(former.public_from, today):%d-%m-%Y}"}
        )
    move(
        by=None,
        diagnostic=former,
        to=DiagnosticState.SUPERSEDED,
        now=now,
        reason=held.correction_reason,
        seen=DiagnosticState.VALIDATED,
    )


def _next_folio(year: int) -> str:
    """The next folio of the year. A lock is held until the transaction ends: no gaps, no doubles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_FOLIOS])
    before = folio(year, 0).removesuffix("0000")
    found = Diagnostic.objects.filter(folio__startswith=before)
    last = found.annotate(number=Cast(Substr("folio", len(before) + 1), IntegerField())).aggregate(last=Max("number"))
    return folio(year, (last["last"] or 0) + 1)
