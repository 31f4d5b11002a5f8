"""The dry run of a mapping as a file: a line for each answer, and a summary for each municipality."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO

import xlsxwriter
from django.utils.translation import gettext as _

from diagnostics.reports.migration import FATES, REASONS, Row
from diagnostics.rules.instrument import Instrument
from diagnostics.rules.mapping import Fate
from municipalities.exports.authorities import harmless


def _head() -> list[str]:
    return [_("Code"), _("Municipality"), _("Question"), _("Text"), _("Outcome"), _("Why"), _("New questions")]


def _lines(rows: Sequence[Row], old: Instrument) -> Iterator[list[str]]:
    for row in rows:
        place = row.diagnostic.municipality
        for line in row.carried.lines:
            question = old.by_id.get(line.question)
            yield [
                place.cut,
                place.name,
                line.question,
                harmless(question.text) if question else "",
                str(FATES[line.fate]),
                str(REASONS[line.why]),
                ", ".join(line.targets),
            ]


def dry_run_csv(rows: Sequence[Row], old: Instrument) -> str:
    """Semicolons and the mark of UTF-8, as a Spanish Excel expects."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(_head())
    writer.writerows(_lines(rows, old))
    return "\ufeff" + out.getvalue()


def dry_run_xlsx(rows: Sequence[Row], old: Instrument) -> bytes:
    """Two sheets: the counts of each municipality, and every answer."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        summary = book.add_worksheet(_("Summary"))
        summary.set_column(1, 1, 30)
        summary.write_row(0, 0, [_("Code"), _("Municipality"), *(str(FATES[fate]) for fate in Fate)], bold)
        for place, row in enumerate(rows, 1):
            municipality = row.diagnostic.municipality
            summary.write_row(place, 0, [municipality.cut, municipality.name, *(row.counts[fate] for fate in Fate)])
        answers = book.add_worksheet(_("Answers"))
        answers.set_column(1, 6, 28)
        answers.freeze_panes(1, 0)
        answers.write_row(0, 0, _head(), bold)
        for place, line in enumerate(_lines(rows, old), 1):
            answers.write_row(place, 0, line)
    return out.getvalue()
