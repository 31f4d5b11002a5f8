"""Diagnostics as the council leaves them: validated, with their copy, and public from a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from accounts.models import User
from diagnostics.choices import DiagnosticState, EvidenceKind, SnapshotKind
from diagnostics.models import Answer, Diagnostic, Evidence, EvidenceUse, EvidenceVersion, Round
from diagnostics.reports.scores import store_scores
from diagnostics.reports.snapshots import take
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind
from municipalities.models import Municipality
from tests.diagnostics.factories import NOW, diagnostic

ANSWERS: Final[dict[str, Any]] = {"t1": 4, "t2": True, "t3": ["actas"], "t4": "60", "p1": "anual"}
TEXT: Final = "Lo revisa cada mes la secretaría."


def answered(place: Municipality, *, round_: Round | None = None, answers: Mapping[str, Any] = ANSWERS) -> Diagnostic:
    """An open diagnostic with its answers and scores."""
    held = diagnostic(place, round_)
    for question, value in answers.items():
        Answer.objects.create(
            diagnostic=held, question=question, value=value, text=TEXT, confidence="low", version=1, updated_at=NOW
        )
    store_scores(held.pk, now=NOW)
    return held


def validate(held: Diagnostic, *, at: datetime = NOW, public_from: date | None = None) -> Diagnostic:
    """As the council does it, without its checks; public at once unless a day is given."""
    held.state, held.state_since, held.validated_at, held.submitted_at = DiagnosticState.VALIDATED, at, at, at
    held.public_from = public_from or timezone.localdate(at)
    held.folio = f"DGAM-{at.year}-{held.pk:04}"
    held.save()
    take(held, kind=SnapshotKind.VALIDATED, name="Como se validó", by=None, now=at)
    return held


def publish(
    place: Municipality,
    *,
    round_: Round | None = None,
    answers: Mapping[str, Any] = ANSWERS,
    at: datetime = NOW,
    public_from: date | None = None,
) -> Diagnostic:
    return validate(answered(place, round_=round_, answers=answers), at=at, public_from=public_from)


def file_evidence(
    held: Diagnostic, question: str, *, owner: User, is_public: bool = True, title: str = "Acta"
) -> Evidence:
    """A file for a question."""
    piece = _evidence(held, owner, is_public=is_public, title=title)
    content = b"%PDF-1.7 " + title.encode()
    document = keep(
        municipality=held.municipality, kind=DocumentKind.EVIDENCE, content=content, name=f"{title}.pdf", now=NOW
    )
    add_version(piece, owner, number=1, kind=EvidenceKind.FILE, document=document)
    use(piece, held, question)
    return piece


def link_evidence(held: Diagnostic, question: str, url: str, *, owner: User, is_public: bool = True) -> Evidence:
    """A link for a question."""
    piece = _evidence(held, owner, is_public=is_public, title=url)
    add_version(piece, owner, number=1, kind=EvidenceKind.LINK, url=url)
    use(piece, held, question)
    return piece


def add_version(piece: Evidence, owner: User, *, number: int, **more: Any) -> EvidenceVersion:
    when = NOW + timedelta(minutes=number)
    return EvidenceVersion.objects.create(evidence=piece, number=number, added_by=owner, added_at=when, **more)


def use(piece: Evidence, held: Diagnostic, question: str) -> None:
    EvidenceUse.objects.create(evidence=piece, diagnostic=held, question=question, linked_by=piece.owner, linked_at=NOW)


def _evidence(held: Diagnostic, owner: User, *, is_public: bool, title: str) -> Evidence:
    return Evidence.objects.create(
        municipality=held.municipality, title=title, is_public=is_public, owner=owner, created_at=NOW
    )
