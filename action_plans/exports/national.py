"""The country's plans to take away: a row a commitment as CSV; the tables of the page and the commitments as JSON and XLSX.

Columns of the rows and their words are `data/national_columns.csv`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from django.conf import settings
from django.utils.translation import gettext as _

from action_plans.reports.national import Judged, National, PlanInYear, Promise
from action_plans.reports.national_tables import Table, answer
from action_plans.reports.plan_words import percent_of
from action_plans.rules.open_words import ASSESSMENTS, LEVELS, OPENINGS, STAGES, VALUES, word
from municipalities.exports import tables
from municipalities.exports.desk_tables import write_sheet
from municipalities.exports.tables import Column, Row, columns_of, json_value

COLUMNS: Final = Path(__file__).resolve().parents[1] / "data" / "national_columns.csv"
FORMAT: Final = 1


def columns() -> tuple[Column, ...]:
    return columns_of(COLUMNS)


def names() -> list[str]:
    return [column.name for column in columns()]


def rows(promises: Sequence[Promise]) -> list[Row]:
    """A row a commitment."""
    return [_row(each) for each in promises]


def _row(promise: Promise) -> Row:
    own, monitor = promise.own, promise.monitor
    return {
        "cut": promise.plan.cut,
        "municipio": promise.plan.name,
        "region": promise.region,
        "plan": promise.plan.plan.pk,
        "etapa": word(STAGES, promise.plan.after),
        "compromiso": promise.key,
        "numero": promise.number,
        "titulo": promise.title,
        "valores": " ".join(VALUES[each] for each in promise.values) or None,
        "ods": " ".join(map(str, promise.goals)) or None,
        "avance": percent_of(promise.progress),
        "cumplimiento_hitos": word(LEVELS, promise.level),
        "cumplimiento_municipio": word(LEVELS, own.completion) if own else None,
        "autoevaluacion": ASSESSMENTS[own.kind] if own else None,
        "cumplimiento_monitor": word(LEVELS, monitor.completion) if monitor else None,
        **{f"apertura_{value}_municipio": level for value, level in _openings(own)},
        **{f"apertura_{value}_monitor": level for value, level in _openings(monitor)},
        "direccion": settings.SITE_URL + promise.get_absolute_url(),
        "demostracion": "si" if settings.DEMONSTRATION else "no",
    }


def _openings(judged: Judged | None) -> list[tuple[str, str | None]]:
    levels = judged.openings if judged else (None,) * len(VALUES)
    return [(name, word(OPENINGS, level)) for name, level in zip(VALUES.values(), levels, strict=True)]


def as_csv(promises: Sequence[Promise], *, comma: bool) -> bytes:
    return tables.as_csv(names(), rows(promises), comma=comma)


def document(
    found: National, shown: Sequence[Table], promises: Sequence[Promise], asked: Sequence[str]
) -> dict[str, Any]:
    """Everything that the page shows as plain data. `asked`: the filters in words."""
    return {
        "formato": FORMAT,
        "acerca": {
            "fuente": "Planes de acción, evaluaciones y participación de las municipalidades",
            "pagina": settings.SITE_URL,
            "anio": found.period.year,
            "al": found.period.until.isoformat(),
            "filtros": list(asked),
            "respuesta": answer(found, promises),
            "demostracion": settings.DEMONSTRATION,
        },
        "tablas": [
            {
                "clave": table.key,
                "titulo": table.title,
                "dice": table.says,
                "como_se_cuenta": table.counted,
                "columnas": [
                    {"nombre": each.name, "unidad": each.unit, "numero": each.is_amount} for each in table.columns
                ],
                "filas": [list(row.cells) for row in table.rows],
                "total": list(table.total),
            }
            for table in shown
        ],
        "diccionario": {column.name: column.description for column in columns()},
        "compromisos": rows(promises),
        "planes": [plan_row(each) for each in found.plans],
    }


def plan_row(plan: PlanInYear) -> dict[str, Any]:
    """A plan of the year in the annex."""
    return {
        "cut": plan.cut,
        "municipio": plan.name,
        "region": plan.region,
        "plan": plan.plan.pk,
        "titulo": plan.plan.title,
        "etapa": word(STAGES, plan.after),
        "desde": plan.plan.starts.isoformat(),
        "hasta": plan.plan.ends.isoformat(),
    }


def as_json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, default=json_value, separators=(",", ":")).encode()


def as_xlsx(content: dict[str, Any]) -> bytes:
    """A `document` as a workbook: a sheet a table, one with the commitments, one with the plans, one that says what it holds."""
    file = io.BytesIO()
    # What people typed is text: never a formula, never a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        for table in content["tablas"]:
            head = [" ".join(filter(None, (each["nombre"], each["unidad"]))) for each in table["columnas"]]
            total = [table["total"]] if table["total"] else []
            write_sheet(book, table["clave"], head, [*table["filas"], *total])
        commitments, plans = content["compromisos"], content["planes"]
        write_sheet(book, "compromisos", names(), [[_cell(row[name]) for name in names()] for row in commitments])
        head = list(plans[0]) if plans else ["plan"]
        write_sheet(book, "planes", head, [list(row.values()) for row in plans])
        write_sheet(book, _("What it holds"), [_("Sheet"), _("How it is counted")], _about(content))
    return file.getvalue()


def _cell(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _about(content: dict[str, Any]) -> list[list[str]]:
    about = content["acerca"]
    found = [[_("Year"), str(about["anio"])], [_("Filters"), ", ".join(about["filtros"]) or _("none")]]
    return found + [[table["clave"], f"{table['titulo']}. {table['como_se_cuenta']}"] for table in content["tablas"]]
