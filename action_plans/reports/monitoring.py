"""What is asked of independent monitors, and by when; and what the council's advice on plans waits for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import CouncilRole
from accounts.models import User
from accounts.permissions import COUNCIL, Permission
from action_plans.choices import AppealState, AssessmentKind, AssessmentState, EditionKind
from action_plans.models import Appeal, Assessment, Commitment, Monitor, Plan, PlanEdition, Recommendation, Waiver
from action_plans.rules.assessments import ASSESSED, MONTHS, OWN, due
from config.numbers import day
from municipalities.models import Municipality


@dataclass(frozen=True, slots=True)
class Ask:
    """An assessment that a monitor has not published, due some months after `since`. `begun` is its draft."""

    plan: Plan
    kind: AssessmentKind
    since: date
    due: date
    is_late: bool
    commitment: Commitment | None = None
    begun: Assessment | None = None

    @property
    def title(self) -> str:
        return f"{self.kind.label}: {self.commitment.title}" if self.commitment else str(self.kind.label)

    @property
    def counted(self) -> str:
        """From when its time is counted."""
        if self.kind == AssessmentKind.END:
            words = ngettext(
                "%(count)d month from the end of the commitment, on %(day)s.",
                "%(count)d months from the end of the commitment, on %(day)s.",
                MONTHS[self.kind],
            )
        else:
            words = ngettext(
                "%(count)d month from the day on which the approved plan was published here, %(day)s.",
                "%(count)d months from the day on which the approved plan was published here, %(day)s.",
                MONTHS[self.kind],
            )
        return words % {"count": MONTHS[self.kind], "day": day(self.since)}


@dataclass(frozen=True, slots=True)
class Monitored:
    """A plan that somebody monitors, and what is asked of them, the most urgent first."""

    monitor: Monitor
    asks: list[Ask]

    @property
    def plan(self) -> Plan:
        return self.monitor.plan


def monitored_by(user: User, today: date) -> list[Monitored]:
    """The plans that a person monitors on a day, what is most urgent first. One query when there is none, four otherwise."""
    rows = Monitor.objects.of(user, today).select_related("plan__municipality")
    monitors = list(rows.order_by("plan__municipality__name", "plan"))
    if not monitors:
        return []
    asks = asks_of([row.plan for row in monitors], today)
    found = [Monitored(row, asks.get(row.plan_id, [])) for row in monitors]
    return sorted(found, key=lambda each: each.asks[0].due if each.asks else date.max)


def asks_of(plans: Iterable[Plan], today: date) -> dict[int, list[Ask]]:
    """What the monitors of each plan owe, by its number. Three queries."""
    assessed = [plan for plan in plans if plan.stage in ASSESSED]
    submitted = _submitted(assessed)
    written = {
        (row.plan_id, row.commitment_id): row
        for row in Assessment.objects.filter(plan__in=assessed).exclude(kind__in=OWN)
    }
    found: dict[int, list[Ask]] = {}

    def ask(plan: Plan, kind: AssessmentKind, since: date, about: Commitment | None = None) -> None:
        one = written.get((plan.pk, about.pk if about else None))
        if one is None or one.state != AssessmentState.PUBLISHED:
            last = due(kind, since)
            found.setdefault(plan.pk, []).append(Ask(plan, kind, since, last, last < today, about, one))

    for plan in assessed:
        if plan.pk in submitted:
            ask(plan, AssessmentKind.INCEPTION, submitted[plan.pk])
    by_number = {plan.pk: plan for plan in assessed}
    standing = Commitment.objects.filter(plan__in=assessed, withdrawn_at__isnull=True)
    standing = standing.annotate(last=Max("milestones__ends"))
    for commitment in standing.order_by("plan", "number"):
        plan = by_number[commitment.plan_id]
        ends = commitment.ends or commitment.last or plan.ends
        if ends < today:
            ask(plan, AssessmentKind.END, ends, commitment)
    return {plan: sorted(asks, key=lambda each: each.due) for plan, asks in found.items()}


def _submitted(plans: Iterable[Plan]) -> dict[int, date]:
    """When the first approved edition of each plan was published here, by the plan's number."""
    rows = PlanEdition.objects.filter(plan__in=plans, kind=EditionKind.APPROVED).order_by()
    first = rows.values("plan").annotate(at=Min("published_at"))
    return {row["plan"]: timezone.localdate(row["at"]) for row in first}


# --- Advice -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AdviceTask:
    """What waits for an adviser in a municipality's plan, since or for a day. `address` is the name of the page where it is done,
    `query` what it shows of it."""

    place: Municipality
    text: str
    day: date
    address: str
    query: str = ""


def advice_due(person: User, today: date) -> QuerySet[Recommendation]:
    """The person's own recommendations that are to be asked about again."""
    rows = Recommendation.objects.filter(by=person, ask_again__lte=today, plan__in=Plan.objects.visible_to(person))
    return rows.select_related("plan__municipality").order_by("ask_again", "pk")


def advice_tasks(person: User, today: date) -> list[AdviceTask]:
    """What waits for an adviser: recommendations to ask about again, and exceptions that somebody asked for, appeals. Three
    queries."""
    if not person.is_council or Permission.ADVISE_PLAN not in COUNCIL[CouncilRole(person.council_role)]:
        return []
    tasks = [
        AdviceTask(row.plan.municipality, _("ask how the recommendation went"), row.ask_again, "action_plans:advice")
        for row in advice_due(person, today)
        if row.ask_again
    ]
    waivers = Waiver.objects.filter(granted_at__isnull=True, until__gte=today, plan__in=Plan.objects.visible_to(person))
    tasks += [
        AdviceTask(
            row.plan.municipality,
            _("decide on the exception that the municipality asks for"),
            timezone.localdate(row.asked_at),
            "action_plans:plan_desk",
        )
        for row in waivers.exclude(asked_by=person).select_related("plan__municipality").order_by("asked_at")
    ]
    appeals = Appeal.objects.filter(
        state=AppealState.OPEN, contribution__plan__in=Plan.objects.visible_to(person)
    ).exclude(contribution__hidden_by=person)
    tasks += [
        AdviceTask(
            row.contribution.plan.municipality,
            _("decide on the appeal of somebody whose contribution was hidden"),
            timezone.localdate(row.at),
            "action_plans:contributions_desk",
            "?cola=reclamos",
        )
        for row in appeals.select_related("contribution__plan__municipality").order_by("at")
    ]
    return sorted(tasks, key=lambda task: task.day)
