"""What was told of a plan's commitments, with the evidence that anyone may open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from action_plans.choices import MilestoneState
from action_plans.models import Commitment, Plan, ProgressUpdate
from diagnostics.models import Evidence, EvidenceVersion

SHOWN: Final = 50
_READ: Final = (
    *("text", "state", "advance", "at"),
    *("commitment__key", "commitment__title", "milestone__title", "by__name", "by__email"),
)
_STATES: Final = dict(MilestoneState.choices)


@dataclass(frozen=True, slots=True)
class Proof:
    """A piece of evidence as the public sees it: its title where it is public, and where it opens. `href` of a link;
    `is_file`: it opens at `plan_evidence`; neither: it is kept back, or still being checked."""

    title: str
    key: str
    href: str = ""
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """What was told. `by` is empty for the public: offices answer, not persons."""

    pk: int
    at: datetime
    text: str
    commitment: str
    commitment_key: str
    milestone: str
    state: str
    by: str
    proofs: tuple[Proof, ...]
    withheld: int


def updates_of(plan: Plan, *, commitment: Commitment | None = None, key: str = "", most: int = SHOWN) -> list[Update]:
    """The latest, of the plan or of one commitment. Three queries."""
    rows = (
        ProgressUpdate.objects.filter(commitment__plan=plan)
        .select_related("commitment", "milestone", "by")
        .only(*_READ)
    )
    if commitment is not None:
        rows = rows.filter(commitment=commitment)
    if key:
        rows = rows.filter(commitment__key=key)
    return [_update(row) for row in rows.prefetch_related(_proofs())[:most]]


def public_piece(plan: Plan, key: str) -> EvidenceVersion | None:
    """A file that anyone may open: public, kept, checked, and told in this plan."""
    pieces = Evidence.objects.kept().filter(is_public=True, key=key, progress_updates__commitment__plan=plan)
    piece = pieces.prefetch_related(_versions()).first()
    version = next(iter(piece.versions.all()), None) if piece else None
    return version if version and version.document and version.document.may_open else None


def _versions() -> Prefetch[str, QuerySet[EvidenceVersion], str]:
    return Prefetch("versions", EvidenceVersion.objects.select_related("document").order_by("-number"))


def _proofs() -> Prefetch[str, QuerySet[Evidence], str]:
    return Prefetch("evidence", Evidence.objects.kept().order_by("pk").prefetch_related(_versions()))


def _update(row: ProgressUpdate) -> Update:
    pieces = list(row.evidence.all())
    shown = tuple(_proof(piece) for piece in pieces if piece.is_public)
    return Update(
        pk=row.pk,
        at=timezone.localtime(row.at),
        text=row.text,
        commitment=row.commitment.title,
        commitment_key=str(row.commitment.key),
        milestone=row.milestone.title if row.milestone else "",
        state=str(_STATES.get(row.state, "")) + (f" ({row.advance} %)" if row.advance else ""),
        by=str(row.by),
        proofs=shown,
        withheld=len(pieces) - len(shown),
    )


def _proof(piece: Evidence) -> Proof:
    version = next(iter(piece.versions.all()), None)
    is_file = bool(version and version.document and version.document.may_open)
    return Proof(piece.title, str(piece.key), version.url if version else "", is_file)
