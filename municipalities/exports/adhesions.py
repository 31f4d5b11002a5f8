"""The table of adhesions as a workbook: exactly the rows and columns that the page shows, and what was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from municipalities.exports.desk_tables import Cell, desk_workbook
from municipalities.forms.desk import COLUMNS
from municipalities.reports.desk import DeskRow

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
    about: list[tuple[str, str | int]] = [
        (_("Made"), timezone.localtime(now).strftime("%d-%m-%Y %H:%M")),
        (_("Municipalities"), len(rows)),
        *((_("Filter in use"), words) for words in asked),
    ]
    return desk_workbook(_("Adhesions"), headers(columns), [cells(row, columns) for row in rows], about=about)
