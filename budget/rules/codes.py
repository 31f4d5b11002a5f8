"""Codes of budget accounts, in the one way the portal writes them. Pure."""

import re
from typing import Final

from budget.choices import Level, Side

ROOTS: Final = {Side.INCOME: "115", Side.EXPENSE: "215"}
# Systems write EEE or SSS for the prefix of a template, and CCC for that of an accounting code.
PREFIXES: Final = {"115": Side.INCOME, "215": Side.EXPENSE}
WIDTHS: Final = (2, 2, 3, 3, 3)
LEVELS: Final = (Level.ROOT, Level.SUBTITULO, Level.ITEM, Level.ASIGNACION, Level.SUBASIGNACION, Level.LOCAL)
SEPARATORS: Final = re.compile(r"[-.\s_/]+")


def normal_code(code: str, side: Side | None = None) -> str:
    """`215-21-01-1` and, for an expense, `21.01.001` become `215.21.01.001`; trailing parts of zeros are dropped.

    Without a prefix (115, 215) `side` must say which. Raises ValueError for what is no account code.
    """
    parts = [part for part in SEPARATORS.split(code.strip()) if part]
    root = ROOTS[side] if side else ""
    if parts and parts[0] in PREFIXES:
        if root and parts[0] != root:
            raise ValueError(f"{code!r} is not an account of {side}")
        root = parts.pop(0)
    elif parts and parts[0].isalpha() and len(parts[0]) == 3:
        parts.pop(0)
    if not root or len(parts) > len(WIDTHS):
        raise ValueError(f"{code!r} is not an account code")
    for part, width in zip(parts, WIDTHS, strict=False):
        if not (part.isascii() and part.isdecimal() and len(part) <= width):
            raise ValueError(f"{code!r} is not an account code")
    padded = [part.zfill(width) for part, width in zip(parts, WIDTHS, strict=False)]
    while padded and not int(padded[-1]):
        padded.pop()
    if any(not int(part) for part in padded[:2]):
        raise ValueError(f"{code!r} is not an account code")
    return ".".join([root, *padded])


def parents(code: str) -> list[str]:
    """The codes above a normal code, nearest first: `215.21.01` gives `215.21`, `215`."""
    parts = code.split(".")
    return [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]


def side_of(code: str) -> Side:
    """Income or expense, by the prefix of a normal code."""
    return PREFIXES[code.partition(".")[0]]


def level_of(code: str) -> Level:
    """The depth of a normal code."""
    return LEVELS[code.count(".")]
