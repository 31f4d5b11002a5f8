"""Workbooks as people bring them back: the portal's own file, with some cells written anew."""

from io import BytesIO

import python_calamine
import xlsxwriter
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from diagnostics.actions.workbooks import receive_workbook
from diagnostics.exports.workbook import workbook
from diagnostics.imports.workbooks import read_workbook
from diagnostics.models import Diagnostic, Workbook
from diagnostics.rules.workbook import COLUMNS
from municipalities.choices import DocumentState

Cells = dict[tuple[str, str], str]
"""Texts by question and column."""


def downloaded(held: Diagnostic) -> bytes:
    return workbook(held, now=timezone.now())


def filled_in(content: bytes, cells: Cells, *, backwards: bool = False, about: dict[str, str] | None = None) -> bytes:
    """The file as another program saves it, with some cells changed; `backwards`: with its columns and sheets moved; `about`:
    with other words about itself."""
    book, out = python_calamine.load_workbook(BytesIO(content)), BytesIO()
    identifier = COLUMNS.index("id")
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as made:
        for name in book.sheet_names[:: -1 if backwards else 1]:
            sheet = made.add_worksheet(name)
            for line, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
                if len(row) > identifier:
                    known = [cells.get((str(row[identifier]), key)) for key in COLUMNS]
                    row = [old if new is None else new for old, new in zip(row, known, strict=True)]
                    row = row[::-1] if backwards else row
                elif about and row and row[0] in about:
                    row = [row[0], about[str(row[0])]]
                for place, cell in enumerate(row):
                    sheet.write_string(line, place, str(cell))
    return out.getvalue()


def brought(held: Diagnostic, by: User, content: bytes, name: str = "planilla.xlsx") -> Workbook:
    """The workbook received and read, as the worker does after the scan."""
    found = receive_workbook(by=by, diagnostic=held, upload=ContentFile(content), name=name, now=timezone.now())
    found.document.state = DocumentState.CLEAN
    found.document.save(update_fields=["state"])
    read_workbook(found.pk)
    return Workbook.objects.get(pk=found.pk)
