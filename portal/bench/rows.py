"""A measured piece of work against its bar, and the table of all."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """`passed` is None when it could not be measured; `measured` says why."""

    work: str
    measured: str
    bar: str
    passed: bool | None


def table(rows: Iterable[Row]) -> str:
    cells = [("work", "measured", "bar", "")]
    cells += [(row.work, row.measured, row.bar, {True: "ok", False: "NO", None: "-"}[row.passed]) for row in rows]
    widths = [max(len(cell[column]) for cell in cells) for column in range(4)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True)).rstrip() for cell in cells]
    return "\n".join([lines[0], "-" * len(lines[0].ljust(sum(widths) + 6)), *lines[1:]])
