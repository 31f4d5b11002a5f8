"""The life of a local action plan, in one table: actions, buttons, tests and `docs/action-plan.md` come from here. Pure."""

from typing import Final, NamedTuple

from accounts.permissions import Permission
from accounts.rules.transitions import step_in, steps_in
from action_plans.choices import EditionKind
from action_plans.choices import PlanStage as S


class Step(NamedTuple):
    """One way from a stage to another.

    `permission` is what a person needs; `reason`: one must be typed; `publishes`: the edition that the step makes.
    """

    start: S
    end: S
    permission: Permission
    reason: bool = False
    publishes: EditionKind | None = None


_COORDINATE = Permission.COORDINATE_PLAN
_APPROVE = Permission.APPROVE_PLAN
_COUNCIL = Permission.ADVISE_PLAN

TABLE: Final = (
    Step(S.PREPARATION, S.CO_CREATION, _COORDINATE),
    Step(S.CO_CREATION, S.CONSULTATION, _COORDINATE, publishes=EditionKind.CONSULTATION),
    # The draft was not ripe: the community is asked again.
    Step(S.CONSULTATION, S.CO_CREATION, _COORDINATE, reason=True),
    Step(S.CONSULTATION, S.ANSWERING, _COORDINATE),
    Step(S.ANSWERING, S.CONSULTATION, _COORDINATE, reason=True, publishes=EditionKind.CONSULTATION),
    Step(S.ANSWERING, S.APPROVED, _APPROVE, publishes=EditionKind.APPROVED),
    Step(S.APPROVED, S.IMPLEMENTATION, _COORDINATE),
    Step(S.IMPLEMENTATION, S.MIDTERM, _COORDINATE),
    Step(S.MIDTERM, S.IMPLEMENTATION, _COORDINATE),
    Step(S.IMPLEMENTATION, S.FINAL, _COORDINATE),
    Step(S.FINAL, S.CLOSED, _COORDINATE),
    # A plan that nobody approved may be given up; one that was approved is closed by its assessment.
    Step(S.PREPARATION, S.CANCELLED, _COUNCIL, reason=True),
    Step(S.CO_CREATION, S.CANCELLED, _COUNCIL, reason=True),
    Step(S.CONSULTATION, S.CANCELLED, _COUNCIL, reason=True),
    Step(S.ANSWERING, S.CANCELLED, _COUNCIL, reason=True),
)

FINAL: Final = frozenset({S.CLOSED, S.CANCELLED})

DRAFTING: Final = frozenset({S.PREPARATION, S.CO_CREATION, S.CONSULTATION, S.ANSWERING})
"""The text is being written; the public reads the consultation's editions."""

LISTENING: Final = frozenset({S.CO_CREATION, S.CONSULTATION})
"""Contributions are received. Observations on its assessments have a time of their own (`rules.assessments.is_observed`)."""

CARRYING_OUT: Final = frozenset({S.APPROVED, S.IMPLEMENTATION, S.MIDTERM, S.FINAL})
"""Progress is reported; a change of the text needs a reason and makes an edition."""


def step(start: S | str, end: S | str) -> Step:
    """The step from `start` to `end`; raises `ValueError` when the table has none."""
    return step_in(TABLE, start, end)


def steps_from(start: S | str) -> tuple[Step, ...]:
    """What may follow `start`, in the order of the table."""
    return steps_in(TABLE, start)
