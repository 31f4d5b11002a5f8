"""A plan as open data: a row a milestone, or the whole as JSON. Columns and their words are `data/plan_columns.csv`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from action_plans.choices import MilestoneState
from action_plans.reports.published import PublicPlan
from action_plans.reports.standing import CommitmentNow, MilestoneNow
from action_plans.rules.open_words import EDITIONS, STAGES, STATES, TIMES
from municipalities.exports.tables import Column, Row, columns_of, json_value

FORMAT: Final = 1
COLUMNS: Final = Path(__file__).resolve().parents[1] / "data" / "plan_columns.csv"


def columns() -> tuple[Column, ...]:
    return columns_of(COLUMNS)


def names() -> list[str]:
    return [column.name for column in columns()]


def rows(shown: PublicPlan) -> Iterator[Row]:
    """A row a milestone; a commitment without milestones has one row without a milestone."""
    for commitment in shown.now.commitments if shown.now else ():
        for milestone in commitment.milestones or (None,):
            yield _row(shown, commitment, milestone)


def _row(shown: PublicPlan, commitment: CommitmentNow, milestone: MilestoneNow | None) -> Row:
    place, edition = shown.plan.municipality, shown.edition
    of_commitment: Row = {
        "cut": place.cut,
        "municipio": place.name,
        "plan": shown.plan.pk,
        "plan_titulo": shown.title,
        "edicion": edition.number if edition else None,
        "compromiso": commitment.key,
        "compromiso_numero": commitment.number,
        "compromiso_titulo": commitment.title,
        "unidad": commitment.data["unit"] or None,
        "contraparte": commitment.data["counterpart"] or None,
        "compromiso_avance": commitment.percent,
        "demostracion": "si" if settings.DEMONSTRATION else "no",
    }
    if milestone is None:
        return {**dict.fromkeys(names()), **of_commitment}
    return {
        **of_commitment,
        "hito": milestone.key,
        "hito_titulo": milestone.title,
        "hito_desde": milestone.starts,
        "hito_hasta": milestone.ends,
        "hito_verificable": milestone.data["deliverable"] or None,
        "hito_peso": milestone.data["weight"],
        "hito_estado": STATES[milestone.told.state],
        "hito_avance": _advance(milestone),
        "hito_cumplido": milestone.told.met_on,
        "hito_plazo": TIMES[milestone.timeliness],
    }


def _advance(milestone: MilestoneNow) -> int | None:
    """What was told of one under way; of the others the state says all."""
    return milestone.told.advance if milestone.told.state == MilestoneState.UNDER_WAY else None


def as_json(shown: PublicPlan) -> bytes:
    """The edition as it was published, with its checksum, and how it goes beside it."""
    plan, edition, now = shown.plan, shown.edition, shown.now
    place = plan.municipality
    progress: list[dict[str, Any]] = [
        {
            "compromiso": commitment.key,
            "avance": commitment.percent,
            "avance_exacto": str(commitment.progress) if commitment.progress is not None else None,
            "hitos": [
                {
                    "hito": each.key,
                    "estado": STATES[each.told.state],
                    "avance": _advance(each),
                    "cumplido": each.told.met_on,
                    "plazo": TIMES[each.timeliness],
                }
                for each in commitment.milestones
            ],
        }
        for commitment in (now.commitments if now else ())
    ]
    document = {
        "formato": FORMAT,
        "acerca": {
            "fuente": f"Municipalidad de {place.name}",
            "pagina": settings.SITE_URL + reverse("action_plans:plan_one", args=[place.cut, place.slug, plan.pk]),
        },
        "municipio": {"cut": place.cut, "nombre": place.name},
        "plan": plan.pk,
        "etapa": STAGES[plan.stage],
        "edicion": edition
        and {
            "numero": edition.number,
            "clase": EDITIONS[edition.kind],
            "publicada": edition.published_at.isoformat(),
            "motivo": edition.reason,
            "sha256": edition.sha256,
            "contenido": edition.content,
        },
        "avance": {"plan": now.percent if now else None, "al": now.today if now else None, "compromisos": progress},
        "demostracion": settings.DEMONSTRATION,
    }
    return json.dumps(document, ensure_ascii=False, default=json_value, indent=1).encode()
