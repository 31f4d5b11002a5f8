"""SINIM's tables: a unit note, titles, years, and one row a municipality. Bytes in, checked values out; no database.

The table as SINIM serves it (finance file of 2024, two exports of 2018-2023):

    row 1   Valores en miles de pesos nominales (M$) de cada año.
    row 2   (blank)  (blank)    IADM11 (M$) Gastos ...   IADM11 (M$) Gastos ...
    row 3   CODIGO   MUNICIPIO  2024                     2023
    row 4   01101    IQUIQUE    97829                    No Recepcionado

Nothing is guessed: what does not fit is a `Problem` with its row and column, and one problem refuses the whole file.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO, Final, NamedTuple

from budget.choices import SourceUnit, Unit
from budget.imports import sniff, spreadsheetml
from budget.imports.spreadsheetml import Cell, Row
from budget.rules.cells import LIMITS, Reading, UnreadableError, read_cell
from budget.rules.problems import LIMIT, Kind, Problem, RefusedError, letters, short
from municipalities.rules.register import compact, normalise

FIRST_YEAR: Final = 2000
CODE_COLUMN: Final = 1
NAME_COLUMN: Final = 2
# Only nominal pesos: a table with monetary correction would mix pesos of several years.
UNIT_NOTES: Final = {
    "valores en miles de pesos nominales m de cada ano",
    "valores en miles de pesos nominales de cada ano",
}
TITLE: Final = re.compile(r"(?P<code>[^()]{1,30}?)\s*\((?P<unit>[^()]{1,10})\)\s*(?P<name>.+)", re.DOTALL)
SYMBOLS: Final = {
    "M$": Unit.PESOS,
    "%": Unit.PERCENT,
    "TAS": Unit.RATE,
    "Nº": Unit.COUNT,
    "N°": Unit.COUNT,
    "S-N": Unit.YES_NO,
    "MTS²": Unit.SQUARE_METRES,
}
MISSING_TEXT: Final = Cell("", is_number=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the catalogue of indicators. `key` is its key in the database."""

    key: int
    code: str
    unit: Unit
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the portal knows before it reads: variables by code, names by CUT (official first), and the last year to accept."""

    variables: dict[str, Variable]
    names: dict[str, list[str]]
    last_year: int


class Column(NamedTuple):
    number: int
    variable: Variable
    year: int


class Record(NamedTuple):
    """A municipality's row: each column of the table with what its cell says."""

    cut: str
    values: list[tuple[Column, Reading]]


