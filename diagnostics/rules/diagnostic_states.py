"""The life of a diagnostic, in one table: the actions, the buttons, the tests and `docs/diagnostic.md` come from here. Pure."""

from typing import Final, NamedTuple

from accounts.permissions import Permission
from diagnostics.choices import DiagnosticState as S


class Step(NamedTuple):
    """`permission` is what a person needs, None for the portal alone; `reason`: one must be typed; `tells`: who gets a mail."""

    start: S
    end: S
    permission: Permission | None
    reason: bool = False
    tells: str = ""


TABLE: Final = (
    Step(S.OPEN, S.SUBMITTED, Permission.SUBMIT_DIAGNOSTIC, tells="council"),
    Step(S.SUBMITTED, S.UNDER_REVIEW, Permission.REVIEW_DIAGNOSTIC),
    # The coordinator noticed something before anybody began to read.
    Step(S.SUBMITTED, S.OPEN, Permission.SUBMIT_DIAGNOSTIC, reason=True, tells="council"),
    Step(S.UNDER_REVIEW, S.RETURNED, Permission.REVIEW_DIAGNOSTIC, reason=True, tells="municipality"),
    Step(S.RETURNED, S.SUBMITTED, Permission.SUBMIT_DIAGNOSTIC, tells="reviewer"),
    Step(S.UNDER_REVIEW, S.VALIDATED, Permission.VALIDATE_DIAGNOSTIC, tells="municipality"),
    Step(S.OPEN, S.CANCELLED, Permission.MANAGE_ROUNDS, reason=True, tells="municipality"),
    Step(S.RETURNED, S.CANCELLED, Permission.MANAGE_ROUNDS, reason=True, tells="municipality"),
)

WRITABLE: Final = frozenset({S.OPEN, S.RETURNED})
"""States in which the municipality may write answers (in `RETURNED` only those that are not locked)."""

FINAL: Final = frozenset({S.VALIDATED, S.CANCELLED})


def step(start: S | str, end: S | str) -> Step:
    """The step from `start` to `end`; raises `ValueError` when the table has none."""
    for candidate in TABLE:
        if (candidate.start, candidate.end) == (start, end):
            return candidate
    raise ValueError(f"no step from {start} to {end}")


def steps_from(start: S | str) -> tuple[Step, ...]:
    """What may follow `start`, in the order of the table."""
    return tuple(candidate for candidate in TABLE if candidate.start == start)
