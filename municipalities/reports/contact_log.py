"""What the pages of the contact log show: who may be asked, the tasks by their date, the month of a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import Q, QuerySet

from accounts.choices import CouncilRole
from accounts.models import User
from accounts.permissions import COUNCIL, Permission
from municipalities.models import AdviserScope, Campaign, ContactNote, Municipality

if TYPE_CHECKING:
    from typing import Any

WEEK: Final = timedelta(days=7)


def people_for(municipality: Municipality) -> QuerySet[User]:
    """Council staff who may do a next step there: open accounts whose role promotes adhesion, advisers in their scope."""
    roles = [role for role in COUNCIL if Permission.PROMOTE_ADHESION in COUNCIL[role]]
    scopes = AdviserScope.objects.filter(Q(municipality=municipality) | Q(region=municipality.region_id))
    in_scope = ~Q(council_role=CouncilRole.ADVISER) | Q(pk__in=scopes.values("user"))
    return User.objects.filter(in_scope, council_role__in=roles, is_active=True).order_by("name", "pk")


def notes_of(municipality: Municipality, user: User) -> QuerySet[ContactNote]:
    """The log of a municipality, newest first; empty for whoever is not of the council."""
    notes = ContactNote.objects.visible_to(user).filter(municipality=municipality)
    return notes.select_related("responsible", "recorded_by", "done_by")


def open_steps(user: User, *, everyone: bool) -> QuerySet[ContactNote]:
    """Next steps not done, within the person's scope, the most urgent first: theirs, or everyone's."""
    steps = (
        ContactNote.objects.visible_to(user).filter(next_on__isnull=False, done_at__isnull=True).exclude(next_step="")
    )
    steps = steps if everyone else steps.filter(responsible=user)
    return steps.select_related("municipality__region", "responsible").order_by("next_on", "pk")


def when(steps: QuerySet[ContactNote], which: str, today: date) -> QuerySet[ContactNote]:
    """Those of a tab of the tasks: `vencidas`, `hoy`, `semana` (the next seven days), or all."""
    if which == "vencidas":
        return steps.filter(next_on__lt=today)
    if which == "hoy":
        return steps.filter(next_on=today)
    if which == "semana":
        return steps.filter(next_on__gt=today, next_on__lte=today + WEEK)
    return steps


class Day(NamedTuple):
    """A day of the calendar with something in it."""

    day: date
    steps: list[ContactNote]
    campaigns: list[Campaign]


def month_bounds(first: date) -> tuple[date, date]:
    """The first day of the month of `first`, and of the one after."""
    start = first.replace(day=1)
    return start, (start + timedelta(days=32)).replace(day=1)


def month_of(user: User, first: date, *, everyone: bool) -> list[Day]:
    """The days of a month that hold open steps or the end of a campaign, in order."""
    start, following = month_bounds(first)
    steps = list(open_steps(user, everyone=everyone).filter(next_on__gte=start, next_on__lt=following))
    campaigns = list(Campaign.objects.filter(ends__gte=start, ends__lt=following).order_by("ends", "name"))
    by_day = {day: list(found) for day, found in groupby(steps, key=lambda step: step.next_on)}
    ends = {day: list(found) for day, found in groupby(campaigns, key=lambda campaign: campaign.ends)}
    days: Iterable[Any] = by_day.keys() | ends.keys()
    return [Day(day, by_day.get(day, []), ends.get(day, [])) for day in sorted(days)]
