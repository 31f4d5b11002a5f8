"""The council's indicators as a workbook: what the page shows, and the term of each act."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import xlsxwriter
from django.utils.translation import gettext as _

from municipalities.exports.desk_tables import Cell, write_sheet
from municipalities.filters.adhesion_register import BANDS
from municipalities.reports.indicators import Indicators, Part


def as_xlsx(found: Indicators, *, today: date) -> bytes:
    """A workbook of four sheets: regions, distance, funnel, terms. What is not known is an empty cell."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": f"{_('Indicators of adhesion')} {today:%d-%m-%Y}"})
        head = [_("Municipalities"), _("Adhesions in force"), _("Share, %")]
        regions = [[region.name, *_cells(part)] for region, part in found.regions]
        write_sheet(book, _("By region"), [_("Region"), *head], [*regions, [_("All"), *_cells(found.whole)]])
        bands = [[str(BANDS[one.band.code]), *_cells(one.part)] for one in found.bands]
        sides = [[_("Remote: 300 km or more"), *_cells(found.remote)], [_("Near: under 300 km"), *_cells(found.near)]]
        write_sheet(book, _("By distance"), [_("Distance to Santiago"), *head], [*bands, *sides])
        stages: list[list[Cell]] = [
            [str(stage.state.label), stage.reached, stage.now, None if stage.days is None else round(stage.days, 1)]
            for stage in found.stages
        ]
        write_sheet(book, _("Funnel"), [_("State"), _("Came to it"), _("Are in it now"), _("Median days")], stages)
        terms: list[list[Cell]] = [
            [
                *(one.entry.pk, one.entry.name, str(one.entry.standing.label), one.folio or None),
                *(str(one.shown.term), one.shown.starts, one.shown.term.ends, one.days_left),
            ]
            for one in found.terms
        ]  # fmt: skip
        columns = [_("Code"), _("Municipality"), _("State"), _("Folio"), _("Term"), _("In force from"), _("Term ends")]
        write_sheet(book, _("Terms of office"), [*columns, _("Days left")], terms)
    return buffer.getvalue()


def _cells(part: Part) -> list[Cell]:
    share: Decimal | None = part.share
    return [part.municipalities, part.adhered, None if share is None else float(round(share, 1))]
