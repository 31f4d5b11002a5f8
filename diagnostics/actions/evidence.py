"""Evidence: added once however often it is sent, renewed by versions, linked to questions, removed where nothing needs it.

Whoever changes the evidence of a municipality goes one after the other (`_hold`); links to a diagnostic also hold its row, so
that none changes while it is being submitted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics import tasks
from diagnostics.actions.answers import locked
from diagnostics.actions.rounds import deadline
from diagnostics.choices import EvidenceKind
from diagnostics.models import Answer, Diagnostic, Evidence, EvidenceUse, EvidenceVersion
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.evidence import fingerprint, snapshots_with
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.links import link_problem
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind
from municipalities.models import Municipality
from municipalities.permissions import can, check_can
from municipalities.rules.register import normalise

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Sent:
    """What arrived: a file with its name, or an address."""

    upload: IO[bytes] | None = None
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What is said of a piece of evidence. Without an owner it is whoever adds it."""

    title: str
    description: str = ""
    dated: date | None = None
    expires: date | None = None
    is_public: bool = False
    owner: User | None = None


class Place(NamedTuple):
    """A question of a diagnostic."""

    diagnostic: Diagnostic
    question: str


class Added(NamedTuple):
    """`was_there`: the same file or address was in the library already, and nothing was added."""

    evidence: Evidence
    was_there: bool


def add(
    *,
    by: User,
    municipality: Municipality,
    key: UUID,
    details: Details,
    sent: Sent,
    now: datetime,
    place: Place | None = None,
) -> Added:
    """Add evidence to the library, and link it to a question if one is named. The same `key` again changes nothing; what the
    library already holds, byte by byte, is linked and not added again.

    Raises `PermissionDenied`, and `RefusedError` for a file that is not kept, an address that is not taken, or a closed place.
    """
    check_can(by, Permission.FILL_DIAGNOSTIC, municipality)
    with transaction.atomic():
        _hold(municipality)
        if place is not None:
            _open(place, now)
        before = Evidence.objects.filter(key=key).first()
        if before is not None and (before.municipality_id != municipality.pk or before.removed_at):
            raise RefusedError(_("This evidence was removed. Add it again from the start."))
        found = before or _same_content(municipality, sent)
        evidence = found or _create(by, municipality, key, details, sent, now)
        if place is not None:
            _link(by, evidence, place, now)
    return Added(evidence, was_there=found is not None and before is None)


def renew(*, by: User, evidence: Evidence, sent: Sent, now: datetime) -> EvidenceVersion:
    """Add a version; the former ones stay for the snapshots that saw them. What the newest already is adds nothing."""
    check_can(by, Permission.FILL_DIAGNOSTIC, evidence.municipality)
    with transaction.atomic():
        _hold(evidence.municipality)
        held = _kept(evidence)
        newest = held.versions.select_related("document").order_by("-number").first()
        if newest is not None and _says(newest, sent):
            return newest
        version = _version(by, held, sent, now, number=newest.number + 1 if newest else 1)
        _record("evidence.renewed", by, held, now, version=version.number)
    return version


def edit(*, by: User, evidence: Evidence, details: Details, seen: str, now: datetime) -> Evidence:
    """Change title, description, dates, owner and whether it is public. `seen` is `fingerprint` as the person saw it."""
    check_can(by, Permission.FILL_DIAGNOSTIC, evidence.municipality)
    with transaction.atomic():
        _hold(evidence.municipality)
        held = _kept(evidence)
        if seen != fingerprint(held):
            raise OvertakenError(
                _("Someone changed this evidence meanwhile. Look at it, and send yours again if it still holds.")
            )
        _describe(held, details, owner=details.owner or held.owner)
        if fingerprint(held) != seen:
            held.save()
            _record("evidence.edited", by, held, now)
    return held


def link(*, by: User, evidence: Evidence, place: Place, now: datetime) -> None:
    """Let a question point to a piece of the municipality's library. Linked already, nothing changes."""
    check_can(by, Permission.FILL_DIAGNOSTIC, evidence.municipality)
    with transaction.atomic():
        _hold(evidence.municipality)
        _open(place, now)
        _link(by, _kept(evidence), place, now)


def unlink(*, by: User, evidence: Evidence, place: Place, now: datetime) -> None:
    """The question no longer points to it; the evidence and all its versions stay in the library."""
    check_can(by, Permission.FILL_DIAGNOSTIC, evidence.municipality)
    with transaction.atomic():
        _hold(evidence.municipality)
        _open(place, now)
        gone, _rows = EvidenceUse.objects.filter(
            evidence=evidence, diagnostic=place.diagnostic, question=place.question
        ).delete()
        if gone:
            _record_place("evidence.unlinked", by, evidence, place, now)


def remove(*, by: User, evidence: Evidence, now: datetime) -> None:
    """Take it out of the library and off the questions that can still be changed. Files and versions are not deleted.

    Refused while something that was submitted or validated stands on it.
    """
    check_can(by, Permission.FILL_DIAGNOSTIC, evidence.municipality)
    with transaction.atomic():
        _hold(evidence.municipality)
        held = Evidence.objects.get(pk=evidence.pk)
        if held.removed_at is not None:
            return
        frozen = snapshots_with(held).first()
        if frozen is not None:
            raise RefusedError(
                _(
                    "“%(round)s” was submitted with this evidence: it stays. You may unlink it from a question or add a version."
                )
                % {"round": frozen.diagnostic.round}
            )
        uses = held.uses.select_related("diagnostic__version", "diagnostic__round").defer(
            "diagnostic__version__content"
        )
        for use in uses.order_by("diagnostic"):
            _open(Place(use.diagnostic, use.question), now)
            use.delete()
        held.removed_at = now
        held.save(update_fields=["removed_at"])
        _record("evidence.removed", by, held, now)


