"""Two people decide at once, each on a connection of their own: one of them is told, and nothing is done twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from diagnostics.actions.reviewers import begin
from diagnostics.actions.reviews import Words, give_opinion
from diagnostics.actions.rounds import move
from diagnostics.actions.validation import validate
from diagnostics.choices import DiagnosticState, Opinion
from diagnostics.models import Diagnostic, ReviewEntry, ReviewReturn, Snapshot
from municipalities.actions import OvertakenError, RefusedError
from municipalities.models import Document
from tests.cast import Cast, assemble
from tests.diagnostics.factories import NOW
from tests.diagnostics.reviews import accept_rest, say, send_back, submitted, taken_up

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Start them together; what each returned, or the refusal it met."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            start.wait(timeout=30)
            return work()
        except RefusedError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def ready(cast: Cast) -> Diagnostic:
    held = taken_up(cast)
    accept_rest(cast.adviser, held)
    return held


def validating(cast: Cast, held: Diagnostic) -> Callable[[], Diagnostic]:
    def work() -> Diagnostic:
        return validate(
            by=cast.adviser, diagnostic=held, public_from=NOW.date(), now=NOW, seen=DiagnosticState.UNDER_REVIEW
        )

    return work


def test_a_double_click_on_validate_gives_one_folio() -> None:
    cast = assemble()
    held = ready(cast)
    done = at_once(*[validating(cast, held)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["Diagnostic", "OvertakenError"]
    assert (Snapshot.objects.filter(kind="validated").count(), Document.objects.count()) == (1, 1)
    assert Diagnostic.objects.get().folio == "DGAM-2026-0001"


def test_two_diagnostics_validated_at_once_have_two_folios_in_a_row() -> None:
    cast = assemble()
    first = ready(cast)
    second = Diagnostic.objects.get(pk=first.pk)
    second.pk, second.municipality, second.state = None, cast.elsewhere, DiagnosticState.UNDER_REVIEW
    second.save()
    for question in ("t1", "t2", "t4", "t5", "p1", "p2", "p3"):
        ReviewEntry.objects.create(
            diagnostic=second, question=question, by=cast.administrator, at=NOW, opinion=Opinion.ACCEPTED
        )

    def other() -> Diagnostic:
        return validate(
            by=cast.administrator, diagnostic=second, public_from=NOW.date(), now=NOW,
            seen=DiagnosticState.UNDER_REVIEW,
        )  # fmt: skip

    at_once(validating(cast, first), other)
    folios = Diagnostic.objects.order_by("folio").values_list("folio", flat=True)
    assert list(folios) == ["DGAM-2026-0001", "DGAM-2026-0002"]


def test_returning_and_validating_at_once_is_one_of_the_two() -> None:
    cast = assemble()
    held = ready(cast)
    works = (
        lambda: say(cast.adviser, held, "t4", Opinion.CORRECTION, reason="unclear") and send_back(cast.adviser, held),
        validating(cast, held),
    )
    done = at_once(*works)
    held.refresh_from_db()
    returned, validated = ReviewReturn.objects.count(), Snapshot.objects.filter(kind="validated").count()
    assert returned + validated == 1
    assert sum(isinstance(one, RefusedError) for one in done) == 1
    assert held.state == (DiagnosticState.RETURNED if returned else DiagnosticState.VALIDATED)
    assert (held.folio is None) == bool(returned)


def test_the_municipality_takes_it_back_while_a_reviewer_begins_and_speaks() -> None:
    cast = assemble()
    held = submitted(cast)

    def review() -> ReviewEntry:
        begin(by=cast.adviser, diagnostic=held, now=NOW)
        return give_opinion(
            by=cast.adviser, diagnostic=held, question="t1", words=Words(Opinion.ACCEPTED), answer_version=1,
            now=timezone.now(),
        )  # fmt: skip

    def take_back() -> Diagnostic:
        return move(by=cast.coordinator, diagnostic=held, to=DiagnosticState.OPEN, now=NOW, reason="Falta algo.")

    done = at_once(review, take_back)
    held.refresh_from_db()
    assert sum(isinstance(one, OvertakenError) for one in done) == 1
    assert ReviewEntry.objects.exists() == (held.state == DiagnosticState.UNDER_REVIEW)
    assert held.state in {DiagnosticState.UNDER_REVIEW, DiagnosticState.OPEN}


def test_two_advisers_who_take_the_same_review_at_once_are_one() -> None:
    cast = assemble()
    held = submitted(cast)
    done = at_once(
        lambda: begin(by=cast.adviser, diagnostic=held, now=NOW),
        lambda: begin(by=cast.administrator, diagnostic=held, now=NOW),
    )
    assert sum(isinstance(one, OvertakenError) for one in done) == 1
    assert held.reviewers.count() == 1
