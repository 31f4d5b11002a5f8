"""What the desk of a plan says of how it is watched: the minimums, the assessments, the advice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from action_plans.choices import AssessmentState, RecommendationState
from action_plans.models import Assessment, Plan
from action_plans.reports.minimums import Count, Minimum, counts, minimums_of
from action_plans.rules.assessments import OWN, STAGES


@dataclass(frozen=True)
class Watch:
    """`due` is the kind of the self-assessment that the stage asks for, with `begun` when it was."""

    minimums: list[Minimum]
    assessments: list[Assessment]
    due: str
    waiting: int

    @property
    def counts(self) -> list[Count]:
        return [each for each in counts(self.minimums) if each.number]

    @property
    def trouble(self) -> list[Minimum]:
        """What is broken or about to be."""
        return [each for each in self.minimums if each.look in ("danger", "warning")]

    @property
    def begun(self) -> Assessment | None:
        return next((each for each in self.assessments if each.kind == self.due), None)

    @property
    def is_waiting(self) -> bool:
        """Whether the stage asks for a self-assessment that is not published."""
        return bool(self.due) and (self.begun is None or self.begun.state == AssessmentState.DRAFT)


def watch_of(plan: Plan, *, today: date) -> Watch:
    """Seven queries."""
    due = next((kind.value for kind, stage in STAGES.items() if stage == plan.stage), "")
    return Watch(
        minimums=minimums_of(plan, today=today),
        assessments=list(plan.assessments.filter(kind__in=OWN).order_by("created_at")),
        due=due,
        waiting=plan.recommendations.filter(state=RecommendationState.PROPOSED).count(),
    )
