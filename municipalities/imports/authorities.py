"""From a file of authorities and contacts, CSV or XLSX, to the texts of its cells. Nothing of the database is touched.

What a sender may make large is bounded before it is opened: bytes, entries and bytes of an unpacked workbook, and how far out
its cells lie (a cell in the last corner of a sheet costs a reader the whole sheet).
"""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any, Final, NamedTuple

import python_calamine
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError
from django.utils.translation import gettext as _

from config.numbers import number
from municipalities.rules.authority_cells import HEADINGS, NEEDED, columns_of

MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 5_000
# A sheet may have blank rows between and below.
_LAST_ROW: Final = 2 * MOST_ROWS
_LAST_COLUMN: Final = 256
_MOST_ENTRIES: Final = 500
_MOST_UNPACKED: Final = 60 * 1024 * 1024
_MOST_SHEETS: Final = 20
# A spreadsheet's guard against formulas, which our own downloads write too.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class UnreadableError(ValueError):
    """The file as a whole cannot be read; the text says why, for whoever sent it."""


class Table(NamedTuple):
    """`rows`: number of the row as a spreadsheet shows it, and its cells by column. `unused`: headings nobody knows."""

    rows: list[tuple[int, dict[str, str]]]
    unused: list[str]


def read_file(content: bytes) -> Table:
    """The rows of a file that hold anything. Raises `UnreadableError`; a faulty row does not."""
    if len(content) > MOST_BYTES:
        raise UnreadableError(
            _("The file is too large: the limit is %(limit)s MB.") % {"limit": number(MOST_BYTES // 2**20)}
        )
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableError(_("This is an old XLS or has a password. Save it as XLSX without one."))
    if content.startswith(b"PK"):
        return _first_table(_sheets(content))
    return _first_table([_csv_rows(content)])


def _first_table(sheets: Iterable[Iterable[Sequence[str]]]) -> Table:
    """The first sheet whose headings are those of the template; says what is missing in the first one otherwise."""
    refusal = None
    for sheet in sheets:
        try:
            return _table(sheet)
        except UnreadableError as error:
            refusal = refusal or error
    raise refusal or UnreadableError(_("The file is empty."))


def _table(lines: Iterable[Sequence[str]]) -> Table:
    rows: list[tuple[int, dict[str, str]]] = []
    columns: dict[int, str] | None = None
    unused: list[str] = []
    for number_of_row, cells in enumerate(lines, 1):
        if not any(cells):
            continue
        if columns is None:
            columns = _headings(cells)
            unused = [text[:60] for place, text in enumerate(cells) if text and place not in columns][:20]
            continue
        if len(rows) == MOST_ROWS:
            raise UnreadableError(_("The file has more than %(most)s rows. Divide it.") % {"most": number(MOST_ROWS)})
        rows.append((number_of_row, {key: cells[place] for place, key in columns.items() if place < len(cells)}))
    if not rows:
        raise UnreadableError(_("The file has no rows below its headings.") if columns else _("The file is empty."))
    return Table(rows, unused)


def _headings(cells: Sequence[str]) -> dict[int, str]:
    try:
        columns = columns_of(cells[:_LAST_COLUMN])
    except ValueError as twice:
        raise UnreadableError(_("The column “%(column)s” is there twice.") % {"column": str(twice)}) from None
    missing = [HEADINGS[key] for key in NEEDED if key not in columns.values()]
    if missing:
        raise UnreadableError(
            _("The first row must hold the headings of the template. Missing: %(missing)s.")
            % {"missing": ", ".join(missing)}
        )
    return columns


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableError(_("This is not a table: bring a CSV or an XLSX file."))
    heading = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=heading.count)
    try:
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [_cleaned(cell) for cell in cells]
    except csv.Error as error:
        raise UnreadableError(
            _("The quotation marks of the CSV do not match (%(error)s).") % {"error": error}
        ) from None


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark (Excel's “Unicode text”), else the Latin-1 of Windows, which reads any bytes."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _sheets(content: bytes) -> Iterator[list[list[str]]]:
    unpacked = measured(content)
    try:
        workbook = python_calamine.load_workbook(BytesIO(unpacked))
        for name in workbook.sheet_names[:_MOST_SHEETS]:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield [[_cleaned(_text(cell)) for cell in row] for row in rows]
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(_("The workbook is damaged.")) from error


def measured(content: bytes) -> bytes:
    """The parts of a workbook that are read, packed again after they were unpacked within bounds.

    What the directory says of sizes is the sender's word: this way the reader gets the very bytes that were counted.
    """
    out = BytesIO()
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed, zipfile.ZipFile(out, "w") as again:
            parts = packed.infolist()
            wanted = [part for part in parts if part.filename.endswith((".xml", ".rels"))]
            if len(parts) > _MOST_ENTRIES or sum(part.file_size for part in wanted) > _MOST_UNPACKED:
                raise UnreadableError(_("The workbook is too large once unpacked."))
            if "xl/workbook.xml" not in packed.namelist():
                raise UnreadableError(_("This is not an XLSX workbook: bring a CSV or an XLSX file."))
            for part in wanted:
                with packed.open(part) as file:
                    # Asked for so many bytes, zipfile unpacks no more, and checks the sum of what it gave.
                    unpacked = file.read(part.file_size) if part.file_size else b""
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    _check_extent(unpacked)
                again.writestr(part.filename, unpacked)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, KeyError) as error:
        raise UnreadableError(_("The workbook is damaged.")) from error
    except (ParseError, DefusedXmlException, LookupError, ValueError, OverflowError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(_("The workbook is damaged.")) from error
    return out.getvalue()


class _Extent:
    """A target of the XML parser that follows where each cell with content lies, as readers of sheets count."""

    def __init__(self) -> None:
        self.row, self.column, self.in_cell = -1, -1, False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name, place = tag.rpartition("}")[2], attributes.get("r", "")
        if name == "row":
            self.row, self.column = int(place) - 1 if place else self.row + 1, -1
        elif name == "c":
            letters = place.rstrip("0123456789")
            self.column = _column(letters) if letters else self.column + 1
            self.row = int(place[len(letters) :]) - 1 if place[len(letters) :] else self.row
            self.in_cell = True
        elif self.in_cell and (self.row >= _LAST_ROW or self.column >= _LAST_COLUMN):
            raise UnreadableError(
                _("A sheet has something beyond row %(row)s or column %(column)s. Delete it and save again.")
                % {"row": number(_LAST_ROW), "column": number(_LAST_COLUMN)}
            )

    def end(self, tag: str) -> None:
        if tag.rpartition("}")[2] == "c":
            self.in_cell = False

    def data(self, text: str) -> None:
        """Texts are for the reader."""

    def close(self) -> None:
        """Nothing is kept."""


def _column(letters: str) -> int:
    """`A` is 0, `AA` 26; more than three letters are as far out as any."""
    if len(letters) > 3:
        return _LAST_COLUMN
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - ord("A") + 1
    return found - 1


def _check_extent(sheet: bytes) -> None:
    parser: Any = DefusedXMLParser(target=_Extent(), forbid_dtd=True)
    parser.feed(sheet)
    parser.close()


def _text(value: object) -> str:
    """A cell as it would be typed: days as ISO, whole numbers without a point."""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _cleaned(text: str) -> str:
    """Without blanks around, control characters, or the apostrophe that guards against formulas."""
    plain = "".join(" " if character in "\r\n\t\xa0" else character for character in text).strip()
    plain = "".join(character for character in plain if character.isprintable())
    return plain[1:] if plain.startswith("'") and plain[1:].startswith(_FORMULA_STARTS) else plain
