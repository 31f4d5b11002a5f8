"""A diagnostic with everything the checks before submission ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from diagnostics.choices import Confidence, LinkState, Opinion, Reply
from diagnostics.models import Answer, Diagnostic, EvidenceUse, EvidenceVersion
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.returned import last_asked
from diagnostics.rules.answers import Given, shown
from diagnostics.rules.submission import Asked, EvidenceSeen, Filled
from municipalities.choices import DocumentState

Used = tuple[EvidenceUse, EvidenceVersion | None]
"""A question points to a piece of evidence, which is this now."""


def filled(diagnostic: Diagnostic, *, today: date) -> Filled:
    """Three queries, however many answers; one more when it was submitted before.

    `diagnostic.version` must be at hand."""
    instrument = instrument_of(diagnostic.version)
    fields = ("question", "value", "is_na", "text", "to_confirm", "confidence", "version")
    rows = list(Answer.objects.filter(diagnostic=diagnostic).order_by().values_list(*fields, named=True))
    answers = {row.question: Given(row.value, row.is_na, row.text, row.to_confirm) for row in rows}
    evidence: dict[str, list[EvidenceSeen]] = defaultdict(list)
    moved: dict[str, datetime] = {}
    for use, newest in evidence_uses(diagnostic):
        moments = [use.linked_at, *([newest.added_at] if newest else [])]
        moved[use.question] = max(moments + ([moved[use.question]] if use.question in moved else []))
        evidence[use.question].append(EvidenceSeen(use.evidence.title, use.evidence.expires, is_open(newest)))
    return Filled(
        instrument=instrument,
        answers=answers,
        shown=shown(instrument, answers),
        today=today,
        evidence={question: tuple(pieces) for question, pieces in evidence.items()},
        unsure=frozenset(row.question for row in rows if row.confidence == Confidence.LOW),
        asked=_asked(diagnostic, {row.question: row.version for row in rows}, moved),
    )


def _asked(diagnostic: Diagnostic, versions: Mapping[str, int], evidence: Mapping[str, datetime]) -> dict[str, Asked]:
    """What the council asked in its last return, and what was done about it. `evidence`: when that of a question changed."""
    return {
        question: Asked(
            is_proposal=entry.opinion == Opinion.OTHER_LEVEL,
            is_replied=entry.reply in {Reply.AGREED, Reply.DISAGREED},
            is_touched=versions.get(question, 0) > entry.answer_version
            or (question in evidence and evidence[question] > entry.at),
        )
        for question, entry in last_asked(diagnostic).items()
    }


def evidence_uses(diagnostic: Diagnostic, questions: Collection[str] | None = None) -> list[Used]:
    """What each question points to, or some of them do, each with the newest version of the evidence. Two queries."""
    uses = EvidenceUse.objects.filter(diagnostic=diagnostic, evidence__removed_at__isnull=True)
    if questions is not None:
        uses = uses.filter(question__in=questions)
    found = list(uses.select_related("evidence").order_by("question", "linked_at", "pk"))
    versions = EvidenceVersion.objects.filter(evidence__in={use.evidence_id for use in found})
    versions = versions.select_related("document").order_by("evidence_id", "-number").distinct("evidence_id")
    newest = {version.evidence_id: version for version in versions}
    for use in found:
        use.evidence.municipality = diagnostic.municipality
    return [(use, newest.get(use.evidence_id)) for use in found]


def is_open(version: EvidenceVersion | None) -> bool:
    """Whether a reader gets something: a file that is not in quarantine, a link not known to be dead."""
    if version is None:
        return False
    if version.document is not None:
        return version.document.state != DocumentState.QUARANTINED
    return version.link_state != LinkState.DEAD
