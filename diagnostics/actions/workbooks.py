"""A workbook that comes back: received, shown row by row, then applied or discarded. Each row goes through `save_answer`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics import tasks
from diagnostics.actions.answers import LONGEST_TEXT, Content, locked, save_answer
from diagnostics.choices import AnswerOrigin, WorkbookState
from diagnostics.models import Diagnostic, Workbook
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.workbook import Outcome
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions.documents import receive
from municipalities.choices import DocumentKind
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


class Keep(StrEnum):
    """What becomes of a conflict: the workbook's answer, the portal's, or the workbook's with another text."""

    MINE = "mine"
    THEIRS = "theirs"
    JOINED = "joined"


class Decision(NamedTuple):
    """`text` counts for `Keep.JOINED` alone."""

    keep: Keep
    text: str = ""


class UndecidedError(RefusedError):
    """There are conflicts that nobody decided."""


def receive_workbook(*, by: User, diagnostic: Diagnostic, upload: IO[bytes], name: str, now: datetime) -> Workbook:
    """Keep a workbook and have it read. The same file again is the workbook that is there already, unless that was refused or
    discarded. Raises `RefusedError` for a file that is no workbook, and where nothing is filled in now."""
    check_can(by, Permission.FILL_DIAGNOSTIC, diagnostic.municipality)
    sha256 = hashlib.sha256(upload.read()).hexdigest()
    upload.seek(0)
    with transaction.atomic():
        held = locked(diagnostic)
        if held.state not in WRITABLE:
            raise RefusedError(_("The diagnostic is not being filled in now."))
        standing = held.workbooks.exclude(state__in=[WorkbookState.REFUSED, WorkbookState.DISCARDED])
        before: Workbook | None = standing.filter(document__sha256=sha256).first()
        if before is not None:
            return before
        document = receive(
            by=by,
            municipality=diagnostic.municipality,
            kind=DocumentKind.WORKBOOK,
            upload=upload,
            name=name,
            now=now,
        )
        workbook = Workbook.objects.create(diagnostic=held, document=document, uploaded_by=by, uploaded_at=now)
        _tell("diagnostic.workbook_received", workbook, by=by, now=now)
        tasks.read_workbook.delay_on_commit(workbook.pk)
    return workbook


def apply_workbook(*, by: User, workbook: Workbook, decisions: Mapping[str, Decision], now: datetime) -> Workbook:
    """Write what the person saw and decided, in one transaction; what someone else wrote since the preview stays, and the
    workbook's text is kept in the history of the answer. Applied twice, it is applied once.

    Raises `UndecidedError` while a conflict has no decision, `OvertakenError` when the workbook was discarded.
    """
    with transaction.atomic():
        held = _taken(by, workbook)
        if held.state == WorkbookState.APPLIED:
            return held
        conflicts = [row["question"] for row in held.rows if row["outcome"] == Outcome.CONFLICT]
        open_ones = sum(question not in decisions for question in conflicts)
        if open_ones:
            raise UndecidedError(_("Decide every conflict first: %(open)s without a decision.") % {"open": open_ones})
        if any(len(decision.text) > LONGEST_TEXT for decision in decisions.values()):
            raise UndecidedError(_("A joined text is longer than 20.000 characters. Shorten it."))
        held.rows = [_applied(held, row, decisions.get(row["question"]), by=by, now=now) for row in held.rows]
        held.state, held.applied_at = WorkbookState.APPLIED, now
        held.save(update_fields=["rows", "state", "applied_at"])
        written = sum(row["outcome"] == Outcome.WRITTEN for row in held.rows)
        _tell("diagnostic.workbook_applied", held, by=by, now=now, written=written)
    return held


def discard_workbook(*, by: User, workbook: Workbook, now: datetime) -> Workbook:
    """Forget a workbook of which nothing was written."""
    with transaction.atomic():
        held = _taken(by, workbook)
        if held.state == WorkbookState.APPLIED:
            raise OvertakenError(_("This workbook was applied already."))
        held.state, held.rows = WorkbookState.DISCARDED, []
        held.save(update_fields=["state", "rows"])
        _tell("diagnostic.workbook_discarded", held, by=by, now=now)
    return held


def client_of(workbook: Workbook, question: str) -> UUID:
    """The save's own identifier: the same row of the same workbook is one save, however often it is sent."""
    return uuid5(NAMESPACE_URL, f"workbook:{workbook.pk}:{question}")


def _taken(by: User, workbook: Workbook) -> Workbook:
    check_can(by, Permission.FILL_DIAGNOSTIC, workbook.diagnostic.municipality)
    rows = Workbook.objects.select_for_update(of=("self",)).select_related("document", "diagnostic__version")
    held = rows.select_related("diagnostic__municipality").defer("diagnostic__version__content").get(pk=workbook.pk)
    if held.state not in {WorkbookState.READY, WorkbookState.APPLIED}:
        raise OvertakenError(
            _("This workbook is already “%(state)s”. Nothing was done twice.") % {"state": held.get_state_display()}
        )
    return held


def _applied(
    workbook: Workbook, row: dict[str, Any], decision: Decision | None, *, by: User, now: datetime
) -> dict[str, Any]:
    """A row after it was written, or with the reason why it was not."""
    if row["outcome"] not in {Outcome.CHANGED, Outcome.CONFLICT}:
        return row
    value, is_na, text, confidence = row["sent"]
    keeps = row["outcome"] == Outcome.CONFLICT and decision is not None and decision.keep is Keep.THEIRS
    if decision is not None and row["outcome"] == Outcome.CONFLICT and decision.keep is Keep.JOINED:
        text = decision.text
    try:
        save_answer(
            by=by,
            diagnostic=workbook.diagnostic,
            question=row["question"],
            content=Content(value, is_na, text, confidence),
            # From the version of the file it loses the conflict, and is kept in the history all the same.
            base_version=row["base"] if keeps else row["present"],
            client_id=client_of(workbook, row["question"]),
            now=now,
            origin=AnswerOrigin.WORKBOOK,
        )
    except RefusedError as refusal:
        return row | {"outcome": Outcome.KEPT if keeps else Outcome.LATE, "problem": "" if keeps else str(refusal)}
    return row | {"outcome": Outcome.WRITTEN, "sent": [value, is_na, text, confidence]}


def _tell(verb: str, workbook: Workbook, *, by: User, now: datetime, **details: Any) -> None:
    record_event(
        verb,
        by=by,
        at=now,
        subject=workbook.diagnostic,
        municipality_cut=workbook.diagnostic.municipality_id,
        file=workbook.document.name,
        **details,
    )
