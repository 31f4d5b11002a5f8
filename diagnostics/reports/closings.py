"""What closed the gaps of an earlier diagnostic. Apps above say it: each adds a source when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from diagnostics.models import Diagnostic


class Closing(NamedTuple):
    """Something done that started from the gap of a question, before this diagnostic."""

    question: str
    title: str
    href: str


Source = Callable[[Diagnostic], Sequence[Closing]]
_SOURCES: Final[list[Source]] = []


class Closed(NamedTuple):
    """A question with what was done about its gap; `is_closed`: the diagnostic shows no gap there any more."""

    text: str
    is_closed: bool
    by: tuple[Closing, ...]


def add_source(source: Source) -> None:
    if source not in _SOURCES:
        _SOURCES.append(source)


def closings_of(diagnostic: Diagnostic) -> list[Closing]:
    """All that was done about gaps before this diagnostic."""
    return [closing for source in _SOURCES for closing in source(diagnostic)]
