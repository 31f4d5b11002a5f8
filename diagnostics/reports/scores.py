"""Stored scores: computed from the answers of a diagnostic, with all that explains them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet

from diagnostics.choices import ScoreLevel
from diagnostics.models import Diagnostic, Score
from diagnostics.reports.answers import given, instrument_of
from diagnostics.rules.answers import Given, count
from diagnostics.rules.explanations import Reason, reasons, to_data
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.scores import Node, compute, ratio, rounded, step, written

RULES: Final = 1
"""The edition of the rules by which scores are computed and explained. Raised when either changes: what was stored by an earlier
one is computed again."""
_LEVELS = (ScoreLevel.INDEX, ScoreLevel.DIMENSION, ScoreLevel.DESCRIPTOR, ScoreLevel.QUESTION)
_COMPARED: Final = ("version_id", "reached", "potential", "possible", "step", "derivation")
_CARED_FOR: Final = timedelta(minutes=1)
_FIELDS: Final = ("version", "reached", "potential", "possible", "step", "derivation", "computed_at")


class Difference(NamedTuple):
    """A stored score that is not what the answers give now. `before` or `after` is None where there is no such score."""

    level: ScoreLevel
    key: str
    before: Score | None
    after: Score | None

    @property
    def is_of_words(self) -> bool:
        """Whether the numbers are the same, and only the explanation or the edition of the rules differs."""
        if self.before is None or self.after is None:
            return False
        numbers = ("version_id", "reached", "potential", "possible", "step")
        return all(getattr(self.before, field) == getattr(self.after, field) for field in numbers)


def behind() -> QuerySet[Diagnostic]:
    """Diagnostics whose answers changed after their scores were computed."""
    return Diagnostic.objects.filter(answers_changed_at__isnull=False).filter(
        Q(scored_at__isnull=True) | ~Q(scored_at=F("answers_changed_at"))
    )


def left_behind(now: datetime) -> QuerySet[Diagnostic]:
    """Those of which no task takes care any more: of one whose answers changed within the last minute, the task that its saves
    asked for (`SCORES_CALM`) may still wait."""
    return behind().filter(answers_changed_at__lt=now - _CARED_FOR)


def is_behind(diagnostic: Diagnostic) -> bool:
    """The same of one diagnostic."""
    return diagnostic.answers_changed_at is not None and diagnostic.scored_at != diagnostic.answers_changed_at


def store_scores(diagnostic_id: int, *, now: datetime) -> None:
    """Compute and store every score of a diagnostic, and how far it has come. Done twice, it is the same. Savers are not kept
    waiting while it computes: what changed meanwhile leaves the diagnostic behind, and the next run takes it up."""
    diagnostic, answers, rows = _computed(diagnostic_id, now)
    asked, answered = count(instrument_of(diagnostic.version), answers)
    with transaction.atomic():
        held = Diagnostic.objects.select_for_update(no_key=True).get(pk=diagnostic_id)
        if not is_behind(held) and held.answers_changed_at != diagnostic.answers_changed_at:
            return  # another run saw later answers, and stored what they give
        found = _differences(diagnostic, rows)
        Score.objects.filter(pk__in=[each.before.pk for each in found if each.before and not each.after]).delete()
        # A save moves a question and what is above it: the other rows stay as they are.
        Score.objects.bulk_create(
            [each.after for each in found if each.after],
            update_conflicts=True,
            unique_fields=["diagnostic", "level", "key"],
            update_fields=_FIELDS,
        )
        Diagnostic.objects.filter(pk=diagnostic_id).update(
            scored_at=diagnostic.answers_changed_at, asked=asked, answered=answered
        )


def differences(diagnostic_id: int, *, now: datetime) -> list[Difference]:
    """Every stored score that is not what the answers give now, in the order of the instrument. Nothing is written."""
    diagnostic, _answers, rows = _computed(diagnostic_id, now)
    return _differences(diagnostic, rows)


def _differences(diagnostic: Diagnostic, rows: list[Score]) -> list[Difference]:
    before = {(row.level, row.key): row for row in Score.objects.filter(diagnostic=diagnostic)}
    found = []
    for after in rows:
        held = before.pop((after.level, after.key), None)
        if held is None or any(getattr(held, field) != getattr(after, field) for field in _COMPARED):
            found.append(Difference(ScoreLevel(after.level), after.key, held, after))
    return [*found, *(Difference(ScoreLevel(row.level), row.key, row, None) for row in before.values())]


def _computed(diagnostic_id: int, now: datetime) -> tuple[Diagnostic, dict[str, Given], list[Score]]:
    """The diagnostic is read before its answers: one that changes in between leaves it behind."""
    diagnostic = Diagnostic.objects.select_related("version").defer("version__content").get(pk=diagnostic_id)
    instrument = instrument_of(diagnostic.version)
    answers = given(diagnostic)
    return diagnostic, answers, rows_of(diagnostic, instrument, compute(instrument, answers), answers, now)


def rows_of(
    diagnostic: Diagnostic, instrument: Instrument, index: Node, answers: Mapping[str, Given], now: datetime
) -> list[Score]:
    """The rows of a computed index, not stored."""
    because = reasons(instrument, index, answers)
    levels = len(instrument.scale)
    return [_row(diagnostic, level, node, levels, because[node.key], now) for level, node in _walk(index)]


def _walk(node: Node, depth: int = 0) -> Iterator[tuple[ScoreLevel, Node]]:
    yield _LEVELS[depth], node
    for child in node.children:
        yield from _walk(child, depth + 1)


def _row(diagnostic: Diagnostic, level: ScoreLevel, node: Node, levels: int, reason: Reason, now: datetime) -> Score:
    return Score(
        diagnostic=diagnostic,
        level=level,
        key=node.key,
        version_id=diagnostic.version_id,
        reached=rounded(node.reached),
        potential=rounded(node.potential),
        possible=Decimal(1) if node.counts else Decimal(0),
        step=step(node.reached, levels),
        derivation={
            "rules": RULES,
            "standing": node.standing.value,
            "share": written(node.share),
            "exact": {"reached": ratio(node.reached), "potential": ratio(node.potential)},
            "children": [_part(child) for child in node.children],
            "reason": to_data(reason),
        },
        computed_at=now,
    )


def _part(node: Node) -> dict[str, Any]:
    return {
        "key": node.key,
        "weight": str(node.weight),
        "share": written(node.share),
        "reached": written(node.reached),
        "potential": written(node.potential),
        "standing": node.standing.value,
    }
