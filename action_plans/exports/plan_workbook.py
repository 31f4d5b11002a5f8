"""The workbook to fill in, with an example a row: what `rules.plan_workbook` reads."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter

from action_plans.rules.plan_workbook import (
    COMMITMENTS,
    COMMITMENTS_SHEET,
    MILESTONES,
    MILESTONES_SHEET,
    PLAN,
    PLAN_SHEET,
    Column,
)

_WIDE: Final = 34


def template() -> bytes:
    """Three sheets with their headings; dates are typed as 31-12-2026."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(PLAN_SHEET)
        for line, column in enumerate(PLAN):
            sheet.write(line, 0, column.heading, bold)
        sheet.set_column(0, 0, _WIDE)
        sheet.set_column(1, 1, 2 * _WIDE, wrapped)
        _table(book, COMMITMENTS_SHEET, COMMITMENTS, bold, wrapped)
        _table(book, MILESTONES_SHEET, MILESTONES, bold, wrapped)
    return file.getvalue()


def _table(book: Any, name: str, columns: Sequence[Column], bold: Any, wrapped: Any) -> None:
    sheet = book.add_worksheet(name)
    for place, column in enumerate(columns):
        sheet.write(0, place, column.heading, bold)
        sheet.set_column(place, place, _WIDE if column.kind in ("text", "value") else 14, wrapped)
    sheet.freeze_panes(1, 2)
