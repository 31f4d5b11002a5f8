"""The workbook in which a diagnostic is filled in without a connection (`rules.workbook` says how it is made)."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from diagnostics.choices import Confidence
from diagnostics.models import Answer, Diagnostic
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.instrument import Dimension, Instrument, Question, QuestionKind
from diagnostics.rules.instrument_words import condition_words
from diagnostics.rules.workbook import COLUMNS, HEAD, MARK, NONE, PREFIX, Filled, answer_cell, choices_of

_WIDTHS: Final = (6, 44, 60, 26, 60, 12, 14, 12, 8)
_LISTED: Final = frozenset({QuestionKind.LEVEL, QuestionKind.ONE, QuestionKind.YES_NO})
_LISTS: Final = "listas"
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Held(dict[str, tuple[Filled, int, bool]]):
    """By question: the answer, its version, and whether the council closed it."""


def workbook(diagnostic: Diagnostic, *, now: datetime) -> bytes:
    """The workbook of a diagnostic with its present answers."""
    rows = Answer.objects.filter(diagnostic=diagnostic)
    held = Held(
        {
            row.question: (Filled(row.value, row.is_na, row.text, row.confidence), row.version, row.is_locked)
            for row in rows
        }
    )
    title = _("Diagnostic of %(municipality)s: %(round)s") % {
        "municipality": diagnostic.municipality,
        "round": diagnostic.round,
    }
    facts = {"diagnostic": str(diagnostic.pk), "checksum": diagnostic.version.checksum, "made": now.isoformat()}
    return build(instrument_of(diagnostic.version), held, title=title, facts=facts, now=now)


def build(instrument: Instrument, held: Held, *, title: str, facts: dict[str, str], now: datetime) -> bytes:
    """The file itself. Only the cells to fill in may be changed; the protection has no password."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": title, "created": now.replace(tzinfo=None)})
        _Writer(book, instrument, held).write(title, facts, now)
    return out.getvalue()


