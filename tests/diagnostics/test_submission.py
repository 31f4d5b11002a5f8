"""Submitting a diagnostic."""

import pytest
from django.core.exceptions import PermissionDenied

from diagnostics.actions.submission import NotReadyError, submit
from diagnostics.choices import AnswerOrigin, DiagnosticState
from diagnostics.models import Answer, Diagnostic, Evidence, EvidenceUse, EvidenceVersion, Snapshot
from municipalities.actions import OvertakenError, RefusedError
from tests.cast import Cast
from tests.diagnostics.factories import NOW, diagnostic

pytestmark = pytest.mark.django_db

COMPLETE = {"t1": 3, "t2": False, "t4": "95", "t5": "https://ejemplo.cl/", "p1": "anual", "p2": "2026-04-01"}


def complete(cast: Cast) -> Diagnostic:
    """A diagnostic with nothing to remark."""
    held = diagnostic(cast.here)
    for question, value in COMPLETE.items():
        Answer.objects.create(diagnostic=held, question=question, value=value, version=1, updated_at=NOW)
    Answer.objects.create(diagnostic=held, question="p3", text="Un plan de trabajo.", version=1, updated_at=NOW)
    evidence = Evidence.objects.create(
        municipality=cast.here, title="Página", owner=cast.officer, created_at=NOW, is_public=True
    )
    EvidenceVersion.objects.create(
        evidence=evidence, number=1, kind="link", url="https://ejemplo.cl/", added_by=cast.officer, added_at=NOW
    )
    EvidenceUse.objects.create(evidence=evidence, diagnostic=held, question="t1", linked_by=cast.officer, linked_at=NOW)
    return held


def test_what_is_submitted_is_frozen_with_its_scores(cast: Cast) -> None:
    held = submit(by=cast.coordinator, diagnostic=complete(cast), now=NOW, seen=DiagnosticState.OPEN)
    assert held.state == DiagnosticState.SUBMITTED
    snapshot = Snapshot.objects.get()
    assert snapshot.content["answers"]["t1"]["value"] == 3
    assert snapshot.content["answers"]["t1"]["evidence"][0]["url"] == "https://ejemplo.cl/"
    assert snapshot.content["scores"]["level"] in range(1, 6)


def test_the_same_content_has_the_same_hash(cast: Cast) -> None:
    from diagnostics.choices import SnapshotKind
    from diagnostics.reports.snapshots import take

    held = complete(cast)
    first, second = (take(held, kind=SnapshotKind.NAMED, name=n, by=None, now=NOW) for n in ("uno", "dos"))
    assert first.sha256 == second.sha256
    Answer.objects.filter(question="p1").update(value="nunca", origin=AnswerOrigin.PERSON)
    assert take(held, kind=SnapshotKind.NAMED, name="tres", by=None, now=NOW).sha256 != first.sha256


def test_submitting_twice_is_once(cast: Cast) -> None:
    held = complete(cast)
    submit(by=cast.coordinator, diagnostic=held, now=NOW, seen=DiagnosticState.OPEN)
    with pytest.raises(OvertakenError):
        submit(by=cast.coordinator, diagnostic=held, now=NOW, seen=DiagnosticState.OPEN)
    assert Snapshot.objects.count() == 1


def test_what_blocks_is_told_and_nothing_changes(cast: Cast) -> None:
    held = diagnostic(cast.here)
    with pytest.raises(NotReadyError) as caught:
        submit(by=cast.coordinator, diagnostic=held, now=NOW, seen=DiagnosticState.OPEN)
    assert any(remark.blocks for remark in caught.value.remarks)
    held.refresh_from_db()
    assert (held.state, Snapshot.objects.count()) == (DiagnosticState.OPEN, 0)


def test_a_remark_that_does_not_block_is_acknowledged(cast: Cast) -> None:
    held = complete(cast)
    Answer.objects.filter(question="p2").update(value=None)
    with pytest.raises(NotReadyError):
        submit(by=cast.coordinator, diagnostic=held, now=NOW, seen=DiagnosticState.OPEN)
    known = [("unanswered", "p2")]
    assert submit(by=cast.coordinator, diagnostic=held, now=NOW, seen=DiagnosticState.OPEN, acknowledged=known)


def test_after_the_deadline_more_time_must_be_asked(cast: Cast) -> None:
    held = complete(cast)
    late = NOW.replace(year=2029)
    with pytest.raises(RefusedError):
        submit(by=cast.coordinator, diagnostic=held, now=late, seen=DiagnosticState.OPEN)


def test_only_the_coordinator_submits(cast: Cast) -> None:
    held = complete(cast)
    for person in (cast.officer, cast.mayor, cast.reader, cast.administrator, cast.coordinator_elsewhere):
        with pytest.raises(PermissionDenied):
            submit(by=person, diagnostic=held, now=NOW, seen=DiagnosticState.OPEN)
