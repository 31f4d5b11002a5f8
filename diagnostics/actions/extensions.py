"""More time for municipalities, one or many, each a row with its reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actions import new_event
from accounts.models import Event
from accounts.permissions import Permission
from diagnostics.models import Diagnostic, DiagnosticQuerySet, Extension
from diagnostics.notifications.opened import tell_extended
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.rounds import extra_time_problem
from municipalities.actions import RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User


class LeftOut(TextChoices):
    """Why a diagnostic gets no more time."""

    NOT_WRITABLE = "not_writable", gettext_lazy("It is not being filled in now.")
    SAME = "same", gettext_lazy("It has this day already.")
    LONGER = "longer", gettext_lazy("It has more time already.")


@dataclass
class ExtensionPlan:
    """`reached` carry `closes_on`, the last day they have now. `problem` is wrong with the day for all of them."""

    reached: list[Diagnostic] = field(default_factory=list)
    left_out: list[tuple[Diagnostic, LeftOut]] = field(default_factory=list)
    problem: str = ""


def plan(*, by: User, diagnostics: Collection[int], until: date, now: datetime, shorten: bool = False) -> ExtensionPlan:
    """Who would be affected, and who not and why. Changes nothing; three queries."""
    check_can(by, Permission.MANAGE_ROUNDS)
    return _plan(Diagnostic.objects.visible_to(by).filter(pk__in=diagnostics), until, now, shorten=shorten)


def _plan(rows: DiagnosticQuerySet, until: date, now: datetime, *, shorten: bool) -> ExtensionPlan:
    found = ExtensionPlan()
    today = timezone.localdate(now)
    rows = rows.with_standing().select_related("municipality__region", "round", "version").defer("version__content")
    for one in rows.order_by("municipality__region__order", "municipality__search", "pk"):
        problem = extra_time_problem(until, closes=one.round.closes, today=today)
        found.problem = found.problem or problem
        why = None if problem else _left_out(one, until, shorten=shorten)
        if why:
            found.left_out.append((one, why))
        elif not problem:
            found.reached.append(one)
    return found


def _left_out(diagnostic: Diagnostic, until: date, *, shorten: bool) -> LeftOut | None:
    if diagnostic.state not in WRITABLE:
        return LeftOut.NOT_WRITABLE
    closes_on: date = diagnostic.closes_on  # type: ignore[attr-defined]
    if closes_on == until:
        return LeftOut.SAME
    return LeftOut.LONGER if closes_on > until and not shorten else None


def give_more_time(
    *, by: User, diagnostics: Collection[int], until: date, reason: str, now: datetime, shorten: bool = False
) -> list[Diagnostic]:
    """Give time until a day to those that have less; give the ones that got it. Done again, nothing is left to do.

    `shorten`: those that have more than that get less, which mends a wrong day. Raises `RefusedError` for a day that cannot be.
    """
    check_can(by, Permission.MANAGE_ROUNDS)
    if not reason.strip():
        raise RefusedError(_("Say the reason: the other side will read it."))
    with transaction.atomic():
        mine = Diagnostic.objects.visible_to(by).filter(pk__in=diagnostics)
        locked = list(mine.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        planned = _plan(Diagnostic.objects.filter(pk__in=locked), until, now, shorten=shorten)
        if planned.problem:
            raise RefusedError(planned.problem)
        Extension.objects.bulk_create(
            Extension(diagnostic=one, until=until, reason=reason.strip(), granted_by=by, granted_at=now)
            for one in planned.reached
        )
        Event.objects.bulk_create(
            new_event(
                "diagnostic.extended",
                by=by,
                at=now,
                subject=one,
                municipality_cut=one.municipality_id,
                reason=reason.strip(),
                day=f"{until:%d-%m-%Y}",
            )
            for one in planned.reached
        )
        tell_extended(planned.reached, until=until, reason=reason.strip(), by=by, now=now)
    return planned.reached
