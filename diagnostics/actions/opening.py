"""Opening the diagnostics of a round for many municipalities: who would be affected, then the opening."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics.actions import migration
from diagnostics.choices import DiagnosticState, EditionState
from diagnostics.imports.opening import open_diagnostics
from diagnostics.models import Diagnostic, Round
from municipalities.actions import RefusedError
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Municipality
from municipalities.notifications.recipients import people_of
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class OpeningPlan:
    """`reached` would get a diagnostic; of those, `without_adhesion` in force, `without_reader` of its mail, and `following` the
    answers of the round before (when it has the same version). `present` have theirs already."""

    reached: list[Municipality]
    present: list[Municipality]
    without_adhesion: list[Municipality]
    without_reader: list[Municipality]
    following: list[Municipality]


def plan(*, by: User, round_: Round, municipalities: Collection[str]) -> OpeningPlan:
    """Who would be affected. Changes nothing; six queries, whatever their number."""
    check_can(by, Permission.MANAGE_ROUNDS)
    places = list(Municipality.objects.visible_to(by).filter(pk__in=municipalities))
    present = present_in(round_)
    reached = [place for place in places if place.pk not in present]
    in_force = set(Adhesion.objects.filter(state=AdhesionState.IN_FORCE).values_list("municipality", flat=True))
    readers = people_of([place.pk for place in reached])
    before = _before(round_) if _starts_from(round_) else {}
    return OpeningPlan(
        reached=reached,
        present=[place for place in places if place.pk in present],
        without_adhesion=[place for place in reached if place.pk not in in_force],
        without_reader=[place for place in reached if not readers[place.pk]],
        following=[place for place in reached if place.pk in before],
    )


def open_many(*, by: User, round_: Round, municipalities: Collection[str], now: datetime) -> list[Diagnostic]:
    """Open the diagnostics of those that have none yet; give the new ones. Done again, nothing is left to do.

    Where the round before has the same version, a task carries its answers, each to be confirmed. Raises `RefusedError` outside
    the days of the round.
    """
    check_can(by, Permission.MANAGE_ROUNDS)
    with transaction.atomic():
        held = Round.objects.select_for_update(of=("self",), no_key=True).select_related("version", "previous")
        locked = held.get(pk=round_.pk)
        _check_open(locked, now)
        places = Municipality.objects.visible_to(by).filter(pk__in=municipalities).select_related("region")
        made = open_in(locked, list(places), by=by, now=now)
        if made:
            record_event("round.opened", by=by, at=now, subject=locked, round=locked.name, count=len(made))
    return made


def open_in(held: Round, places: Sequence[Municipality], *, by: User, now: datetime) -> list[Diagnostic]:
    """Open in a round whose row is held (with `version` and `previous`); the answers of before are carried by a task."""
    source = _starts_from(held)
    made = open_diagnostics(held, places, by=by, now=now, before=_before(held), starts_from=source)
    if source and any(one.previous_id for one in made):
        migration.begin_same(by=by, source=source, target=held, now=now)
    return made


def present_in(round_: Round) -> set[str]:
    """The CUT of the municipalities that have a diagnostic in the round. One query."""
    standing = Diagnostic.objects.filter(round=round_, version=round_.version_id)
    return set(standing.exclude(state=DiagnosticState.CANCELLED).values_list("municipality", flat=True))


def _check_open(round_: Round, now: datetime) -> None:
    today = timezone.localdate(now)
    if round_.version.state == EditionState.DRAFT:
        raise RefusedError(
            _("Publish the version of the instrument first: a draft can still change under the answers.")
        )
    if today < round_.opens:
        raise RefusedError(
            _("The round opens on %(day)s. Plan the opening for that day, or change its dates.")
            % {"day": f"{round_.opens:%d-%m-%Y}"}
        )
    if today > round_.closes:
        raise RefusedError(
            _("The round closed on %(day)s. Move its close first.") % {"day": f"{round_.closes:%d-%m-%Y}"}
        )


def _starts_from(round_: Round) -> Round | None:
    """The round whose answers are carried as they are: the one before, where it has the same version."""
    return round_.previous if round_.previous and round_.previous.version_id == round_.version_id else None


def _before(round_: Round) -> dict[str, Diagnostic]:
    """By CUT, the diagnostic of the round before. One query."""
    if round_.previous is None:
        return {}
    found = Diagnostic.objects.filter(round=round_.previous).standing()
    return {one.municipality_id: one for one in found.order_by("pk")}
