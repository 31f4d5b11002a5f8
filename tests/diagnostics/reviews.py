"""Diagnostics with the council: submitted, taken up, read."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.choices import CouncilRole
from accounts.models import User
from diagnostics.actions.reviewers import begin
from diagnostics.actions.reviews import Words, give_opinion, return_for_correction
from diagnostics.actions.submission import submit
from diagnostics.choices import DiagnosticState, Opinion
from diagnostics.models import Diagnostic, ReviewEntry
from diagnostics.reports.review import review_of
from tests.cast import Cast, person
from tests.diagnostics.factories import NOW
from tests.diagnostics.test_submission import complete

LATER = NOW + timedelta(days=1)
UNTIL = (NOW + timedelta(days=20)).date()


def submitted(cast: Cast) -> Diagnostic:
    return submit(by=cast.coordinator, diagnostic=complete(cast), now=NOW, seen=DiagnosticState.OPEN)


def taken_up(cast: Cast, by: User | None = None) -> Diagnostic:
    held = submitted(cast)
    begin(by=by or cast.adviser, diagnostic=held, now=NOW)
    held.refresh_from_db()
    return held


def second_adviser(cast: Cast) -> User:
    return person("segunda", council=CouncilRole.ADVISER, scope=cast.here.region)


def say(
    by: User, held: Diagnostic, question: str, opinion: Opinion = Opinion.ACCEPTED, *, now: datetime = NOW, **words: Any
) -> ReviewEntry:
    """Give an opinion on the answer as it stands."""
    version = review_of(held, by).present(question).version
    return give_opinion(
        by=by, diagnostic=held, question=question, words=Words(opinion, **words), answer_version=version, now=now
    )


def accept_rest(by: User, held: Diagnostic, *, now: datetime = NOW) -> None:
    for question in review_of(held, by).unread:
        say(by, held, question.id, now=now)


def returned(cast: Cast) -> Diagnostic:
    """Taken up, with a correction asked of t4 and level 2 proposed for t1, the rest accepted, and returned."""
    held = taken_up(cast)
    say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="weak_evidence", note="El informe es de otro año.")
    say(cast.adviser, held, "t1", Opinion.OTHER_LEVEL, proposed=2, note="Falta publicar las actas.")
    accept_rest(cast.adviser, held)
    return send_back(cast.adviser, held)


def send_back(by: User, held: Diagnostic, *, now: datetime = NOW) -> Diagnostic:
    return return_for_correction(
        by=by,
        diagnostic=held,
        reason="Faltan dos respuestas.",
        until=timezone.localdate(now) + timedelta(days=20),
        now=now,
        seen=DiagnosticState.UNDER_REVIEW,
    )
