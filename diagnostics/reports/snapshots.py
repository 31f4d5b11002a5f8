"""A diagnostic frozen: what it said, on what it stood, what it scored. The same content gives the same SHA-256."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from diagnostics.choices import SnapshotKind
from diagnostics.models import Answer, Diagnostic, Snapshot
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.filled import evidence_uses
from diagnostics.rules.answers import Given
from diagnostics.rules.scores import Node, compute, ratio, step, written

if TYPE_CHECKING:
    from accounts.models import User


def take(diagnostic: Diagnostic, *, kind: SnapshotKind, name: str, by: User | None, now: datetime) -> Snapshot:
    """Freeze a diagnostic as it is in this transaction; the caller holds its row."""
    content = content_of(diagnostic)
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    sha256 = hashlib.sha256(canonical.encode()).hexdigest()
    return Snapshot.objects.create(
        diagnostic=diagnostic, kind=kind, name=name, content=content, sha256=sha256, at=now, by=by
    )


def content_of(diagnostic: Diagnostic) -> dict[str, Any]:
    """Plain data: the version with its checksum, answers and evidence (by hash) by question, and the scores computed from them.

    A question that has evidence and no answer yet stands with an empty one. It names no person: who wrote what is in the
    revisions.
    """
    instrument = instrument_of(diagnostic.version)
    rows = list(Answer.objects.filter(diagnostic=diagnostic))
    evidence: dict[str, list[dict[str, Any]]] = {}
    for use, newest in evidence_uses(diagnostic):
        evidence.setdefault(use.question, []).append(
            {
                "key": str(use.evidence.key),
                "title": use.evidence.title,
                "public": use.evidence.is_public,
                "version": newest.number if newest else None,
                "sha256": newest.document.sha256 if newest and newest.document else None,
                "url": newest.url if newest else "",
            }
        )
    unwritten = evidence.keys() - {row.question for row in rows}
    rows.extend(Answer(diagnostic=diagnostic, question=question) for question in unwritten)
    rows.sort(key=lambda row: row.question)
    answers = {row.question: Given(row.value, row.is_na, row.text, row.to_confirm) for row in rows}
    index = compute(instrument, answers)
    return {
        "municipality": diagnostic.municipality_id,
        "round": diagnostic.round.name,
        "instrument": {
            "key": instrument.key,
            "version": instrument.version,
            "checksum": diagnostic.version.checksum,
        },
        "answers": {
            row.question: {
                "value": row.value,
                "not_applicable": row.is_na,
                "text": row.text,
                "confidence": row.confidence,
                "to_confirm": row.to_confirm,
                "version": row.version,
                "evidence": evidence.get(row.question, []),
            }
            for row in rows
        },
        "scores": frozen(index, len(instrument.scale)),
    }


def frozen(node: Node, levels: int) -> dict[str, Any]:
    """A score with all below it; `rules.scores.thawed` gives it back."""
    data: dict[str, Any] = {
        "key": node.key,
        "standing": node.standing.value,
        "weight": str(node.weight),
        "reached": written(node.reached),
        "potential": written(node.potential),
        "exact": {"reached": ratio(node.reached), "potential": ratio(node.potential)},
        "level": step(node.reached, levels),
    }
    if node.children:
        data["children"] = [frozen(child, levels) for child in node.children]
    return data
