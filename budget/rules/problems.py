"""Why a file is refused: what stands where, what was expected, and how to mend it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LIMIT: Final = 50
"""How many problems of a file are gathered before reading stops."""


class Kind(StrEnum):
    EMPTY = "empty"
    OTHER_KIND = "other_kind"
    ENTITIES = "entities"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    SEVERAL_SHEETS = "several_sheets"
    UNIT_NOTE = "unit_note"
    HEADER = "header"
    TITLE = "title"
    UNKNOWN_VARIABLE = "unknown_variable"
    UNIT = "unit"
    YEAR = "year"
    REPEATED_COLUMN = "repeated_column"
    REPEATED_HEADER = "repeated_header"
    NO_ROWS = "no_rows"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    OTHER_NAME = "other_name"
    REPEATED_MUNICIPALITY = "repeated_municipality"
    EXTRA_CELL = "extra_cell"
    NOT_A_NUMBER = "not_a_number"
    NOT_YES_NO = "not_yes_no"
    PART_OF_A_PESO = "part_of_a_peso"
    OUT_OF_RANGE = "out_of_range"
    NOT_ASKED_FOR = "not_asked_for"
    NO_REFERENCE = "no_reference"


class Words(NamedTuple):
    """The sentences of one kind of problem; `%(...)s` takes what the problem knows of its place."""

    title: Promise
    expected: Promise
    mend: Promise


FRESH: Final = _("Download the file again from SINIM and bring it as it comes, without opening or saving it in Excel.")
CELL: Final = _("Ask SINIM or the municipality for the right figure, mend the cell and bring the file again.")

WORDS: Final[dict[Kind, Words]] = {
    Kind.EMPTY: Words(_("The file is empty"), _("A table of SINIM"), FRESH),
    Kind.OTHER_KIND: Words(_("The file is of another kind"), _("A table of SINIM (SpreadsheetML, 2003)"), FRESH),
    Kind.ENTITIES: Words(
        _("The file defines its own entities"),
        _("A table of SINIM, which defines none"),
        _("Do not bring this file: definitions of this sort can be an attack. Download it again from SINIM."),
    ),
    Kind.TRUNCATED: Words(_("The file is cut short"), _("The closing mark of the workbook"), FRESH),
    Kind.MALFORMED: Words(_("The file is damaged"), _("Well-formed XML"), FRESH),
    Kind.TOO_LARGE: Words(
        _("The table is too large"),
        _("At most %(rows)s rows, %(columns)s columns and %(letters)s characters in a cell"),
        _("Ask SINIM for fewer variables or fewer years, and bring several files."),
    ),
    Kind.SEVERAL_SHEETS: Words(_("There are data in more than one sheet"), _("A single sheet with data"), FRESH),
    Kind.UNIT_NOTE: Words(
        _("The first row does not say the unit"),
        _("“Valores en miles de pesos nominales (M$) de cada año.”"),
        _("Download the file again from SINIM without monetary correction."),
    ),
    Kind.HEADER: Words(_("The header has changed"), _("“%(wanted)s”"), FRESH),
    Kind.TITLE: Words(
        _("The title of a column cannot be read"), _("Code, unit in brackets and name: “IADM11 (M$) ...”"), FRESH
    ),
    Kind.UNKNOWN_VARIABLE: Words(
        _("The variable is not in the catalogue"),
        _("A variable of the catalogue of indicators"),
        _("Ask SINIM for the table without this variable, or have it added to the catalogue of indicators."),
    ),
    Kind.UNIT: Words(
        _("The unit of the variable is another one"),
        _("%(wanted)s"),
        _(
            "Check with SINIM whether the variable has changed; if so, the catalogue of indicators must be mended first."
        ),
    ),
    Kind.YEAR: Words(_("The year cannot be read"), _("A year from 2000 to %(last)s"), FRESH),
    Kind.REPEATED_COLUMN: Words(
        _("A variable comes twice for the same year"),
        _("Each variable and year once; it stands in column %(first)s already"),
        _("Remove one of the two columns, once you know which one holds."),
    ),
    Kind.REPEATED_HEADER: Words(_("A repeated header differs from the first"), _("The same header"), FRESH),
    Kind.NO_ROWS: Words(_("The table has no municipalities"), _("At least one row below the header"), FRESH),
    Kind.UNKNOWN_MUNICIPALITY: Words(
        _("The code is not that of a municipality"),
        _("A code of five digits of the register"),
        _("Check the code (CUT) of the municipality in the register."),
    ),
    Kind.OTHER_NAME: Words(
        _("The code and the name are of different municipalities"),
        _("%(wanted)s"),
        _("Check whether the row slipped. If the name is another spelling, add it to the aliases of the municipality."),
    ),
    Kind.REPEATED_MUNICIPALITY: Words(
        _("The municipality comes twice"),
        _("Each municipality once; it stands in row %(first)s already"),
        _("Remove one of the two rows, once you know which one holds."),
    ),
    Kind.EXTRA_CELL: Words(
        _("A cell stands beyond the last column"), _("Nothing after column %(last)s"), _("Empty the cell.")
    ),
    Kind.NOT_A_NUMBER: Words(
        _("The cell is not a number"),
        _("Digits with a decimal point, or “No Recepcionado”, “No Aplica” or “Sin dato oficial”"),
        CELL,
    ),
    Kind.NOT_YES_NO: Words(_("The cell is not an answer"), _("“Si”, “No” or “No Recepcionado”"), CELL),
    Kind.PART_OF_A_PESO: Words(
        _("The amount holds parts of a peso"), _("Thousands of pesos with at most three decimals"), CELL
    ),
    Kind.OUT_OF_RANGE: Words(_("The figure is not believable"), _("From %(low)s to %(high)s"), CELL),
    Kind.NOT_ASKED_FOR: Words(
        _("SINIM answered something else than what was asked"),
        _("%(wanted)s"),
        _("Try again later. If it happens again, SINIM may have changed its numbering of years or variables."),
    ),
    Kind.NO_REFERENCE: Words(
        _("The reference data are not loaded"),
        _("The register of municipalities and the classifier"),
        _("Run “manage.py load_register” and “manage.py load_classifier”, and read the file again."),
    ),
}


def letters(column: int) -> str:
    """The name a spreadsheet gives to a column counted from 1: 1 is A, 27 is AA."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file. `row` and `column` count from 1; `code` is the variable or the municipality."""

    kind: Kind
    row: int | None = None
    column: int | None = None
    code: str = ""
    found: str = ""
    about: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str(WORDS[self.kind].title)

    @property
    def expected(self) -> str:
        return str(WORDS[self.kind].expected) % self.about

    @property
    def mend(self) -> str:
        return str(WORDS[self.kind].mend)

    @property
    def column_letters(self) -> str:
        return letters(self.column) if self.column else ""

    def as_json(self) -> dict[str, Any]:
        """What is stored; the sentences are made again when they are read, in the reader's language."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Problem:
        return cls(**{**stored, "kind": Kind(stored["kind"])})


class RefusedError(Exception):
    """A file that is refused whole, with every problem seen (at most `LIMIT`)."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.title for problem in problems))
        self.problems = problems


def short(text: str, length: int = 80) -> str:
    """What was found, cut so that a whole file cannot land in a message."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
