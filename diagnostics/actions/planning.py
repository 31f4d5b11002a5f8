"""A round that has not begun: for whom it opens by itself on its first day, changed or called off until then."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics.actions.opening import open_in, present_in
from diagnostics.models import Diagnostic, PlannedOpening, Round
from municipalities.actions import OvertakenError
from municipalities.models import Municipality
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


def planned_in(round_: Round) -> set[str]:
    """The CUT of the municipalities whose diagnostic opens by itself. One query."""
    return set(round_.planned.values_list("municipality", flat=True))


def plan_opening(*, by: User, round_: Round, municipalities: Collection[str], now: datetime) -> list[PlannedOpening]:
    """Have the diagnostics of those that have none open on the first day of the round; give the new ones. Twice is once.

    Raises `OvertakenError` once that day has come.
    """
    check_can(by, Permission.MANAGE_ROUNDS)
    with transaction.atomic():
        held = _held(round_)
        _check_not_begun(held, now)
        there = present_in(held) | planned_in(held)
        places = Municipality.objects.visible_to(by).filter(pk__in=municipalities).exclude(pk__in=there)
        made = PlannedOpening.objects.bulk_create(
            PlannedOpening(round=held, municipality=place, by=by, at=now) for place in places
        )
        if made:
            day = f"{held.opens:%d-%m-%Y}"
            record_event("round.planned", by=by, at=now, subject=held, round=held.name, count=len(made), day=day)
    return made


def call_off(*, by: User, round_: Round, municipalities: Collection[str] | None, now: datetime) -> int:
    """Take municipalities out of what is planned, None for all of it; how many. Raises `OvertakenError` once it is open."""
    check_can(by, Permission.MANAGE_ROUNDS)
    with transaction.atomic():
        held = _held(round_)
        _check_not_begun(held, now)
        rows = held.planned.all()
        if municipalities is not None:
            rows = rows.filter(municipality__in=municipalities)
        gone, _by_model = rows.delete()
        if gone:
            record_event("round.called_off", by=by, at=now, subject=held, round=held.name, count=gone)
    return gone


def due(today: date) -> list[int]:
    """The rounds whose day has come and that were not opened yet."""
    rows = PlannedOpening.objects.filter(round__opens__lte=today, round__closes__gte=today)
    return list(rows.order_by("round").values_list("round", flat=True).distinct())


def open_planned(round_id: int, *, now: datetime) -> list[Diagnostic]:
    """The portal opens what was planned, in the name of whoever planned it, and tells the municipalities. Done again, or by two
    workers at once, it opens and tells once: the rows go in the same transaction.
    """
    with transaction.atomic():
        held = Round.objects.select_for_update(of=("self",), no_key=True).select_related("version", "previous")
        round_ = held.get(pk=round_id)
        if not round_.opens <= timezone.localdate(now) <= round_.closes:
            return []
        made: list[Diagnostic] = []
        rows = list(round_.planned.select_related("municipality__region", "by").order_by("at", "pk"))
        for person in dict.fromkeys(row.by for row in rows):
            opened = open_in(round_, [row.municipality for row in rows if row.by == person], by=person, now=now)
            if opened:
                record_event(
                    "round.opened_as_planned",
                    by=None,
                    at=now,
                    subject=round_,
                    round=round_.name,
                    count=len(opened),
                    person=str(person),
                )
            made += opened
        round_.planned.all().delete()
    return made


def _held(round_: Round) -> Round:
    return Round.objects.select_for_update(no_key=True).get(pk=round_.pk)


def _check_not_begun(round_: Round, now: datetime) -> None:
    if timezone.localdate(now) >= round_.opens:
        raise OvertakenError(
            _("The round began on %(day)s: there is nothing to plan any more, only to open.")
            % {"day": f"{round_.opens:%d-%m-%Y}"}
        )
