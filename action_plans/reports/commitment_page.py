"""What stands beside a commitment: the gaps of the diagnostic that it closes, in their own words; what people say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from action_plans.choices import ContributionState
from action_plans.models import Author, Contribution, Plan
from action_plans.reports.contributions import authors_of, supports_of, told
from diagnostics.models import InstrumentVersion
from diagnostics.reports.answers import instrument_of

CONTRIBUTIONS: Final = 5
"""So many of the latest are shown; the list of the plan has them all."""


def gaps_named(plan: Plan, keys: Iterable[str]) -> list[str]:
    """The questions whose gaps it closes, as the instrument of the plan's diagnostic asks them. One query where there are any."""
    wanted = list(keys)
    if not wanted or plan.diagnostic_id is None:
        return []
    version = InstrumentVersion.objects.filter(diagnostics=plan.diagnostic_id).first()
    known = instrument_of(version).by_id if version else {}
    return [known[key].text for key in wanted if key in known]


def contributions_about(plan: Plan, key: str) -> list[tuple[Contribution, list[Author], int]]:
    """The latest that everyone may read about a commitment, with their authors and support. Four queries at most."""
    of_key = Contribution.objects.on_the_text().filter(plan=plan, commitment__key=key)
    rows = told(of_key.filter(state=ContributionState.PUBLISHED))
    latest = list(rows.order_by("-published_at", "-pk")[:CONTRIBUTIONS])
    supports = supports_of(latest) if latest else {}
    return [(each, authors_of(each), supports.get(each.pk, 0)) for each in latest]
