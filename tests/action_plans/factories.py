"""A plan with a commitment and its milestones."""

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User
from action_plans.models import Commitment, Milestone, Plan
from municipalities.models import Municipality

NOW = datetime(2026, 6, 1, 15, tzinfo=UTC)


def plan(municipality: Municipality, by: User | None = None, **more: Any) -> Plan:
    return Plan.objects.create(
        municipality=municipality,
        title="Plan de acción 2026-2027",
        starts=date(2026, 1, 1),
        ends=date(2027, 12, 31),
        stage_since=NOW,
        created_at=NOW,
        created_by=by,
        **more,
    )


def commitment(of: Plan, number: int = 1, **more: Any) -> Commitment:
    return Commitment.objects.create(plan=of, number=number, title=f"Compromiso {number}", created_at=NOW, **more)


def milestone(of: Commitment, number: int = 1, **more: Any) -> Milestone:
    return Milestone.objects.create(commitment=of, number=number, title=f"Hito {number}", **more)
