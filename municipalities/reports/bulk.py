"""What the pages of bulk changes say: the preview, the result, the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from municipalities.choices import AdhesionState, BulkKind
from municipalities.models import BulkChange, Municipality
from municipalities.rules.bulk import UNDO_FOR, Kept, LeftOut, may_be_undone

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from municipalities.actions.bulk import Plan

_TITLES: Final[dict[BulkKind, _StrPromise]] = {
    BulkKind.ASSIGN: _("Assign an adviser"),
    BulkKind.INVITE: _("Invite to adhere"),
    BulkKind.REMIND: _("Send a reminder"),
    BulkKind.STEP: _("Change the state"),
}
_MEANINGS: Final[dict[BulkKind, _StrPromise]] = {
    BulkKind.ASSIGN: _("The adviser sees these municipalities from now on and answers for them."),
    BulkKind.INVITE: _("Each receives the invitation by e-mail: its coordinators, its mayor and its main contact."),
    BulkKind.REMIND: _("Each receives a reminder of what was asked of it. Nobody gets the same reminder twice."),
    BulkKind.STEP: _(
        "Their files say who changed the state, when and why. The mail of the step goes out, if it has one."
    ),
}


def preview_page(kind: BulkKind, plan: Plan | None, chosen: Sequence[str]) -> dict[str, Any]:
    """The preview's words and lists; without a plan, something must be said first. One query."""
    names = _names(chosen)
    reached = list(plan.reached) if plan else []
    out = plan.left_out if plan else {}
    return {
        "kind": kind,
        "title": _TITLES[kind],
        "meaning": _MEANINGS[kind],
        "planned": plan is not None,
        "chosen": chosen,
        "reached": [names[cut] for cut in reached],
        "left_out": [(names.get(cut, cut), why.label) for cut, why in out.items()],
        "lacks_address": LeftOut.NO_EMAIL in out.values(),
        "chosen_text": ",".join(chosen),
        "seen_text": ",".join(f"{cut}:{mark}" for cut, mark in plan.reached.items()) if plan else "",
    }


@dataclass(frozen=True)
class ChangePage:
    """What a bulk change did: names done, and left out with the reason; after its undo, taken back and kept with the reason."""

    done: list[str]
    left_out: list[tuple[str, str]]
    undone: list[str]
    kept: list[tuple[str, str]]
    may_undo: bool
    undo_until: datetime


def change_page(change: BulkChange, *, now: datetime, named: bool = False) -> ChangePage:
    """The result. `named`: with the names of the municipalities (one query), else with their codes."""
    rows = change.rows
    names = _names(row["cut"] for row in rows) if named else {}
    done = [row for row in rows if "adhesion" in row]

    def name(row: dict[str, Any]) -> str:
        return names.get(row["cut"], str(row["cut"]))

    return ChangePage(
        done=[name(row) for row in done],
        left_out=[(name(row), str(LeftOut(row["why"]).label)) for row in rows if "why" in row],
        undone=[name(row) for row in done if row.get("undone")],
        kept=[(name(row), str(Kept(row["kept"]).label)) for row in done if "kept" in row],
        may_undo=bool(done) and may_be_undone(change.at, change.undone_at, now),
        undo_until=change.at + UNDO_FOR,
    )


def change_title(change: BulkChange) -> str:
    """`Change the state: Suspended`, `Assign an adviser: ...`."""
    title = str(_TITLES[BulkKind(change.kind)])
    if adviser := change.parameters.get("adviser_name"):
        return f"{title}: {adviser}"
    if to := change.parameters.get("to"):
        return f"{title}: {AdhesionState(to).label}"
    return title


def _names(cuts: Iterable[str]) -> dict[str, str]:
    return dict(Municipality.objects.filter(pk__in=list(cuts)).values_list("pk", "name"))
