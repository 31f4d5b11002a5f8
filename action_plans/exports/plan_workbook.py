"""The workbook of a plan: what `rules.plan_workbook` reads. Empty it is filled in; filled, it takes a plan elsewhere and back."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import xlsxwriter

from action_plans.choices import MilestoneState, PlanStage
from action_plans.reports.editions import plain_value
from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import MilestoneNow
from action_plans.rules.plan_cells import WORDS, Column
from action_plans.rules.plan_states import DRAFTING
from action_plans.rules.plan_workbook import (
    COMMITMENTS,
    COMMITMENTS_SHEET,
    INDICATORS,
    INDICATORS_SHEET,
    MILESTONES,
    MILESTONES_SHEET,
    PLAN,
    PLAN_SHEET,
)
from config.numbers import day

_WIDE: Final = 34
_VALIDATED: Final = 1_000
"""Rows in which a cell offers what it may say."""


def template() -> bytes:
    """The sheets with their headings; dates are typed as 31-12-2026."""
    return workbook({"plan": {}, "commitments": [], "milestones": [], "indicators": []})


def as_xlsx(shown: PublicPlan) -> bytes:
    """The edition that the public reads, with how its milestones go."""
    return workbook(plain_of(shown))


def plain_of(shown: PublicPlan) -> dict[str, Any]:
    """A public plan as `rules.plan_workbook.as_plain` gives it."""
    content: Mapping[str, Any] = shown.edition.content if shown.edition else {"commitments": []}
    commitments, now = content["commitments"], shown.now
    stage = PlanStage.APPROVED if shown.plan.stage == PlanStage.APPROVED else PlanStage.IMPLEMENTATION
    plan = {column.field: content.get(column.field) for column in PLAN}
    plan["stage"] = (PlanStage.PREPARATION if shown.plan.stage in DRAFTING else stage).value
    return {
        "plan": _filled(plan),
        "commitments": [_commitment(each) for each in commitments],
        "milestones": [
            _milestone(commitment.number, milestone) for commitment, milestone in (now.milestones if now else ())
        ],
        "indicators": [
            _filled({**row, "title": row["name"], "commitment": each["number"], "name": None})
            for each in commitments
            for row in each["indicators"]
        ],
    }


def _commitment(data: Mapping[str, Any]) -> dict[str, Any]:
    return _filled({column.field: data.get(column.field) for column in COMMITMENTS} | {"values": data["values"]})


def _milestone(number: int, milestone: MilestoneNow) -> dict[str, Any]:
    told = milestone.told
    row = {column.field: milestone.data.get(column.field) for column in MILESTONES}
    return _filled(
        row
        | {
            "commitment": number,
            "state": str(told.state),
            "met_on": plain_value(told.met_on),
            "advance": told.advance if told.state == MilestoneState.UNDER_WAY else None,
        }
    )


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "", [], {})}


def workbook(data: Mapping[str, Any]) -> bytes:
    """What `rules.plan_workbook.as_plain` gave, as a workbook that gives the same again."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(PLAN_SHEET)
        for line, column in enumerate(PLAN):
            sheet.write_string(line, 0, column.heading, bold)
            _write(sheet, line, 1, column, data["plan"])
            _offer(sheet, line, line, 1, column)
        sheet.set_column(0, 0, _WIDE)
        sheet.set_column(1, 1, 2 * _WIDE, wrapped)
        for name, columns, rows in (
            (COMMITMENTS_SHEET, COMMITMENTS, data["commitments"]),
            (MILESTONES_SHEET, MILESTONES, data["milestones"]),
            (INDICATORS_SHEET, INDICATORS, data["indicators"]),
        ):
            _table(book, name, columns, rows, bold, wrapped)
    return file.getvalue()


def _table(
    book: Any, name: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], bold: Any, wrapped: Any
) -> None:
    sheet = book.add_worksheet(name)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.heading, bold)
        sheet.set_column(place, place, _WIDE if column.kind in ("text", "value") else 14, wrapped)
        for line, row in enumerate(rows, 1):
            _write(sheet, line, place, column, row)
        _offer(sheet, 1, _VALIDATED, place, column)
    sheet.freeze_panes(1, 2)


def _write(sheet: Any, line: int, place: int, column: Column, row: Mapping[str, Any]) -> None:
    """A cell as it would be typed. All are texts: a spreadsheet changes nothing of them."""
    value = row.get("values", {}).get(column.field) if column.kind == "value" else row.get(column.field)
    if value is not None:
        sheet.write_string(line, place, _typed(column, value))


def _typed(column: Column, value: Any) -> str:
    if column.kind == "day":
        return day(date.fromisoformat(value))
    if column.kind in WORDS:
        return next(word for word, meaning in WORDS[column.kind].items() if meaning == value)
    if column.kind in ("goals", "accounts"):
        return ", ".join(map(str, value))
    return str(value).replace(".", ",") if column.kind == "amount" else str(value)


def _offer(sheet: Any, first: int, last: int, place: int, column: Column) -> None:
    if column.kind in WORDS:
        sheet.data_validation(first, place, last, place, {"validate": "list", "source": list(WORDS[column.kind])})