def _hold(municipality: Municipality) -> None:
    Municipality.objects.select_for_update(of=("self",), no_key=True).get(pk=municipality.pk)


def _kept(evidence: Evidence) -> Evidence:
    """The row as it is now, under the municipality's lock."""
    held = Evidence.objects.select_related("municipality", "owner").get(pk=evidence.pk)
    if held.removed_at is not None:
        raise RefusedError(_("This evidence was removed."))
    return held


def _open(place: Place, now: datetime) -> None:
    """Lock the diagnostic and refuse what may no longer change: as for its answers."""
    held = locked(place.diagnostic)
    if place.question not in instrument_of(held.version).by_id:
        raise RefusedError(_("This question does not belong to the diagnostic."))
    if held.state not in WRITABLE:
        raise RefusedError(_("The diagnostic is not being filled in now: its evidence stays as it is."))
    if timezone.localdate(now) > deadline(held):
        raise RefusedError(_("The time to fill it in is over: its evidence stays as it is."))
    if Answer.objects.filter(diagnostic=held, question=place.question, is_locked=True).exists():
        raise RefusedError(_("The council checked and closed this answer: its evidence stays as it is."))


def _create(by: User, municipality: Municipality, key: UUID, details: Details, sent: Sent, now: datetime) -> Evidence:
    evidence = Evidence(key=key, municipality=municipality, created_at=now)
    _describe(evidence, details, owner=details.owner or by)
    evidence.save()
    _version(by, evidence, sent, now, number=1)
    _record("evidence.added", by, evidence, now)
    return evidence


def _describe(evidence: Evidence, details: Details, *, owner: User) -> None:
    if details.expires and details.dated and details.expires < details.dated:
        raise RefusedError(_("It cannot be valid until a day before its own date."))
    if owner.pk != evidence.owner_id and not can(owner, Permission.FILL_DIAGNOSTIC, evidence.municipality):
        raise RefusedError(_("The owner must be someone who answers diagnostics of the municipality."))
    evidence.title = details.title[:150]
    evidence.description, evidence.is_public, evidence.owner = details.description, details.is_public, owner
    evidence.dated, evidence.expires = details.dated, details.expires
    evidence.search = normalise(f"{details.title} {details.description}")


def _version(by: User, evidence: Evidence, sent: Sent, now: datetime, *, number: int) -> EvidenceVersion:
    version = EvidenceVersion(evidence=evidence, number=number, added_by=by, added_at=now)
    if sent.upload is not None:
        version.kind = EvidenceKind.FILE
        version.document = receive(
            by=by,
            municipality=evidence.municipality,
            kind=DocumentKind.EVIDENCE,
            upload=sent.upload,
            name=sent.name,
            now=now,
        )
    else:
        problem = link_problem(sent.url, loopback=settings.LINKS_TO_THIS_MACHINE)
        if problem:
            raise RefusedError(problem)
        version.kind, version.url = EvidenceKind.LINK, sent.url
    version.save()
    if version.kind == EvidenceKind.LINK:
        tasks.check_links.delay_on_commit([version.pk])
    return version


def _same_content(municipality: Municipality, sent: Sent) -> Evidence | None:
    """What the library already holds of it, in its newest version."""
    same = {"document__sha256": _sha256(sent.upload)} if sent.upload is not None else {"url": sent.url}
    versions = EvidenceVersion.objects.filter(
        evidence__municipality=municipality, evidence__removed_at__isnull=True, **same
    )
    for version in versions.select_related("evidence").order_by("pk"):
        if not version.evidence.versions.filter(number__gt=version.number).exists():
            return version.evidence
    return None


def _says(version: EvidenceVersion, sent: Sent) -> bool:
    if sent.upload is not None:
        return version.document is not None and version.document.sha256 == _sha256(sent.upload)
    return version.url == sent.url


def _sha256(upload: IO[bytes]) -> str:
    upload.seek(0)
    found = hashlib.file_digest(upload, "sha256").hexdigest()  # type: ignore[arg-type]
    upload.seek(0)
    return found


def _link(by: User, evidence: Evidence, place: Place, now: datetime) -> None:
    if evidence.municipality_id != place.diagnostic.municipality_id:
        raise RefusedError(_("The evidence belongs to another municipality."))
    _use, is_new = EvidenceUse.objects.get_or_create(
        evidence=evidence,
        diagnostic=place.diagnostic,
        question=place.question,
        defaults={"linked_by": by, "linked_at": now},
    )
    if is_new:
        _record_place("evidence.linked", by, evidence, place, now)


def _record_place(kind: str, by: User, evidence: Evidence, place: Place, now: datetime) -> None:
    question = instrument_of(place.diagnostic.version).by_id[place.question]
    _record(kind, by, evidence, now, question=question.text, round=place.diagnostic.round.name)


def _record(kind: str, by: User, evidence: Evidence, now: datetime, **words: Any) -> None:
    record_event(
        kind,
        by=by,
        at=now,
        subject=evidence,
        municipality_cut=evidence.municipality_id,
        title=evidence.title,
        **words,
    )
