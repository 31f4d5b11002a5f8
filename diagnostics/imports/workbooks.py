"""Reading a workbook that came back: the file is opened within bounds, compared with what stands, and kept as a preview. Nothing
is written into answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, Final

import python_calamine
from django.db import transaction
from django.utils.translation import gettext as _

from diagnostics.choices import WorkbookState
from diagnostics.models import Answer, AnswerRevision, Diagnostic, Workbook
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.workbook import Filled, Outcome, Row, Sheet, origin_of, outcome, read_rows
from municipalities.choices import DocumentState
from municipalities.imports.authorities import UnreadableError, measured

_MOST_SHEETS: Final = 40
MOST_ROWS: Final = 2_000
_OVERDUE: Final = timedelta(minutes=1)
"""How long a workbook waits before it is asked for again."""


def waiting(now: datetime) -> list[int]:
    """The workbooks that should have been read by now."""
    rows = Workbook.objects.filter(state=WorkbookState.QUEUED, uploaded_at__lt=now - _OVERDUE)
    return list(rows.exclude(document__state=DocumentState.WAITING).values_list("pk", flat=True))


def read_workbook(workbook_id: int) -> bool:
    """Read a workbook that waits, once. Returns whether it no longer waits: the scanner has to see the file first."""
    with transaction.atomic():
        rows = Workbook.objects.select_for_update(of=("self",)).select_related("document", "diagnostic__version")
        workbook = rows.defer("diagnostic__version__content").get(pk=workbook_id)
        if workbook.state != WorkbookState.QUEUED:
            return True
        if workbook.document.state == DocumentState.WAITING:
            return False
        try:
            if workbook.document.state != DocumentState.CLEAN:
                raise UnreadableError(_("The file is in quarantine: it was not opened."))
            with workbook.document.file.open("rb") as file:
                sheets = sheets_of(file.read())
            _check_origin(sheets, workbook.diagnostic)
            found = read_rows(sheets, instrument_of(workbook.diagnostic.version))
            if not found or len(found) > MOST_ROWS:
                raise UnreadableError(_("The workbook has no rows of questions. Download it again."))
        except UnreadableError as refusal:
            workbook.state, workbook.problem = WorkbookState.REFUSED, str(refusal)[:300]
        else:
            workbook.state, workbook.rows = WorkbookState.READY, compared(workbook.diagnostic, found)
        workbook.save(update_fields=["state", "problem", "rows"])
    return True


def sheets_of(content: bytes) -> list[Sheet]:
    """The sheets with the texts of their cells. Raises `UnreadableError`."""
    unpacked = measured(content)
    try:
        book = python_calamine.load_workbook(BytesIO(unpacked))
        return [
            (name, [[_text(cell) for cell in row] for row in _cells(book, name)])
            for name in book.sheet_names[:_MOST_SHEETS]
        ]
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise UnreadableError(_("The workbook is damaged.")) from error


def _cells(book: python_calamine.CalamineWorkbook, name: str) -> Sequence[Sequence[object]]:
    return book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def _text(value: object) -> str:
    """A cell as it would be typed in Chile. Texts stay as they are, blanks and lines included."""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f").replace(".", ",")
    if isinstance(value, datetime):
        return _text(value.date()) if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return f"{value.day:02}-{value.month:02}-{value.year:04}"
    return str(value)


def _check_origin(sheets: Sequence[Sheet], diagnostic: Diagnostic) -> None:
    origin = origin_of(sheets)
    if origin is None:
        raise UnreadableError(
            _(
                "This is not a workbook of the portal, or its hidden sheet was deleted. Download it again and fill that in."
            )
        )
    if origin.diagnostic != str(diagnostic.pk):
        raise UnreadableError(_("This is the workbook of another diagnostic. Upload it on the page of that one."))
    if origin.checksum != diagnostic.version.checksum:
        raise UnreadableError(_("The questions changed since this workbook was downloaded. Download it again."))


def compared(diagnostic: Diagnostic, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as the preview keeps them. Two queries, however many rows."""
    present = {row.question: row for row in _with_author(diagnostic)}
    versions = {row.version for row in rows}
    revisions = AnswerRevision.objects.filter(answer__diagnostic=diagnostic, version__in=versions)
    bases = {(each.answer.question, each.version): _said(each) for each in revisions.select_related("answer")}
    return [_described(row, present.get(row.question), bases) for row in rows]


def _described(row: Row, answer: Answer | None, bases: dict[tuple[str, int | None], Filled]) -> dict[str, Any]:
    kept: dict[str, Any] = {"question": row.question, "sheet": row.sheet, "line": row.line, "base": row.version}
    if row.problem:
        return kept | {"outcome": Outcome.ERROR, "problem": row.problem}
    held = _said(answer) if answer else Filled()
    version = answer.version if answer else 0
    base = bases.get((row.question, row.version)) if row.version else Filled()
    if base is None and row.version == version:
        base = held
    found = outcome(row.filled, base, held, is_newer=row.version != version)
    if found is Outcome.SAME:
        return kept | {"outcome": found, "problem": ""}
    compare = {"sent": list(row.filled), "held": list(held), "present": version}
    if answer is not None and answer.is_locked:
        words = _("The Consejo checked and closed this answer: it does not change.")
        return kept | compare | {"outcome": Outcome.ERROR, "problem": words}
    who = answer.updated_by.name if answer and answer.updated_by else ""
    at = answer.updated_at.isoformat() if answer else ""
    return kept | compare | {"outcome": found, "problem": "", "who": who, "at": at}


def _said(row: Answer | AnswerRevision) -> Filled:
    return Filled(row.value, row.is_na, row.text, row.confidence)


def _with_author(diagnostic: Diagnostic) -> Any:
    return Answer.objects.filter(diagnostic=diagnostic).select_related("updated_by")
