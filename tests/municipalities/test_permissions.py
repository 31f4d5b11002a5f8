from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.choices import MunicipalRole
from accounts.models import User
from accounts.permissions import COUNCIL, COUNCIL_GRANTS, MUNICIPAL, MUNICIPAL_GRANTS, Permission
from accounts.reports import permission_tables
from municipalities.models import Membership, Municipality
from municipalities.permissions import can, check_can, grantable_roles, held_in
from tests.cast import Cast

DOCS = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"


def test_the_printed_tables_are_fresh() -> None:
    assert DOCS.read_text(encoding="utf-8") == permission_tables(), "Run: manage.py permissions --write"


def test_every_role_has_its_line_in_each_table() -> None:
    assert set(COUNCIL) == set(COUNCIL_GRANTS)
    assert set(MUNICIPAL) == set(MUNICIPAL_GRANTS) == set(MunicipalRole)


@pytest.mark.parametrize("who", ["coordinator", "officer", "mayor", "reader"])
def test_a_municipal_role_reaches_its_own_municipality_only(cast: Cast, who: str) -> None:
    user: User = getattr(cast, who)
    for permission in MUNICIPAL[MunicipalRole(who)]:
        assert can(user, permission, cast.here)
        assert not can(user, permission, cast.elsewhere)
        assert not can(user, permission), "without a municipality there is no municipal permission"
    assert list(Municipality.objects.visible_to(user)) == [cast.here]


def test_an_adviser_reaches_the_assigned_region_only(cast: Cast) -> None:
    assert can(cast.adviser, Permission.VIEW_MEMBERS, cast.here)
    assert not can(cast.adviser, Permission.VIEW_MEMBERS, cast.elsewhere)
    assert set(Municipality.objects.visible_to(cast.adviser)) == {cast.here}


def test_an_analyst_sees_everything_and_changes_nothing(cast: Cast) -> None:
    assert set(Municipality.objects.visible_to(cast.analyst)) == {cast.here, cast.elsewhere}
    assert not grantable_roles(cast.analyst, cast.here)
    writing = {
        Permission.IMPORT_BUDGET,
        Permission.PUBLISH_BUDGET,
        Permission.MANAGE_PEOPLE,
        Permission.MANAGE_REGISTER,
        Permission.INVITE_MEMBER,
        Permission.END_MEMBERSHIP,
    }
    assert not any(can(cast.analyst, permission) for permission in writing)


def test_nobody_else_may_do_anything(cast: Cast) -> None:
    User.objects.filter(pk=cast.administrator.pk).update(is_active=False)
    closed = User.objects.get(pk=cast.administrator.pk)
    for nobody in (AnonymousUser(), cast.citizen, closed):
        assert not any(can(nobody, permission, cast.here) for permission in Permission)
        assert not grantable_roles(nobody, cast.here)
    assert not Municipality.objects.visible_to(closed).exists()


@pytest.mark.parametrize(
    ("starts", "ends", "in_force"),
    [
        (date(2026, 3, 1), None, True),
        (date(2026, 3, 2), None, False),
        (date(2026, 1, 1), date(2026, 3, 1), False),
        (date(2026, 1, 1), date(2026, 3, 2), True),
    ],
)
def test_a_membership_counts_from_its_first_day_until_the_day_before_its_end(
    cast: Cast, starts: date, ends: date | None, in_force: bool
) -> None:
    Membership.objects.filter(user=cast.officer).update(starts=starts, ends=ends)
    today = date(2026, 3, 1)
    membership = Membership.objects.get(user=cast.officer)
    assert Membership.objects.current(today).filter(user=cast.officer).exists() is in_force
    assert membership.is_current(today) is in_force


def test_check_can_says_which_permission_was_missing(cast: Cast) -> None:
    with pytest.raises(PermissionDenied, match="invite people"):
        check_can(cast.officer, Permission.INVITE_MEMBER, cast.here)


@pytest.mark.parametrize("who", ["coordinator", "officer", "mayor", "reader", "adviser", "analyst", "administrator"])
def test_all_that_a_person_holds_in_a_place_is_what_each_question_would_have_told(cast: Cast, who: str) -> None:
    user: User = getattr(cast, who)
    for place in (cast.here, cast.elsewhere):
        assert held_in(user, place) == {permission for permission in Permission if can(user, permission, place)}
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not held_in(User.objects.get(pk=user.pk), cast.here)
