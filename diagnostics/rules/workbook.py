"""The workbook in which a diagnostic is filled in without a connection: what its cells hold, and what they say once it is back.

A sheet for each dimension. Its first row, hidden, names the columns (`COLUMNS`), so that columns and sheets may be moved; the
hidden columns of each question hold its identifier and the version of the answer that was downloaded. A sheet of its own says
which diagnostic and which version of the instrument the workbook is of. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from diagnostics.choices import Confidence
from diagnostics.rules import controls
from diagnostics.rules.answers import value_problem
from diagnostics.rules.instrument import Instrument, Question, QuestionKind

MARK: Final = "gobierno-abierto-municipal/planilla"
COLUMNS: Final = ("number", "question", "guidance", "answer", "text", "na", "confidence", "id", "version")
"""The columns in their order; the cells of the first row hold these names after `PREFIX`."""
PREFIX: Final = "gam:"
HEAD: Final = 3
"""The rows above the first question: the names of the columns, the title, the headings that people read."""
NONE: Final = "—"
"""What stands in a cell that is not to be filled in."""
LONGEST_TEXT: Final = 20_000
MOST_SHOWN: Final = 80
_NEEDED: Final = frozenset({"answer", "text", "na", "confidence", "id", "version"})
_HEAD_ROWS: Final = 20
_NUMBERED: Final = re.compile(r"([0-9]{1,3})(?:\s*[-.:)–—]\s*(.*))?", re.DOTALL)
_DAY: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_YES: Final = frozenset({"sí", "si", "yes", "x", "s", "verdadero", "true"})
_NO: Final = frozenset({"", "no", "n", "falso", "false", NONE})

Sheet = tuple[str, Sequence[Sequence[str]]]


class Filled(NamedTuple):
    """An answer as a row of the workbook holds it."""

    value: Any = None
    is_na: bool = False
    text: str = ""
    confidence: str = ""


class Origin(NamedTuple):
    """What a workbook says of itself."""

    diagnostic: str
    checksum: str


class Row(NamedTuple):
    """A row that came back. `problem` says what is wrong with it and how to mend it; "" when it can be compared."""

    question: str
    sheet: str
    line: int
    version: int = 0
    filled: Filled = Filled()
    problem: str = ""


class UnreadableCellError(ValueError):
    """A cell that does not say an answer; the text says why and how to mend it."""


# --- Writing ----------------------------------------------------------------------------------------------------------


def choices_of(question: Question) -> list[str]:
    """What the answer's cell may hold, of a kind that is chosen from a list: "2 - inicial". Of several it is the list of what
    their numbers mean."""
    if question.kind == QuestionKind.YES_NO:
        return [_("Yes"), _("No")]
    named = [level.name for level in question.levels] or [option.text for option in question.options]
    return [f"{place} - {name}" for place, name in enumerate(named, 1)]


def answer_cell(question: Question, value: Any) -> str:
    """A value as its cell holds it: `read_value` gives it back."""
    if value is None or question.kind == QuestionKind.TEXT:
        return ""
    if value_problem(question, value):
        return str(value)
    places = {option.id: place for place, option in enumerate(question.options, 1)}
    match question.kind:
        case QuestionKind.LEVEL:
            return str(choices_of(question)[int(value) - 1])
        case QuestionKind.ONE:
            return choices_of(question)[places[value] - 1]
        case QuestionKind.SEVERAL:
            return "; ".join(str(place) for place in sorted(places[name] for name in value))
        case QuestionKind.YES_NO:
            return choices_of(question)[0 if value else 1]
        case QuestionKind.DATE:
            day = date.fromisoformat(value)
            return f"{day.day:02}-{day.month:02}-{day.year:04}"
    return "".join(controls.controls_of(question, value))


# --- Reading ----------------------------------------------------------------------------------------------------------


def origin_of(sheets: Iterable[Sheet]) -> Origin | None:
    """What the workbook says of itself; None when no sheet of it does."""
    for _name, rows in sheets:
        if rows and rows[0] and rows[0][0].strip() == MARK:
            said = {row[0].strip(): row[1].strip() for row in rows[1:6] if len(row) > 1}
            return Origin(said.get("diagnostic", ""), said.get("checksum", ""))
    return None


def read_rows(sheets: Iterable[Sheet], instrument: Instrument) -> list[Row]:
    """Every row of a question, in the order of the file. Rows that hold nothing of a question are passed over."""
    rows = [row for name, cells in sheets for row in _rows_of(name, cells, instrument)]
    times = Counter(row.question for row in rows if row.question)
    twice = _("This question is in the workbook more than once. Leave one of its rows, and upload it again.")
    return [row._replace(problem=twice) if times[row.question] > 1 else row for row in rows]


def _rows_of(name: str, cells: Sequence[Sequence[str]], instrument: Instrument) -> Iterable[Row]:
    columns: dict[str, int] = {}
    for line, row in enumerate(cells, 1):
        if not columns:
            columns = _columns(row) if line <= _HEAD_ROWS else {}
            continue
        held = {key: row[place] if place < len(row) else "" for key, place in columns.items()}
        identifier = held["id"].strip()
        if identifier:
            yield _row(Row(identifier[:MOST_SHOWN], name, line), held, instrument)
        elif line > HEAD and any(held[key].strip() not in {"", NONE} for key in ("answer", "text")):
            words = _("The row does not say of which question it is. Write in the row of the question.")
            yield Row("", name, line, problem=words)


def _columns(row: Sequence[str]) -> dict[str, int]:
    found = {cell.strip().removeprefix(PREFIX): place for place, cell in enumerate(row) if cell.startswith(PREFIX)}
    return {key: found.get(key, len(row)) for key in COLUMNS} if found.keys() >= _NEEDED else {}


def _row(row: Row, held: dict[str, str], instrument: Instrument) -> Row:
    question = instrument.by_id.get(row.question)
    if question is None:
        return row._replace(problem=_("This question does not belong to the diagnostic."))
    version = held["version"].strip()
    if not version.isdecimal() or len(version) > 9:
        return row._replace(problem=_("The hidden cells of this row were changed. Download the workbook again."))
    try:
        filled = Filled(
            read_value(question, held["answer"]),
            _read_na(question, held["na"]),
            read_text(held["text"]),
            _read_confidence(held["confidence"]),
        )
    except UnreadableCellError as error:
        return row._replace(version=int(version), problem=str(error))
    return row._replace(version=int(version), filled=filled)


def read_text(cell: str) -> str:
    """Words as forms give them: a cell that was saved again may part its lines as Windows does."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if len(text) > LONGEST_TEXT:
        raise UnreadableCellError(_("The explanation is longer than 20.000 characters. Shorten it."))
    return text


