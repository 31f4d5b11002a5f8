"""The workbook of a plan: its sheets and columns, and what each row means. Pure.

The headings are Spanish because they are in people's files; they are compared without accents and capitals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from action_plans.choices import OgpValue
from action_plans.rules.goals import GOALS
from municipalities.rules.register import normalise

PLAN_SHEET, COMMITMENTS_SHEET, MILESTONES_SHEET = "Plan", "Compromisos", "Hitos"
MOST_COMMITMENTS: Final = 60
MOST_MILESTONES: Final = 600
_DAY: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})|(\d{4})-(\d{2})-(\d{2})")


class Column(NamedTuple):
    """A column: its heading, the field it fills, what it holds, how many letters at most."""

    heading: str
    field: str
    kind: str = "text"
    most: int = 20_000


PLAN: Final = (
    Column("Título", "title", most=150),
    Column("Desde", "starts", "day"),
    Column("Hasta", "ends", "day"),
    Column("Prólogo", "foreword"),
    Column("Desafíos y oportunidades", "challenges"),
    Column("Visión de largo plazo", "vision"),
    Column("Coordinación", "coordination"),
)
COMMITMENTS: Final = (
    Column("Número", "number", "number"),
    Column("Título", "title", most=200),
    Column("Desde", "starts", "day"),
    Column("Hasta", "ends", "day"),
    Column("Problema público", "problem"),
    Column("Línea base", "baseline"),
    Column("Lo hecho hasta ahora", "status_quo"),
    Column("Qué se hará", "action"),
    Column("Resultado esperado", "outcome"),
    Column("Cómo ayuda a resolverlo", "contribution"),
    Column("Acceso a la información", OgpValue.INFORMATION.value, "value"),
    Column("Participación ciudadana", OgpValue.PARTICIPATION.value, "value"),
    Column("Rendición de cuentas", OgpValue.ACCOUNTABILITY.value, "value"),
    Column("Tecnología e innovación", OgpValue.TECHNOLOGY.value, "value"),
    Column("Unidad responsable", "unit", most=150),
    Column("Cargo responsable", "office", most=150),
    Column("Contraparte de la sociedad civil", "counterpart", most=200),
    Column("Otros actores", "others"),
    Column("Recursos", "resources"),
    Column("ODS", "goals", "goals"),
    Column("PLADECO", "pladeco", most=200),
)
MILESTONES: Final = (
    Column("Compromiso", "commitment", "number"),
    Column("Título", "title", most=200),
    Column("Desde", "starts", "day"),
    Column("Hasta", "ends", "day"),
    Column("Cargo responsable", "office", most=150),
    Column("Lo que se puede comprobar", "deliverable", most=2_000),
    Column("Peso", "weight", "weight"),
)


@dataclass(slots=True)
class Row:
    """A row of the workbook with what it says and what is wrong with it. `line` as the spreadsheet counts."""

    sheet: str
    line: int
    fields: dict[str, Any]
    problems: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(self.fields.get("title") or "")


@dataclass(slots=True)
class Read:
    """What a workbook says. `problem` is why it cannot be read at all."""

    plan: Row | None = None
    commitments: list[Row] = field(default_factory=list)
    milestones: list[Row] = field(default_factory=list)
    problem: str = ""

    @property
    def rows(self) -> list[Row]:
        return [*([self.plan] if self.plan else []), *self.commitments, *self.milestones]

    @property
    def faults(self) -> int:
        return sum(bool(row.problems) for row in self.rows)

    @property
    def may_apply(self) -> bool:
        return bool(self.commitments) and not self.problem and not self.faults


def read(sheets: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> Read:
    """The rows of the three sheets, each judged. The sheet of the plan may be missing."""
    found = {normalise(name): rows for name, rows in sheets}
    missing = [name for name in (COMMITMENTS_SHEET, MILESTONES_SHEET) if normalise(name) not in found]
    if missing:
        return Read(
            problem=_("The workbook has no sheet “%(name)s”. Use the one to download here.") % {"name": missing[0]}
        )
    plan = found.get(normalise(PLAN_SHEET), ())
    commitments, lacks = _table(COMMITMENTS_SHEET, found[normalise(COMMITMENTS_SHEET)], COMMITMENTS)
    milestones, lacks_too = _table(MILESTONES_SHEET, found[normalise(MILESTONES_SHEET)], MILESTONES)
    result = Read(_plan(plan), commitments, milestones, lacks or lacks_too)
    if len(commitments) > MOST_COMMITMENTS or len(milestones) > MOST_MILESTONES:
        result.problem = _("A plan has at most %(commitments)d commitments and %(milestones)d milestones.") % {
            "commitments": MOST_COMMITMENTS,
            "milestones": MOST_MILESTONES,
        }
    _judge(result)
    return result


def _plan(rows: Sequence[Sequence[str]]) -> Row | None:
    """A name and a value a line."""
    known = {normalise(column.heading): column for column in PLAN}
    row = Row(PLAN_SHEET, 1, {})
    for cells in rows:
        column = known.get(normalise(cells[0])) if cells else None
        if column and len(cells) > 1 and cells[1].strip():
            _fill(row, column, cells[1])
    return row if row.fields or row.problems else None


def _table(sheet: str, rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> tuple[list[Row], str]:
    """The rows below the headings, which are the first row that holds the title's."""
    wanted = {normalise(column.heading): column for column in columns}
    head = next((at for at, cells in enumerate(rows) if normalise("Título") in map(normalise, cells)), None)
    if head is None:
        return [], _("The sheet “%(name)s” has no column “Título”.") % {"name": sheet}
    places = {place: wanted[normalise(cell)] for place, cell in enumerate(rows[head]) if normalise(cell) in wanted}
    found = []
    for line, cells in enumerate(rows[head + 1 :], start=head + 2):
        row = Row(sheet, line, {})
        for place, column in places.items():
            if place < len(cells) and cells[place].strip():
                _fill(row, column, cells[place])
        if row.fields or row.problems:
            found.append(row)
    return found, ""


