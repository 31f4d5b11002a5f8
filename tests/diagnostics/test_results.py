"""A diagnostic's result: from its stored scores, or from what a snapshot froze."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string

from diagnostics.choices import DiagnosticState, SnapshotKind
from diagnostics.models import Answer, Diagnostic, Score
from diagnostics.reports.results import Part, Result, result_of, result_of_snapshot
from diagnostics.reports.scores import store_scores
from diagnostics.reports.snapshots import take
from tests.cast import Cast
from tests.diagnostics.factories import NOW, diagnostic
from tests.diagnostics.test_submission import complete

pytestmark = pytest.mark.django_db


def scored(cast: Cast) -> Diagnostic:
    held = complete(cast)
    Diagnostic.objects.filter(pk=held.pk).update(answers_changed_at=NOW)
    store_scores(held.pk, now=NOW)
    held.refresh_from_db()
    return held


def parts(result: Result) -> list[tuple[Any, ...]]:
    def walk(part: Part) -> list[tuple[Any, ...]]:
        mine = (part.key, part.reached, part.potential, part.level, part.share, part.why, part.missing, part.ways)
        return [mine, *(below for child in part.children for below in walk(child))]

    return walk(result.index)


def test_a_result_tells_the_level_why_and_what_is_missing(cast: Cast) -> None:
    result = result_of(scored(cast))
    transparency = result.dimensions[0]
    assert result.index.level is not None
    assert result.index.why.startswith(
        f"Nivel {result.index.level.value} de 5, {result.index.level.name}, porque alcanza"
    )
    assert [part.name for part in result.dimensions] == ["Transparencia", "Participación ciudadana"]
    assert transparency.children[0].children[0].why.startswith("Nivel 3 de 5, en desarrollo, porque la respuesta es")
    assert sum(part.share for part in transparency.children) == 1
    assert result.is_provisional
    assert not result.is_behind


def test_a_snapshot_says_what_the_diagnostic_said_then(cast: Cast) -> None:
    held = scored(cast)
    then = parts(result_of(held))
    snapshot = take(held, kind=SnapshotKind.NAMED, name="uno", by=None, now=NOW)
    Answer.objects.filter(question="t1").update(value=1)
    store_scores(held.pk, now=NOW)
    assert parts(result_of_snapshot(snapshot)) == then
    assert parts(result_of(held)) != then


def test_what_a_snapshot_froze_stays_though_the_rules_change(cast: Cast) -> None:
    snapshot = take(scored(cast), kind=SnapshotKind.NAMED, name="uno", by=None, now=NOW)
    snapshot.content["scores"]["exact"]["reached"] = ["1", "8"]
    assert str(result_of_snapshot(snapshot).index.reached) == "0.12500000000000000000"


def test_without_stored_scores_the_answers_are_read_as_they_are(cast: Cast) -> None:
    held = complete(cast)
    assert not Score.objects.exists()
    without = parts(result_of(held))
    store_scores(held.pk, now=NOW)
    assert parts(result_of(held)) == without


def test_a_result_is_behind_while_answers_are_newer_and_provisional_until_validated(cast: Cast) -> None:
    held = scored(cast)
    held.answers_changed_at = NOW + timedelta(seconds=1)
    held.state = DiagnosticState.VALIDATED
    result = result_of(held)
    assert result.is_behind
    assert not result.is_provisional


def test_nothing_answered_is_said(cast: Cast) -> None:
    result = result_of(diagnostic(cast.here))
    assert not result.has_answers
    assert (result.index.points, result.index.potential_points) == ("0,0", "100,0")


def test_the_pieces_of_the_page_render_without_a_request(cast: Cast) -> None:
    result = result_of(scored(cast))
    index = render_to_string("diagnostics/results/_index.html", {"result": result})
    dimension = render_to_string("diagnostics/results/_dimension.html", {"part": result.dimensions[0]})
    assert "de 100 puntos" in index
    assert "nivel 3: en desarrollo" in dimension
    assert "style=" not in index + dimension


def test_stored_scores_hold_exact_numbers_and_reasons_as_data(cast: Cast) -> None:
    held = scored(cast)
    index = Score.objects.get(diagnostic=held, key="")
    numerator, denominator = map(int, index.derivation["exact"]["reached"])
    assert index.reached is not None
    assert abs(numerator / denominator - float(index.reached)) < 1e-12
    assert index.version == held.version
    question = Score.objects.get(diagnostic=held, key="t1")
    assert question.derivation["reason"] == {"cause": "counted", "value": 3, "then": 4}