def read_value(question: Question, cell: str) -> Any:
    """The value in an answer's cell; None for an empty one. Raises `UnreadableCellError`."""
    typed = cell.strip()
    if typed in {"", NONE} or question.kind == QuestionKind.TEXT:
        return None
    if question.kind == QuestionKind.YES_NO:
        plain = typed.casefold()
        if plain not in _YES | _NO:
            raise UnreadableCellError(_("“%(typed)s” is neither Yes nor No.") % {"typed": _short(typed)})
        return plain in _YES
    if question.kind in {QuestionKind.LEVEL, QuestionKind.ONE}:
        place = _chosen(question, typed)
        return place if question.kind == QuestionKind.LEVEL else question.options[place - 1].id
    if question.kind == QuestionKind.SEVERAL:
        return _several(question, typed)
    value = _date(typed) if question.kind == QuestionKind.DATE else controls.value_of(question, [typed])
    if value_problem(question, value):
        raise UnreadableCellError(_mend(question.kind) % {"typed": _short(typed)})
    return value


def _several(question: Question, typed: str) -> list[str] | None:
    parts = [part.strip() for part in re.split(r"[;\n]|,(?=\s*[0-9]+\s*(?:[,;]|$))", typed)]
    return sorted({question.options[_chosen(question, part) - 1].id for part in parts if part}) or None


def _chosen(question: Question, typed: str) -> int:
    """Which of the list is meant, from 1: by its number, its words or both, which must agree."""
    names = [level.name for level in question.levels] or [option.text for option in question.options]
    plain = [_plain(name) for name in names]
    found = _NUMBERED.fullmatch(typed)
    if found and 1 <= int(found[1]) <= len(names) and (not found[2] or _plain(found[2]) == plain[int(found[1]) - 1]):
        return int(found[1])
    words = _plain(typed)
    if plain.count(words) == 1:
        return plain.index(words) + 1
    known = {option.id: place for place, option in enumerate(question.options, 1)}
    if typed in known:
        return known[typed]
    raise UnreadableCellError(
        _("“%(typed)s” is not in the list of this question. Choose from 1 to %(most)s.")
        % {"typed": _short(typed), "most": len(names)}
    )


def _date(typed: str) -> str:
    found = _DAY.fullmatch(typed)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else typed


def _mend(kind: QuestionKind) -> str:
    if kind == QuestionKind.NUMBER:
        return _("“%(typed)s” is not a number. Write it as 1.234 or 12,5.")
    if kind == QuestionKind.DATE:
        return _("“%(typed)s” is not a date. Write day, month and year: 31-12-2026.")
    return _("“%(typed)s” is not a web address. It begins with https:// and has no blanks.")


def _read_na(question: Question, cell: str) -> bool:
    plain = cell.strip().casefold()
    if plain not in _YES | _NO:
        raise UnreadableCellError(_("In “Not applicable”, write Sí or leave the cell empty."))
    if plain in _YES and not question.allows_na:
        raise UnreadableCellError(_("“Not applicable” cannot be the answer to this question. Empty that cell."))
    return plain in _YES


def _read_confidence(cell: str) -> str:
    typed = cell.strip()
    if typed in {"", NONE}:
        return ""
    for value, label in Confidence.choices:
        if _plain(typed) in {_plain(value), _plain(str(label))}:
            return value
    raise UnreadableCellError(
        _("“%(typed)s” is not in the list of how sure you are. Choose from it.") % {"typed": _short(typed)}
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _short(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


# --- Comparing --------------------------------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What a row would do; and, of a workbook that was applied, what it did: WRITTEN, KEPT (the portal's stayed), LATE (someone
    was quicker, or it could not be written any more)."""

    SAME = "same"
    CHANGED = "changed"
    CONFLICT = "conflict"
    ERROR = "error"
    WRITTEN = "written"
    KEPT = "kept"
    LATE = "late"


def alike(one: Filled, other: Filled) -> bool:
    """Whether both say the same; how lines end and blanks at the end of a text do not count."""
    return one[:2] == other[:2] and one[3] == other[3] and _bare(one.text) == _bare(other.text)


def outcome(sent: Filled, base: Filled | None, present: Filled, *, is_newer: bool) -> Outcome:
    """A row against what was downloaded and what stands now. `is_newer`: someone saved since the download; `base` is None when
    nobody knows what was downloaded."""
    if alike(sent, present) or (base is not None and alike(sent, base)):
        return Outcome.SAME
    return Outcome.CONFLICT if is_newer else Outcome.CHANGED


def _bare(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
