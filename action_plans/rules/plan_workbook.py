"""The workbook of a plan: its sheets and columns, and what each row means. Pure.

The headings are Spanish because they are in people's files; they are compared without accents and capitals.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from action_plans.choices import MilestoneState, OgpValue, PlanStage
from action_plans.rules.plan_cells import CellError, Column, value_of
from municipalities.rules.register import normalise

PLAN_SHEET, COMMITMENTS_SHEET, MILESTONES_SHEET, INDICATORS_SHEET = "Plan", "Compromisos", "Hitos", "Indicadores"
MOST_COMMITMENTS: Final = 60
MOST_MILESTONES: Final = 600
_APPROVAL: Final = ("approved_by", "approved_on")

PLAN: Final = (
    Column("Título", "title", most=150),
    Column("Desde", "starts", "day"),
    Column("Hasta", "ends", "day"),
    Column("Presentación", "foreword"),
    Column("Desafíos y oportunidades", "challenges"),
    Column("Visión de largo plazo", "vision"),
    Column("Coordinación", "coordination"),
    Column("Etapa", "stage", "stage"),
    Column("Aprobado por", "approved_by", most=150),
    Column("Fecha de aprobación", "approved_on", "day"),
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
    Column("Cuentas del presupuesto", "accounts", "accounts"),
)
MILESTONES: Final = (
    Column("Compromiso", "commitment", "number"),
    Column("Título", "title", most=200),
    Column("Desde", "starts", "day"),
    Column("Hasta", "ends", "day"),
    Column("Cargo responsable", "office", most=150),
    Column("Lo que se puede comprobar", "deliverable", most=2_000),
    Column("Peso", "weight", "weight"),
    Column("Estado", "state", "state"),
    Column("Avance (%)", "advance", "advance"),
    Column("Cumplido el", "met_on", "day"),
)
INDICATORS: Final = (
    Column("Compromiso", "commitment", "number"),
    Column("Título", "title", most=200),
    Column("Unidad de medida", "unit", most=60),
    Column("Línea base", "baseline", "amount"),
    Column("Meta", "target", "amount"),
    Column("De dónde viene el número", "source", most=200),
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
    indicators: list[Row] = field(default_factory=list)
    problem: str = ""

    @property
    def rows(self) -> list[Row]:
        return [*([self.plan] if self.plan else []), *self.commitments, *self.milestones, *self.indicators]

    @property
    def stage(self) -> PlanStage:
        """As what the plan comes in."""
        return PlanStage(self.plan.fields.get("stage", PlanStage.PREPARATION) if self.plan else PlanStage.PREPARATION)

    @property
    def faults(self) -> int:
        return sum(bool(row.problems) for row in self.rows)

    @property
    def may_apply(self) -> bool:
        return bool(self.commitments) and not self.problem and not self.faults


def read(sheets: Sequence[tuple[str, Sequence[Sequence[str]]]], *, accounts: Container[str] | None = None) -> Read:
    """The rows of the sheets, each judged. Those of the plan and of indicators may be missing. `accounts` are the codes of the
    classifier; None takes any."""
    found = {normalise(name): rows for name, rows in sheets}
    missing = [name for name in (COMMITMENTS_SHEET, MILESTONES_SHEET) if normalise(name) not in found]
    if missing:
        return Read(
            problem=_("The workbook has no sheet “%(name)s”. Use the one to download here.") % {"name": missing[0]}
        )
    plan = found.get(normalise(PLAN_SHEET), ())
    commitments, lacks = _table(COMMITMENTS_SHEET, found[normalise(COMMITMENTS_SHEET)], COMMITMENTS)
    milestones, lacks_too = _table(MILESTONES_SHEET, found[normalise(MILESTONES_SHEET)], MILESTONES)
    result = Read(_plan(plan), commitments, milestones, problem=lacks or lacks_too)
    if indicators := found.get(normalise(INDICATORS_SHEET)):
        result.indicators, lacks = _table(INDICATORS_SHEET, indicators, INDICATORS)
        result.problem = result.problem or lacks
    if len(commitments) > MOST_COMMITMENTS or len(milestones) > MOST_MILESTONES:
        result.problem = _("A plan has at most %(commitments)d commitments and %(milestones)d milestones.") % {
            "commitments": MOST_COMMITMENTS,
            "milestones": MOST_MILESTONES,
        }
    _judge(result)
    _judge_approval(result)
    for row in commitments:
        unknown = [code for code in row.fields.get("accounts", ()) if accounts is not None and code not in accounts]
        if unknown:
            words = _(
                "%(column)s: “%(cell)s” is no account of the classifier. Write codes as the budget page shows them."
            )
            row.problems.append(words % {"column": "Cuentas del presupuesto", "cell": ", ".join(unknown)[:80]})
    return result


def _plan(rows: Sequence[Sequence[str]]) -> Row | None:
    """A name and a value a line."""
    known = {normalise(column.heading): column for column in PLAN}
    row = Row(PLAN_SHEET, 1, {})
    for line, cells in enumerate(rows, 1):
        column = known.get(normalise(cells[0])) if cells else None
        if column and len(cells) > 1 and cells[1].strip():
            before = len(row.problems)
            _fill(row, column, cells[1])
            row.line = line if before == 0 and row.problems else row.line
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
    try:
        value = value_of(column, cell)
    except CellError as fault:
        row.problems.append(str(fault))
        return
    if column.kind == "value":
        row.fields.setdefault("values", {})[column.field] = value
    else:
        row.fields[column.field] = value


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
    for row in (*found.milestones, *found.indicators):
        if row.fields.get("commitment") not in numbers:
            row.problems.append(_("Its commitment is not in the sheet “%(name)s”.") % {"name": COMMITMENTS_SHEET})


def _judge_approval(found: Read) -> None:
    """A plan that was approved says by whom and when, and only such a plan tells how its milestones go."""
    plan, is_approved = found.plan, found.stage != PlanStage.PREPARATION
    if plan:
        missing = [column.heading for column in PLAN if column.field in _APPROVAL and column.field not in plan.fields]
        if is_approved and missing:
            words = _("A plan that was approved needs “%(names)s” too.")
            plan.problems.append(words % {"names": "”, “".join(missing)})
        if not is_approved and any(name in plan.fields for name in _APPROVAL):
            plan.problems.append(
                _("It says who approved it and when: write “Aprobado” or “En ejecución” as its stage.")
            )
    for row in found.milestones:
        state = row.fields.get("state", MilestoneState.SCHEDULED)
        if state != MilestoneState.SCHEDULED and not is_approved:
            row.problems.append(_("Estado: only a plan that was approved has milestones under way, met or not met."))
        if (state == MilestoneState.MET) != ("met_on" in row.fields):
            row.problems.append(_("Cumplido el: it is written for milestones that are met, and for each of them."))
        if "advance" in row.fields and state != MilestoneState.UNDER_WAY:
            row.problems.append(_("Avance: it is written for milestones under way only."))


def _once(rows: Sequence[Row]) -> None:
    seen: set[int] = set()
    for row in rows:
        number = row.fields["number"]
        if number in seen:
            row.problems.append(_("Another row has the number %(number)d too.") % {"number": number})
        seen.add(number)


def replaced(found: Read, texts: Mapping[str, str]) -> list[str]:
    """Which texts of a plan that is there already the workbook writes anew, by their headings."""
    said = found.plan.fields if found.plan else {}
    return [
        each.heading for each in PLAN if each.field in texts and said.get(each.field, "") not in ("", texts[each.field])
    ]


def as_plain(found: Read) -> dict[str, Any]:
    """What a workbook without faults says, as data that travels between the preview and the decision."""

    def plain(fields: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}

    return {
        "plan": plain(found.plan.fields) if found.plan else {},
        "commitments": [plain(row.fields) for row in found.commitments],
        "milestones": [plain(row.fields) for row in found.milestones],
        "indicators": [plain(row.fields) for row in found.indicators],
    }
