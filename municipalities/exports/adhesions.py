"""The table of adhesions as a workbook: exactly the rows and columns that the page shows, and what was asked."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from municipalities.forms.desk import COLUMNS
from municipalities.reports.desk import DeskRow

Cell = str | int | date | None

_CELLS: Final[dict[str, Callable[[DeskRow], Sequence[Cell]]]] = {
    "region": lambda row: [row.municipality.region.name],
    "clase": lambda row: [row.municipality.get_rural_class_display()],
    "distancia": lambda row: [row.municipality.distance_km],
    "estado": lambda row: [str(row.state.label)],
    "dias": lambda row: [row.days],
    "asesor": lambda row: [row.adviser],
    "proximo": lambda row: [row.next_on, row.next_step],
    "campana": lambda row: ["; ".join(row.campaigns)],
}


def headers(columns: Sequence[str]) -> list[str]:
    """The headers of the chosen columns, after code and name of the municipality."""
    found = [_("CUT"), _("Municipality")]
    for column in columns:
        label = str(COLUMNS[column])
        match column:
            case "distancia":
                found.append(f"{label} (km)")
            case "proximo":
                found += [_("Date of the next step"), label]
            case _other:
                found.append(label)
    return found


def cells(row: DeskRow, columns: Sequence[str]) -> list[Cell]:
    """One row under those headers; what is missing is an empty cell, never zero."""
    return [
        row.municipality.cut,
        row.municipality.name,
        *(cell for column in columns for cell in _CELLS[column](row)),
    ]


def workbook(rows: Sequence[DeskRow], columns: Sequence[str], *, asked: Sequence[str], now: datetime) -> bytes:
    """The rows as XLSX. A second sheet says when it was made and what was asked for."""
    file = io.BytesIO()
    # What people typed is text: never a formula, never a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "dd-mm-yyyy", "align": "left"})
        sheet = book.add_worksheet(_("Adhesions"))
        sheet.write_row(0, 0, headers(columns), bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(cells(row, columns)):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                elif value is not None:
                    sheet.write(number, column, value)
        sheet.freeze_panes(1, 2)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(headers(columns)) - 1)
        sheet.autofit(400)
        about = book.add_worksheet(_("What it holds"))
        lines = [
            (_("Made"), timezone.localtime(now).strftime("%d-%m-%Y %H:%M")),
            (_("Municipalities"), len(rows)),
            *((_("Filter in use"), words) for words in asked),
        ]
        for number, (label, content) in enumerate(lines):
            about.write(number, 0, label, bold)
            about.write(number, 1, content)
        about.autofit(400)
    return file.getvalue()
