"""The table of diagnostics as a workbook: exactly the rows that the page shows, and what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from diagnostics.reports.rounds import DiagnosticRow
from municipalities.exports.desk_tables import Cell, desk_workbook


def headers() -> list[str]:
    return [
        _("CUT"),
        _("Municipality"),
        _("Region"),
        _("Round"),
        _("State"),
        _("Questions answered"),
        _("Questions asked"),
        _("Answered (%)"),
        _("Last movement"),
        _("Last day"),
        _("More time was given"),
        pgettext("diagnostics", "Overdue"),
    ]


def cells(row: DiagnosticRow) -> list[Cell]:
    """One row under those headers."""
    one = row.diagnostic
    moved: datetime = one.moved_at  # type: ignore[attr-defined]
    return [
        one.municipality.cut,
        one.municipality.name,
        one.municipality.region.name,
        one.round.name,
        one.get_state_display(),
        one.answered,
        one.asked,
        row.percent,
        timezone.localdate(moved),
        row.closes_on,
        _("Yes") if row.is_extended else _("No"),
        _("Yes") if row.is_late else _("No"),
    ]


def workbook(rows: Sequence[DiagnosticRow], *, asked: Sequence[str], now: datetime) -> bytes:
    """The rows as XLSX. A second sheet says when it was made and what was asked for."""
    about: list[tuple[str, str | int]] = [
        (_("Made"), timezone.localtime(now).strftime("%d-%m-%Y %H:%M")),
        (_("Diagnostics"), len(rows)),
        *((_("Filter in use"), words) for words in asked),
    ]
    return desk_workbook(_("Diagnostics"), headers(), [cells(row) for row in rows], about=about)
