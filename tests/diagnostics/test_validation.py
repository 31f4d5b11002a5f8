"""Validating: once, with a folio, scores as in the snapshot, a document, and nothing that changes afterwards."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Event
from diagnostics.actions.replies import agree
from diagnostics.actions.reviewers import begin
from diagnostics.actions.submission import submit
from diagnostics.actions.validation import validate
from diagnostics.choices import DiagnosticState, Opinion, ScoreLevel, SnapshotKind
from diagnostics.models import Answer, Diagnostic, Score, Snapshot
from diagnostics.reports.returned import returned_entries
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import DocumentKind
from municipalities.models import Document, Membership
from tests.cast import Cast
from tests.diagnostics.factories import NOW
from tests.diagnostics.reviews import LATER, accept_rest, returned, say, taken_up

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)


def validated(cast: Cast, held: Diagnostic, **changes: Any) -> Diagnostic:
    given: dict[str, Any] = {
        "by": cast.adviser,
        "public_from": TODAY,
        "now": NOW,
        "seen": DiagnosticState.UNDER_REVIEW,
    } | changes
    return validate(diagnostic=held, **given)


@pytest.fixture
def ready(cast: Cast) -> Diagnostic:
    """Under review, everything accepted."""
    held = taken_up(cast)
    accept_rest(cast.adviser, held)
    return held


def test_validated_it_has_folio_snapshot_scores_and_document(cast: Cast, ready: Diagnostic) -> None:
    done = validated(cast, ready, public_from=TODAY + timedelta(days=30))
    ready.refresh_from_db()
    assert (ready.state, ready.folio, ready.validated_by) == ("validated", "DGAM-2026-0001", cast.adviser)
    assert ready.public_from == date(2026, 7, 1)
    snapshot = Snapshot.objects.get(kind=SnapshotKind.VALIDATED)
    index = Score.objects.get(diagnostic=ready, level=ScoreLevel.INDEX)
    assert index.reached == Decimal(snapshot.content["scores"]["reached"])
    assert index.computed_at == NOW
    document = Document.objects.get(kind=DocumentKind.DIAGNOSTIC)
    assert (ready.document, document.name) == (document, "DGAM-2026-0001.pdf")
    assert document.file.read().startswith(b"%PDF-1.7")
    assert Event.objects.get(kind="diagnostic.validated").data["folio"] == done.folio
    assert not Diagnostic.objects.published(TODAY).exists()
    assert Diagnostic.objects.published(date(2026, 7, 1)).exists()


def test_scores_that_were_behind_are_computed_again(cast: Cast, ready: Diagnostic) -> None:
    Score.objects.filter(diagnostic=ready).delete()
    validated(cast, ready)
    assert Score.objects.filter(diagnostic=ready, level=ScoreLevel.DIMENSION).count() == 2


def test_validating_twice_is_once(cast: Cast, ready: Diagnostic) -> None:
    validated(cast, ready)
    with pytest.raises(OvertakenError):
        validated(cast, ready)
    assert (Snapshot.objects.filter(kind=SnapshotKind.VALIDATED).count(), Document.objects.count()) == (1, 1)


def test_the_next_one_of_the_year_takes_the_next_folio(cast: Cast, ready: Diagnostic) -> None:
    other = Diagnostic.objects.create(
        round=ready.round, municipality=cast.elsewhere, version=ready.version, state_since=NOW, created_at=NOW,
        state=DiagnosticState.VALIDATED, validated_at=NOW, folio="DGAM-2026-10234",
    )  # fmt: skip
    assert other.pk
    assert validated(cast, ready).folio == "DGAM-2026-10235"


def test_nothing_is_validated_with_an_answer_unread(cast: Cast) -> None:
    held = taken_up(cast)
    say(cast.adviser, held, "t1")
    with pytest.raises(RefusedError):
        validated(cast, held)
    held.refresh_from_db()
    assert (held.state, held.folio, Document.objects.count()) == (DiagnosticState.UNDER_REVIEW, None, 0)


def test_nothing_is_validated_while_something_is_asked(cast: Cast, ready: Diagnostic) -> None:
    say(cast.adviser, ready, "t1", Opinion.OTHER_LEVEL, proposed=2, note="Falta.")
    with pytest.raises(RefusedError):
        validated(cast, ready)


def test_a_comment_does_not_hinder_and_is_told(cast: Cast, ready: Diagnostic) -> None:
    entry = say(cast.adviser, ready, "t2", Opinion.COMMENTED, note="Muy bien.")
    validated(cast, ready)
    entry.refresh_from_db()
    assert entry.is_told


def test_after_a_correction_and_an_agreement_it_is_validated(cast: Cast) -> None:
    held = returned(cast)
    asked = returned_entries(held)
    agree(by=cast.officer, entry=asked["t1"], client_id=uuid4(), now=LATER)
    Answer.objects.filter(question="t4").update(value="80", version=2)
    submit(by=cast.coordinator, diagnostic=held, now=LATER, seen=DiagnosticState.RETURNED)
    begin(by=cast.adviser, diagnostic=held, now=LATER)
    say(cast.adviser, held, "t4", now=LATER)
    done = validated(cast, held, now=LATER, public_from=LATER.date())
    content = Snapshot.objects.get(kind=SnapshotKind.VALIDATED).content
    assert (done.folio, content["answers"]["t1"]["value"], content["answers"]["t4"]["value"]) == (
        "DGAM-2026-0001", 2, "80",
    )  # fmt: skip


@pytest.mark.parametrize("who", ["analyst", "adviser_elsewhere", "coordinator", "mayor"])
def test_who_may_not_validate_does_not(cast: Cast, ready: Diagnostic, who: str) -> None:
    with pytest.raises(PermissionDenied):
        validated(cast, ready, by=getattr(cast, who))


def test_who_belonged_to_the_municipality_does_not_validate(cast: Cast, ready: Diagnostic) -> None:
    Membership.objects.create(user=cast.administrator, municipality=cast.here, role="reader", starts=TODAY)
    with pytest.raises(RefusedError):
        validated(cast, ready, by=cast.administrator)


def test_the_day_it_becomes_public_is_not_in_the_past(cast: Cast, ready: Diagnostic) -> None:
    with pytest.raises(RefusedError):
        validated(cast, ready, public_from=TODAY - timedelta(days=1))
