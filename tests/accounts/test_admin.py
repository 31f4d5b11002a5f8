import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import Event, User
from tests.cast import Cast, sign_in

PEOPLE = "/administracion/accounts/user/"


def test_an_administrator_makes_an_account_of_the_council_without_a_password(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    data = {
        "email": "Nueva@Ejemplo.cl",
        "name": "Nueva",
        "language": "es",
        "council_role": "analyst",
        "is_active": "on",
    }
    assert client.post(f"{PEOPLE}add/", data).status_code == 302
    made = User.objects.get(email="nueva@ejemplo.cl")
    assert made.council_role == "analyst"
    assert not made.has_usable_password()
    assert Event.objects.get(kind="person.made").sentence == "Administradora creó la cuenta de Nueva."


def test_a_change_of_role_is_told_and_the_address_stays(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    data = {
        "email": "otra@ejemplo.cl",
        "name": "Analista",
        "language": "es",
        "council_role": "adviser",
        "is_active": "on",
    }
    assert client.post(f"{PEOPLE}{cast.analyst.pk}/change/", data).status_code == 302
    cast.analyst.refresh_from_db()
    assert (cast.analyst.email, cast.analyst.council_role) == ("analista@ejemplo.cl", "adviser")
    told = Event.objects.get(kind="person.role_changed")
    assert (told.actor_id, told.data["before"], told.data["role"]) == (cast.administrator.pk, "analyst", "adviser")


def test_closing_an_account_shuts_its_open_session(client: Client, cast: Cast) -> None:
    sign_in(client, cast.analyst)
    actions.change_person(by=cast.administrator, person=cast.analyst, now=timezone.now(), is_active=False)
    assert client.get("/consejo/")["Location"].startswith("/cuenta/ingresar/")
    assert Event.objects.filter(kind="person.closed").exists()


@pytest.mark.parametrize("change", [{"council_role": ""}, {"is_active": False}])
def test_administrators_do_not_lock_themselves_out(cast: Cast, change: dict[str, object]) -> None:
    with pytest.raises(PermissionDenied):
        actions.change_person(by=cast.administrator, person=cast.administrator, now=timezone.now(), **change)


@pytest.mark.parametrize("who", ["analyst", "adviser", "coordinator", "citizen"])
def test_nobody_else_manages_people(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.make_person(by=getattr(cast, who), now=timezone.now(), email="x@ejemplo.cl", name="X")


def test_the_list_of_people_is_searched_and_shows_no_run(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.officer.pk).update(run="12345678-5")
    sign_in(client, cast.administrator)
    page = client.get(PEOPLE, {"q": "funcionario"}).content.decode()
    assert "funcionario@ejemplo.cl" in page
    assert "12345678" not in page
    assert "vecina@ejemplo.cl" not in page
    assert "12345678" not in client.get(f"{PEOPLE}{cast.officer.pk}/change/").content.decode()


def test_memberships_and_events_are_only_read(client: Client, cast: Cast) -> None:
    sign_in(client, cast.administrator)
    for table in ("municipalities/membership", "municipalities/invitation", "accounts/event"):
        assert client.get(f"/administracion/{table}/").status_code == 200
        assert client.get(f"/administracion/{table}/add/").status_code == 403


@pytest.mark.parametrize(
    "table",
    ["account/emailaddress", "mfa/authenticator", "usersessions/usersession", "socialaccount/socialapp", "auth/group"],
)
def test_nobody_reads_or_changes_other_peoples_addresses_factors_and_sessions(
    client: Client, cast: Cast, table: str
) -> None:
    sign_in(client, cast.administrator)
    assert client.get(f"/administracion/{table}/").status_code == 404


def test_a_lost_second_factor_is_removed_and_enrolled_anew(client: Client, cast: Cast) -> None:
    analyst = sign_in(Client(), cast.analyst)
    assert analyst.get("/consejo/").status_code == 200
    sign_in(client, cast.administrator)
    data = {"action": "remove_second_factor", "_selected_action": [cast.analyst.pk]}
    assert client.post(PEOPLE, data).status_code == 302
    assert analyst.get("/consejo/")["Location"] == "/cuenta/segundo-factor/motivo/"
    assert Event.objects.get(kind="person.second_factor_removed").sentence == (
        "Administradora quitó el segundo factor de Analista."
    )


def test_nobody_removes_a_second_factor_of_their_own_or_without_managing_people(cast: Cast) -> None:
    for by, person in ((cast.administrator, cast.administrator), (cast.analyst, cast.officer)):
        with pytest.raises(PermissionDenied):
            actions.remove_second_factor(by=by, person=person, now=timezone.now())