class SinimTable:
    """Reads one table. After `records` is used up, `columns` and `renamed` tell what it held.

    `renamed` holds (code, name in the file, name in the catalogue) of variables whose name is not the known one: the code is
    what identifies a variable, and the person who publishes sees the change.
    """

    unit = SourceUnit.THOUSANDS

    def __init__(self, known: Known) -> None:
        self.known = known
        self.columns: list[Column] = []
        self.renamed: list[tuple[str, str, str]] = []
        self._problems: list[Problem] = []
        self._header: list[dict[int, str]] = []
        self._rows_of: dict[str, int] = {}

    def records(self, stream: IO[bytes], read: Callable[[int], None] = lambda _: None) -> Iterator[Record]:
        """Yield a record for each municipality, while the file holds no problem; raise RefusedError at its end if it does."""
        check_kind(stream)
        for row in spreadsheetml.rows(stream, read):
            if len(self._header) < 3:
                self._read_header(row)
            elif not self._repeats_header(row):
                before = len(self._problems)
                record = self._read_row(row)
                if record and len(self._problems) == before == 0:
                    yield record
        if len(self._header) < 3 or not self._rows_of:
            self._report(Problem(Kind.NO_ROWS))
        if self._problems:
            raise RefusedError(self._problems)

    def _report(self, problem: Problem) -> None:
        self._problems.append(problem)
        if len(self._problems) >= LIMIT:
            raise RefusedError(self._problems)

    # --- Header ---------------------------------------------------------------------------------------------------------

    def _read_header(self, row: Row) -> None:
        step = (self._read_unit_note, self._read_titles, self._read_years)[len(self._header)]
        step(row)
        self._header.append({number: cell.text.strip() for number, cell in row.cells.items()})
        # Without a sound header every cell below would be misread.
        if self._problems:
            raise RefusedError(self._problems)

    def _read_unit_note(self, row: Row) -> None:
        note = " ".join(cell.text for cell in row.cells.values())
        if normalise(note) not in UNIT_NOTES:
            self._report(Problem(Kind.UNIT_NOTE, row.number, min(row.cells), found=short(note)))

    def _read_titles(self, row: Row) -> None:
        if min(row.cells) <= NAME_COLUMN:
            cell = row.cells[min(row.cells)]
            wanted = {"wanted": "BPIGM (M$) ..."}
            self._report(Problem(Kind.TITLE, row.number, min(row.cells), found=short(cell.text), about=wanted))

    def _read_years(self, row: Row) -> None:
        for place, wanted in ((CODE_COLUMN, "CODIGO"), (NAME_COLUMN, "MUNICIPIO")):
            found = row.cells.get(place, MISSING_TEXT).text
            if compact(found) != wanted.lower():
                self._report(Problem(Kind.HEADER, row.number, place, found=short(found), about={"wanted": wanted}))
        titles = self._header[1]
        first: dict[tuple[str, int], int] = {}
        for number in sorted({*titles, *row.cells} - {CODE_COLUMN, NAME_COLUMN}):
            column = self._read_column(number, titles.get(number, ""), row)
            if column is None:
                continue
            again = first.setdefault((column.variable.code, column.year), number)
            if again != number:
                where = {"first": letters(again)}
                code = column.variable.code
                self._report(Problem(Kind.REPEATED_COLUMN, row.number, number, code, str(column.year), where))
            self.columns.append(column)

    def _read_column(self, number: int, title: str, row: Row) -> Column | None:
        variable = self._read_title(number, title, row.number - 1)
        found = row.cells.get(number, MISSING_TEXT).text.strip()
        year = int(found) if re.fullmatch(r"[0-9]{4}", found) else 0
        if not FIRST_YEAR <= year <= self.known.last_year:
            last = {"last": str(self.known.last_year)}
            self._report(Problem(Kind.YEAR, row.number, number, found=short(found), about=last))
            return None
        return Column(number, variable, year) if variable else None

    def _read_title(self, number: int, title: str, row: int) -> Variable | None:
        parts = TITLE.fullmatch(title)
        if parts is None:
            self._report(Problem(Kind.TITLE, row, number, found=short(title)))
            return None
        code, symbol, name = (" ".join(parts[group].split()) for group in ("code", "unit", "name"))
        variable = self.known.variables.get(code)
        if variable is None:
            self._report(Problem(Kind.UNKNOWN_VARIABLE, row, number, code, short(title)))
            return None
        if SYMBOLS.get(symbol) != variable.unit:
            wanted = {"wanted": str(variable.unit.label)}
            self._report(Problem(Kind.UNIT, row, number, code, short(symbol), wanted))
            return None
        renamed = (code, short(name, 300), variable.name)
        if normalise(name) != normalise(variable.name) and renamed not in self.renamed:
            self.renamed.append(renamed)
        return variable

    def _repeats_header(self, row: Row) -> bool:
        """Long exports repeat their header on every page; the repetition must say the same."""
        texts = {number: cell.text.strip() for number, cell in row.cells.items()}
        if texts in self._header:
            return True
        if compact(texts.get(CODE_COLUMN, "")) == "codigo":
            self._report(Problem(Kind.REPEATED_HEADER, row.number, CODE_COLUMN, found=short(" ".join(texts.values()))))
            return True
        return False

    # --- Municipalities -------------------------------------------------------------------------------------------------

    def _read_row(self, row: Row) -> Record | None:
        cut = self._read_municipality(row)
        cells = row.cells
        values = [(column, self._read_value(row.number, column, cells.get(column.number))) for column in self.columns]
        last = self.columns[-1].number
        if max(cells) > last:
            extra = cells[max(cells)].text
            about = {"last": letters(last)}
            self._report(Problem(Kind.EXTRA_CELL, row.number, max(cells), cut, short(extra), about))
        return Record(cut, values) if cut else None

    def _read_municipality(self, row: Row) -> str:
        """The CUT of a row, or nothing once the problem with it is reported."""
        found = row.cells.get(CODE_COLUMN, MISSING_TEXT).text.strip()
        name = row.cells.get(NAME_COLUMN, MISSING_TEXT).text
        # A spreadsheet that takes the code for a number drops its leading zero; the name tells whether that is so.
        cut = found.zfill(5) if re.fullmatch(r"[0-9]{4,5}", found) else found
        names = self.known.names.get(cut)
        if names is None:
            self._report(Problem(Kind.UNKNOWN_MUNICIPALITY, row.number, CODE_COLUMN, short(found), short(name)))
            return ""
        if compact(name) not in map(compact, names):
            wanted = {"wanted": f"{cut} {names[0]}"}
            self._report(Problem(Kind.OTHER_NAME, row.number, NAME_COLUMN, cut, short(name), wanted))
            return ""
        first = self._rows_of.setdefault(cut, row.number)
        if first != row.number:
            self._report(
                Problem(Kind.REPEATED_MUNICIPALITY, row.number, CODE_COLUMN, cut, short(name), {"first": str(first)})
            )
            return ""
        return cut

    def _read_value(self, row: int, column: Column, cell: Cell | None) -> Reading:
        text, is_number = cell or MISSING_TEXT
        unit = column.variable.unit
        try:
            return read_cell(text, unit, is_number=is_number, thousands=True)
        except UnreadableError as error:
            about = {}
            if error.kind == Kind.OUT_OF_RANGE:
                scale = 1000 if unit == Unit.PESOS else 1
                about = {name: f"{limit / scale:f}" for name, limit in zip(("low", "high"), LIMITS[unit], strict=True)}
            self._report(Problem(error.kind, row, column.number, column.variable.code, short(text), about))
            return Reading(None, "")


def described(stream: IO[bytes]) -> tuple[set[str], set[str]]:
    """The codes and the years that the header of a table names, unchecked; the stream is left at its start."""
    check_kind(stream)
    header = list(islice(spreadsheetml.rows(stream), 3))
    stream.seek(0)
    if len(header) < 3:
        raise RefusedError([Problem(Kind.NO_ROWS)])
    titles = [TITLE.fullmatch(cell.text.strip()) for cell in header[1].cells.values()]
    years = {cell.text.strip() for column, cell in header[2].cells.items() if column > NAME_COLUMN}
    return {" ".join(title["code"].split()) for title in titles if title}, years


def check_kind(stream: IO[bytes]) -> None:
    """Refuse at once a file of another kind, saying what it is; the stream is left at its start."""
    head = stream.read(sniff.HEAD)
    stream.seek(0)
    if not head.removeprefix(spreadsheetml.BOM).strip():
        raise RefusedError([Problem(Kind.EMPTY)])
    if kind := sniff.kind_of(head):
        raise RefusedError([Problem(Kind.OTHER_KIND, found=kind)])
