"""A table of open data: its columns with their words, and its rows as CSV.

An empty cell is "not given", never zero.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

Cell = str | int | date | Decimal | None
Row = dict[str, Cell]


class Column(NamedTuple):
    name: str
    type: str
    unit: str
    description: str


@cache
def columns_of(file: Path) -> tuple[Column, ...]:
    """The columns of a file of `data/`, in their order."""
    with open(file, encoding="utf-8", newline="") as opened:
        return tuple(Column(*row) for row in list(csv.reader(opened))[1:])


def as_csv(names: Sequence[str], rows: Iterable[Mapping[str, Cell]], *, comma: bool = False) -> bytes:
    """UTF-8 CSV: `;`, decimal comma and byte-order mark for spreadsheets in Chile; with `comma`, as programs expect it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter="," if comma else ";", lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name], comma=comma) for name in names])
    return buffer.getvalue().encode("utf-8" if comma else "utf-8-sig")


def _cell(value: Cell, *, comma: bool) -> str:
    if isinstance(value, Decimal):
        return str(value) if comma else str(value).replace(".", ",")
    text = "" if value is None else str(value)
    # No spreadsheet takes it for a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def json_value(value: object) -> float | str:
    """What JSON has no word for: decimals as numbers, days as text."""
    return float(value) if isinstance(value, Decimal) else str(value)
