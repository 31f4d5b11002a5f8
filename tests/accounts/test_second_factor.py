import re
import time

import pyotp
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.cast import PASSWORD, TOTP_SECRET, Cast, sign_in

DESK = "/inicio/"
WHY = "/cuenta/segundo-factor/motivo/"


@pytest.fixture(autouse=True)
def no_counts_of_other_tests(db: None) -> None:
    cache.clear()


def give_password(user: User) -> None:
    user.set_password(PASSWORD)
    user.save()


def enter_password(client: Client, user: User, next_page: str = "") -> str:
    """Send the sign-in form; give where it leads."""
    data = {"login": user.email, "password": PASSWORD, "next": next_page}
    return client.post("/cuenta/ingresar/", data)["Location"]


def test_council_staff_without_a_factor_see_why_and_nothing_else(client: Client, cast: Cast) -> None:
    give_password(cast.unprotected_administrator)
    enter_password(client, cast.unprotected_administrator)
    for page in (DESK, "/", "/administracion/", "/municipios/"):
        assert client.get(page)["Location"] == WHY
    assert "teléfono" in client.get(WHY).content.decode()


def test_enrolling_an_application_opens_the_portal_and_gives_recovery_codes(client: Client, cast: Cast) -> None:
    person = cast.unprotected_administrator
    give_password(person)
    enter_password(client, person)
    activate = client.get("/cuenta/segundo-factor/aplicacion/activar/", follow=True)
    assert activate.redirect_chain[-1][0].startswith("/cuenta/confirmar/")
    page = client.post(activate.redirect_chain[-1][0], {"password": PASSWORD}, follow=True).content.decode()
    found = re.search(r'id="authenticator_secret" value="([A-Z2-7]+)"', page)
    assert found
    code = pyotp.TOTP(found[1]).now()
    done = client.post("/cuenta/segundo-factor/aplicacion/activar/", {"code": code}, follow=True)
    assert done.status_code == 200
    assert Authenticator.objects.filter(user=person, type="totp").exists()
    assert client.get(DESK).status_code == 200 or client.get(DESK)["Location"] != WHY


def test_signing_in_asks_for_the_code_and_keeps_where_the_person_was_going(client: Client, cast: Cast) -> None:
    give_password(cast.administrator)
    step = enter_password(client, cast.administrator, next_page="/administracion/")
    assert step.startswith("/cuenta/ingresar/segundo-factor/")
    assert client.get(DESK)["Location"].startswith("/cuenta/ingresar/")
    wrong = client.post(step, {"code": "000000"})
    assert wrong.status_code == 200
    right = client.post(step, {"code": pyotp.TOTP(TOTP_SECRET).now()})
    assert right["Location"] == "/administracion/"
    assert client.get("/administracion/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client: Client, cast: Cast) -> None:
    RecoveryCodes.activate(cast.unprotected_administrator)
    sign_in(client, cast.unprotected_administrator)
    assert client.get(DESK)["Location"] == WHY


def test_removing_the_factor_closes_an_open_session_at_once(client: Client, cast: Cast) -> None:
    sign_in(client, cast.analyst)
    assert client.get("/cuenta/").status_code == 200
    Authenticator.objects.filter(user=cast.analyst).delete()
    assert client.get(DESK)["Location"] == WHY


def test_a_session_from_before_the_enrolment_must_show_the_factor_too(client: Client, cast: Cast) -> None:
    person = cast.unprotected_administrator
    sign_in(client, person, second_factor=False)
    TOTP.activate(person, TOTP_SECRET)
    ask = client.get("/administracion/")["Location"]
    assert ask == "/cuenta/confirmar/segundo-factor/?next=%2Fadministracion%2F"
    client.post(ask, {"code": pyotp.TOTP(TOTP_SECRET).at(int(time.time()))})
    assert client.get("/administracion/").status_code == 200


def test_whoever_holds_only_a_passkey_is_asked_for_the_passkey(client: Client, cast: Cast) -> None:
    Authenticator.objects.filter(user=cast.analyst).update(type=Authenticator.Type.WEBAUTHN)
    sign_in(client, cast.analyst, second_factor=False)
    assert client.get(DESK)["Location"].startswith("/cuenta/confirmar/llave/")


def test_the_door_costs_council_staff_one_query_and_citizens_none(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, cast.citizen)
    client.get("/acerca/")
    with django_assert_max_num_queries(1):  # the person
        client.get("/acerca/")
    sign_in(client, cast.analyst)
    client.get("/acerca/")
    with django_assert_max_num_queries(2):
        client.get("/acerca/")


def test_the_secret_of_a_factor_is_unreadable_in_the_database(cast: Cast) -> None:
    stored = Authenticator.objects.get(user=cast.analyst, type="totp").data["secret"]
    assert TOTP_SECRET not in stored
    assert TOTP(Authenticator.objects.get(user=cast.analyst, type="totp")).validate_code(pyotp.TOTP(TOTP_SECRET).now())


def test_the_admin_has_no_sign_in_of_its_own(client: Client, cast: Cast) -> None:
    assert client.get("/administracion/login/")["Location"].startswith("/cuenta/ingresar/?next=")
    sign_in(client, cast.coordinator)
    assert client.get("/administracion/", follow=True).status_code == 403


def test_too_many_wrong_passwords_lead_to_a_page_that_helps(client: Client, cast: Cast) -> None:
    give_password(cast.citizen)
    for _ in range(5):
        client.post("/cuenta/ingresar/", {"login": cast.citizen.email, "password": "x"})
    even_the_right_one = client.post("/cuenta/ingresar/", {"login": cast.citizen.email, "password": PASSWORD})
    assert even_the_right_one.status_code == 200
    assert "Demasiados intentos" in even_the_right_one.content.decode()


def test_too_many_requests_of_one_kind_get_a_page_that_says_what_to_do(client: Client, cast: Cast) -> None:
    for _ in range(6):
        answer = client.post("/cuenta/clave/recuperar/", {"email": cast.citizen.email})
    assert answer.status_code == 429
    assert "Espere cinco minutos" in answer.content.decode()
