"""What somebody tries who wants in: guessing, reusing, asking who has an account, leading a person elsewhere."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.adapter import confirm_email
from accounts.models import User
from tests.cast import PASSWORD, TOTP_SECRET, Cast, sign_in

pytestmark = pytest.mark.django_db

SIGN_IN = "/cuenta/ingresar/"
CODE = "/cuenta/ingresar/segundo-factor/"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def with_password(person: User) -> User:
    person.set_password(PASSWORD)
    person.save()
    confirm_email(person)
    return person


def half_in(person: User) -> Client:
    """Someone who knows the password and not the second factor."""
    client = Client()
    client.post(SIGN_IN, {"login": person.email, "password": PASSWORD})
    return client


def code_of_now() -> str:
    return str(format_hotp_value(hotp_value(TOTP_SECRET, next(iter(yield_hotp_counters_from_time())))))


def is_in(client: Client) -> bool:
    return client.get("/consejo/").status_code == 200


def test_a_code_opens_one_session_only(cast: Cast) -> None:
    with_password(cast.administrator)
    code = code_of_now()
    first, second = half_in(cast.administrator), half_in(cast.administrator)
    first.post(CODE, {"code": code})
    second.post(CODE, {"code": code})
    assert is_in(first)
    assert not is_in(second)


def test_a_recovery_code_opens_one_session_only(cast: Cast) -> None:
    with_password(cast.administrator)
    code = RecoveryCodes.activate(cast.administrator).get_unused_codes()[0]
    first, second = half_in(cast.administrator), half_in(cast.administrator)
    first.post(CODE, {"code": code})
    second.post(CODE, {"code": code})
    assert is_in(first)
    assert not is_in(second)


def test_codes_are_not_guessed_one_after_another(cast: Cast) -> None:
    with_password(cast.administrator)
    client = half_in(cast.administrator)
    for guess in range(6):
        client.post(CODE, {"code": f"{guess:06}"})
    client.post(CODE, {"code": code_of_now()})
    assert not is_in(client)


@pytest.mark.parametrize("page", ["/consejo/", "/consejo/importaciones/", "/administracion/", "/inicio/", "/cuenta/"])
@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}, {"x-http-method-override": "GET"}])
def test_the_password_alone_opens_nothing(cast: Cast, page: str, headers: dict[str, str]) -> None:
    client = half_in(with_password(cast.administrator))
    assert client.get(page, headers=headers).status_code == 302


def test_recovering_the_password_does_not_pass_by_the_second_factor(cast: Cast) -> None:
    with_password(cast.administrator)
    client = Client()
    client.post("/cuenta/clave/recuperar/", {"email": cast.administrator.email})
    code = re.search(r"^[A-Z0-9]{4}-?[A-Z0-9]{4}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    client.post("/cuenta/clave/recuperar/codigo/", {"code": code[0]})
    new = "otra-clave-muy-larga-7"
    client.post("/cuenta/clave/recuperar/nueva/", {"password1": new, "password2": new})
    cast.administrator.refresh_from_db()
    assert cast.administrator.check_password(new)
    assert not is_in(client)
    client.post(SIGN_IN, {"login": cast.administrator.email, "password": new})
    assert not is_in(client)


def test_nobody_learns_who_has_an_account_by_recovering_a_password(cast: Cast) -> None:
    with_password(cast.citizen)
    said = []
    for email in (cast.citizen.email, "nadie@ejemplo.cl"):
        answer = Client().post("/cuenta/clave/recuperar/", {"email": email}, follow=True)
        said.append((answer.redirect_chain, re.sub(r'name="csrf[^>]*>|[\w.]+@[\w.]+', "", answer.content.decode())))
    assert said[0] == said[1]


def test_guesses_are_counted_by_account_whatever_address_is_claimed(cast: Cast) -> None:
    with_password(cast.citizen)
    for guess in range(6):
        Client().post(
            SIGN_IN, {"login": cast.citizen.email, "password": "x"}, headers={"x-forwarded-for": f"10.0.0.{guess}"}
        )
    client = Client()
    client.post(SIGN_IN, {"login": cast.citizen.email, "password": PASSWORD}, headers={"x-forwarded-for": "10.0.0.99"})
    assert "_auth_user_id" not in client.session


def test_guesses_are_counted_by_the_address_that_asks_and_not_by_what_it_claims(cast: Cast) -> None:
    with_password(cast.citizen)
    for guess in range(21):
        Client().post(
            SIGN_IN, {"login": f"n{guess}@ejemplo.cl", "password": "x"}, headers={"x-forwarded-for": f"10.0.1.{guess}"}
        )
    client = Client()
    client.post(SIGN_IN, {"login": cast.citizen.email, "password": PASSWORD}, headers={"x-forwarded-for": "10.0.1.99"})
    assert "_auth_user_id" not in client.session


def test_a_session_that_somebody_prepared_is_not_the_one_that_opens(cast: Cast) -> None:
    client = Client()
    client.cookies["sesion"] = prepared = "a" * 32
    client.post(SIGN_IN, {"login": with_password(cast.citizen).email, "password": PASSWORD})
    assert client.cookies["sesion"].value != prepared
    old = client.cookies["sesion"].value
    client.post("/cuenta/salir/")
    thief = Client()
    thief.cookies["sesion"] = old
    assert thief.get("/inicio/").status_code == 302


def test_leaving_needs_a_form(cast: Cast) -> None:
    client = Client()
    client.post(SIGN_IN, {"login": with_password(cast.citizen).email, "password": PASSWORD})
    client.get("/cuenta/salir/")
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(cast: Cast, place: str) -> None:
    data = {"login": with_password(cast.citizen).email, "password": PASSWORD, "next": place}
    assert Client().post(SIGN_IN, data)["Location"] == "/inicio/"
    staff = sign_in(Client(), cast.administrator)
    assert staff.get("/administracion/login/", {"next": place})["Location"] == "/administracion/"


def test_a_closed_account_is_out_at_once(cast: Cast) -> None:
    client = Client()
    client.post(SIGN_IN, {"login": with_password(cast.citizen).email, "password": PASSWORD})
    assert client.get("/inicio/").status_code == 200
    User.objects.filter(pk=cast.citizen.pk).update(is_active=False)
    assert client.get("/inicio/").status_code == 302


def test_an_address_in_capitals_is_the_same_address(cast: Cast) -> None:
    client = Client()
    client.post(SIGN_IN, {"login": with_password(cast.citizen).email.upper(), "password": PASSWORD})
    assert client.get("/inicio/").status_code == 200
    answer = client.post("/cuenta/correo/", {"action_add": "", "email": "OTRA.Vecina@Ejemplo.CL"}, follow=True)
    assert answer.status_code == 200
