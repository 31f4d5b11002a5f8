"""The life of a diagnostic, in one table: the actions, the buttons, the tests and `docs/diagnostic.md` come from here. Pure."""

from enum import StrEnum
from typing import Final, NamedTuple

from accounts.permissions import Permission
from accounts.rules.transitions import step_in, steps_in
from diagnostics.choices import DiagnosticState as S
from municipalities.choices import MailKind


class Reader(StrEnum):
    """Who reads the mail of a step; `notifications.recipients` finds their addresses."""

    MUNICIPALITY = "the municipality"
    MAYOR = "the mayor"
    REVIEWERS = "the reviewers"
    WHO_RETURNED = "who returned it"


class Told(NamedTuple):
    """A mail of a step, and who reads it."""

    reader: Reader
    mail: MailKind


class Step(NamedTuple):
    """`permission` is what a person needs, None for the portal alone; `reason`: one must be typed; `tells`: the mails."""

    start: S
    end: S
    permission: Permission | None
    reason: bool = False
    tells: tuple[Told, ...] = ()


_SUBMIT = Permission.SUBMIT_DIAGNOSTIC
_REVIEW = Permission.REVIEW_DIAGNOSTIC
_ROUNDS = Permission.MANAGE_ROUNDS

_SUBMITTED = Told(Reader.REVIEWERS, MailKind.DIAGNOSTIC_SUBMITTED)
_CORRECTED = Told(Reader.WHO_RETURNED, MailKind.DIAGNOSTIC_CORRECTED)
_MAYOR = Told(Reader.MAYOR, MailKind.DIAGNOSTIC_MAYOR)
_TAKEN_BACK = Told(Reader.REVIEWERS, MailKind.DIAGNOSTIC_TAKEN_BACK)
_RETURNED = Told(Reader.MUNICIPALITY, MailKind.DIAGNOSTIC_RETURNED)
_VALIDATED = Told(Reader.MUNICIPALITY, MailKind.DIAGNOSTIC_VALIDATED)
_CANCELLED = Told(Reader.MUNICIPALITY, MailKind.DIAGNOSTIC_CANCELLED)

TABLE: Final = (
    Step(S.OPEN, S.SUBMITTED, _SUBMIT, tells=(_SUBMITTED, _MAYOR)),
    Step(S.SUBMITTED, S.UNDER_REVIEW, _REVIEW),
    # The coordinator noticed something before anybody began to read.
    Step(S.SUBMITTED, S.OPEN, _SUBMIT, reason=True, tells=(_TAKEN_BACK,)),
    Step(S.UNDER_REVIEW, S.RETURNED, _REVIEW, reason=True, tells=(_RETURNED,)),
    Step(S.RETURNED, S.SUBMITTED, _SUBMIT, tells=(_CORRECTED, _MAYOR)),
    Step(S.UNDER_REVIEW, S.VALIDATED, Permission.VALIDATE_DIAGNOSTIC, tells=(_VALIDATED,)),
    # When its correction is validated.
    Step(S.VALIDATED, S.SUPERSEDED, None),
    Step(S.OPEN, S.CANCELLED, _ROUNDS, reason=True, tells=(_CANCELLED,)),
    Step(S.RETURNED, S.CANCELLED, _ROUNDS, reason=True, tells=(_CANCELLED,)),
)

WRITABLE: Final = frozenset({S.OPEN, S.RETURNED})
"""States in which the municipality may write answers (in `RETURNED` only those that are not locked)."""

IN_COUNCILS_HANDS: Final = frozenset({S.SUBMITTED, S.UNDER_REVIEW})
"""The council owes the next step."""

VALID: Final = frozenset({S.VALIDATED, S.SUPERSEDED})
"""What the council validated, whether or not a correction took its place: it has a folio, and nothing of it changes."""

FINAL: Final = VALID | {S.CANCELLED}


def step(start: S | str, end: S | str) -> Step:
    """The step from `start` to `end`; raises `ValueError` when the table has none."""
    return step_in(TABLE, start, end)


def steps_from(start: S | str) -> tuple[Step, ...]:
    """What may follow `start`, in the order of the table."""
    return steps_in(TABLE, start)
