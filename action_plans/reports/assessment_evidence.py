"""The evidence that a part of an assessment may stand on, to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from action_plans.models import Assessment, AssessmentPiece, Commitment
from action_plans.reports.assessments import Part
from action_plans.rules.assessments import OWN
from diagnostics.models import Evidence, EvidenceQuerySet
from municipalities.models import Document

if TYPE_CHECKING:
    from accounts.models import User

SHOWN_AT_ONCE: Final = 12


def key_of(piece: AssessmentPiece) -> str:
    """How a form names what stands there: a piece of the library by its key there, a monitor's by its own."""
    return str(piece.version.evidence.key if piece.version else piece.key)


def offers(user: User, assessment: Assessment, part: Part, ticked: Iterable[str] = ()) -> list[tuple[str, str]]:
    """What may be ticked: what stands there; of the municipality's own also what was told of the commitment, then the newest of
    the library, and whatever was ticked. Two queries."""
    found = {key_of(piece): _called(piece.title, is_public=piece.is_public) for piece in part.pieces}
    if assessment.kind in OWN:
        rows = _library(user, assessment, part.about)
        newest = list(rows[:SHOWN_AT_ONCE])
        keys = [key for key in ticked if key not in found]
        for each in [*newest, *(rows.filter(key__in=keys) if keys else ())]:
            found.setdefault(str(each.key), _called(each.title, is_public=each.is_public))
    return list(found.items())


def _library(user: User, assessment: Assessment, about: Commitment | None) -> EvidenceQuerySet:
    of_here = Evidence.objects.visible_to(user).kept().filter(municipality=assessment.plan.municipality_id)
    if about is None:
        return of_here.order_by("-created_at", "-pk")
    told = Count("progress_updates", filter=Q(progress_updates__commitment=about))
    return of_here.annotate(told=told).order_by("-told", "-created_at", "-pk")


def _called(title: str, *, is_public: bool) -> str:
    return title if is_public else _("%(title)s (not public)") % {"title": title}


def chosen(user: User, assessment: Assessment, keys: Iterable[UUID]) -> list[Evidence]:
    """Pieces of the library that were ticked."""
    return list(_library(user, assessment, None).filter(key__in=list(keys)))


def file_of(assessment: Assessment, key: str, *, for_everyone: bool) -> Document | None:
    """A file of the assessment that may be opened: checked, not hidden, and public where anyone asks."""
    rows = assessment.pieces.select_related("version__evidence", "version__document", "document")
    piece = rows.filter(key=key).first()
    if piece is None or piece.hidden_at or (for_everyone and not piece.is_public):
        return None
    return piece.file if piece.file and piece.file.may_open else None
