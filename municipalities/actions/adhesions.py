"""The steps of an adhesion. Every one goes through `move`, which locks the row before it looks at the state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from config.page_cache import forget_public_pages
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import AdhesionState, SignatureState
from municipalities.models import Adhesion, Campaign, Municipality, Signature
from municipalities.notifications.adhesions import tell_of_step
from municipalities.permissions import can, check_can
from municipalities.rules.adhesion_states import FINAL, PUBLIC, Step, step
from municipalities.rules.terms import term_on

if TYPE_CHECKING:
    from accounts.models import User

UNDO_WITHIN: Final = timedelta(hours=24)
_MOVEMENTS: Final = ("adhesion.moved", "adhesion.step_undone")


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
    Raises `OvertakenError` when the adhesion is no longer in `seen` or its state does not lead to `to`; `RefusedError` for a
    step that lacks its reason, or its ground: the signature that the new state speaks of; `PermissionDenied` for one that is
    not theirs. Returns the row as it is now.
    """
    with transaction.atomic():
        locked = lock(adhesion.pk, seen=seen)
        try:
            taken = step(locked.state, to)
        except ValueError:
            raise OvertakenError(overtaken(locked)) from None
        if by is not None and (taken.permission is None or not can(by, taken.permission, locked.municipality)):
            raise PermissionDenied(taken.permission.value if taken.permission else "")
        if taken.reason and by is not None and not reason.strip():
            raise RefusedError(_("Say the reason: the municipality will read it."))
        _check_ground(locked, to)
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


def lock(pk: int, *, seen: str | None) -> Adhesion:
    """The adhesion with its row locked until the transaction ends. Raises `OvertakenError` when it is no longer in `seen`."""
    locked = Adhesion.objects.select_for_update(of=("self",)).select_related("municipality", "adviser").get(pk=pk)
    if seen is not None and locked.state != seen:
        raise OvertakenError(overtaken(locked))
    return locked


def _check_ground(adhesion: Adhesion, to: AdhesionState) -> None:
    """No state may speak of a signature that is not there, whoever asks for it and by whatever page."""
    needed = {
        AdhesionState.SIGNED: (SignatureState.WAITING, SignatureState.JUDGED),
        AdhesionState.RETURNED: (SignatureState.RETURNED,),
        AdhesionState.VERIFIED: (SignatureState.ACCEPTED,),
        AdhesionState.IN_FORCE: (SignatureState.ACCEPTED,),
    }.get(to)
    of_current_act = Signature.objects.filter(act__adhesion=adhesion, act__replaced_at__isnull=True)
    if needed and not of_current_act.filter(state__in=needed).exists():
        raise RefusedError(_("This step is taken on the page of the signed act: there is none that grounds it."))


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
    last = adhesion.timeline.filter(kind__in=_MOVEMENTS).first()
    who = last.actor_name if last and last.actor_name else _("The portal")
    return _("In the meantime %(who)s changed this adhesion: it is now “%(state)s”. Nothing of yours was done.") % {
        "who": who,
        "state": adhesion.get_state_display(),
    }


def answer_invitation(*, by: User, adhesion: Adhesion, now: datetime, seen: str | None) -> Adhesion:
    """The municipality wants to adhere: whoever may send its act says so, and the portal moves the adhesion on.

    Raises `OvertakenError` when it is no longer invited, `PermissionDenied`.
    """
    with transaction.atomic():
        locked = lock(adhesion.pk, seen=seen)
        check_can(by, Permission.SUBMIT_SIGNATURE, locked.municipality)
        if locked.state != AdhesionState.INVITED:
            raise OvertakenError(overtaken(locked))
        record_event(
            "adhesion.invitation_answered", by=by, at=now, subject=locked, municipality_cut=locked.municipality_id
        )
        return move(by=None, adhesion=locked, to=AdhesionState.CONVERSING, now=now)


def undoable(adhesion: Adhesion, *, now: datetime) -> Step | None:
    """The last step, if it may still be taken back: the table says so, it is fresh, and nothing happened since."""
    last = adhesion.timeline.first()
    if last is None or last.kind != "adhesion.moved" or last.data.get("end") != adhesion.state:
        return None
    taken = step(last.data["start"], last.data["end"])
    fresh = last.actor_id is not None and now - last.at <= UNDO_WITHIN
    return taken if taken.undo and fresh else None


def undo_step(*, by: User, adhesion: Adhesion, now: datetime, seen: str | None) -> Adhesion:
    """Take back the last step, as if it had not been: the state and the day since when are those before it.

    Raises `OvertakenError` when something happened in between, `RefusedError` when it is too late or another adhesion has
    taken its place, `PermissionDenied` when the step is not theirs to take.
    """
    with transaction.atomic():
        locked = lock(adhesion.pk, seen=seen)
        taken = undoable(locked, now=now)
        if taken is None:
            raise RefusedError(_("This step can no longer be taken back."))
        if taken.permission is None or not can(by, taken.permission, locked.municipality):
            raise PermissionDenied(taken.permission.value if taken.permission else "")
        rivals = Adhesion.objects.open().filter(municipality=locked.municipality_id, term_year=locked.term_year)
        if locked.state in FINAL and rivals.exists():
            raise RefusedError(_("Another adhesion of this municipality has begun since."))
        earlier = locked.timeline.filter(kind__in=(*_MOVEMENTS, "adhesion.opened"))[1:2]
        locked.state = taken.start
        locked.state_since = earlier[0].at if earlier else locked.created_at
        locked.save(update_fields=["state", "state_since"])
        record_event(
            "adhesion.step_undone",
            by=by,
            at=now,
            subject=locked,
            municipality_cut=locked.municipality_id,
            start=taken.end.value,
            end=taken.start.value,
        )
    return locked


def conclude_ended_terms(*, now: datetime) -> int:
    """Conclude the adhesions whose term is over, also those that never came into force, each with a prospect for the new term
    that names it as previous and keeps its adviser.

    Give how many were concluded. Each is a transaction of its own, so an interrupted run goes on where it was.
    """
    year = term_on(timezone.localdate(now)).year
    concluded = 0
    for adhesion in Adhesion.objects.open().filter(term_year__lt=year).select_related("municipality", "adviser"):
        try:
            with transaction.atomic():
                move(by=None, adhesion=adhesion, to=AdhesionState.CONCLUDED, now=now)
                open_adhesion(by=None, municipality=adhesion.municipality, now=now)
        except OvertakenError:
            continue  # somebody ended it meanwhile
        concluded += 1
    return concluded
