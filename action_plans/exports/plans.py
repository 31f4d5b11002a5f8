"""The plans of the country as open data, a row a plan. Columns and their words are `data/plans_columns.csv`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from action_plans.reports.country import Entry
from action_plans.rules.open_words import STAGES
from municipalities.exports.tables import Column, Row, columns_of, json_value

COLUMNS: Final = Path(__file__).resolve().parents[1] / "data" / "plans_columns.csv"


def columns() -> tuple[Column, ...]:
    return columns_of(COLUMNS)


def names() -> list[str]:
    return [column.name for column in columns()]


def rows(entries: Sequence[Entry]) -> list[Row]:
    """A row for each municipality with a plan that anyone may know of."""
    return [_row(entry) for entry in entries if entry.shown]


def _row(entry: Entry) -> Row:
    shown = entry.shown
    if shown is None:
        return {}
    plan, now = shown.plan, shown.now
    return {
        "cut": entry.pk,
        "municipio": entry.name,
        "region": entry.region,
        "plan": plan.pk,
        "titulo": shown.title,
        "desde": plan.starts,
        "hasta": plan.ends,
        "etapa": STAGES[plan.stage],
        "edicion": shown.edition.number if shown.edition else None,
        "aprobado": plan.approved_on,
        "aprobado_por": plan.approved_by or None,
        "compromisos": len(now.commitments) if now else None,
        "completos": now.complete if now else None,
        "hitos": len(now.milestones) if now else None,
        "hitos_cumplidos": now.met if now else None,
        "hitos_atrasados": len(now.late) if now else None,
        "avance": now.percent if now else None,
        "direccion": settings.SITE_URL + entry.get_absolute_url(),
        "demostracion": "si" if settings.DEMONSTRATION else "no",
    }


def as_json(found: Sequence[Row]) -> bytes:
    """The plans with their dictionary; what is not given is null."""
    document: dict[str, Any] = {
        "acerca": {"fuente": "Planes de acción de las municipalidades", "pagina": settings.SITE_URL},
        "diccionario": {column.name: column.description for column in columns()},
        "planes": list(found),
    }
    return json.dumps(document, ensure_ascii=False, default=json_value, separators=(",", ":")).encode()
