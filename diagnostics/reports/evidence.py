"""Evidence as pages, checks and the reviewer's archive read it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Func, JSONField, QuerySet, Value
from django.utils.translation import gettext as _

from diagnostics.choices import LinkState, SnapshotKind
from diagnostics.models import Diagnostic, Evidence, EvidenceUse, EvidenceVersion, Snapshot
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.filled import Used, evidence_uses, is_open
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.instrument import Question
from diagnostics.rules.links import fault_words
from municipalities.choices import DocumentState

FROZEN = (SnapshotKind.SUBMITTED, SnapshotKind.VALIDATED)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence in the version that counts here."""

    evidence: Evidence
    version: EvidenceVersion | None

    @property
    def title(self) -> str:
        return self.evidence.title

    @property
    def expires(self) -> date | None:
        return self.evidence.expires

    @property
    def is_open(self) -> bool:
        return is_open(self.version)

    @property
    def is_waiting(self) -> bool:
        """Whether a worker still owes an answer about it that comes within seconds."""
        document = self.version.document if self.version else None
        return document is not None and document.state == DocumentState.WAITING

    @property
    def is_remarkable(self) -> bool:
        """Whether there may be something to say of it beside where it is: a day, a file not cleared, a link that failed."""
        version = self.version
        if version is None:
            return False
        is_cleared = version.document is None or version.document.state == DocumentState.CLEAN
        return self.expires is not None or not is_cleared or bool(version.link_failures)

    @property
    def link_words(self) -> str:
        """Why the link did not answer, and what happens next; empty while nothing is wrong."""
        version = self.version
        if version is None or not version.link_failures:
            return ""
        if version.link_state == LinkState.DEAD:
            return fault_words(version.link_fault)
        return _("%(fault)s It is looked at again tomorrow.") % {"fault": fault_words(version.link_fault)}


def newest(evidence: Evidence) -> Piece:
    """The piece in its newest version; the versions are fetched before, newest first."""
    return Piece(evidence, next(iter(evidence.versions.all()), None))


def by_question(uses: Iterable[Used]) -> dict[str, list[Piece]]:
    """What each question points to now."""
    found: dict[str, list[Piece]] = defaultdict(list)
    for use, version in uses:
        found[use.question].append(Piece(use.evidence, version))
    return found


def as_it_counts(diagnostic: Diagnostic) -> Mapping[str, list[Piece]]:
    """By question, what the diagnostic stands on: while it is filled in, what its questions point to; afterwards, what the
    latest submission froze, whatever versions came later."""
    frozen = None
    if diagnostic.state not in WRITABLE:
        frozen = Snapshot.objects.filter(diagnostic=diagnostic, kind__in=FROZEN).order_by("-at", "-pk").first()
    if frozen is None:
        return by_question(evidence_uses(diagnostic))
    seen = {
        (question, piece["key"], piece["version"])
        for question, answer in frozen.content.get("answers", {}).items()
        for piece in answer.get("evidence", ())
    }
    versions = EvidenceVersion.objects.filter(evidence__key__in={key for _question, key, _number in seen})
    rows = {(str(row.evidence.key), row.number): row for row in versions.select_related("evidence", "document")}
    found: dict[str, list[Piece]] = defaultdict(list)
    for question, key, number in sorted(seen, key=str):
        row = rows.get((key, number))
        if row is not None:
            found[question].append(Piece(row.evidence, row))
    return found


def snapshots_with(evidence: Evidence) -> QuerySet[Snapshot]:
    """What was submitted or validated with a piece of evidence."""
    names_it = Func(
        "content",
        Value("$.answers.*.evidence[*] ? (@.key == $key)"),
        Value({"key": str(evidence.key)}, JSONField()),
        function="jsonb_path_exists",
        output_field=BooleanField(),
    )
    of_here = Snapshot.objects.filter(diagnostic__municipality=evidence.municipality_id, kind__in=FROZEN)
    return of_here.filter(names_it).select_related("diagnostic__round").order_by("-at")


def fingerprint(evidence: Evidence) -> str:
    """What a person saw of the evidence, to notice that someone changed it meanwhile."""
    fields = ("title", "description", "dated", "expires", "is_public", "owner_id")
    said = repr([getattr(evidence, field) for field in fields])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def places_of(evidence: Evidence) -> list[tuple[EvidenceUse, Question | None]]:
    """Where it is used, the newest round first."""
    uses = evidence.uses.select_related("diagnostic__round", "diagnostic__version", "linked_by")
    uses = uses.defer("diagnostic__version__content").order_by("-diagnostic", "question")
    return [(use, instrument_of(use.diagnostic.version).by_id.get(use.question)) for use in uses]
