"""The evidence of an assessment, part by part: pieces of the municipality's library, or a monitor's own. Published, it stays;
what a monitor should not have published is hidden, and its place says why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from action_plans.actions.assessments import draft_of, is_monitor, may_write
from action_plans.choices import AssessmentState, PieceHideReason
from action_plans.models import Assessment, AssessmentPiece, Commitment
from action_plans.reports.assessments import questions_about
from action_plans.rules.assessments import LARGEST_PIECE, MOST_PIECES, OWN
from config.page_cache import forget_public_pages
from diagnostics.actions import evidence as library
from diagnostics.models import Evidence
from diagnostics.rules.links import link_problem
from municipalities.actions import RefusedError
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind
from municipalities.permissions import can

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Brought:
    """A file or an address that is new. `key` comes from its form: sent twice, it is one."""

    key: UUID
    title: str
    sent: library.Sent
    is_public: bool = False


def change(
    *,
    by: User,
    assessment: Assessment,
    about: Commitment | None,
    now: datetime,
    add: Sequence[Evidence] = (),
    drop: Collection[UUID] = (),
    brought: Brought | None = None,
) -> list[AssessmentPiece]:
    """Take pieces off a part and put others there, all or nothing; returns what stands there then.

    `add` are pieces of the library, `drop` the keys of these or of the part's own. Raises `RefusedError` for too many, too large
    or what is not kept, `OvertakenError` once the assessment is published, `PermissionDenied`.
    """
    if not may_write(by, assessment.plan, assessment.kind, timezone.localdate(now)):
        raise PermissionDenied
    if not questions_about(assessment, about):
        raise RefusedError(_("This question does not belong to the assessment."))
    if brought and brought.sent.upload and _size(brought.sent.upload) > LARGEST_PIECE:
        raise RefusedError(_("The file is larger than %(most)d MB.") % {"most": LARGEST_PIECE // 2**20})
    with transaction.atomic():
        held = draft_of(assessment)
        here = held.pieces.filter(commitment=about)
        here.filter(Q(key__in=drop) | Q(version__evidence__key__in=drop)).delete()
        for evidence in add:
            _attach(held, about, evidence, by, now)
        if brought and not here.filter(key=brought.key).exists():
            _check_room(here.count() + 1)
            _bring(held, about, brought, by, now)
        _check_room(here.count())
        return list(here.select_related("version__evidence", "document"))


def may_hide(user: User, piece: AssessmentPiece, today: date) -> bool:
    """A monitor of the plan; and the Consejo that advises, for one whose time is over."""
    plan = piece.assessment.plan
    return is_monitor(user, plan, today) or can(user, Permission.ADVISE_PLAN, plan.municipality)


def hide(*, by: User, piece: AssessmentPiece, reason: PieceHideReason, note: str, now: datetime) -> AssessmentPiece:
    """Show a monitor's published evidence no more, once: date, reason and note stay in its place, and nobody opens it.

    Raises `RefusedError` for what can be taken off, because it is a draft or of the library; `PermissionDenied`.
    """
    if not may_hide(by, piece, timezone.localdate(now)):
        raise PermissionDenied
    with transaction.atomic():
        rows = AssessmentPiece.objects.select_for_update(of=("self",)).select_related("assessment__plan")
        held = rows.get(pk=piece.pk)
        if held.hidden_at is not None:
            return held
        if held.version_id is not None or held.assessment.state != AssessmentState.PUBLISHED:
            raise RefusedError(_("This evidence is taken off where it was put."))
        held.hidden_for, held.hidden_note, held.hidden_by, held.hidden_at = reason, note.strip()[:300], by, now
        held.save(update_fields=["hidden_for", "hidden_note", "hidden_by", "hidden_at"])
        plan = held.assessment.plan
        words = {"assessment": held.assessment.kind, "reason": note.strip()}
        place = plan.municipality_id
        record_event("assessment.piece_hidden", by=by, at=now, subject=plan, municipality_cut=place, **words)
        transaction.on_commit(forget_public_pages, robust=True)
    return held


def _check_room(count: int) -> None:
    if count > MOST_PIECES:
        words = _("A part of an assessment has at most %(most)d pieces of evidence: choose those that show it best.")
        raise RefusedError(words % {"most": MOST_PIECES})


def _attach(held: Assessment, about: Commitment | None, evidence: Evidence, by: User, now: datetime) -> None:
    """A piece of the library, in its newest version."""
    is_of_here = held.kind in OWN and evidence.municipality_id == held.plan.municipality_id
    newest = evidence.versions.order_by("-number").first()
    if not is_of_here or newest is None or evidence.removed_at is not None:
        raise RefusedError(_("This evidence is not of the municipality, or it was removed."))
    if not held.pieces.filter(commitment=about, version__evidence=evidence).exists():
        held.pieces.create(commitment=about, version=newest, added_at=now, added_by=by)


def _bring(held: Assessment, about: Commitment | None, brought: Brought, by: User, now: datetime) -> None:
    """What the municipality brings goes into its library; what a monitor brings is theirs."""
    place, sent = held.plan.municipality, brought.sent
    if held.kind in OWN:
        details = library.Details(brought.title, is_public=brought.is_public)
        added = library.add(by=by, municipality=place, key=brought.key, details=details, sent=sent, now=now)
        _attach(held, about, added.evidence, by, now)
        return
    piece = AssessmentPiece(assessment=held, commitment=about, key=brought.key, added_at=now, added_by=by)
    piece.own_title, piece.own_public = brought.title[:150], brought.is_public
    if sent.upload is not None:
        piece.document = receive(
            by=by, municipality=place, kind=DocumentKind.EVIDENCE, upload=sent.upload, name=sent.name, now=now
        )
    elif problem := link_problem(sent.url, loopback=settings.LINKS_TO_THIS_MACHINE):
        raise RefusedError(problem)
    else:
        piece.url = sent.url
    piece.save()


def _size(upload: IO[bytes]) -> int:
    upload.seek(0, 2)
    size = upload.tell()
    upload.seek(0)
    return size
