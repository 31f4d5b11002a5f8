"""What changed between two texts, line by line and, inside a changed line, word by word. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

_WORDS: Final = re.compile(r"\s+|[^\s]+")
# Lines less alike than this are shown as one taken away and one put in.
_ALIKE: Final = 0.4

Kind = Literal["same", "added", "removed"]


class Piece(NamedTuple):
    kind: Kind
    text: str


class Line(NamedTuple):
    """A line of the comparison; `changed` ones have pieces of several kinds."""

    kind: Literal["same", "added", "removed", "changed"]
    pieces: tuple[Piece, ...]


def compare(before: str, after: str) -> tuple[Line, ...]:
    """The lines of both texts in reading order. Empty lines are left out: they only part paragraphs."""
    old, new = _lines(before), _lines(after)
    found: list[Line] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Line("same", (Piece("same", line),)) for line in old[i1:i2]]
        else:
            found += _changed(old[i1:i2], new[j1:j2])
    return tuple(found)


def is_changed(lines: tuple[Line, ...]) -> bool:
    return any(line.kind != "same" for line in lines)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _changed(old: list[str], new: list[str]) -> list[Line]:
    found: list[Line] = []
    for before, after in zip(old, new, strict=False):
        a, b = _WORDS.findall(before), _WORDS.findall(after)
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        if matcher.ratio() >= _ALIKE:
            found.append(Line("changed", tuple(_pieces(matcher, a, b))))
        else:
            found += [Line("removed", (Piece("removed", before),)), Line("added", (Piece("added", after),))]
    shared = min(len(old), len(new))
    found += [Line("removed", (Piece("removed", line),)) for line in old[shared:]]
    found += [Line("added", (Piece("added", line),)) for line in new[shared:]]
    return found


def _pieces(matcher: SequenceMatcher[str], a: list[str], b: list[str]) -> list[Piece]:
    found: list[Piece] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(a[i1:i2])))
            continue
        if i2 > i1:
            found.append(Piece("removed", "".join(a[i1:i2])))
        if j2 > j1:
            found.append(Piece("added", "".join(b[j1:j2])))
    return found
