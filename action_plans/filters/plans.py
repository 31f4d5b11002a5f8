"""What a reader of the plans asks for in an address, and what answers."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _

from action_plans.reports.country import Entry
from action_plans.rules.plan_states import CARRYING_OUT, LISTENING
from municipalities.filters.narrowing import Narrowed, Offer

NONE, LISTENS, DONE, CLOSED, PREPARES = "sin-plan", "recibe-aportes", "en-marcha", "cerrado", "en-preparacion"
_STAGES: Final[dict[str, str]] = {
    **{stage.value: LISTENS for stage in LISTENING},
    **{stage.value: DONE for stage in CARRYING_OUT},
    "closed": CLOSED,
    "": NONE,
}


class Plans(Narrowed[Entry]):
    """The list of municipalities by where their plan stands."""

    orders = ("nombre", "-nombre", "avance", "-avance")
    outcomes = frozenset({"plan"})

    @cached_property
    def offered(self) -> dict[str, list[Offer]]:
        stages = [
            Offer(LISTENS, LISTENS, _("Receives contributions")),
            Offer(DONE, DONE, _("Being carried out")),
            Offer(CLOSED, CLOSED, _("Closed")),
            Offer(PREPARES, PREPARES, _("In preparation")),
            Offer(NONE, NONE, _("Without a plan")),
        ]
        return {"plan": stages, "region": self.by_region()}

    def values(self, entry: Entry) -> tuple[str, ...]:
        return (_STAGES.get(entry.stage, PREPARES), entry.region)

    def is_listed(self, entry: Entry) -> bool:
        return entry.shown is not None or self.chosen.get("plan") == NONE or bool(self.search)

    @cached_property
    def rows(self) -> list[Entry]:
        """The answer in its order: by name unless another one is asked. Who has no plan comes only when asked for."""
        rows = [entry for entry in self.matching if self.is_listed(entry)]
        key, turned = self.order.removeprefix("-"), self.order.startswith("-")
        if not key and self.found:
            return self.best_first(rows)
        if key == "avance":
            return sorted(rows, key=lambda entry: -1 if entry.percent is None else entry.percent, reverse=turned)
        return rows[::-1] if turned else rows
