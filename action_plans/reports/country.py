"""The plans of the country: of each municipality the plan that its page is about, with how it goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from action_plans.choices import PlanStage
from action_plans.models import Milestone, Plan
from action_plans.reports.published import PublicPlan, main_plan, public_plan, public_plans
from action_plans.reports.standing import State
from municipalities.models import Municipality


@dataclass(frozen=True, slots=True)
class Entry:
    """A municipality in the list; `shown` is None where nobody knows of a plan."""

    pk: str
    name: str
    slug: str
    region: str
    search: str
    shown: PublicPlan | None

    @property
    def stage(self) -> str:
        return self.shown.plan.stage if self.shown else ""

    @property
    def stage_words(self) -> str:
        return str(PlanStage(self.stage).label) if self.stage else ""

    @property
    def percent(self) -> int | None:
        shown = self.shown
        return shown.now.percent if shown and shown.now and shown.is_carried_out else None

    @property
    def late(self) -> int:
        shown = self.shown
        return len(shown.now.late) if shown and shown.now and shown.is_carried_out else 0

    def get_absolute_url(self) -> str:
        # Not reversed: a map asks for 345 of them.
        return f"/municipios/{self.pk}-{self.slug}/plan/"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the country's page answers first."""

    municipalities: int
    with_plan: int
    carried_out: int
    commitments: int
    complete: int
    listening: int


def entries(today: date) -> list[Entry]:
    """Every municipality in the order of its name. Four queries."""
    by_cut: dict[str, list[Plan]] = defaultdict(list)
    for plan in public_plans():
        by_cut[plan.municipality_id].append(plan)
    chosen = {cut: main_plan(plans) for cut, plans in by_cut.items()}
    told = _told([plan.pk for plan in chosen.values() if plan])
    shown = {cut: public_plan(plan, today=today, told=told.get(plan.pk, {})) for cut, plan in chosen.items() if plan}
    rows = Municipality.objects.order_by("search").values_list("pk", "name", "slug", "region_id", "search")
    return [Entry(*row, shown.get(row[0])) for row in rows]


def numbers(found: Iterable[Entry]) -> Numbers:
    rows = list(found)
    shown = [entry.shown for entry in rows if entry.shown]
    under_way = [each.now for each in shown if each.now and each.is_carried_out]
    return Numbers(
        municipalities=len(rows),
        with_plan=len(shown),
        carried_out=len(under_way),
        commitments=sum(len(now.commitments) for now in under_way),
        complete=sum(now.complete for now in under_way),
        listening=sum(each.is_listening for each in shown),
    )


def _told(plans: list[int]) -> dict[int, dict[str, State]]:
    """What was told of the milestones of many plans. One query."""
    found: dict[int, dict[str, State]] = defaultdict(dict)
    rows = Milestone.objects.filter(commitment__plan__in=plans).order_by()
    for plan, key, state, advance, met_on in rows.values_list("commitment__plan", "key", "state", "advance", "met_on"):
        found[plan][str(key)] = State(state, advance, met_on)
    return found
