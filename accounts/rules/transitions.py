"""How a table of transitions is read, whatever lives by it. Pure.

Each life cycle is a table in its app's `rules`: a tuple of steps, each from a state to another.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Transition(Protocol):
    """What every step has; its table adds who may take it and what follows."""

    @property
    def start(self) -> str: ...
    @property
    def end(self) -> str: ...


T = TypeVar("T", bound=Transition)


def step_in(table: Iterable[T], start: str, end: str) -> T:
    """The step from `start` to `end`; raises `ValueError` when the table has none."""
    for step in table:
        if (step.start, step.end) == (start, end):
            return step
    raise ValueError(f"no step from {start} to {end}")


def steps_in(table: Iterable[T], start: str) -> tuple[T, ...]:
    """What may follow `start`, in the order of the table."""
    return tuple(step for step in table if step.start == start)
