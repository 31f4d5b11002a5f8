"""Adhesions opened and moved many at a time: the rules of `actions.adhesions`, in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import new_event
from accounts.models import Event
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions.adhesions import move
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Campaign, Municipality
from municipalities.notifications.many import tell_of_steps
from municipalities.permissions import can
from municipalities.rules.adhesion_states import FINAL, PUBLIC, Step, step
from municipalities.rules.bulk import LeftOut
from municipalities.rules.terms import term_on

if TYPE_CHECKING:
    from accounts.models import User


@dataclass
class Moved:
    """What became of each adhesion: moved (with the state and the moment it left, and the mails written) or left out."""

    done: list[Adhesion] = field(default_factory=list)
    before: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    mails: dict[int, list[int]] = field(default_factory=dict)
    left_out: dict[int, LeftOut] = field(default_factory=dict)


def open_many(
    *, by: User | None, municipalities: Collection[str], now: datetime, campaign: Campaign | None = None
) -> dict[str, Adhesion]:
    """By CUT, the open adhesion of each municipality in the term in course, made as a prospect where there is none.

    Five queries whatever their number. As in `open_adhesion`, a new one is linked to the one before it.
    """
    year = term_on(timezone.localdate(now)).year
    with transaction.atomic():
        # In one order, so that two who open many at once wait for each other instead of stopping each other.
        places = Municipality.objects.filter(pk__in=municipalities).select_for_update(no_key=True)
        cuts = list(places.order_by("pk").values_list("pk", flat=True))
        standing = Adhesion.objects.open().filter(municipality__in=cuts, term_year=year).select_related("municipality")
        found = {adhesion.municipality_id: adhesion for adhesion in standing}
        missing = [cut for cut in cuts if cut not in found]
        earlier = Adhesion.objects.filter(municipality__in=missing, next__isnull=True).order_by("created_at", "pk")
        before = {adhesion.municipality_id: adhesion for adhesion in earlier}
        made = Adhesion.objects.bulk_create(
            Adhesion(
                municipality_id=cut,
                term_year=year,
                state_since=now,
                created_at=now,
                previous=before.get(cut),
                campaign=campaign,
                adviser_id=before[cut].adviser_id if cut in before else None,
            )
            for cut in missing
        )
        Event.objects.bulk_create(
            new_event("adhesion.opened", by=by, at=now, subject=adhesion, municipality_cut=adhesion.municipality_id)
            for adhesion in made
        )
    return found | {adhesion.municipality_id: adhesion for adhesion in made}


def move_many(*, by: User, seen: Mapping[int, str], to: AdhesionState, now: datetime, reason: str = "") -> Moved:
    """Take the step to `to` for many adhesions, each once: those that cannot are left out, the others go through.

    `seen` holds, by adhesion, the state that the person saw. All rows are locked before any state is looked at.
    """
    result = Moved()
    with transaction.atomic():
        locked = (
            Adhesion.objects.filter(pk__in=seen)
            .select_for_update(of=("self",))
            .select_related("municipality__region", "campaign", "adviser")
        )
        scope = set(Municipality.objects.visible_to(by).filter(adhesions__in=seen).values_list("pk", flat=True))
        by_step: dict[Step, list[Adhesion]] = defaultdict(list)
        for adhesion in locked.order_by("pk"):
            taken = _step_of(adhesion, seen[adhesion.pk], to)
            if isinstance(taken, LeftOut):
                result.left_out[adhesion.pk] = taken
            elif adhesion.municipality_id not in scope or taken.permission is None or not can(by, taken.permission):
                result.left_out[adhesion.pk] = LeftOut.NOT_YOURS
            else:
                by_step[taken].append(adhesion)
        for taken, adhesions in by_step.items():
            if taken.reason and not reason.strip():
                raise RefusedError(_("Say the reason: the municipality will read it."))
            if taken.start in PUBLIC or taken.end in PUBLIC | FINAL:
                _one_by_one(adhesions, result, by=by, to=to, now=now, reason=reason)
            else:
                _together(adhesions, taken, result, by=by, now=now, reason=reason.strip())
    return result


def _step_of(adhesion: Adhesion, seen: str, to: AdhesionState) -> Step | LeftOut:
    if adhesion.state != seen:
        return LeftOut.OVERTAKEN
    try:
        return step(adhesion.state, to)
    except ValueError:
        return LeftOut.NO_STEP


def _together(adhesions: list[Adhesion], taken: Step, result: Moved, *, by: User, now: datetime, reason: str) -> None:
    """A step that sets the state and nothing else: one write for all."""
    Adhesion.objects.filter(pk__in=[adhesion.pk for adhesion in adhesions]).update(state=taken.end, state_since=now)
    for adhesion in adhesions:
        result.before[adhesion.pk] = (adhesion.state, adhesion.state_since)
        adhesion.state, adhesion.state_since = taken.end, now
    Event.objects.bulk_create(
        new_event(
            "adhesion.moved",
            by=by,
            at=now,
            subject=adhesion,
            municipality_cut=adhesion.municipality_id,
            reason=reason,
            start=taken.start.value,
            end=taken.end.value,
        )
        for adhesion in adhesions
    )
    for mail in tell_of_steps(adhesions, taken, by=by, now=now, reason=reason):
        if mail.adhesion_id:
            result.mails.setdefault(mail.adhesion_id, []).append(mail.pk)
    result.done += adhesions


def _one_by_one(
    adhesions: list[Adhesion], result: Moved, *, by: User, to: AdhesionState, now: datetime, reason: str
) -> None:
    """A step with dates and other adhesions to look after: each through `move`, in a savepoint of its own."""
    for adhesion in adhesions:
        try:
            with transaction.atomic():
                after = move(by=by, adhesion=adhesion, to=to, now=now, reason=reason, seen=adhesion.state)
        except (OvertakenError, IntegrityError):
            result.left_out[adhesion.pk] = LeftOut.OVERTAKEN
        except PermissionDenied:
            result.left_out[adhesion.pk] = LeftOut.NOT_YOURS
        else:
            result.before[adhesion.pk] = (adhesion.state, adhesion.state_since)
            result.done.append(after)
