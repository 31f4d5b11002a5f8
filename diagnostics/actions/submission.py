"""The coordinator submits: checks pass, a copy is frozen, the council is told. Until someone reads it, it may be taken back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.actions.rounds import deadline, move
from diagnostics.choices import DiagnosticState, SnapshotKind
from diagnostics.models import Diagnostic
from diagnostics.reports.filled import filled
from diagnostics.reports.snapshots import take
from diagnostics.rules.submission import Remark, remarks
from municipalities.actions import RefusedError

if TYPE_CHECKING:
    from accounts.models import User


class NotReadyError(RefusedError):
    """Something blocks, or was not acknowledged. `remarks` lists it."""

    def __init__(self, found: list[Remark]) -> None:
        self.remarks = found
        super().__init__(_("There is something to look at before submitting."))


def submit(
    *, by: User, diagnostic: Diagnostic, now: datetime, seen: str, acknowledged: Collection[tuple[str, str]] = ()
) -> Diagnostic:
    """Submit, once. `acknowledged` holds (check, question) of the remarks that the coordinator read and leaves as they are.

    Raises `NotReadyError`, and what `move` raises.
    """
    with transaction.atomic():
        held = move(by=by, diagnostic=diagnostic, to=DiagnosticState.SUBMITTED, now=now, seen=seen)
        today = timezone.localdate(now)
        if today > deadline(held):
            raise RefusedError(_("The time to fill it in is over. Ask the council for more time."))
        left = [
            remark
            for remark in remarks(filled(held, today=today))
            if remark.blocks or (remark.check, remark.question) not in acknowledged
        ]
        if left:
            raise NotReadyError(left)
        held.submitted_by, held.submitted_at = by, now
        held.save(update_fields=["submitted_by", "submitted_at"])
        take(held, kind=SnapshotKind.SUBMITTED, name=_("As submitted"), by=by, now=now)
    return held


def take_back(*, by: User, diagnostic: Diagnostic, reason: str, now: datetime, seen: str) -> Diagnostic:
    """Take a submission back before its review begins. The copy of what was submitted stays.

    Once the time is over it is refused: nobody could submit it again. Raises what `move` raises.
    """
    with transaction.atomic():
        held = move(by=by, diagnostic=diagnostic, to=DiagnosticState.OPEN, now=now, reason=reason, seen=seen)
        if timezone.localdate(now) > deadline(held):
            raise RefusedError(
                _("The time to fill it in is over: you could not submit it again. Ask the council for more time first.")
            )
    return held
