"""The evidence of a published diagnostic that anyone may open.

Public is what the validated snapshot names, in the version that it names, while its owner keeps it public and its file is clean.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from diagnostics.models import EvidenceVersion, Snapshot
from municipalities.models import Document


class Shown(NamedTuple):
    """A piece of evidence on a public page: a file, by its `key`, or a link."""

    key: str
    title: str
    url: str
    document: Document | None

    @property
    def sha256(self) -> str:
        return self.document.sha256 if self.document else ""


def _named(snapshot: Snapshot) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each piece that the snapshot names, with the question that points to it."""
    for question, given in snapshot.content["answers"].items():
        for piece in given["evidence"]:
            yield question, piece


def public_evidence(snapshot: Snapshot) -> dict[str, Shown]:
    """By its key. One query."""
    named = {piece["key"]: piece for _question, piece in _named(snapshot) if piece["version"]}
    versions = EvidenceVersion.objects.filter(
        evidence__key__in=named,
        evidence__municipality=snapshot.diagnostic.municipality_id,
        evidence__is_public=True,
        evidence__removed_at__isnull=True,
    ).select_related("evidence", "document")
    found = {}
    for version in versions:
        key = str(version.evidence.key)
        piece = named[key]
        same_file = not version.document or (version.document.may_open and version.document.sha256 == piece["sha256"])
        if version.number == piece["version"] and same_file:
            found[key] = Shown(key, piece["title"], version.url, version.document)
    return found


def keys_by_question(snapshot: Snapshot) -> dict[str, list[str]]:
    """The keys of the pieces that each question points to, public or not."""
    found: dict[str, list[str]] = {}
    for question, piece in _named(snapshot):
        found.setdefault(question, []).append(piece["key"])
    return found
