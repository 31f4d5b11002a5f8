"""The life of an import, in one table: from, to, and who moves it. The buttons a person sees come from here. Pure."""

from typing import Final, NamedTuple

from accounts.permissions import Permission
from budget.choices import ImportState


class Transition(NamedTuple):
    """`permission` is what a person needs; None is a step the portal takes by itself."""

    start: ImportState
    end: ImportState
    permission: Permission | None


TRANSITIONS: Final = (
    Transition(ImportState.QUEUED, ImportState.READING, None),
    Transition(ImportState.READING, ImportState.READY, None),
    Transition(ImportState.READING, ImportState.REFUSED, None),
    # The file says nothing that is not published already.
    Transition(ImportState.READING, ImportState.DISCARDED, None),
    # Another import was published since: its values must be read into the drafts.
    Transition(ImportState.READY, ImportState.QUEUED, Permission.IMPORT_BUDGET),
    Transition(ImportState.READY, ImportState.PUBLISHING, Permission.PUBLISH_BUDGET),
    Transition(ImportState.READY, ImportState.DISCARDED, Permission.PUBLISH_BUDGET),
    Transition(ImportState.PUBLISHING, ImportState.PUBLISHED, None),
    # Another import came into force between the click and the work.
    Transition(ImportState.PUBLISHING, ImportState.QUEUED, None),
)

IN_WORK: Final = frozenset({ImportState.QUEUED, ImportState.READING, ImportState.PUBLISHING})
"""States in which a worker is at it, or should be."""

OPEN: Final = IN_WORK | {ImportState.READY}
"""States that lead somewhere else."""


def may_move(start: ImportState, end: ImportState) -> bool:
    """Whether the table leads from `start` to `end`."""
    return any((step.start, step.end) == (start, end) for step in TRANSITIONS)


def permission_for(start: ImportState, end: ImportState) -> Permission | None:
    """What a person needs to move an import so; raises ValueError for a step that does not exist."""
    for step in TRANSITIONS:
        if (step.start, step.end) == (start, end):
            return step.permission
    raise ValueError(f"no step from {start} to {end}")
