"""Every step of an adhesion through its one door, the steps that are not in the table, and the end of a term."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Event, User
from accounts.permissions import COUNCIL, MUNICIPAL, Permission
from municipalities import periodic
from municipalities.actions import OvertakenError, RefusedError
from municipalities.actions.adhesions import (
    answer_invitation,
    conclude_ended_terms,
    move,
    open_adhesion,
    undo_step,
    undoable,
)
from municipalities.choices import AdhesionState as S
from municipalities.choices import MailKind, SignatureState
from municipalities.models import Act, Adhesion, Mail, Signature
from municipalities.rules.adhesion_states import OPEN, PUBLIC, TABLE, Step, step, steps_from
from municipalities.rules.terms import term_on
from tests.cast import Cast
from tests.municipalities.adhesions import SIGNATURE_IN, act, adhesion, signature

NOW = timezone.now()
PEOPLE = ("reader", "officer", "mayor", "coordinator", "adviser", "analyst", "administrator")
ILLEGAL = [(start, end) for start, end in product(S, S) if (start, end) not in {(row.start, row.end) for row in TABLE}]


def holds(cast: Cast, who: str, permission: Permission | None) -> bool:
    user: User = getattr(cast, who)
    if permission is None:
        return False
    tables = {role.value: held for role, held in [*COUNCIL.items(), *MUNICIPAL.items()]}
    return permission in tables[user.council_role or who]


def lay_ground(made: Adhesion, to: S, *, by: User) -> None:
    """Bring about what the state `to` speaks of, as the pages of the act and of the signature would."""
    if to == S.ACT_ISSUED:
        act(made)
    if to not in SIGNATURE_IN:
        return
    of = Act.objects.current().filter(adhesion=made).first() or act(made)
    pending = of.signatures.exclude(state=SignatureState.RETURNED).first()
    if pending is None:
        signature(of, SIGNATURE_IN[to], by=by)
    else:
        decided = {"decided_at": NOW, "return_reason": "other"} if SIGNATURE_IN[to] == SignatureState.RETURNED else {}
        Signature.objects.filter(pk=pending.pk).update(state=SIGNATURE_IN[to], **decided)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.start}-{row.end}")
def test_a_step_of_the_table_is_taken_by_those_who_may_and_nobody_else(cast: Cast, row: Step) -> None:
    made = adhesion(cast.here, row.start, by=cast.coordinator)
    lay_ground(made, row.end, by=cast.coordinator)
    for who in PEOPLE:
        point = transaction.savepoint()
        if holds(cast, who, row.permission):
            moved = move(by=getattr(cast, who), adhesion=made, to=row.end, now=NOW, reason="Porque sí", seen=row.start)
            assert (moved.state, moved.state_since) == (row.end, NOW)
            event = moved.timeline.get(kind="adhesion.moved", at=NOW)
            assert (event.actor_id, event.data) == (getattr(cast, who).pk, {"start": row.start, "end": row.end})
            assert Mail.objects.filter(adhesion=made, kind=row.mail or "").exists() == bool(row.mail)
        else:
            with pytest.raises(PermissionDenied):
                move(by=getattr(cast, who), adhesion=made, to=row.end, now=NOW, reason="Porque sí")
        transaction.savepoint_rollback(point)
    for stranger in (cast.citizen, cast.coordinator_elsewhere, cast.adviser_elsewhere):
        with pytest.raises(PermissionDenied):
            move(by=stranger, adhesion=made, to=row.end, now=NOW, reason="Porque sí")


@pytest.mark.parametrize(("start", "end"), ILLEGAL, ids=lambda state: str(state))
def test_a_step_that_the_table_does_not_have_is_taken_by_nobody(cast: Cast, start: S, end: S) -> None:
    made = adhesion(cast.here, start, by=cast.coordinator)
    told = Event.objects.count()
    for by in (cast.administrator, cast.coordinator, None):
        with pytest.raises(OvertakenError):
            move(by=by, adhesion=made, to=end, now=NOW, reason="Porque sí")
    made.refresh_from_db()
    assert made.state == start
    assert Event.objects.count() == told


@pytest.mark.parametrize("row", [row for row in TABLE if row.reason], ids=lambda row: f"{row.start}-{row.end}")
def test_a_step_that_asks_a_reason_is_refused_without_it(cast: Cast, row: Step) -> None:
    made = adhesion(cast.here, row.start, by=cast.coordinator)
    lay_ground(made, row.end, by=cast.coordinator)
    with pytest.raises(RefusedError):
        move(by=cast.administrator, adhesion=made, to=row.end, now=NOW, reason="  ")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (S.ACT_ISSUED, S.SIGNED),
        (S.UNDER_REVIEW, S.RETURNED),
        (S.UNDER_REVIEW, S.VERIFIED),
    ],
)
def test_no_state_speaks_of_a_signature_that_is_not_there(cast: Cast, start: S, end: S) -> None:
    made = adhesion(cast.here, start, by=cast.coordinator)
    for by in (cast.coordinator if end == S.SIGNED else cast.administrator, None):
        with pytest.raises(RefusedError):
            move(by=by, adhesion=made, to=end, now=NOW, reason="Porque sí")


def test_a_verified_adhesion_without_an_accepted_signature_does_not_come_into_force(cast: Cast) -> None:
    made = adhesion(cast.here, S.VERIFIED, by=cast.coordinator)
    act(made)  # another act took the place of the one that was accepted
    with pytest.raises(RefusedError):
        move(by=cast.administrator, adhesion=made, to=S.IN_FORCE, now=NOW)


def test_who_decided_on_an_older_state_is_told_who_was_faster(cast: Cast) -> None:
    made = adhesion(cast.here, S.PROSPECT, by=cast.coordinator)
    move(by=cast.adviser, adhesion=made, to=S.CONVERSING, now=NOW)
    with pytest.raises(OvertakenError, match="Asesora"):
        move(by=cast.administrator, adhesion=made, to=S.INVITED, now=NOW, seen=S.PROSPECT)


def test_only_who_may_take_a_step_of_the_portal_is_the_portal(cast: Cast) -> None:
    made = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator)
    with pytest.raises(PermissionDenied):
        move(by=cast.administrator, adhesion=made, to=S.CONCLUDED, now=NOW)
    assert move(by=None, adhesion=made, to=S.CONCLUDED, now=NOW).in_force_until == timezone.localdate(NOW)


def test_quietly_writes_no_mail(cast: Cast) -> None:
    made = adhesion(cast.here, S.PROSPECT, by=cast.coordinator)
    move(by=cast.adviser, adhesion=made, to=S.INVITED, now=NOW, quietly=True)
    assert not Mail.objects.exists()


def test_a_new_adhesion_in_force_concludes_the_one_before_it(cast: Cast) -> None:
    old = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator, term=2021)
    new = adhesion(cast.here, S.VERIFIED, by=cast.coordinator)
    move(by=cast.administrator, adhesion=new, to=S.IN_FORCE, now=NOW)
    old.refresh_from_db()
    assert (old.state, old.in_force_until) == (S.CONCLUDED, timezone.localdate(NOW))
    assert Adhesion.objects.standing().get() == new


def test_what_was_in_force_keeps_its_first_day_through_a_suspension(cast: Cast) -> None:
    made = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator)
    first = made.in_force_from
    move(by=cast.administrator, adhesion=made, to=S.SUSPENDED, now=NOW, reason="Porque sí")
    moved = move(by=cast.administrator, adhesion=made, to=S.IN_FORCE, now=NOW, reason="Volvió")
    assert (moved.in_force_from, moved.in_force_until) == (first, None)


# One open adhesion a term


def test_opening_twice_gives_the_same_adhesion(cast: Cast) -> None:
    first = open_adhesion(by=cast.adviser, municipality=cast.here, now=NOW)
    assert open_adhesion(by=cast.adviser, municipality=cast.here, now=NOW) == first
    assert first.timeline.count() == 1


def test_a_re_adhesion_is_a_new_one_linked_to_the_old(cast: Cast) -> None:
    old = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator)
    move(by=cast.administrator, adhesion=old, to=S.WITHDRAWN, now=NOW, reason="Lo pidió")
    new = open_adhesion(by=cast.adviser, municipality=cast.here, now=NOW)
    assert new.pk != old.pk
    assert new.previous == old
    assert Adhesion.objects.published().get() == old


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), max_size=14))
def test_any_walk_through_the_table_keeps_what_must_always_hold(cast: Cast, choices: list[int]) -> None:
    point = transaction.savepoint()
    made = open_adhesion(by=None, municipality=cast.here, now=NOW)
    walked = 0
    for choice in choices:
        offered = steps_from(made.state)
        if not offered:
            break
        taken = offered[choice % len(offered)]
        lay_ground(made, taken.end, by=cast.coordinator)
        at = NOW + timedelta(minutes=walked)
        made = move(by=None, adhesion=made, to=taken.end, now=at, reason="x")
        walked += 1
        assert made.state == taken.end
        assert made.state_since == at
        assert made.state not in PUBLIC or made.in_force_from
        assert made.state in OPEN or made.in_force_from is None or made.in_force_until
        assert Act.objects.current().filter(adhesion=made).count() <= 1
    assert made.timeline.filter(kind="adhesion.moved").count() == walked
    transaction.savepoint_rollback(point)


# The answer of the municipality


@pytest.mark.parametrize("who", ["coordinator", "mayor"])
def test_the_municipality_answers_the_invitation(cast: Cast, who: str) -> None:
    made = adhesion(cast.here, S.INVITED, by=cast.coordinator)
    answered = answer_invitation(by=getattr(cast, who), adhesion=made, now=NOW, seen=S.INVITED)
    assert answered.state == S.CONVERSING
    assert answered.timeline.get(kind="adhesion.invitation_answered").actor_id == getattr(cast, who).pk


@pytest.mark.parametrize("who", ["officer", "reader", "coordinator_elsewhere", "adviser", "administrator"])
def test_nobody_else_answers_for_it(cast: Cast, who: str) -> None:
    made = adhesion(cast.here, S.INVITED, by=cast.coordinator)
    with pytest.raises(PermissionDenied):
        answer_invitation(by=getattr(cast, who), adhesion=made, now=NOW, seen=None)


def test_an_invitation_is_answered_once(cast: Cast) -> None:
    made = adhesion(cast.here, S.INVITED, by=cast.coordinator)
    answer_invitation(by=cast.coordinator, adhesion=made, now=NOW, seen=S.INVITED)
    for seen in (S.INVITED, None):
        with pytest.raises(OvertakenError):
            answer_invitation(by=cast.mayor, adhesion=made, now=NOW, seen=seen)


# Taking a step back


def moved_back_and_forth(cast: Cast, to: S, start: S = S.INVITED) -> Adhesion:
    made = adhesion(cast.here, start, by=cast.coordinator)
    return move(by=cast.adviser, adhesion=made, to=to, now=NOW, reason="Porque sí")


@pytest.mark.parametrize("row", [row for row in TABLE if row.undo], ids=lambda row: f"{row.start}-{row.end}")
def test_a_step_that_nobody_was_told_of_is_taken_back_whole(cast: Cast, row: Step) -> None:
    made = adhesion(cast.here, row.start, by=cast.coordinator)
    since = made.state_since
    moved = move(by=cast.adviser, adhesion=made, to=row.end, now=NOW, reason="Porque sí")
    assert undoable(moved, now=NOW) == row
    undone = undo_step(by=cast.administrator, adhesion=moved, now=NOW + timedelta(hours=1), seen=row.end)
    assert (undone.state, undone.state_since) == (row.start, since)
    assert undoable(undone, now=NOW) is None


@pytest.mark.parametrize("row", [row for row in TABLE if not row.undo], ids=lambda row: f"{row.start}-{row.end}")
def test_a_step_that_others_know_of_is_not_taken_back(cast: Cast, row: Step) -> None:
    made = adhesion(cast.here, row.start, by=cast.coordinator)
    lay_ground(made, row.end, by=cast.coordinator)
    moved = move(by=None, adhesion=made, to=row.end, now=NOW, reason="Porque sí")
    with pytest.raises(RefusedError):
        undo_step(by=cast.administrator, adhesion=moved, now=NOW, seen=None)


def test_after_a_day_a_step_stands(cast: Cast) -> None:
    moved = moved_back_and_forth(cast, S.CONVERSING)
    with pytest.raises(RefusedError):
        undo_step(by=cast.adviser, adhesion=moved, now=NOW + timedelta(hours=24, seconds=1), seen=None)


def test_a_step_stands_once_something_happened_after_it(cast: Cast) -> None:
    moved = moved_back_and_forth(cast, S.WITHDRAWN)
    again = open_adhesion(by=cast.adviser, municipality=cast.here, now=NOW)
    with pytest.raises(RefusedError):
        undo_step(by=cast.adviser, adhesion=moved, now=NOW, seen=None)
    assert Adhesion.objects.open().get() == again


def test_taking_back_needs_the_permission_of_the_step(cast: Cast) -> None:
    moved = moved_back_and_forth(cast, S.CONVERSING)
    for who in ("analyst", "coordinator", "adviser_elsewhere"):
        with pytest.raises(PermissionDenied):
            undo_step(by=getattr(cast, who), adhesion=moved, now=NOW, seen=None)


# The end of a term


def day_after_the_term() -> datetime:
    return timezone.make_aware(datetime.combine(term_on(timezone.localdate(NOW)).ends, datetime.min.time()))


def test_at_the_end_of_a_term_what_stood_concludes_and_a_prospect_begins(cast: Cast) -> None:
    standing = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator)
    suspended = adhesion(cast.elsewhere, S.SUSPENDED, by=cast.coordinator_elsewhere)
    later = day_after_the_term()
    assert conclude_ended_terms(now=later - timedelta(seconds=1)) == 0
    assert conclude_ended_terms(now=later) == 2
    assert conclude_ended_terms(now=later) == 0
    for old in (standing, suspended):
        old.refresh_from_db()
        assert old.state == S.CONCLUDED
        assert old.in_force_until == timezone.localdate(later)
        new = Adhesion.objects.open().get(municipality=old.municipality)
        assert (new.state, new.previous, new.term.starts) == (S.PROSPECT, old, timezone.localdate(later))
    assert not Mail.objects.exists()


@pytest.mark.parametrize("state", sorted(OPEN - PUBLIC))
def test_what_never_came_into_force_concludes_too_and_its_adviser_stays(cast: Cast, state: S) -> None:
    made = adhesion(cast.here, state, by=cast.coordinator)
    Adhesion.objects.filter(pk=made.pk).update(adviser=cast.adviser)
    assert conclude_ended_terms(now=day_after_the_term()) == 1
    made.refresh_from_db()
    assert (made.state, made.in_force_from, made.in_force_until) == (S.CONCLUDED, None, None)
    new = Adhesion.objects.open().get(municipality=cast.here)
    assert (new.state, new.previous, new.adviser) == (S.PROSPECT, made, cast.adviser)
    assert not Adhesion.objects.published().exists()
    assert not Mail.objects.exists()


def test_the_mail_of_a_step_is_that_of_the_table(cast: Cast) -> None:
    made = adhesion(cast.here, S.PROSPECT, by=cast.coordinator)
    move(by=cast.adviser, adhesion=made, to=S.INVITED, now=NOW)
    told = set(Mail.objects.values_list("to", "kind"))
    kind = MailKind.ADHESION_INVITATION
    assert told == {(cast.coordinator.email, kind), (cast.mayor.email, kind)}
    assert step(S.PROSPECT, S.INVITED).mail == kind


def test_the_clock_concludes_ended_terms_each_night(cast: Cast) -> None:
    standing = adhesion(cast.here, S.IN_FORCE, by=cast.coordinator, term=2021)
    names = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert periodic.conclude_ended_terms.name in names
    periodic.conclude_ended_terms()
    standing.refresh_from_db()
    assert standing.state == S.CONCLUDED
