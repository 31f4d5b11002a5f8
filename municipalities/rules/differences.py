"""What changed between two texts, line by line and, inside a changed line, word by word. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

_WORDS: Final = re.compile(r"\s+|[^\s]+")
# Lines less alike than this are shown as one taken away and one put in.
_ALIKE: Final = 0.4
# How many lines ahead a partner is looked for: the time of a comparison stays small whatever the texts.
_WINDOW: Final = 12

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
    """Lines that took the place of others: each beside the one most like it, in reading order."""
    found: list[Line] = []
    done = 0
    for before in old:
        best, partner = _ALIKE, -1
        matcher: SequenceMatcher[str] = SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(before.split())
        for place in range(done, min(len(new), done + _WINDOW)):
            matcher.set_seq1(new[place].split())
            if matcher.real_quick_ratio() >= best and (alike := matcher.ratio()) >= best:
                best, partner = alike, place
        if partner < 0:
            found.append(Line("removed", (Piece("removed", before),)))
            continue
        found += [Line("added", (Piece("added", line),)) for line in new[done:partner]]
        found.append(Line("changed", tuple(_pieces(_WORDS.findall(before), _WORDS.findall(new[partner])))))
        done = partner + 1
    return [*found, *(Line("added", (Piece("added", line),)) for line in new[done:])]


def _pieces(a: list[str], b: list[str]) -> list[Piece]:
    found: list[Piece] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(a[i1:i2])))
            continue
        if i2 > i1:
            found.append(Piece("removed", "".join(a[i1:i2])))
        if j2 > j1:
            found.append(Piece("added", "".join(b[j1:j2])))
    return found
