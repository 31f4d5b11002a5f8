"""ClaveÚnica: journeys to a provider that really listens, and answers that must not be believed."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions import CLAVEUNICA, RunRefusedError, confirm_run
from accounts.claveunica.provider import ClaveUnicaProvider, identity
from accounts.models import Event, User
from accounts.rules import normalise_run
from tests import claveunica_server as outside
from tests.cast import PASSWORD, Cast, person, sign_in
from tests.claveunica_server import MAYOR, SOMEONE, FakeClaveUnica

NOW = timezone.now()
LINK, LOGIN = "/cuenta/claveunica/vincular/", "/cuenta/claveunica/ingresar/"
CONNECTIONS, UNKNOWN = "/cuenta/externas/", "/cuenta/claveunica/desconocida/"


@pytest.fixture
def provider() -> Iterator[FakeClaveUnica]:
    cache.clear()
    with outside.running() as running, override_settings(**running.settings(), SITE_URL="http://testserver"):
        yield running


def link(client: Client, user: User, run: str = MAYOR.run) -> User:
    """Someone who linked their account before."""
    confirm_run(by=user, run=run, now=NOW)
    user.refresh_from_db()
    return user


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def start(client: Client, address: str) -> str:
    """Press the button; give the address at ClaveÚnica."""
    answer = client.post(address)
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def start_linking(client: Client, user: User) -> str:
    """Press the button and give the password that the portal asks again."""
    sign_in(client, with_password(user))
    asked = start(client, LINK)
    assert asked.startswith("/cuenta/confirmar/")
    answer = client.post(asked, {"password": PASSWORD})
    return str(answer["Location"])


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_the_question_is_as_the_manual_asks(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    first, second = query(start(client, LOGIN)), query(start(client, LOGIN))
    assert first["redirect_uri"] == "http://testserver/cuenta/claveunica/volver/"
    assert set(first["scope"].split()) == {"openid", "run", "name"}
    assert len(first["state"]) >= 30
    assert first["code_challenge_method"] == "S256"
    assert first["state"] != second["state"]
    assert first["nonce"] != second["nonce"]


def test_an_account_is_linked_after_the_password_and_its_run_confirmed(
    client: Client, cast: Cast, provider: FakeClaveUnica
) -> None:
    back = provider.sign_in(start_linking(client, cast.mayor), MAYOR)
    answer = client.get(back, follow=True)
    assert "confirmó su RUN" in answer.content.decode()
    cast.mayor.refresh_from_db()
    assert cast.mayor.run == MAYOR.run
    assert SocialAccount.objects.get(user=cast.mayor).uid == MAYOR.run
    assert SocialAccount.objects.get(user=cast.mayor).extra_data == {}
    assert [letter.to for letter in mail.outbox] == [[cast.mayor.email]]
    (event,) = Event.objects.filter(kind="person.run_confirmed")
    assert "44444444" not in str(event.data) + event.sentence


def test_a_linked_person_enters(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    link(client, cast.mayor)
    back = provider.sign_in(start(client, LOGIN + "?next=/cuenta/"), MAYOR)
    answer = client.get(back)
    assert answer["Location"] == "/cuenta/"
    assert client.get("/cuenta/").wsgi_request.user == cast.mayor
    paths = [path for path, _ in provider.seen]
    assert paths[-2:] == ["/openid/token/", "/openid/userinfo/"]


def test_who_entered_with_claveunica_leaves_it_too(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    link(client, cast.mayor)
    client.get(provider.sign_in(start(client, LOGIN), MAYOR))
    assert client.post("/cuenta/salir/")["Location"].startswith(f"{provider.url}/api/v1/accounts/app/logout?redirect=")


def test_council_staff_still_give_their_second_factor(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    link(client, cast.analyst)
    answer = client.get(provider.sign_in(start(client, LOGIN), MAYOR))
    assert answer["Location"].startswith("/cuenta/ingresar/segundo-factor/")
    assert not client.get("/cuenta/ingresar/segundo-factor/").wsgi_request.user.is_authenticated


def test_an_unknown_run_is_told_so_and_leaves_claveunica(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    # Someone merely typed this RUN: that opens no account.
    User.objects.filter(pk=cast.citizen.pk).update(run=SOMEONE.run)
    answer = client.get(provider.sign_in(start(client, LOGIN), SOMEONE))
    assert answer["Location"].startswith(f"{provider.url}/api/v1/accounts/app/logout?")
    assert query(answer["Location"]) == {"redirect": "http://testserver" + UNKNOWN}
    page = client.get(UNKNOWN)
    assert page.status_code == 200
    assert not page.wsgi_request.user.is_authenticated
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "fault",
    [
        *("other-nonce", "other-issuer", "other-audience", "expired", "no-id-token", "token-page"),
        *("wrong-digit", "other-person", "no-run", "garbage"),
    ],
)
def test_an_answer_that_cannot_be_believed_opens_nothing(
    client: Client, cast: Cast, provider: FakeClaveUnica, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    link(client, cast.mayor)
    back = provider.sign_in(start(client, LOGIN), MAYOR)
    provider.faults.add(fault)
    answer = client.get(back)
    assert answer.status_code == 401
    assert not client.get("/").wsgi_request.user.is_authenticated
    assert "44444444" not in answer.content.decode() + caplog.text


def test_a_code_opens_once(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    link(client, cast.mayor)
    back = provider.sign_in(start(client, LOGIN), MAYOR)
    client.get(back)
    client.logout()
    assert client.get(back).status_code == 401


def test_the_answer_to_another_browser_is_refused(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    link(client, cast.mayor)
    back = provider.sign_in(start(client, LOGIN), MAYOR)
    victim = Client()
    assert victim.get(back).status_code == 401
    assert not victim.get("/").wsgi_request.user.is_authenticated


def test_cancelling_leads_back(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    provider.faults.add("cancelled")
    answer = client.get(provider.sign_in(start(client, LOGIN), MAYOR))
    assert answer["Location"] == "/cuenta/externas/cancelada/"


def test_claveunica_away_is_said(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    back = provider.sign_in(start(client, LOGIN), MAYOR)
    with override_settings(CLAVEUNICA_URL="http://127.0.0.1:9"):
        assert client.get(back).status_code == 401


@pytest.mark.parametrize("wished", ["https://malo.ejemplo/", "//malo.ejemplo/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere_after_entering(
    client: Client, cast: Cast, provider: FakeClaveUnica, wished: str
) -> None:
    link(client, cast.mayor)
    answer = client.get(provider.sign_in(start(client, f"{LOGIN}?next={wished}"), MAYOR))
    assert answer["Location"] == "/inicio/"


def test_a_journey_starts_with_a_form_alone(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, cast.mayor)
    assert strict.get(LINK).status_code == 405
    assert strict.post(LINK).status_code == 403
    assert Client(enforce_csrf_checks=True).post(LOGIN).status_code == 403


def test_a_proof_of_long_ago_does_not_count(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    back = provider.sign_in(start_linking(client, cast.mayor), MAYOR)
    provider.faults.add("stale")
    assert client.get(back)["Location"] == "/cuenta/claveunica/antigua/"
    assert client.get("/cuenta/claveunica/antigua/").status_code == 409
    assert not SocialAccount.objects.exists()


def test_a_proof_belongs_to_who_asked_for_it(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    back = provider.sign_in(start_linking(client, cast.mayor), MAYOR)
    session = client.session
    states = session["socialaccount_states"]
    client.logout()
    sign_in(client, cast.coordinator)
    session = client.session
    session["socialaccount_states"] = states
    session.save()
    assert client.get(back).status_code == 401
    assert not SocialAccount.objects.exists()


def test_without_a_client_nothing_is_offered(client: Client, cast: Cast) -> None:
    assert "ClaveÚnica" not in client.get("/cuenta/ingresar/").content.decode()
    sign_in(client, cast.mayor)
    assert "ClaveÚnica" not in client.get(CONNECTIONS).content.decode()
    assert {client.post(LINK).status_code, client.post(LOGIN).status_code, client.get(UNKNOWN).status_code} == {404}


def test_a_confirmed_run_is_not_typed_over(client: Client, cast: Cast) -> None:
    sign_in(client, link(client, cast.mayor))
    client.post("/cuenta/", {"name": "Nombre Nuevo", "run": "55.555.555-5", "language": "es"})
    cast.mayor.refresh_from_db()
    assert (cast.mayor.name, cast.mayor.run) == ("Nombre Nuevo", MAYOR.run)


def test_what_was_proved_wins_over_what_was_typed(cast: Cast) -> None:
    User.objects.filter(pk=cast.citizen.pk).update(run=MAYOR.run)
    assert confirm_run(by=cast.mayor, run=MAYOR.run, now=NOW)
    cast.citizen.refresh_from_db()
    assert cast.citizen.run is None
    assert Event.objects.filter(kind="person.run_removed", subject_id=str(cast.citizen.pk)).count() == 1


def test_confirming_again_changes_nothing(cast: Cast) -> None:
    assert confirm_run(by=cast.mayor, run=MAYOR.run, now=NOW)
    assert not confirm_run(by=cast.mayor, run=MAYOR.run, now=NOW)
    assert Event.objects.filter(kind="person.run_confirmed").count() == 1


def test_a_run_that_another_account_proved_is_refused(cast: Cast) -> None:
    confirm_run(by=cast.mayor, run=MAYOR.run, now=NOW)
    with pytest.raises(RunRefusedError):
        confirm_run(by=cast.citizen, run=MAYOR.run, now=NOW)


def test_an_account_has_one_run(cast: Cast) -> None:
    User.objects.filter(pk=cast.citizen.pk).update(run=SOMEONE.run)
    cast.citizen.refresh_from_db()
    with pytest.raises(RunRefusedError):
        confirm_run(by=cast.citizen, run=MAYOR.run, now=NOW)
    confirm_run(by=cast.mayor, run=MAYOR.run, now=NOW)
    User.objects.filter(pk=cast.mayor.pk).update(run=None)
    with pytest.raises(RunRefusedError):
        confirm_run(by=cast.mayor, run=SOMEONE.run, now=NOW + timedelta(days=1))


def test_the_link_is_undone_by_its_owner(client: Client, cast: Cast, provider: FakeClaveUnica) -> None:
    user = with_password(link(client, cast.mayor))
    sign_in(client, user)
    held = SocialAccount.objects.get(user=user)
    other = link(client, person("otra"), SOMEONE.run)
    answer = client.post(CONNECTIONS, {"account": SocialAccount.objects.get(user=other).pk}, follow=True)
    asked = client.post(CONNECTIONS, {"account": held.pk})
    client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert answer.status_code == 200
    assert list(SocialAccount.objects.values_list("uid", flat=True)) == [SOMEONE.run]


NAME = {"nombres": ["Ana"], "apellidos": ["Díaz"]}


@given(st.integers(1_000_000, 99_999_999))
def test_the_identity_is_the_run_and_never_the_sub(number: int) -> None:
    digit = next(d for d in "0123456789K" if _fits(number, d))
    found = identity(
        {"sub": "7"}, {"sub": "7", "RolUnico": {"numero": number, "DV": digit, "tipo": "RUN"}, "name": NAME}
    )
    assert found.run == f"{number}-{digit}"
    assert found.name == "Ana Díaz"
    assert ClaveUnicaProvider.id == CLAVEUNICA


def _fits(number: int, digit: str) -> bool:
    try:
        return normalise_run(f"{number}-{digit}") != ""
    except ValueError:
        return False


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["numero", "DV", "tipo", "nombres", "x"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["sub", "RolUnico", "name"]), json))
def test_whatever_userinfo_says_is_read_or_refused(answer: dict[str, object]) -> None:
    with contextlib.suppress(OAuth2Error):
        found = identity({"sub": "7", "nonce": "n"}, answer)
        assert normalise_run(found.run) == found.run
