"""The calendar of opportunities as an address narrows it: municipality, region, kind of meeting."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from action_plans.choices import MeetingKind
from action_plans.reports.opportunities import Opportunity
from municipalities.filters.narrowing import Narrowed, Offer

_WORDS = {
    MeetingKind.FORUM: "foro",
    MeetingKind.WORKSHOP: "taller",
    MeetingKind.CONSULTATION: "consulta",
    MeetingKind.FOLLOW_UP: "resultados",
}


class Opportunities(Narrowed[Opportunity]):
    """Meetings that come, the next one first."""

    orders: ClassVar[tuple[str, ...]] = ()
    outcomes: ClassVar[frozenset[str]] = frozenset()

    @cached_property
    def offered(self) -> dict[str, list[Offer]]:
        kinds = [Offer(_WORDS[kind], kind.value, kind.label) for kind in MeetingKind]
        return {"region": self.by_region(), "clase": kinds}

    def values(self, entry: Opportunity) -> tuple[str, ...]:
        return (entry.region, entry.kind)

    @cached_property
    def rows(self) -> list[Opportunity]:
        """Those that fulfil everything asked, in the order of their days."""
        return sorted(self.matching, key=lambda entry: (entry.starts_at, entry.name))
