"""What stands beside a commitment: the gaps of the diagnostic that it closes, in their own words."""

from __future__ import annotations

from collections.abc import Iterable

from action_plans.models import Plan
from diagnostics.models import InstrumentVersion
from diagnostics.reports.answers import instrument_of


def gaps_named(plan: Plan, keys: Iterable[str]) -> list[str]:
    """The questions whose gaps it closes, as the instrument of the plan's diagnostic asks them. One query where there are any."""
    wanted = list(keys)
    if not wanted or plan.diagnostic_id is None:
        return []
    version = InstrumentVersion.objects.filter(diagnostics=plan.diagnostic_id).first()
    known = instrument_of(version).by_id if version else {}
    return [known[key].text for key in wanted if key in known]
