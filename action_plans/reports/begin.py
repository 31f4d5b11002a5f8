"""From what a plan begins: the adhesion in force, the last validated diagnostic with its gaps, and what closed them."""

from __future__ import annotations

from dataclasses import dataclass

from action_plans.models import Commitment, Plan
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic
from diagnostics.reports.gaps import Improvement, gaps_of
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Municipality


@dataclass(frozen=True, slots=True)
class Ground:
    """What a municipality without a plan has; a plan may begin without either."""

    has_adhered: bool
    diagnostic: Diagnostic | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap of the plan's diagnostic; `commitment` is the one that already starts from it."""

    found: Improvement
    commitment: Commitment | None


def ground_of(place: Municipality) -> Ground:
    """Two queries."""
    rows = Diagnostic.objects.filter(municipality=place, state=DiagnosticState.VALIDATED).select_related("round")
    return Ground(
        has_adhered=Adhesion.objects.filter(municipality=place, state=AdhesionState.IN_FORCE).exists(),
        diagnostic=rows.order_by("-validated_at").first(),
    )


def gaps_to_choose(plan: Plan) -> list[Gap]:
    """The gaps of the plan's diagnostic, the worthiest first, each with the commitment that starts from it."""
    if plan.diagnostic is None:
        return []
    taken = {gap: each for each in standing_commitments(plan) for gap in each.gaps}
    return [Gap(found, taken.get(found.key)) for found in gaps_of(plan.diagnostic)]


def gap_labels(plan: Plan, chosen: list[str]) -> list[tuple[str, str]]:
    """The gaps as choices of a form: (identifier, question). Those chosen before stay, even if they are gaps no more."""
    if plan.diagnostic is None:
        return [(key, key) for key in chosen]
    labels = {found.key: found.question.text for found in gaps_of(plan.diagnostic)}
    return [*labels.items(), *((key, key) for key in chosen if key not in labels)]


def standing_commitments(plan: Plan) -> list[Commitment]:
    return list(plan.commitments.filter(withdrawn_at__isnull=True))
