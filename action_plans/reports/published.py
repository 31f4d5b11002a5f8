"""The plans as anyone reads them: the last approved edition of each; before an approval, the last draft in consultation.

What is being written does not come out of here. Every public page, file and answer of the API reads its plan through this module.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from django.db.models import Case, Prefetch, QuerySet, When

from action_plans.choices import EditionKind, PlanStage
from action_plans.models import Plan, PlanEdition, PlanQuerySet
from action_plans.reports.contributions import Summary, summary_of
from action_plans.reports.desk import Stage, line_of
from action_plans.reports.plan_words import MEANINGS
from action_plans.reports.standing import CommitmentNow, PlanNow, State, standing, told_of
from action_plans.reports.updates import Update, updates_of
from action_plans.rules.plan_states import CARRYING_OUT, LISTENING
from municipalities.models import Municipality

APPROVED_KINDS: Final = (EditionKind.APPROVED, EditionKind.AMENDED)
NEWS: Final = 5


@dataclass(frozen=True)
class PublicPlan:
    """A plan as the public sees it. `edition` and `now` are None while nothing of it is published."""

    plan: Plan
    edition: PlanEdition | None
    now: PlanNow | None

    @property
    def is_approved(self) -> bool:
        return self.edition is not None and self.edition.kind in APPROVED_KINDS

    @property
    def is_carried_out(self) -> bool:
        return self.plan.stage in CARRYING_OUT or self.plan.stage == PlanStage.CLOSED

    @property
    def is_listening(self) -> bool:
        return self.plan.stage in LISTENING

    @property
    def title(self) -> str:
        return str(self.edition.content["title"]) if self.edition else self.plan.title

    @property
    def stage_words(self) -> str:
        return str(MEANINGS[self.plan.stage])


@dataclass(frozen=True)
class PlanPage:
    """The page of a plan."""

    shown: PublicPlan
    stages: list[Stage]
    news: list[Update]
    next: Plan | None
    before: list[Plan]
    summary: Summary


def public_plans() -> PlanQuerySet:
    """Every plan of which anyone may know, with the municipality and its newest public edition as `shown_edition` (a list)."""
    return (
        Plan.objects.public()
        .select_related("municipality__region", "approval")
        .prefetch_related(Prefetch("editions", shown_editions(), to_attr="shown_edition"))
        .order_by("-starts", "-pk")
    )


def shown_editions() -> QuerySet[PlanEdition]:
    """Of each plan the edition that the public reads: the newest approved one, else the newest draft."""
    is_approved = Case(When(kind__in=APPROVED_KINDS, then=1), default=0)
    return PlanEdition.objects.order_by("plan_id", is_approved.desc(), "-number").distinct("plan_id")


def public_plan(plan: Plan, *, today: date, told: dict[str, State] | None = None) -> PublicPlan:
    """A plan of `public_plans`, with how it stands. One query."""
    editions: list[PlanEdition] = getattr(plan, "shown_edition", [])
    edition = editions[0] if editions else None
    if edition is None:
        return PublicPlan(plan, None, None)
    states = told_of(plan) if told is None else told
    return PublicPlan(plan, edition, _stands(edition, edition.sha256, frozenset(states.items()), today))


@lru_cache(maxsize=64)
def _stands(edition: PlanEdition, _sha256: str, told: frozenset[tuple[str, State]], today: date) -> PlanNow:
    """How a plan stands follows from its edition, which never changes, what was told, and the day: each process keeps it for the
    plans that are read most. The checksum says which content is meant where a number was given anew."""
    return standing(edition.content, dict(told), today=today)


def main_plan(plans: Iterable[Plan]) -> Plan | None:
    """The plan that a municipality's page is about: the newest that was approved, else the newest of all."""
    rows = list(plans)
    approved = [row for row in rows if any(each.kind in APPROVED_KINDS for each in row.shown_edition)]  # type: ignore[attr-defined]
    return next(iter(approved or rows), None)


def page_of(plan: Plan, others: Iterable[Plan], *, today: date) -> PlanPage:
    """The page of a plan of `plans_of`, beside the others of its municipality. Six queries at most."""
    shown = public_plan(plan, today=today)
    rows = list(others)
    return PlanPage(
        shown=shown,
        stages=line_of(plan),
        news=updates_of(plan, most=NEWS) if shown.is_carried_out else [],
        next=next((row for row in rows if row.pk > plan.pk), None),
        before=[row for row in rows if row.pk < plan.pk],
        summary=summary_of(plan),
    )


def gone_of(shown: PublicPlan) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Milestones that approved editions promised and the one that is read does not, each with its commitment, as they stood
    last. One query."""
    if not shown.is_approved or shown.edition is None or shown.now is None:
        return []
    seen = {milestone.key for _commitment, milestone in shown.now.milestones}
    before = shown.plan.editions.filter(kind__in=APPROVED_KINDS, number__lt=shown.edition.number)
    found = []
    for content in before.order_by("-number").values_list("content", flat=True):
        for commitment in content["commitments"]:
            for milestone in commitment["milestones"]:
                if milestone["key"] not in seen:
                    seen.add(milestone["key"])
                    found.append((commitment, milestone))
    return found


def with_value(now: PlanNow, value: str) -> list[CommitmentNow]:
    """The commitments that serve a value of open government; all for none."""
    return [each for each in now.commitments if not value or each.data["values"].get(value)]


def plans_of(place: Municipality | str) -> list[Plan]:
    """The plans of a municipality that anyone may know of, the newest first. Two queries."""
    rows = public_plans().with_origin().filter(municipality=place).order_by()
    return sorted(rows, key=lambda plan: (plan.starts, plan.pk), reverse=True)
