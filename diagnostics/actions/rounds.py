"""Rounds, and the steps of a diagnostic. Every step goes through `move`, which locks the row before it looks at the state."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.models import Event
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic
from diagnostics.notifications.steps import tell_of_step
from diagnostics.rules.diagnostic_states import step
from municipalities.actions import OvertakenError, RefusedError
from municipalities.permissions import can

if TYPE_CHECKING:
    from accounts.models import User


def deadline(diagnostic: Diagnostic) -> date:
    """The last day on which the municipality may write."""
    return diagnostic.last_day()


def move(
    *,
    by: User | None,
    diagnostic: Diagnostic,
    to: DiagnosticState,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> Diagnostic:
    """Take one step of the table, once, and write its mails. `by=None` is the portal itself; `seen` is the state that the person
    saw. What a mail tells (folio, public day, more time) stands in the database before the step.

    Raises `OvertakenError` when it is no longer there, `RefusedError` when the reason is missing, `PermissionDenied`.
    """
    with transaction.atomic():
        locked = (
            Diagnostic.objects.select_for_update(of=("self",))
            .select_related("municipality__region", "round", "version")
            .get(pk=diagnostic.pk)
        )
        if seen is not None and locked.state != seen:
            raise OvertakenError(overtaken(locked))
        try:
            taken = step(locked.state, to)
        except ValueError:
            raise OvertakenError(overtaken(locked)) from None
        if by is not None and (taken.permission is None or not can(by, taken.permission, locked.municipality)):
            raise PermissionDenied(taken.permission.value if taken.permission else "")
        if taken.reason and by is not None and not reason.strip():
            raise RefusedError(_("Say the reason: the other side will read it."))
        locked.state, locked.state_since = to, now
        locked.save(update_fields=["state", "state_since"])
        record_event(
            "diagnostic.moved",
            by=by,
            at=now,
            subject=locked,
            municipality_cut=locked.municipality_id,
            reason=reason.strip(),
            start=taken.start.value,
            end=to.value,
        )
        tell_of_step(locked, taken, by=by, now=now, reason=reason)
    return locked


def overtaken(diagnostic: Diagnostic) -> str:
    """What happened meanwhile, for whoever decided on an older state."""
    last = (
        Event.objects.filter(
            subject_type=diagnostic._meta.label_lower, subject_id=str(diagnostic.pk), kind="diagnostic.moved"
        )
        .order_by("-at", "-pk")
        .first()
    )
    who = last.actor_name if last and last.actor_name else _("The portal")
    return _("In the meantime %(who)s changed this diagnostic: it is now “%(state)s”. Nothing of yours was done.") % {
        "who": who,
        "state": diagnostic.get_state_display(),
    }
