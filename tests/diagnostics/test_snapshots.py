"""What is frozen: it does not change by any road, and it holds all that the municipality showed."""

from datetime import UTC, datetime

import pytest
from django.db import InternalError, connection, transaction
from django.test import Client
from django.urls import reverse

from diagnostics.actions.reviewers import begin
from diagnostics.actions.submission import submit
from diagnostics.actions.validation import validate
from diagnostics.choices import DiagnosticState, SnapshotKind
from diagnostics.models import Answer, Diagnostic, EvidenceUse, Snapshot
from diagnostics.reports.answers import given
from diagnostics.reports.evidence import as_it_counts
from diagnostics.reports.pdf import fields_of
from diagnostics.reports.results import answers_of_content
from diagnostics.reports.review import review_of
from diagnostics.reports.snapshots import take
from diagnostics.rules.scores import compute
from tests.cast import Cast
from tests.diagnostics.factories import NOW, instrument
from tests.diagnostics.published import link_evidence
from tests.diagnostics.reviews import LATER, accept_rest, submitted
from tests.diagnostics.test_submission import complete

pytestmark = pytest.mark.django_db

URL = "https://ejemplo.cl/acta-sin-respuesta"


def validated(cast: Cast, held: Diagnostic) -> Diagnostic:
    begin(by=cast.adviser, diagnostic=held, now=NOW)
    accept_rest(cast.adviser, held, now=LATER)
    return validate(
        by=cast.administrator, diagnostic=held, public_from=LATER.date(), now=LATER, seen=DiagnosticState.UNDER_REVIEW
    )


def refused(statement: str, *values: int) -> None:
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_uses_of_evidence_of_a_validated_diagnostic_change_by_no_road(cast: Cast) -> None:
    held = validated(cast, submitted(cast))
    use = EvidenceUse.objects.get()
    refused("UPDATE diagnostics_evidenceuse SET question = 't2' WHERE id = %s", use.pk)
    refused("DELETE FROM diagnostics_evidenceuse WHERE id = %s", use.pk)
    refused(
        "INSERT INTO diagnostics_evidenceuse (evidence_id, diagnostic_id, question, linked_by_id, linked_at)"
        " VALUES (%s, %s, 't2', %s, now())",
        use.evidence_id,
        held.pk,
        use.linked_by_id,
    )
    assert EvidenceUse.objects.get().question == "t1"


def test_the_uses_of_evidence_of_an_open_diagnostic_pass_the_guard(cast: Cast) -> None:
    complete(cast)
    EvidenceUse.objects.update(question="t2")
    EvidenceUse.objects.all().delete()
    assert not EvidenceUse.objects.exists()


def test_a_snapshot_changes_by_no_road(cast: Cast) -> None:
    submitted(cast)
    refused("UPDATE diagnostics_snapshot SET content = '{}'")
    refused("DELETE FROM diagnostics_snapshot")
    assert Snapshot.objects.get().content["answers"]


def without_answer(cast: Cast) -> Diagnostic:
    """Complete, but for p2: it has evidence and nobody wrote an answer."""
    held = complete(cast)
    Answer.objects.filter(question="p2").delete()
    link_evidence(held, "p2", URL, owner=cast.officer)
    return held


def test_evidence_of_a_question_without_an_answer_is_frozen_and_scores_nothing(cast: Cast) -> None:
    held = without_answer(cast)
    content = take(held, kind=SnapshotKind.NAMED, name="x", by=None, now=NOW).content
    assert content["answers"]["p2"]["value"] is None
    assert [piece["url"] for piece in content["answers"]["p2"]["evidence"]] == [URL]
    assert list(content["answers"]) == sorted(content["answers"])
    assert compute(instrument(), answers_of_content(content)) == compute(instrument(), given(held))


def test_the_review_the_document_and_the_public_page_bear_it(client: Client, cast: Cast) -> None:
    held = submit(
        by=cast.coordinator,
        diagnostic=without_answer(cast),
        now=NOW,
        seen=DiagnosticState.OPEN,
        acknowledged=[("unanswered", "p2")],
    )
    assert [piece.title for piece in as_it_counts(held)["p2"]] == [URL]
    done = validated(cast, held)
    snapshot = Snapshot.objects.get(kind=SnapshotKind.VALIDATED)
    told = fields_of(done, snapshot, review=review_of(done, cast.adviser))
    asked = {q["text"]: q for part in told["dimensions"] for d in part["descriptors"] for q in d["questions"]}
    shown = asked["¿Cuándo fue la última sesión?"]
    assert ([piece["url"] for piece in shown["evidence"]], shown["said"]) == ([URL], "")
    Diagnostic.objects.update(public_from=datetime(2026, 6, 1, tzinfo=UTC).date())
    place = [done.municipality.cut, done.municipality.slug, done.folio]
    assert URL in client.get(reverse("diagnostics:public_diagnostic", args=place)).content.decode()
    for name in ("public_json", "public_answers"):
        assert client.get(reverse(f"diagnostics:{name}", args=place)).status_code == 200
