"""Who answers which section, and what is said about a question."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics.choices import Audience
from diagnostics.models import Comment, Diagnostic, SectionAssignment
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.diagnostic_states import FINAL, WRITABLE
from municipalities.actions import RefusedError
from municipalities.permissions import can, check_can

if TYPE_CHECKING:
    from accounts.models import User


def assign(
    *, by: User, diagnostic: Diagnostic, dimension: str, user: User, due: date | None, now: datetime
) -> SectionAssignment:
    """Give a section to someone who may answer it; given again, the day changes."""
    check_can(by, Permission.COORDINATE_DIAGNOSTIC, diagnostic.municipality)
    name = _name_of(diagnostic, dimension)
    if not can(user, Permission.FILL_DIAGNOSTIC, diagnostic.municipality):
        raise RefusedError(_("This person may not answer the diagnostic of the municipality."))
    with transaction.atomic():
        held = Diagnostic.objects.select_for_update(no_key=True).get(pk=diagnostic.pk)
        if held.state not in WRITABLE:
            raise RefusedError(_("The diagnostic is not being filled in now."))
        given, _made = SectionAssignment.objects.update_or_create(
            diagnostic=held,
            dimension=dimension,
            user=user,
            defaults={"due": due, "assigned_by": by, "assigned_at": now},
        )
        _record("diagnostic.section_given", by, diagnostic, now, section=name, person=str(user))
    return given


def take_back(*, by: User, assignment: SectionAssignment, now: datetime) -> None:
    """The section is no longer asked of the person; what they wrote stays."""
    diagnostic = assignment.diagnostic
    check_can(by, Permission.COORDINATE_DIAGNOSTIC, diagnostic.municipality)
    with transaction.atomic():
        gone, _rows = SectionAssignment.objects.filter(pk=assignment.pk).delete()
        if gone:
            name = _name_of(diagnostic, assignment.dimension)
            _record("diagnostic.section_taken_back", by, diagnostic, now, section=name, person=str(assignment.user))


def comment(
    *, by: User, diagnostic: Diagnostic, question: str, text: str, audience: Audience, now: datetime
) -> Comment:
    """Say something about a question. The council's people only where both sides read it."""
    if by.is_council:
        check_can(by, Permission.REVIEW_DIAGNOSTIC, diagnostic.municipality)
        audience = Audience.SHARED
    else:
        check_can(by, Permission.FILL_DIAGNOSTIC, diagnostic.municipality)
    if question not in instrument_of(diagnostic.version).by_id:
        raise RefusedError(_("This question does not belong to the diagnostic."))
    if diagnostic.state in FINAL:
        raise RefusedError(_("The diagnostic is closed: nothing more is said about it."))
    return Comment.objects.create(diagnostic=diagnostic, question=question, text=text, audience=audience, by=by, at=now)


def resolve(*, by: User, comment: Comment, now: datetime) -> Comment:
    """Mark a comment as dealt with, once. Whoever may answer the question may, and who wrote it."""
    municipality = comment.diagnostic.municipality
    if by.pk != comment.by_id and not can(by, Permission.FILL_DIAGNOSTIC, municipality):
        raise PermissionDenied(Permission.FILL_DIAGNOSTIC.value)
    with transaction.atomic():
        held = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
        if held.resolved_at is None:
            held.resolved_at, held.resolved_by = now, by
            held.save(update_fields=["resolved_at", "resolved_by"])
    return held


def _name_of(diagnostic: Diagnostic, dimension: str) -> str:
    for each in instrument_of(diagnostic.version).dimensions:
        if each.id == dimension:
            return each.name
    raise RefusedError(_("This section does not belong to the diagnostic."))


def _record(kind: str, by: User, diagnostic: Diagnostic, now: datetime, **words: str) -> None:
    record_event(kind, by=by, at=now, subject=diagnostic, municipality_cut=diagnostic.municipality_id, **words)
