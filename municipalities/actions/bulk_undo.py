"""Taking a bulk change back: what can be as if it had not been, is; the rest stays and says why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import new_event
from accounts.models import Event
from municipalities.actions import RefusedError
from municipalities.actions.bulk import Order, check_order
from municipalities.choices import AdhesionState, BulkKind, MailState
from municipalities.models import Adhesion, AdviserScope, BulkChange, Mail, Municipality
from municipalities.rules.adhesion_states import FINAL, step
from municipalities.rules.bulk import Kept, may_be_undone

if TYPE_CHECKING:
    from accounts.models import User

Row = dict[str, Any]
_TELLS: Final = {
    BulkKind.ASSIGN: "adhesion.adviser_unassigned",
    BulkKind.INVITE: "adhesion.step_undone",
    BulkKind.STEP: "adhesion.step_undone",
    BulkKind.REMIND: "adhesion.reminder_cancelled",
}


def undo(*, by: User, bulk: BulkChange, now: datetime) -> BulkChange:
    """Take back, once and within a day, what nobody has built on since. Each row says whether it was (`undone`) or why not.

    Raises `RefusedError` when it is too late or was done before, `PermissionDenied` when the change is not theirs to make.
    """
    with transaction.atomic():
        locked = BulkChange.objects.select_for_update().get(pk=bulk.pk)
        kind = BulkKind(locked.kind)
        to = locked.parameters.get("to")
        check_order(by, Order(kind, to=AdhesionState(to) if to else None))
        if not may_be_undone(locked.at, locked.undone_at, now):
            raise RefusedError(_("This change can no longer be taken back."))
        done = [row for row in locked.rows if "adhesion" in row]
        found = Adhesion.objects.filter(pk__in=[row["adhesion"] for row in done]).select_for_update().order_by("pk")
        adhesions = {adhesion.pk: adhesion for adhesion in found}
        done = _within_scope(by, done, adhesions)
        match kind:
            case BulkKind.ASSIGN:
                back = _unassign(done, adhesions, int(locked.parameters["adviser"]))
            case BulkKind.REMIND:
                back = _stop_mails(done)
            case _:
                back = _step_back(done, adhesions, locked.at)
        events = [_event(kind, locked, row, adhesions[row["adhesion"]], by, now) for row in back]
        Event.objects.bulk_create(events)
        locked.undone_at = now
        locked.save(update_fields=["rows", "undone_at"])
    return locked


def _within_scope(by: User, rows: list[Row], adhesions: dict[int, Adhesion]) -> list[Row]:
    """Those of municipalities that the person still sees: a scope may have ended within the day."""
    seen = Municipality.objects.visible_to(by).filter(adhesions__in=adhesions)
    scope = set(seen.values_list("pk", flat=True))
    for row in rows:
        if adhesions[row["adhesion"]].municipality_id not in scope:
            row["kept"] = Kept.NOT_YOURS.value
    return [row for row in rows if "kept" not in row]


def _event(kind: BulkKind, bulk: BulkChange, row: Row, adhesion: Adhesion, by: User, now: datetime) -> Event:
    data: dict[str, str] = {}
    if kind == BulkKind.ASSIGN:
        data = {"adviser": bulk.parameters["adviser_name"]}
    elif "after" in row:
        data = {"start": row["after"], "end": row["before"]}
    return new_event(_TELLS[kind], by=by, at=now, subject=adhesion, municipality_cut=adhesion.municipality_id, **data)


def _unassign(rows: Iterable[Row], adhesions: dict[int, Adhesion], adviser: int) -> list[Row]:
    back: list[Row] = []
    for row in rows:
        adhesion = adhesions[row["adhesion"]]
        if adhesion.adviser_id != adviser:
            row["kept"] = Kept.CHANGED.value
            continue
        adhesion.adviser_id = row["before"]
        row["undone"] = True
        back.append(row)
    Adhesion.objects.bulk_update([adhesions[row["adhesion"]] for row in back], ["adviser"])
    AdviserScope.objects.filter(pk__in=[row["scope"] for row in back if "scope" in row]).delete()
    return back


def _step_back(rows: Iterable[Row], adhesions: dict[int, Adhesion], at: datetime) -> list[Row]:
    able: list[Row] = []
    # An adhesion that ended comes back only where no other has begun since.
    rivals = set(
        Adhesion.objects.open()
        .filter(municipality__in={adhesion.municipality_id for adhesion in adhesions.values()})
        .exclude(pk__in=adhesions)
        .values_list("municipality_id", "term_year")
    )
    for row in rows:
        adhesion = adhesions[row["adhesion"]]
        # Inviting is taken back with its mails; of other steps the table says which.
        invited = row["after"] == AdhesionState.INVITED
        is_replaced = row["after"] in FINAL and (adhesion.municipality_id, adhesion.term_year) in rivals
        if adhesion.state != row["after"] or adhesion.state_since != at or is_replaced:
            row["kept"] = Kept.CHANGED.value
        elif not invited and not step(row["before"], row["after"]).undo:
            row["kept"] = Kept.TOLD.value
        else:
            able.append(row)
    back = _stop_mails(able)
    for row in back:
        adhesion = adhesions[row["adhesion"]]
        adhesion.state = row["before"]
        adhesion.state_since = datetime.fromisoformat(row["since"])
    Adhesion.objects.bulk_update([adhesions[row["adhesion"]] for row in back], ["state", "state_since"])
    return back


def _stop_mails(rows: Iterable[Row]) -> list[Row]:
    """Cancel the mails of each row where none has left; where one has, all of them go and the row stays as it is."""
    listed = list(rows)
    wanted = [pk for row in listed for pk in row["mails"]]
    # One that a worker holds at this moment is on its way.
    waiting = Mail.objects.filter(pk__in=wanted, state=MailState.QUEUED).select_for_update(skip_locked=True)
    free = set(waiting.values_list("pk", flat=True))
    back: list[Row] = []
    for row in listed:
        if free.issuperset(row["mails"]):
            row["undone"] = True
            back.append(row)
        else:
            row["kept"] = Kept.SENT.value
    stopped = [pk for row in back for pk in row["mails"]]
    # What was to be sent only once may be asked for again: it never left.
    Mail.objects.filter(pk__in=stopped).update(state=MailState.CANCELLED, once=None)
    return back
