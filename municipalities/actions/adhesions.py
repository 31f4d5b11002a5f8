"""The steps of an adhesion. Every one goes through `move`, which locks the row before it looks at the state."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.models import Event
from config.page_cache import forget_public_pages
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Campaign, Municipality
from municipalities.notifications.adhesions import tell_of_step
from municipalities.permissions import can
from municipalities.rules.adhesion_states import FINAL, PUBLIC, step
from municipalities.rules.terms import term_on

if TYPE_CHECKING:
    from accounts.models import User


def open_adhesion(
    *, by: User | None, municipality: Municipality, now: datetime, campaign: Campaign | None = None
) -> Adhesion:
    """The open adhesion of a municipality in the term in course, made as a prospect when there is none.

    A new one is linked to the one before it: a re-adhesion never erases.
    """
    year = term_on(timezone.localdate(now)).year
    with transaction.atomic():
        Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
        found = Adhesion.objects.open().filter(municipality=municipality, term_year=year).first()
        if found:
            return found
        before = Adhesion.objects.filter(municipality=municipality, next__isnull=True).order_by("-created_at").first()
        adhesion = Adhesion.objects.create(
            municipality=municipality,
            term_year=year,
            state_since=now,
            created_at=now,
            previous=before,
            campaign=campaign,
            adviser=before.adviser if before else None,
        )
        record_event("adhesion.opened", by=by, at=now, subject=adhesion, municipality_cut=municipality.cut)
    return adhesion


def move(
    *,
    by: User | None,
    adhesion: Adhesion,
    to: AdhesionState,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
    words: dict[str, str] | None = None,
    quietly: bool = False,
) -> Adhesion:
    """Take one step of the table, once. `by=None` is the portal itself, which needs no permission.

    `seen` is the state that the person saw when they decided; `words` are further fields of the mail; `quietly` sends none.
    Raises `OvertakenError` when the adhesion is no longer in `seen`, `RefusedError` for a step that the table does not have or
    that lacks its reason, `PermissionDenied` for one that is not theirs. Returns the row as it is now.
    """
    with transaction.atomic():
        locked = Adhesion.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=adhesion.pk)
        if seen is not None and locked.state != seen:
            raise OvertakenError(overtaken(locked))
        try:
            taken = step(locked.state, to)
        except ValueError:
            raise OvertakenError(overtaken(locked)) from None
        if by is not None and (taken.permission is None or not can(by, taken.permission, locked.municipality)):
            raise PermissionDenied(taken.permission.value if taken.permission else "")
        if taken.reason and by is not None and not reason.strip():
            raise RefusedError(_("Say the reason: the municipality will read it."))
        _enter(locked, to, now=now)
        record_event(
            "adhesion.moved",
            by=by,
            at=now,
            subject=locked,
            municipality_cut=locked.municipality_id,
            reason=reason.strip(),
            start=taken.start.value,
            end=to.value,
        )
        if taken.mail and not quietly:
            tell_of_step(locked, taken, by=by, now=now, reason=reason.strip(), words=words or {})
        if taken.public:
            transaction.on_commit(forget_public_pages)
    return locked


def _enter(adhesion: Adhesion, to: AdhesionState, *, now: datetime) -> None:
    """Set the state and the dates that follow from it. A new adhesion in force takes the place of the one before."""
    today = timezone.localdate(now)
    if to == AdhesionState.IN_FORCE:
        standing = Adhesion.objects.standing().filter(municipality=adhesion.municipality_id).exclude(pk=adhesion.pk)
        for earlier in standing:
            move(by=None, adhesion=earlier, to=AdhesionState.CONCLUDED, now=now)
        adhesion.in_force_from = adhesion.in_force_from or today
        adhesion.in_force_until = None
    elif to in FINAL and adhesion.state in PUBLIC:
        adhesion.in_force_until = today
    adhesion.state = to
    adhesion.state_since = now
    adhesion.save(update_fields=["state", "state_since", "in_force_from", "in_force_until"])


def overtaken(adhesion: Adhesion) -> str:
    """What happened meanwhile, for whoever decided on an older state."""
    last = (
        Event.objects.filter(
            subject_type=adhesion._meta.label_lower, subject_id=str(adhesion.pk), kind="adhesion.moved"
        )
        .order_by("-at", "-pk")
        .first()
    )
    who = last.actor_name if last and last.actor_name else _("The portal")
    return _("In the meantime %(who)s changed this adhesion: it is now “%(state)s”. Nothing of yours was done.") % {
        "who": who,
        "state": adhesion.get_state_display(),
    }
