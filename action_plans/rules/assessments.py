"""What the answers of an assessment mean: OGP's scales by level, and what is asked of whom. Pure.

The instruments are data (`diagnostics/data/self_assessment`); here is only which of their questions the portal sums up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from action_plans.choices import AssessmentKind, Completion, OgpValue, Opening, PlanStage
from action_plans.rules.plan_states import FINAL

T = TypeVar("T")

STAGES: Final = {AssessmentKind.MIDTERM: PlanStage.MIDTERM, AssessmentKind.FINAL: PlanStage.FINAL}
"""The stage in which the municipality writes each of its own."""
OWN: Final = frozenset(STAGES)
INSTRUMENTS: Final = {
    AssessmentKind.MIDTERM: "autoevaluacion-de-plan",
    AssessmentKind.FINAL: "autoevaluacion-de-plan",
    AssessmentKind.INCEPTION: "monitoreo-inicial",
    AssessmentKind.END: "monitoreo-de-compromiso",
}
"""The family of instruments of each kind."""
ABOUT_PLAN: Final = "plan"
"""The dimension whose questions are asked once, of the whole plan; those of all others are asked of each commitment."""

_COMPLETIONS: Final = tuple(Completion)
_OPENINGS: Final = tuple(Opening)
COMPLETION: Final = "cumplimiento"
OPENED: Final = {
    "abrio-informacion": OgpValue.INFORMATION,
    "abrio-participacion": OgpValue.PARTICIPATION,
    "abrio-rendicion": OgpValue.ACCOUNTABILITY,
    "abrio-tecnologia": OgpValue.TECHNOLOGY,
}

MOST_PIECES: Final = 3
LARGEST_PIECE: Final = 10 * 1024 * 1024
"""Evidence of a part: as many files of as many bytes as OGP Local's end-of-commitment form takes."""

OBSERVED_AT_LEAST: Final = timedelta(days=60)
"""For so long after its publication an assessment receives observations, also when the plan closes meanwhile."""


def observed_until(published: date) -> date:
    """The last day on which an assessment is sure to receive observations."""
    return published + OBSERVED_AT_LEAST


def is_observed(stage: PlanStage | str, published: date, today: date) -> bool:
    """Whether an assessment receives observations: while its plan goes on, and in any case until `observed_until`."""
    return stage not in FINAL or today <= observed_until(published)


def completion_of(value: Any) -> Completion | None:
    """The level of completion behind an answer; None for none."""
    return _at(_COMPLETIONS, value)


def opening_of(value: Any) -> Opening | None:
    """How much it opened government; None for no answer, or where it does not apply."""
    return _at(_OPENINGS, value)


def openings(answers: Mapping[str, Any]) -> dict[OgpValue, Opening]:
    """By value of open government, of those that were answered."""
    found = {ogp: opening_of(answers.get(question)) for question, ogp in OPENED.items()}
    return {ogp: opening for ogp, opening in found.items() if opening is not None}


def _at(scale: Sequence[T], value: Any) -> T | None:
    return scale[value - 1] if type(value) is int and 1 <= value <= len(scale) else None
