"""A table of the council's desk as a workbook: the rows that the page shows, and a sheet that says what they are."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

Cell = str | int | float | date | None


def desk_workbook(
    name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], *, about: Iterable[tuple[str, str | int]]
) -> bytes:
    """The rows as XLSX; what is missing is an empty cell, never zero. `about` fills a second sheet."""
    file = io.BytesIO()
    # What people typed is text: never a formula, never a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "dd-mm-yyyy", "align": "left"})
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, head, bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif value is not None:
                    sheet.write(number, column, value)
        sheet.freeze_panes(1, 2)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(head) - 1)
        sheet.autofit(400)
        said = book.add_worksheet(_("What it holds"))
        for number, (label, content) in enumerate(about):
            said.write(number, 0, label, bold)
            said.write(number, 1, content)
        said.autofit(400)
    return file.getvalue()


def write_sheet(book: Any, name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A sheet of a workbook of several. What is not known is an empty cell."""
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "dd-mm-yyyy"})
    sheet = book.add_worksheet(name[:31])
    sheet.write_row(0, 0, head, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for index, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, index, value, day)
            elif isinstance(value, str):
                sheet.write_string(number, index, value)
            elif value is not None:
                sheet.write_number(number, index, value)
    for index, title in enumerate(head):
        widest = max([len(title), *(len(str(row[index])) for row in rows)])
        sheet.set_column(index, index, min(60, widest + 2))
