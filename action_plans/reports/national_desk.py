"""What the council sees of the country's plans beyond what is public: who has none, what is being drafted, what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from action_plans.choices import AssessmentKind, AssessmentState
from action_plans.models import Assessment, Commitment, Monitor, Plan
from action_plans.rules import national as rules
from action_plans.rules.plan_states import CARRYING_OUT, DRAFTING
from config.numbers import day
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Municipality

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from accounts.models import User

WITHOUT, DRAFTED, OVERDUE, CARRIED_OUT = "sin-plan", "en-preparacion", "evaluacion-atrasada", "en-marcha"
SIEVES: Final[dict[str, _StrOrPromise]] = {
    OVERDUE: gettext_lazy("Overdue assessments"),
    WITHOUT: gettext_lazy("Adhered, without a plan"),
    DRAFTED: gettext_lazy("In preparation"),
    CARRIED_OUT: gettext_lazy("Carried out"),
}
"""What the table may be narrowed to, in the order of what is most urgent."""


@dataclass(frozen=True, slots=True)
class Row:
    """A municipality with its open plan, or an adhesion that waits for one. `owed`: what is overdue, with its day."""

    place: Municipality
    plan: Plan | None
    owed: tuple[str, ...]

    @property
    def stage(self) -> str:
        return self.plan.get_stage_display() if self.plan else _("Without a plan")

    def is_in(self, sieve: str) -> bool:
        stage = self.plan.stage if self.plan else ""
        return {
            "": True,
            WITHOUT: self.plan is None,
            DRAFTED: stage in DRAFTING,
            CARRIED_OUT: stage in CARRYING_OUT,
            OVERDUE: bool(self.owed),
        }[sieve]


def rows_of(user: User, *, today: date) -> list[Row]:
    """Every municipality that the person may see and that has adhered or has a plan, by name. Six queries."""
    plans = {each.municipality_id: each for each in Plan.objects.visible_to(user).open()}
    adhered = set(Adhesion.objects.filter(state=AdhesionState.IN_FORCE).values_list("municipality", flat=True))
    owed = _owed(list(plans.values()), today=today)
    places = Municipality.objects.visible_to(user).filter(pk__in=adhered | set(plans)).select_related("region")
    found = []
    for place in places.order_by("search"):
        plan = plans.get(place.pk)
        found.append(Row(place, plan, owed.get(plan.pk, ()) if plan else ()))
    return found


def counts(rows: Iterable[Row]) -> list[tuple[str, str, int]]:
    """Each sieve with its words and how many rows it leaves."""
    known = list(rows)
    return [(sieve, str(words), sum(row.is_in(sieve) for row in known)) for sieve, words in SIEVES.items()]


def _owed(plans: list[Plan], *, today: date) -> dict[int, tuple[str, ...]]:
    """The assessments of plans carried out whose day has passed. Three queries."""
    carried_out = [plan for plan in plans if plan.stage in CARRYING_OUT]
    there: dict[int, set[tuple[str, int | None]]] = defaultdict(set)
    published = Assessment.objects.filter(plan__in=carried_out, state=AssessmentState.PUBLISHED).order_by()
    for plan_pk, kind, commitment in published.values_list("plan", "kind", "commitment"):
        there[plan_pk].add((kind, commitment))
    monitored = set(Monitor.objects.filter(plan__in=carried_out).values_list("plan", flat=True))
    standing = Commitment.objects.filter(plan__in=monitored, withdrawn_at__isnull=True).order_by("number")
    ends: dict[int, list[tuple[int, int, date]]] = defaultdict(list)
    last = standing.annotate(last=Max("milestones__ends")).values_list("plan", "pk", "number", "ends", "last")
    for plan_pk, pk, number, end, of_milestones in last:
        if when := end or of_milestones:
            ends[plan_pk].append((pk, number, when))
    return {
        plan.pk: tuple(
            f"{words} ({day(due)})"
            for due, words in [
                *_own(plan, there[plan.pk]),
                *(_monitors(plan, there[plan.pk], ends[plan.pk]) if plan.pk in monitored else ()),
            ]
            if due < today
        )
        for plan in carried_out
    }


def _own(plan: Plan, there: set[tuple[str, int | None]]) -> list[tuple[date, str]]:
    """What the municipality owes, with its day. Who wrote the final one owes no midterm any more."""
    if (AssessmentKind.FINAL, None) in there:
        return []
    final = (plan.ends, str(AssessmentKind.FINAL.label))
    if (AssessmentKind.MIDTERM, None) in there:
        return [final]
    return [(rules.midterm_due(plan.starts, plan.ends), str(AssessmentKind.MIDTERM.label)), final]


def _monitors(
    plan: Plan, there: set[tuple[str, int | None]], ends: Iterable[tuple[int, int, date]]
) -> list[tuple[date, str]]:
    """What the monitor owes, of a plan that has one."""
    found = [
        (rules.end_due(end), _("Monitor's assessment of commitment %(number)d") % {"number": number})
        for pk, number, end in ends
        if (AssessmentKind.END, pk) not in there
    ]
    if plan.approved_on and (AssessmentKind.INCEPTION, None) not in there:
        found.insert(0, (rules.inception_due(plan.approved_on), str(AssessmentKind.INCEPTION.label)))
    return found
