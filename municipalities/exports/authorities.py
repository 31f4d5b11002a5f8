"""The template of the file of authorities and contacts, as CSV and XLSX, and the rows of an import with what became of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO, StringIO
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _

from municipalities.imports.authorities import MOST_ROWS
from municipalities.models import AuthorityImport
from municipalities.reports.authority_imports import OUTCOMES, Shown, shown
from municipalities.rules.authority_cells import COLUMNS

_KINDS: Final = ("alcalde", "subrogante", "secretario", "contacto")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe is put before those that begin like one."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def template_csv() -> str:
    """The headings alone, with the semicolon that a Spanish Excel expects, and its mark of UTF-8."""
    return _csv([[column.heading for column in COLUMNS]])


def template_xlsx() -> bytes:
    """A sheet with the headings, where the type is chosen from a list, and a sheet that explains each column."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold, wrapped, text = (
            book.add_format(form) for form in ({"bold": True}, {"text_wrap": True}, {"num_format": "@"})
        )
        data = book.add_worksheet("Datos")
        # As text: a spreadsheet must not turn a RUN or a telephone into a number.
        data.set_column(0, len(COLUMNS) - 1, 22, text)
        data.write_row(0, 0, [column.heading for column in COLUMNS], bold)
        data.freeze_panes(1, 0)
        kind = next(place for place, column in enumerate(COLUMNS) if column.key == "kind")
        data.data_validation(1, kind, MOST_ROWS, kind, {"validate": "list", "source": list(_KINDS)})
        aid = book.add_worksheet("Ayuda")
        aid.set_column(0, 0, 16)
        aid.set_column(1, 2, 60, wrapped)
        aid.write_row(0, 0, [_("Column"), _("What it holds"), _("Example")], bold)
        for place, column in enumerate(COLUMNS, 1):
            aid.write_row(place, 0, [column.heading, str(column.meaning), column.example])
    return out.getvalue()


def rows_csv(pending: AuthorityImport) -> str:
    """The rows as they were brought, with the outcome of each: to be mended and brought again."""
    head = [_("Row"), *(column.heading for column in COLUMNS), _("Outcome"), _("Why or what changes")]
    return _csv([head, *(_line(row) for row in shown(pending.rows))])


def _line(row: Shown) -> list[Any]:
    changes = "; ".join(f"{change.label}: {change.old or '—'} → {change.new or '—'}" for change in row.changes)
    cells = [harmless(row.cells.get(column.key, "")) for column in COLUMNS]
    return [row.line, *cells, str(OUTCOMES[row.outcome]), harmless(row.problem or changes)]


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    out = StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return "\ufeff" + out.getvalue()
