"""The plans of the country in a year, read once: every commitment with what three voices say of it, and how plans are made.

A commitment is read from the rows of an approved plan: each of their changes is published in the same transaction
(`actions.plans.amend`), so they say what the last approved edition says; a test holds both against each other.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from math import ceil
from typing import Final, NamedTuple

from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Count,
    DurationField,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Least
from django.utils import timezone

from accounts.models import Event
from action_plans.choices import (
    AssessmentKind,
    AssessmentState,
    Completion,
    ContributionState,
    MeetingKind,
    MeetingState,
    MilestoneState,
    OgpValue,
    Opening,
    Standing,
)
from action_plans.models import AssessmentAnswer, Commitment, Contribution, Meeting, Milestone, Plan, ProgressUpdate
from action_plans.reports.contributions import Median
from action_plans.reports.minimums_country import minimums_of_plans
from action_plans.reports.plan_words import percent_of
from action_plans.rules import national as rules
from action_plans.rules.assessments import COMPLETION, OPENED, completion_of, opening_of
from action_plans.rules.progress import MOST_UNDER_WAY
from diagnostics.rules.comparison import FEWEST
from municipalities.models import Municipality, Region

VALUES: Final = tuple(OPENED.values())
_RANK: Final[dict[str, int]] = {AssessmentKind.MIDTERM: 1, AssessmentKind.FINAL: 2}
EARLIEST: Final = 2018
"""No plan of the model is older (commitment CL0054 of OGP)."""


@dataclass(frozen=True, slots=True)
class Period:
    """A year, told of until `until`: its last day, or today. `starts` and `ends` are its moments, the end outside."""

    year: int
    until: date
    starts: datetime
    ends: datetime

    @property
    def is_over(self) -> bool:
        return timezone.localdate(self.ends).year > self.year


def period_of(year: int, *, now: datetime) -> Period:
    """A year that has begun."""
    starts, after = _new_year(year), _new_year(year + 1)
    ends = min(after, now)
    until = date(year, 12, 31) if now >= after else timezone.localdate(now)
    return Period(year, until, starts, ends)


def _new_year(year: int) -> datetime:
    return timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001


class Judged(NamedTuple):
    """What an assessment says of a commitment. `openings` in the order of `VALUES`, None where it does not apply."""

    kind: str
    completion: Completion | None
    openings: tuple[Opening | None, ...]


@dataclass(slots=True)
class Promise:
    """A commitment that counts in the year. `progress` is None while it has no milestone."""

    pk: int
    key: str
    number: int
    title: str
    plan: PlanInYear
    values: tuple[str, ...]
    goals: tuple[int, ...]
    progress: Fraction | None
    stands: bool = True
    """It was not withdrawn since."""
    own: Judged | None = None
    monitor: Judged | None = None

    @property
    def region(self) -> str:
        return self.plan.region

    @property
    def level(self) -> Completion | None:
        return rules.level_of(self.progress)

    @property
    def percent(self) -> int | None:
        return percent_of(self.progress)

    def get_absolute_url(self) -> str:
        # Not reversed: a file asks for thousands of them.
        place = self.plan.get_absolute_url()
        return f"{place}compromisos/{self.key}/" if self.stands else f"{place}ediciones/"


@dataclass(slots=True)
class PlanInYear:
    """A plan with its stage at the end of the year, and at its beginning (None: it was not there)."""

    plan: Plan
    before: str | None
    after: str | None
    earlier: str | None = None
    """At the beginning of the year before."""

    @property
    def cut(self) -> str:
        return self.plan.municipality_id

    @property
    def name(self) -> str:
        return self.plan.municipality.name

    @property
    def region(self) -> str:
        return self.plan.municipality.region_id

    @property
    def is_known(self) -> bool:
        return rules.is_known_in(self.before, self.after)

    @property
    def is_carried_out(self) -> bool:
        return rules.is_carried_out_in(self.before, self.after)

    @property
    def was_known(self) -> bool:
        return rules.is_known_in(self.earlier, self.before)

    @property
    def was_carried_out(self) -> bool:
        return rules.is_carried_out_in(self.earlier, self.before)

    def get_absolute_url(self) -> str:
        return f"/municipios/{self.cut}-{self.plan.municipality.slug}/plan/{self.plan.pk}/"


class Heard(NamedTuple):
    """Contributions published in a year, those answered, and the median days that it took; None of fewer than five."""

    received: int = 0
    answered: int = 0
    median_days: int | None = None


class Met(NamedTuple):
    """Meetings held in a year, those of forums among them, and in how many municipalities a forum met."""

    meetings: int = 0
    forums: int = 0
    places: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """The country in a year, in the numbers that are compared with the year before."""

    municipalities: int
    plans: int
    carried_out: int
    commitments: int
    complete: int
    heard: Heard
    met: Met


@dataclass(frozen=True)
class National:
    """Everything that the page, its files and the yearly report are made of."""

    period: Period
    regions: Sequence[Region]
    places: Mapping[str, int]
    """Municipalities of each region."""
    plans: Sequence[PlanInYear]
    promises: Sequence[Promise]
    heard: Mapping[str, Heard]
    """By region; "" is the country. `met` alike."""
    met: Mapping[str, Met]
    minimums: Mapping[str, Counter[Standing]]
    """By requirement."""
    now: Numbers
    then: Numbers

    @cached_property
    def stages(self) -> Counter[str]:
        return Counter(each.after for each in self.plans if each.after)

    def with_plan(self, region: str = "") -> int:
        """Municipalities with a plan, of a region or of all."""
        return len({each.cut for each in self.plans if not region or each.region == region})


def years(*, today: date) -> list[int]:
    """The years that can be told of, the latest first: from that of the first plan. One query."""
    first = Plan.objects.public().order_by("created_at").values_list("created_at", flat=True).first()
    begun = timezone.localdate(first).year if first else today.year
    return list(range(today.year, max(EARLIEST, min(begun, today.year)) - 1, -1))


def national(year: int, *, now: datetime) -> National:
    """The country in a year. Seventeen queries, however many municipalities, plans and commitments there are."""
    period = period_of(year, now=now)
    before = period_of(year - 1, now=now)
    plans = _plans(period, before)
    known = [each for each in plans if each.is_known]
    wanted = [each for each in plans if each.is_carried_out or each.was_carried_out]
    promises, complete_then, counted_then = _promises(wanted, period)
    _add_assessments(promises, period)
    heard, heard_then = _heard(period, before)
    met, met_then = _met(period, before)
    was_known = [each for each in plans if each.was_known]
    return National(
        period=period,
        regions=list(Region.objects.all()),
        places=dict(Municipality.objects.order_by().values_list("region").annotate(Count("pk"))),
        plans=known,
        promises=promises,
        heard=heard,
        met=met,
        minimums=_minimums(known, period),
        now=Numbers(
            municipalities=len({each.cut for each in known}),
            plans=len(known),
            carried_out=sum(each.is_carried_out for each in known),
            commitments=len(promises),
            complete=sum(each.progress == 1 for each in promises),
            heard=heard.get("", Heard()),
            met=met.get("", Met()),
        ),
        then=Numbers(
            municipalities=len({each.cut for each in was_known}),
            plans=len(was_known),
            carried_out=sum(each.was_carried_out for each in was_known),
            commitments=counted_then,
            complete=complete_then,
            heard=heard_then,
            met=met_then,
        ),
    )


# --- Plans and their stages -------------------------------------------------------------------------------------------

_FIELDS: Final = (
    *("stage", "stage_since", "created_at", "starts", "ends", "approved_on", "title", "municipality__name"),
    *("municipality__slug", "municipality__region"),
)


def _plans(period: Period, before: Period) -> list[PlanInYear]:
    """Every plan that was there by the end of the year. Two queries."""
    rows = Plan.objects.public().filter(created_at__lt=period.ends).select_related("municipality").only(*_FIELDS)
    events = Event.objects.filter(kind="plan.moved", subject_type=Plan._meta.label_lower, at__gte=before.starts)
    moves: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for subject, at, start in events.order_by("at", "pk").values_list("subject_id", "at", KT("data__start")):
        moves[subject].append((at, start))

    def stage(plan: Plan, moment: datetime) -> str | None:
        there = plan.created_at < moment
        return rules.stage_at(plan.stage, moves.get(str(plan.pk), ()), moment) if there else None

    return [
        PlanInYear(plan, stage(plan, period.starts), stage(plan, period.ends), stage(plan, before.starts))
        for plan in rows.order_by("municipality__search", "pk")
    ]


# --- Commitments and their progress -----------------------------------------------------------------------------------


def _promises(plans: Sequence[PlanInYear], period: Period) -> tuple[list[Promise], int, int]:
    """The commitments of the year, and of the year before how many were complete and how many counted. Two queries."""
    by_plan = {each.plan.pk: each for each in plans}
    sums = _sums(list(by_plan), period)
    found, complete, counted = [], 0, 0
    rows = Commitment.objects.filter(plan__in=by_plan, created_at__lt=period.ends).order_by("plan", "number")
    for pk, number, title, plan_pk, made, withdrawn, key, goals, *whys in rows.values_list(*_TOLD_OF, *_AS_TEXT):
        plan, (weight, done, was_complete) = by_plan[plan_pk], sums.get(pk, (0, 0, False))
        if plan.was_carried_out and made < period.starts and not (withdrawn and withdrawn < period.starts):
            counted += 1
            complete += was_complete
        if plan.is_carried_out and not (withdrawn and withdrawn < period.ends):
            progress = Fraction(done, 100 * weight) if weight else None
            serves = tuple(value for value, why in zip(_VALUES, whys, strict=True) if why)
            stands = withdrawn is None
            found.append(Promise(pk, key, number, title, plan, serves, _goals_of(goals), progress, stands))
    place = {each.plan.pk: number for number, each in enumerate(plans)}
    return sorted(found, key=lambda each: place[each.plan.plan.pk]), complete, counted


_VALUES: Final = tuple(OgpValue.values)
_TOLD_OF: Final = ("pk", "number", "title", "plan", "created_at", "withdrawn_at")
# Of thousands of rows: the database takes the JSON apart faster, and a key as text needs no object.
_AS_TEXT: Final = (
    Cast("key", CharField()),
    Cast("goals", CharField()),
    *(KT(f"values__{value}") for value in _VALUES),
)


@lru_cache(maxsize=1024)
def _goals_of(goals: str) -> tuple[int, ...]:
    return tuple(json.loads(goals))


def _sums(plans: Sequence[int], period: Period) -> dict[int, tuple[int, int, bool]]:
    """Of each commitment the weights of its milestones, weight times hundredths done at the end of the year (`rules.progress` in
    whole numbers, summed where the rows are), and whether all were met when it began. One query."""
    rows = Milestone.objects.filter(commitment__plan__in=plans).order_by()
    summed = rows.annotate(told=_told_until(period.ends) if period.is_over else _done()).values_list("commitment")
    numbers = {
        "whole": Sum("weight"),
        "done": Sum(F("weight") * F("told")),
        "left": Count("pk", filter=~_met_before(period.starts)),
    }
    return {pk: (whole, done, not left) for pk, whole, done, left in summed.annotate(**numbers)}


def _done() -> Case:
    """Hundredths of a milestone, or of an update of one, that are done."""
    return Case(
        When(state=MilestoneState.MET, then=Value(100)),
        When(state=MilestoneState.UNDER_WAY, then=Least(F("advance"), Value(MOST_UNDER_WAY))),
        default=Value(0),
        output_field=IntegerField(),
    )


def _met_before(moment: datetime) -> Q:
    return Q(state=MilestoneState.MET, met_on__lt=timezone.localdate(moment))


def _told_until(moment: datetime) -> Coalesce:
    """The same of a milestone as it was at a moment: met on a day before it, or what had been told last."""
    told = ProgressUpdate.objects.filter(milestone=OuterRef("pk"), at__lt=moment).exclude(state="")
    last = Subquery(told.order_by("-at", "-pk").annotate(done=_done()).values("done")[:1])
    return Coalesce(
        Case(When(_met_before(moment), then=Value(100)), default=last, output_field=IntegerField()), Value(0)
    )


# --- What was said of the commitments ---------------------------------------------------------------------------------


def _add_assessments(promises: Sequence[Promise], period: Period) -> None:
    """What published assessments say of each commitment: the municipality's last one, and the monitor's. One query."""
    by_pk = {each.pk: each for each in promises}
    answers = AssessmentAnswer.objects.filter(
        assessment__state=AssessmentState.PUBLISHED,
        assessment__kind__in=[*_RANK, AssessmentKind.END],
        assessment__published_at__lt=period.ends,
        assessment__plan__in={each.plan.plan.pk for each in promises},
        question__in=[COMPLETION, *OPENED],
        is_na=False,
    ).order_by()
    asked = {question.replace("-", "_"): _answer_to(question) for question in (COMPLETION, *OPENED)}
    for pk, kind, completion, *opened in answers.values_list("commitment", "assessment__kind").annotate(**asked):
        promise = by_pk.get(pk)
        if promise is None:
            continue  # answered before it was withdrawn
        judged = Judged(kind, _COMPLETIONS.get(completion), tuple(map(_OPENINGS.get, opened)))
        if kind == AssessmentKind.END:
            promise.monitor = judged
        elif promise.own is None or _RANK[promise.own.kind] < _RANK[kind]:
            promise.own = judged


def _answer_to(question: str) -> Max:
    """There is one answer a question; its JSON as text."""
    return Max(Case(When(question=question, then=Cast("value", CharField()))), output_field=CharField(), default=None)


# What answers come to, by their JSON as text.
_COMPLETIONS: Final = {str(level): completion_of(level) for level in range(1, len(Completion) + 1)}
_OPENINGS: Final = {str(level): opening_of(level) for level in range(1, len(Opening) + 1)}


# --- How plans are made -----------------------------------------------------------------------------------------------


def _heard(period: Period, before: Period) -> tuple[dict[str, Heard], Heard]:
    """Contributions of the year by region, "" for all, and of the year before. Three queries."""
    rows, numbers = _contributions(period)
    regions = rows.order_by().values_list("plan__municipality__region").annotate(**numbers)
    found = {region: _as_heard(*counted) for region, *counted in regions}
    earlier, earlier_numbers = _contributions(before)
    return {**found, "": _as_heard(**rows.aggregate(**numbers))}, _as_heard(**earlier.aggregate(**earlier_numbers))


def _contributions(period: Period) -> tuple[QuerySet[Contribution], dict[str, Aggregate]]:
    """Those published in a year, and what is counted of them: an answer counts if it came by its end."""
    in_time = Q(response__at__lt=period.ends)
    days = Case(When(in_time, then=F("response__at") - F("published_at")), output_field=DurationField())
    rows = Contribution.objects.filter(
        state=ContributionState.PUBLISHED, published_at__gte=period.starts, published_at__lt=period.ends
    )
    return rows, {
        "received": Count("pk"),
        "answered": Count("pk", filter=in_time),
        "median": Median(days, output_field=DurationField()),
    }


def _as_heard(received: int, answered: int, median: timedelta | None) -> Heard:
    is_shown = median is not None and answered >= FEWEST
    return Heard(received, answered, max(0, ceil(median / timedelta(days=1))) if median and is_shown else None)


def _met(period: Period, before: Period) -> tuple[dict[str, Met], Met]:
    """Meetings held in the year by region, "" for all, and in the year before. Two queries."""
    of_year, of_before = (_meetings_of(each) for each in (period, before))
    return {**of_year, "": _together(of_year.values())}, _together(of_before.values())


def _meetings_of(period: Period) -> dict[str, Met]:
    held = Meeting.objects.filter(state=MeetingState.HELD, starts_at__gte=period.starts, starts_at__lt=period.ends)
    is_forum = Q(kind=MeetingKind.FORUM)
    rows = (
        held.order_by()
        .values_list("municipality__region")
        .annotate(
            meetings=Count("pk"),
            forums=Count("pk", filter=is_forum),
            places=Count("municipality", filter=is_forum, distinct=True),
        )
    )
    return {region: Met(*numbers) for region, *numbers in rows}


def _together(parts: Iterable[Met]) -> Met:
    rows = list(parts)
    return Met(*map(sum, zip(*rows, strict=True))) if rows else Met()


def _minimums(plans: Sequence[PlanInYear], period: Period) -> dict[str, Counter[Standing]]:
    """How each requirement stands on the last day of the year, of the newest plan of each municipality. Five queries."""
    newest = {each.cut: each.plan for each in sorted(plans, key=lambda each: (each.plan.starts, each.plan.pk))}
    found = minimums_of_plans(list(newest.values()), today=period.until, until=period.ends)
    counts: dict[str, Counter[Standing]] = defaultdict(Counter)
    for row in found:
        for each in row.minimums:
            counts[each.id][each.finding.standing] += 1
    return counts
