"""Whom a bulk change reaches, and whom not and why. The preview and the action ask the same question here. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from municipalities.choices import AdhesionState as S
from municipalities.choices import BulkKind
from municipalities.rules.adhesion_states import FINAL, Step, step
from municipalities.rules.reminders import KINDS

UNDO_FOR: Final = timedelta(hours=24)

STEPS: Final = frozenset(
    {
        (S.PROSPECT, S.CONVERSING),
        (S.INVITED, S.CONVERSING),
        (S.SIGNED, S.UNDER_REVIEW),
        (S.IN_FORCE, S.SUSPENDED),
        (S.SUSPENDED, S.IN_FORCE),
        (S.IN_FORCE, S.WITHDRAWN),
        (S.SUSPENDED, S.WITHDRAWN),
        (S.PROSPECT, S.WITHDRAWN),
        (S.INVITED, S.WITHDRAWN),
        (S.CONVERSING, S.WITHDRAWN),
    }
)
"""Steps that are a decision and nothing else. The others need an act, a signature or a look at each file; inviting is a kind
of its own."""


class LeftOut(TextChoices):
    """Why a municipality is not reached."""

    NOT_FOUND = "not_found", _("It is not within your scope.")
    OVERTAKEN = "overtaken", _("Someone changed it in the meantime. Nothing was done.")
    NO_EMAIL = "no_email", _("Nobody to write to: it has no coordinator, no mayor and no main contact with an e-mail.")
    FURTHER_ON = "further_on", _("It was already invited, or is further on.")
    WITHDREW = "withdrew", _("It withdrew. To invite it again, add it to a campaign first.")
    ENDED = "ended", _("Its adhesion ended.")
    SAME_ADVISER = "same_adviser", _("It has this adviser already.")
    NOT_ITS_TURN = "not_its_turn", _("Nothing is asked of it now.")
    REMINDED = "reminded", _("It was already reminded of this.")
    NO_STEP = "no_step", _("This step does not follow from its state.")
    ONE_BY_ONE = "one_by_one", _("This step is taken in its file, with the act in view.")
    NOT_YOURS = "not_yours", _("Your role does not take this step.")


class Kept(TextChoices):
    """Why a part of a bulk change stays when the rest is taken back."""

    CHANGED = "changed", _("Someone changed it since.")
    SENT = "sent", _("Its mail has already left.")
    TOLD = "told", _("This step is not taken back: people were told of it.")
    NOT_YOURS = "not_yours", _("It is no longer within your scope.")


@dataclass(frozen=True, slots=True)
class Situation:
    """What the question needs to know of a municipality. `state` is None where no adhesion was ever opened; `reminded`: there
    is nobody whom a reminder has not reached."""

    state: S | None
    adviser_id: int | None = None
    has_email: bool = True
    reminded: bool = False


def mark(kind: BulkKind, at: Situation) -> str:
    """What a person saw and a change of `kind` rests on: when it is another by then, the change stands back."""
    return str(at.adviser_id or "") if kind == BulkKind.ASSIGN else at.state or ""


def left_out(kind: BulkKind, at: Situation, *, to: S | None = None, adviser_id: int | None = None) -> LeftOut | None:
    """Why a bulk change of `kind` leaves this one out, or None when it reaches it. Permissions are asked elsewhere."""
    match kind:
        case BulkKind.ASSIGN:
            return _assign(at, adviser_id)
        case BulkKind.INVITE:
            return _invite(at)
        case BulkKind.REMIND:
            return _remind(at)
        case BulkKind.STEP:
            return _step(at, to)


def _assign(at: Situation, adviser_id: int | None) -> LeftOut | None:
    if at.state in FINAL:
        return LeftOut.ENDED
    return LeftOut.SAME_ADVISER if adviser_id is not None and at.adviser_id == adviser_id else None


def _invite(at: Situation) -> LeftOut | None:
    if at.state == S.WITHDRAWN:
        return LeftOut.WITHDREW
    # A concluded one belongs to a term that is over: the invitation opens the next.
    if at.state not in {None, S.PROSPECT, S.CONCLUDED}:
        return LeftOut.FURTHER_ON
    return None if at.has_email else LeftOut.NO_EMAIL


def _remind(at: Situation) -> LeftOut | None:
    if at.state not in KINDS:
        return LeftOut.NOT_ITS_TURN
    if at.reminded:
        return LeftOut.REMINDED
    return None if at.has_email else LeftOut.NO_EMAIL


def _step(at: Situation, to: S | None) -> LeftOut | None:
    start = at.state or S.PROSPECT
    try:
        taken = step(start, to or "")
    except ValueError:
        return LeftOut.NO_STEP
    return None if (taken.start, taken.end) in STEPS else LeftOut.ONE_BY_ONE


def steps_to(end: S | str) -> tuple[Step, ...]:
    """The steps that a bulk change to `end` may take."""
    return tuple(step(start, stop) for start, stop in sorted(STEPS) if stop == end)


def needs_reason(end: S | str) -> bool:
    """Whether a reason must be typed: one for all."""
    return any(taken.reason for taken in steps_to(end))


ENDS: Final = tuple(state for state in S if any(stop == state for _start, stop in STEPS))
"""The states that a bulk change may lead to, in the order of an adhesion's life."""


def may_be_undone(at: datetime, undone_at: datetime | None, now: datetime) -> bool:
    """Within a day, once."""
    return undone_at is None and now < at + UNDO_FOR
