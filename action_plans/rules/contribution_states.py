"""What becomes of a contribution, in one table. Pure.

New and anonymous authors are read before their words appear; those who were published before appear at once, read afterwards.
"""

from typing import Final, NamedTuple

from accounts.permissions import Permission
from accounts.rules.transitions import step_in
from action_plans.choices import ContributionState as S


class Step(NamedTuple):
    """`permission` is what a person needs, None for what the portal or the author themselves bring about."""

    start: S
    end: S
    permission: Permission | None
    reason: bool = False


_MODERATE = Permission.COORDINATE_PLAN

TABLE: Final = (
    Step(S.UNCONFIRMED, S.WAITING, None),
    Step(S.UNCONFIRMED, S.PUBLISHED, None),
    Step(S.WAITING, S.PUBLISHED, _MODERATE),
    Step(S.WAITING, S.HIDDEN, _MODERATE, reason=True),
    Step(S.PUBLISHED, S.HIDDEN, _MODERATE, reason=True),
    # An appeal was granted, or whoever hid it saw that it was a mistake.
    Step(S.HIDDEN, S.PUBLISHED, _MODERATE),
    Step(S.PUBLISHED, S.MERGED, _MODERATE),
    Step(S.PUBLISHED, S.SPLIT, _MODERATE),
    Step(S.MERGED, S.PUBLISHED, _MODERATE),
)

ANSWERABLE: Final = frozenset({S.PUBLISHED, S.HIDDEN})
"""What may get a response: also what is hidden, for the municipality read it."""


def step(start: S | str, end: S | str) -> Step:
    """The step from `start` to `end`; raises `ValueError` when the table has none."""
    return step_in(TABLE, start, end)


def first_state(*, is_confirmed: bool, is_known: bool) -> S:
    """Where a contribution begins: it waits for the e-mail's confirmation, then for a reader unless its author is known."""
    if not is_confirmed:
        return S.UNCONFIRMED
    return S.PUBLISHED if is_known else S.WAITING
