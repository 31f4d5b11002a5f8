"""Rows of an Excel 2003 workbook in XML (SpreadsheetML), read as a stream: memory does not grow with the file.

SINIM serves this format under `.xls` and `.xlsx`, with an empty line before the XML declaration that makes most readers
refuse it.
"""

from collections.abc import Callable, Iterator
from typing import IO, Any, Final, NamedTuple, cast
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import create_parser
from django.utils.translation import gettext as _

from budget.rules.problems import Kind, Problem, RefusedError, short

NAMESPACE: Final = "urn:schemas-microsoft-com:office:spreadsheet"
CHUNK: Final = 64 * 1024
MAX_DEPTH: Final = 30
MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 6_000
MAX_TEXT: Final = 2_000
# A single mark longer than this many chunks makes the parser read it over and over: quadratic time from a small file.
MAX_SILENT_CHUNKS: Final = 16
SPACE: Final = b" \t\r\n"
BOM: Final = b"\xef\xbb\xbf"


class Cell(NamedTuple):
    text: str
    is_number: bool


class Row(NamedTuple):
    """`number` and the keys of `cells` count from 1, as a spreadsheet shows them; empty cells are left out."""

    number: int
    cells: dict[int, Cell]


def rows(stream: IO[bytes], read: Callable[[int], None] = lambda _: None) -> Iterator[Row]:
    """Yield the rows of the first worksheet; `read` is told the bytes taken so far.

    Raises RefusedError for a file that is cut short, damaged, too large, defines entities, or is no such workbook.
    """
    parser = create_parser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    workbook = _Workbook()
    parser.setContentHandler(workbook)
    taken, silent, chunk = 0, 0, _start(stream)
    try:
        while chunk:
            taken += len(chunk)
            before = workbook.marks
            parser.feed(chunk)
            silent = 0 if workbook.marks > before else silent + 1
            if silent > MAX_SILENT_CHUNKS:
                raise _too_large(workbook)
            yield from workbook.take()
            read(taken)
            chunk = stream.read(CHUNK)
        parser.close()
    except DefusedXmlException as error:
        raise RefusedError([Problem(Kind.ENTITIES, found="<!DOCTYPE>")]) from error
    except SAXParseException as error:
        raise RefusedError([_broken(error, workbook, is_end=not chunk)]) from error
    yield from workbook.take()


def _start(stream: IO[bytes]) -> bytes:
    """The first bytes, without the mark of UTF-8 and the empty line that XML does not allow before its declaration."""
    chunk = stream.read(CHUNK).removeprefix(BOM).lstrip(SPACE)
    while not chunk and (more := stream.read(CHUNK)):
        chunk = more.lstrip(SPACE)
    return chunk


def _broken(error: SAXParseException, workbook: "_Workbook", *, is_end: bool) -> Problem:
    row = workbook.row or None
    if is_end:
        return Problem(Kind.TRUNCATED, row=row)
    # The parser's own words are English and of no use to whoever must mend the file; where it stumbled is.
    place = {"line": error.getLineNumber(), "column": error.getColumnNumber()}
    return Problem(Kind.MALFORMED, row=row, found=_("line %(line)s, character %(column)s of the file") % place)


def _too_large(workbook: "_Workbook") -> RefusedError:
    about = {"rows": str(MAX_ROWS), "columns": str(MAX_COLUMNS), "letters": str(MAX_TEXT)}
    return RefusedError([Problem(Kind.TOO_LARGE, row=workbook.row or None, about=about)])


class _Workbook(ContentHandler):
    """Gathers finished rows; keeps one row and one cell at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.marks = 0
        self.row = 0
        self.column = 0
        self.across = 0
        self.sheets = 0
        self.depth = 0
        self.is_number = False
        self.text: list[str] | None = None
        self.length = 0
        self.cells: dict[int, Cell] = {}
        self.done: list[Row] = []

    def take(self) -> list[Row]:
        done, self.done = self.done, []
        return done

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - SAX names it
        self.marks += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _too_large(self)
        name = name.rpartition(":")[2]
        if self.depth == 1:
            self._check_root(name, attrs)
        elif name == "Data":
            self.text, self.length = [], 0
            self.is_number = _attribute(attrs, "Type") == "Number"
        elif name == "Cell":
            self.column = self._next(attrs, self.column + self.across, MAX_COLUMNS)
            self.across = self._count(attrs, "MergeAcross", MAX_COLUMNS)
        elif name == "Row":
            self.row = self._next(attrs, self.row, MAX_ROWS)
            self.column, self.across, self.cells = 0, 0, {}
        elif name == "Worksheet":
            self.sheets, self.row = self.sheets + 1, 0

    def characters(self, content: str) -> None:
        self.marks += 1
        if self.text is not None:
            self.length += len(content)
            if self.length > MAX_TEXT:
                raise _too_large(self)
            self.text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX names it
        self.depth -= 1
        name = name.rpartition(":")[2]
        if name == "Data" and self.text is not None:
            text = "".join(self.text)
            self.text = None
            if text.strip():
                self.cells[self.column] = Cell(text, self.is_number)
        elif name == "Row" and self.cells:
            if self.sheets > 1:
                raise RefusedError([Problem(Kind.SEVERAL_SHEETS, row=self.row)])
            self.done.append(Row(self.row, self.cells))

    def _check_root(self, name: str, attrs: Any) -> None:
        if name != "Workbook" or NAMESPACE not in attrs.values():
            raise RefusedError([Problem(Kind.OTHER_KIND, found=short(f"<{name}>"))])

    def _next(self, attrs: Any, last: int, limit: int) -> int:
        """Where an element stands: after the last one, unless it gives its own place, which may only lie further on."""
        given = _attribute(attrs, "Index")
        place = last + 1 if given is None else self._count(attrs, "Index", limit)
        if place > limit:
            raise _too_large(self)
        if place <= last:
            raise RefusedError([Problem(Kind.MALFORMED, row=self.row, found=short(f'Index="{given}"'))])
        return place

    def _count(self, attrs: Any, name: str, limit: int) -> int:
        given = _attribute(attrs, name)
        if given is None:
            return 0
        if not given.isascii() or not given.isdecimal() or len(given) > 9:
            raise RefusedError([Problem(Kind.MALFORMED, row=self.row, found=short(f'{name}="{given}"'))])
        if int(given) > limit:
            raise _too_large(self)
        return int(given)


def _attribute(attrs: Any, name: str) -> str | None:
    """An attribute by its local name: files write `ss:Index`, or `Index` where the namespace is the default."""
    value: str | None = attrs.get("ss:" + name)
    return value if value is not None else cast(str | None, attrs.get(name))