class _Writer:
    """The sheets of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, instrument: Instrument, held: Held) -> None:
        self.book, self.instrument, self.held = book, instrument, held
        base: dict[str, Any] = {"text_wrap": True, "valign": "top", "num_format": "@"}
        form = book.add_format
        self.title = form({"bold": True, "font_size": 14})
        self.head = form({**base, "bold": True, "bg_color": "#0a132d", "font_color": "#ffffff", "border": 1})
        self.group = form({"bold": True, "bg_color": "#e6edf3", "num_format": "@"})
        self.fixed = form({**base, "border": 1, "border_color": "#c8d0d8"})
        self.closed = form({**base, "border": 1, "border_color": "#c8d0d8", "bg_color": "#eceff1"})
        self.open = form({**base, "border": 1, "border_color": "#006fb3", "bg_color": "#fffbe6", "locked": False})
        self.listed = 0

    def write(self, title: str, facts: dict[str, str], now: datetime) -> None:
        self._instructions(title, now)
        # Made before the sheets that point into it, shown after none of them: it is hidden.
        places = [
            (self.book.add_worksheet(name), dimension)
            for name, dimension in zip(sheet_names(self.instrument), self.instrument.dimensions, strict=True)
        ]
        self.lists = self.book.add_worksheet(_LISTS)
        self.lists.hide()
        number = 0
        for sheet, dimension in places:
            number = self._dimension(sheet, dimension, number)
        about = self.book.add_worksheet("portal")
        about.write_string(0, 0, MARK)
        for row, (key, said) in enumerate(facts.items(), 1):
            about.write_string(row, 0, key)
            about.write_string(row, 1, said)
        for hidden in (self.lists, about):
            hidden.protect()
        about.hide()

    def _instructions(self, title: str, now: datetime) -> None:
        sheet = self.book.add_worksheet(_("Instructions"))
        sheet.set_column(0, 0, 100, self.book.add_format({"text_wrap": True, "valign": "top"}))
        sheet.write_string(0, 0, title, self.title)
        made = timezone.localtime(now)
        lines = (
            _("Downloaded on %(day)s. It holds the answers of that moment.") % {"day": f"{made:%d-%m-%Y %H:%M}"},
            _("1. Write only in the yellow cells. The others are closed."),
            _("2. Where a cell has a list, choose from it. Where several may be chosen, write their numbers: 1; 3."),
            _("3. Numbers are written as 12,5, and dates as 31-12-2026."),
            _("4. Some questions are answered only in some cases: the column of help says when."),
            _("5. Save the file as an Excel workbook (XLSX). Upload it on the page of the diagnostic."),
            _("6. The portal shows you row by row what would change. Nothing is written until you confirm."),
            _("If someone changed the same answer meanwhile, you see both texts and decide."),
            _("Evidence is added on the portal, not here."),
        )
        for row, line in enumerate(lines, 2):
            sheet.write_string(row, 0, line)
        sheet.protect()

    def _dimension(self, sheet: Any, dimension: Dimension, number: int) -> int:
        self._set_up(sheet, dimension)
        row = HEAD
        for descriptor in dimension.descriptors:
            sheet.write_string(row, 0, "", self.group)
            sheet.write_string(row, 1, descriptor.name, self.group)
            sheet.write_string(row, 2, descriptor.guidance, self.group)
            row += 1
            for question in descriptor.questions:
                number += 1
                self._question(sheet, row, number, question)
                row += 1
        sheet.print_area(0, 0, row - 1, COLUMNS.index("confidence"))
        return number

    def _set_up(self, sheet: Any, dimension: Dimension) -> None:
        for place, (key, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(place, place, width, None, {"hidden": key in {"id", "version"}})
            sheet.write_string(0, place, PREFIX + key)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.write_string(1, 0, dimension.name, self.title)
        heads = (
            _("No."),
            _("Question"),
            _("Help for this question"),
            _("Answer"),
            _("Explanation"),
            _("Not applicable"),
            _("How sure"),
        )
        for place, head in enumerate(heads):
            sheet.write_string(2, place, head, self.head)
        sheet.freeze_panes(HEAD, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(2)
        sheet.set_footer("&L&A&R&P / &N")
        sheet.ignore_errors({"number_stored_as_text": "A1:I2000"})
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def _question(self, sheet: Any, row: int, number: int, question: Question) -> None:
        answer, version, is_closed = self.held.get(question.id, (Filled(), 0, False))
        sheet.write_string(row, 0, str(number), self.fixed)
        sheet.write_string(row, 1, question.text, self.fixed)
        sheet.write_string(row, 2, help_of(question, self.instrument, is_closed=is_closed), self.fixed)
        is_words = question.kind == QuestionKind.TEXT
        labels = dict(Confidence.choices)
        cells = {
            "answer": (NONE if is_words else answer_cell(question, answer.value), not is_words),
            "text": (answer.text, True),
            "na": (_("Yes") if answer.is_na else "" if question.allows_na else NONE, question.allows_na),
            "confidence": (str(labels.get(answer.confidence, "")), True),
        }
        for key, (text, is_open) in cells.items():
            form = self.open if is_open and not is_closed else self.closed
            sheet.write_string(row, COLUMNS.index(key), text, form)
        sheet.write_string(row, COLUMNS.index("id"), question.id)
        sheet.write_string(row, COLUMNS.index("version"), str(version))
        if is_closed:
            return
        if question.kind in _LISTED:
            self._list(sheet, row, "answer", choices_of(question))
        if question.allows_na:
            self._list(sheet, row, "na", [_("Yes")])
        self._list(sheet, row, "confidence", [str(label) for label in labels.values()])

    def _list(self, sheet: Any, row: int, key: str, choices: list[str]) -> None:
        """A list to choose from. It stands on a sheet of its own: what is written into the rule itself may have no comma."""
        first = self.listed
        for choice in choices:
            self.lists.write_string(self.listed, 0, choice)
            self.listed += 1
        place = COLUMNS.index(key)
        rule = {
            "validate": "list",
            "source": f"={_LISTS}!$A${first + 1}:$A${self.listed}",
            "error_title": _("Choose from the list"),
            "error_message": _("Choose one of the answers of the list, or empty the cell."),
        }
        sheet.data_validation(row, place, row, place, rule)


def sheet_names(instrument: Instrument) -> list[str]:
    """A name for the sheet of each dimension, as spreadsheets allow it."""
    plain = (
        "".join(
            " " if character in "[]:*?/\\'" or not character.isprintable() else character for character in each.name
        )
        for each in instrument.dimensions
    )
    return [f"{place}. {name}"[:31].strip() for place, name in enumerate(plain, 1)]


def help_of(question: Question, instrument: Instrument, *, is_closed: bool) -> str:
    """What the column of help says: when the question is answered, what may be chosen, what counts as evidence."""
    parts = [_("The Consejo checked and closed this answer: it does not change.")] if is_closed else []
    if question.show_if:
        condition = condition_words(question.show_if, instrument.by_id)
        parts.append(_("Answer only if %(condition)s.") % {"condition": condition})
    parts.append(question.guidance)
    if question.levels:
        parts += [f"{level.value} - {level.name}: {level.meaning}" for level in question.levels]
    elif question.options:
        several = _("Write the numbers of all that hold, as in 1; 3:")
        parts += [several] if question.kind == QuestionKind.SEVERAL else []
        parts += choices_of(question)
    if question.kind == QuestionKind.TEXT:
        parts.append(_("Write the answer in the column “Explanation”."))
    if question.unit:
        parts.append(_("In: %(unit)s") % {"unit": question.unit})
    if question.legal_basis:
        parts.append(_("Legal basis: %(basis)s") % {"basis": question.legal_basis})
    if question.evidence:
        parts.append(_("What counts as evidence: %(evidence)s") % {"evidence": question.evidence})
    return "\n".join(part for part in parts if part)
