"""OGP's minimum requirements of many plans: how each stands, without the records behind it. Five queries for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Max, Min, Q
from django.db.models.functions import TruncDate

from action_plans.choices import ContributionState, MeetingKind, MeetingState, Standing
from action_plans.models import Contribution, Forum, Meeting, Plan, PlanEdition, ProgressUpdate
from action_plans.reports.minimums import Days, Minimum, minimums_from


class Row(NamedTuple):
    """A plan of the country with its requirements."""

    plan: Plan
    minimums: list[Minimum]


def of_country(*, today: date, region: str = "", standing: Standing | None = None) -> list[Row]:
    """The newest plan of each municipality, those with most that is broken or near it first. Six queries."""
    plans = Plan.objects.public().select_related("municipality").order_by("municipality_id", "-starts", "-pk")
    if region:
        plans = plans.filter(municipality__region=region)
    rows = minimums_of_plans(list(plans.distinct("municipality_id")), today=today)
    if standing:
        rows = [row for row in rows if any(each.finding.standing == standing for each in row.minimums)]
    return sorted(rows, key=lambda row: (*_trouble(row.minimums), row.plan.municipality.name))


def _trouble(found: Sequence[Minimum]) -> tuple[int, int]:
    held = [each.finding.standing for each in found]
    return -held.count(Standing.BROKEN), -held.count(Standing.AT_RISK)


def minimums_of_plans(plans: Sequence[Plan], *, today: date, until: datetime | None = None) -> list[Row]:
    """Every requirement of each plan, without proofs. For a day gone by, nothing counts that happened from `until` on."""
    return [Row(days.plan, minimums_from(days, today=today)) for days in _days_of(plans, until)]


def _days_of(plans: Sequence[Plan], until: datetime | None) -> list[Days]:
    """The days of many plans, of each of a municipality of its own. Five queries."""
    found = {plan.pk: Days(plan) for plan in plans}
    of_place = {plan.municipality_id: found[plan.pk] for plan in plans}
    forums = Forum.objects.filter(_before("rules_published_at", until), municipality__in=of_place)
    for place, day in forums.values_list("municipality", TruncDate("rules_published_at")):
        of_place[place].rules = day
    _read_meetings(of_place, until)
    waiting = Contribution.objects.filter(_before("published_at", until), plan__in=found).order_by()
    owed = waiting.filter(state=ContributionState.PUBLISHED).exclude(_answered(until))
    for pk, day in owed.values_list("plan").annotate(oldest=TruncDate(Min("published_at"))):
        found[pk].waiting = [day]
    editions = PlanEdition.objects.filter(_before("published_at", until), plan__in=found).order_by()
    for pk, day in editions.values_list("plan").annotate(last=TruncDate(Max("published_at"))):
        found[pk].published.append(day)
    told = ProgressUpdate.objects.filter(_before("at", until), commitment__plan__in=found).order_by()
    for pk, day in told.values_list("commitment__plan").annotate(last=TruncDate(Max("at"))):
        found[pk].published.append(day)
    return list(found.values())


def _read_meetings(of_place: dict[str, Days], until: datetime | None) -> None:
    """Those that were not called off. One query."""
    rows = Meeting.objects.filter(_before("starts_at", until), municipality__in=of_place).order_by()
    days = (TruncDate("announced_at"), TruncDate("starts_at"), TruncDate("minutes_published_at"))
    known = rows.exclude(state=MeetingState.CANCELLED).values_list("municipality", "plan", "kind", "state", *days)
    for place, plan, kind, state, announced, held, minutes in known:
        one = of_place[place]
        if plan == one.plan.pk:
            one.announced.append((announced, held))
        if state == MeetingState.HELD and kind == MeetingKind.FORUM:
            one.forums.append(held)
        if state == MeetingState.HELD and kind == MeetingKind.FOLLOW_UP:
            one.follow_ups.append(held)
        if minutes:
            one.published.append(minutes)


def _before(name: str, until: datetime | None) -> Q:
    return Q(**{f"{name}__lt": until}) if until else Q()


def _answered(until: datetime | None) -> Q:
    return Q(response__isnull=False) & _before("response__at", until)
