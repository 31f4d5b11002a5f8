"""Stored scores: computed from the answers of a diagnostic, with all that explains them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from diagnostics.choices import ScoreLevel
from diagnostics.models import Diagnostic, Score
from diagnostics.reports.answers import given, instrument_of
from diagnostics.rules.answers import count
from diagnostics.rules.scores import Node, compute, rounded, step

_LEVELS = (ScoreLevel.INDEX, ScoreLevel.DIMENSION, ScoreLevel.DESCRIPTOR, ScoreLevel.QUESTION)


def store_scores(diagnostic_id: int, *, now: datetime) -> None:
    """Compute and store every score of a diagnostic, and how far it has come. Done twice, it is the same.

    Savers are not kept waiting while it computes: what changed meanwhile leaves `answers_changed_at` after
    `scored_at`, and the next run takes it up.
    """
    diagnostic = Diagnostic.objects.select_related("version").get(pk=diagnostic_id)
    instrument = instrument_of(diagnostic.version)
    answers = given(diagnostic)
    index = compute(instrument, answers)
    asked, answered = count(instrument, answers)
    rows = [_row(diagnostic, level, node, len(instrument.scale), now) for level, node in _walk(index)]
    with transaction.atomic():
        Diagnostic.objects.select_for_update(no_key=True).get(pk=diagnostic_id)
        diagnostic.scores.exclude(key__in=[row.key for row in rows]).delete()
        Score.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["diagnostic", "level", "key"],
            update_fields=["version", "reached", "potential", "possible", "step", "derivation", "computed_at"],
        )
        Diagnostic.objects.filter(pk=diagnostic_id).update(
            scored_at=diagnostic.answers_changed_at, asked=asked, answered=answered
        )


def _walk(node: Node, depth: int = 0) -> Iterator[tuple[ScoreLevel, Node]]:
    yield _LEVELS[depth], node
    for child in node.children:
        yield from _walk(child, depth + 1)


def _row(diagnostic: Diagnostic, level: ScoreLevel, node: Node, levels: int, now: datetime) -> Score:
    return Score(
        diagnostic=diagnostic,
        level=level,
        key=node.key,
        version_id=diagnostic.version_id,
        reached=rounded(node.reached),
        potential=rounded(node.potential),
        possible=Decimal(1) if node.counts else Decimal(0),
        step=step(node.reached, levels),
        derivation={"standing": node.standing, "children": [_part(child) for child in node.children]},
        computed_at=now,
    )


def _part(node: Node) -> dict[str, Any]:
    return {
        "key": node.key,
        "weight": str(node.weight),
        "share": str(rounded(node.share)),
        "reached": None if node.reached is None else str(rounded(node.reached)),
        "potential": None if node.potential is None else str(rounded(node.potential)),
        "standing": node.standing,
    }