def _fill(row: Row, column: Column, cell: str) -> None:
    text = cell.strip()
    words = {"column": column.heading, "cell": text[:40]}
    if column.kind == "day":
        day = _day(text)
        if day is None:
            row.problems.append(_("%(column)s: “%(cell)s” is no day. Write it as 31-12-2026.") % words)
        else:
            row.fields[column.field] = day
    elif column.kind in ("number", "weight"):
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
        if not number or (column.kind == "weight" and number > 100):
            row.problems.append(_("%(column)s: “%(cell)s” is not a whole number from 1 on.") % words)
        else:
            row.fields[column.field] = number
    elif column.kind == "goals":
        goals = [int(part) for part in re.findall(r"\d{1,2}", text)]
        if not goals or any(goal not in GOALS for goal in goals):
            row.problems.append(_("%(column)s: write numbers from 1 to 17, as “11, 16”.") % words)
        row.fields[column.field] = sorted(set(goals) & set(GOALS))
    elif column.kind == "value":
        row.fields.setdefault("values", {})[column.field] = text
    elif len(text) > column.most:
        row.problems.append(_("%(column)s: it has more than %(most)d letters.") % {**words, "most": column.most})
    else:
        row.fields[column.field] = text


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    parts = [int(part) for part in found.groups() if part]
    year, month, day = parts if found[4] else reversed(parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _judge(found: Read) -> None:
    """What is wrong with rows beside each other: titles and numbers that are missing or twice there, milestones of nothing."""
    for place, row in enumerate(found.commitments, 1):
        row.fields.setdefault("number", place)
    for row in found.rows:
        starts, ends = row.fields.get("starts"), row.fields.get("ends")
        if starts and ends and ends < starts:
            row.problems.append(_("It ends before it begins."))
        if row.sheet != PLAN_SHEET and not row.title:
            row.problems.append(_("It has no title."))
    _once(found.commitments)
    numbers = {row.fields["number"] for row in found.commitments}
    for row in found.milestones:
        if row.fields.get("commitment") not in numbers:
            row.problems.append(_("Its commitment is not in the sheet “%(name)s”.") % {"name": COMMITMENTS_SHEET})


def _once(rows: Sequence[Row]) -> None:
    seen: set[int] = set()
    for row in rows:
        number = row.fields["number"]
        if number in seen:
            row.problems.append(_("Another row has the number %(number)d too.") % {"number": number})
        seen.add(number)


def as_plain(found: Read) -> dict[str, Any]:
    """What a workbook without faults says, as data that travels between the preview and the decision."""

    def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}

    return {
        "plan": plain(found.plan.fields) if found.plan else {},
        "commitments": [plain(row.fields) for row in found.commitments],
        "milestones": [plain(row.fields) for row in found.milestones],
    }
