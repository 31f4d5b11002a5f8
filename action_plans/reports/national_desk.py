"""What the council sees of the country's plans beyond what is public: who has none, what is being drafted, what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from action_plans.choices import AssessmentKind, Standing
from action_plans.models import Assessment, Monitor, Plan
from action_plans.reports.minimums import LOOKS
from action_plans.reports.minimums_country import minimums_of_plans
from action_plans.reports.monitoring import Ask, asks_of
from action_plans.rules import national as rules
from action_plans.rules.assessments import OWN
from action_plans.rules.plan_states import CARRYING_OUT, DRAFTING
from config.numbers import day
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Municipality

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from accounts.models import User

WITHOUT, DRAFTED, OVERDUE, CARRIED_OUT = "sin-plan", "en-preparacion", "evaluacion-atrasada", "en-marcha"
UNMET = "requisitos"
SIEVES: Final[dict[str, _StrOrPromise]] = {
    OVERDUE: gettext_lazy("Overdue assessments"),
    UNMET: gettext_lazy("With unmet minimum requirements"),
    WITHOUT: gettext_lazy("Adhered, without a plan"),
    DRAFTED: gettext_lazy("In preparation"),
    CARRIED_OUT: gettext_lazy("Carried out"),
}
"""What the table may be narrowed to, in the order of what is most urgent."""


@dataclass(frozen=True, slots=True)
class Row:
    """A municipality with its open plan, or an adhesion that waits for one. `owed`: what is overdue, with its day;
    `broken` and `at_risk`: OGP's minimum requirements that are so."""

    place: Municipality
    plan: Plan | None
    owed: tuple[str, ...]
    broken: int = 0
    at_risk: int = 0

    @property
    def stage(self) -> str:
        return self.plan.get_stage_display() if self.plan else _("Without a plan")

    @property
    def unmet(self) -> list[tuple[str, str]]:
        """The requirements that ask for something, in words, each with its look."""
        broken = ngettext("%(count)d not met", "%(count)d not met", self.broken) % {"count": self.broken}
        at_risk = ngettext("%(count)d about to be broken", "%(count)d about to be broken", self.at_risk)
        found = [
            (self.broken, broken, Standing.BROKEN),
            (self.at_risk, at_risk % {"count": self.at_risk}, Standing.AT_RISK),
        ]
        return [(LOOKS[standing], words) for count, words, standing in found if count]

    def is_in(self, sieve: str) -> bool:
        stage = self.plan.stage if self.plan else ""
        return {
            "": True,
            WITHOUT: self.plan is None,
            DRAFTED: stage in DRAFTING,
            CARRIED_OUT: stage in CARRYING_OUT,
            OVERDUE: bool(self.owed),
            UNMET: bool(self.broken),
        }[sieve]


def rows_of(user: User, *, today: date) -> list[Row]:
    """Every municipality that the person may see and that has adhered or has a plan, by name. Thirteen queries."""
    plans = {each.municipality_id: each for each in Plan.objects.visible_to(user).open()}
    adhered = set(Adhesion.objects.filter(state=AdhesionState.IN_FORCE).values_list("municipality", flat=True))
    owed = _owed(list(plans.values()), today=today)
    stand = {
        row.plan.pk: [each.finding.standing for each in row.minimums]
        for row in minimums_of_plans(list(plans.values()), today=today)
    }
    places = Municipality.objects.visible_to(user).filter(pk__in=adhered | set(plans)).select_related("region")
    found = []
    for place in places.order_by("search"):
        plan = plans.get(place.pk)
        if plan is None:
            found.append(Row(place, None, ()))
            continue
        minimums = stand[plan.pk]
        counted = minimums.count(Standing.BROKEN), minimums.count(Standing.AT_RISK)
        found.append(Row(place, plan, owed.get(plan.pk, ()), *counted))
    return found


def counts(rows: Iterable[Row]) -> list[tuple[str, str, int]]:
    """Each sieve with its words and how many rows it leaves."""
    known = list(rows)
    return [(sieve, str(words), sum(row.is_in(sieve) for row in known)) for sieve, words in SIEVES.items()]


def _owed(plans: list[Plan], *, today: date) -> dict[int, tuple[str, ...]]:
    """The assessments of plans carried out whose day has passed; of monitors, as their own desk counts it. Five queries."""
    carried_out = [plan for plan in plans if plan.stage in CARRYING_OUT]
    there: dict[int, set[str]] = defaultdict(set)
    published = Assessment.objects.published().filter(plan__in=carried_out, kind__in=OWN).order_by()
    for plan_pk, kind in published.values_list("plan", "kind"):
        there[plan_pk].add(kind)
    monitored = set(Monitor.objects.filter(plan__in=carried_out).values_list("plan", flat=True))
    asks = asks_of([plan for plan in carried_out if plan.pk in monitored], today)
    found = {
        plan.pk: [*_own(plan, there[plan.pk]), *((ask.due, _told(ask)) for ask in asks.get(plan.pk, ()))]
        for plan in carried_out
    }
    return {pk: tuple(f"{words} ({day(due)})" for due, words in owed if due < today) for pk, owed in found.items()}


def _told(ask: Ask) -> str:
    if ask.commitment is None:
        return str(ask.kind.label)
    return _("Monitor's assessment of commitment %(number)d") % {"number": ask.commitment.number}


def _own(plan: Plan, there: set[str]) -> list[tuple[date, str]]:
    """What the municipality owes, with its day. Who wrote the final one owes no midterm any more."""
    if AssessmentKind.FINAL in there:
        return []
    final = (plan.ends, str(AssessmentKind.FINAL.label))
    if AssessmentKind.MIDTERM in there:
        return [final]
    return [(rules.midterm_due(plan.starts, plan.ends), str(AssessmentKind.MIDTERM.label)), final]
