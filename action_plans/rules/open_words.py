"""The words with which plans stand in open data: Spanish, without accents and spaces, so that they serve as codes and as words.

They are in people's files: a word does not change. `docs/open-data.md` and the columns in `data/` name them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from action_plans.choices import (
    AssessmentKind,
    Completion,
    EditionKind,
    MilestoneState,
    OgpValue,
    Opening,
    PlanStage,
)
from action_plans.rules.progress import Timeliness

STAGES: Final[Mapping[str, str]] = {
    PlanStage.PREPARATION: "en_preparacion",
    PlanStage.CO_CREATION: "en_cocreacion",
    PlanStage.CONSULTATION: "borrador_en_consulta",
    PlanStage.ANSWERING: "en_respuesta",
    PlanStage.APPROVED: "aprobado",
    PlanStage.IMPLEMENTATION: "en_ejecucion",
    PlanStage.MIDTERM: "autoevaluacion_de_medio_termino",
    PlanStage.FINAL: "autoevaluacion_final",
    PlanStage.CLOSED: "cerrado",
    PlanStage.CANCELLED: "cancelado",
}
EDITIONS: Final[Mapping[str, str]] = {
    EditionKind.CONSULTATION: "borrador_en_consulta",
    EditionKind.APPROVED: "aprobada",
    EditionKind.AMENDED: "cambiada",
}
STATES: Final[Mapping[str, str]] = {
    MilestoneState.SCHEDULED: "sin_comenzar",
    MilestoneState.UNDER_WAY: "en_curso",
    MilestoneState.MET: "cumplido",
    MilestoneState.NOT_MET: "no_cumplido",
}
TIMES: Final[Mapping[str, str]] = {
    Timeliness.ON_TIME: "a_tiempo",
    Timeliness.AT_RISK: "en_riesgo",
    Timeliness.LATE: "atrasado",
    Timeliness.DONE: "cumplido",
    Timeliness.MISSED: "no_cumplido",
}
LEVELS: Final[Mapping[str, str]] = {
    Completion.NOT_STARTED: "no_iniciado",
    Completion.LIMITED: "limitado",
    Completion.SUBSTANTIAL: "sustancial",
    Completion.COMPLETE: "completo",
}
OPENINGS: Final[Mapping[str, str]] = {
    Opening.WORSENED: "empeoro",
    Opening.UNCHANGED: "no_cambio",
    Opening.MARGINAL: "se_abrio_un_poco",
    Opening.MAJOR: "se_abrio_mucho",
    Opening.OUTSTANDING: "sobresaliente",
}
VALUES: Final[Mapping[str, str]] = {
    OgpValue.INFORMATION: "informacion",
    OgpValue.PARTICIPATION: "participacion",
    OgpValue.ACCOUNTABILITY: "rendicion",
    OgpValue.TECHNOLOGY: "tecnologia",
}
ASSESSMENTS: Final[Mapping[str, str]] = {
    AssessmentKind.MIDTERM: "medio_termino",
    AssessmentKind.FINAL: "final",
}


def word(words: Mapping[str, str], value: str | None) -> str | None:
    """Its word; nothing of nothing."""
    return None if value is None else words[value]
