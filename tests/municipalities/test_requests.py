"""Anyone asks that a municipality adhere; machines are stopped; the council answers and forgets who asked."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.models import Event
from municipalities import periodic
from municipalities.actions import OvertakenError
from municipalities.actions import requests as actions
from municipalities.choices import AdhesionState, MailKind
from municipalities.models import AdhesionRequest, Mail
from tests.cast import Cast, sign_in
from tests.municipalities.adhesions import adhesion

FORM = "/municipios/12201-cabo-de-hornos/adhesion/pedir/"
LIST = "/consejo/solicitudes/"
NOW = timezone.now()


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


def opened(*, seconds: float, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the form holds when it was opened so long ago."""
    now = time.time()
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: now - seconds)
        return signing.TimestampSigner(salt="open form").sign("opened")


def ask(client: Client, monkeypatch: pytest.MonkeyPatch, *, seconds: float = 30, **given: str) -> int:
    form = {"opened": opened(seconds=seconds, monkeypatch=monkeypatch), "message": "Porque sí"} | given
    return client.post(FORM, form).status_code


def test_a_request_reaches_the_council_without_an_account(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = "Queremos saber en qué se gasta."
    assert ask(client, monkeypatch, name="Rosa", email="rosa@ejemplo.cl", message=message) == 302
    asked = AdhesionRequest.objects.get()
    assert (asked.municipality, asked.name, asked.email) == (cast.here, "Rosa", "rosa@ejemplo.cl")
    mails = Mail.objects.filter(kind=MailKind.ADHESION_REQUEST)
    assert {mail.to for mail in mails} == {cast.administrator.email, cast.unprotected_administrator.email}
    assert all(cast.here.region.name in mail.body and "/consejo/solicitudes/" in mail.body for mail in mails)
    for told in (*(f"{mail.subject} {mail.body}" for mail in mails), str(Event.objects.get().data)):
        assert "rosa" not in told.lower()
        assert "gasta" not in told


def test_the_person_is_thanked_on_the_municipality_s_page(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"opened": opened(seconds=30, monkeypatch=monkeypatch), "message": "Porque sí"}
    page = client.post(FORM, form, follow=True)
    assert page.redirect_chain == [("/municipios/12201-cabo-de-hornos/adhesion/", 302)]
    assert "El Consejo recibió su solicitud." in page.content.decode()


def test_the_adviser_of_an_adhesion_on_its_way_is_told(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = adhesion(cast.here, AdhesionState.CONVERSING)
    made.adviser = cast.adviser
    made.save()
    ask(client, monkeypatch)
    mail = Mail.objects.get(kind=MailKind.ADHESION_REQUEST)
    assert (mail.to, mail.municipality) == (cast.adviser.email, cast.here)


def test_many_requests_for_a_municipality_make_one_mail_a_day(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        ask(client, monkeypatch)
    assert AdhesionRequest.objects.count() == 3
    assert Mail.objects.filter(to=cast.administrator.email).count() == 1


def test_a_municipality_that_adhered_is_not_asked_again(client: Client, cast: Cast) -> None:
    adhesion(cast.here)
    led = client.get(FORM)
    assert (led.status_code, led["Location"]) == (302, "/municipios/12201-cabo-de-hornos/adhesion/")


def test_one_whose_adhesion_ended_may_be_asked(client: Client, cast: Cast) -> None:
    adhesion(cast.here, AdhesionState.CONCLUDED)
    assert client.get(FORM).status_code == 200


# Machines


def test_who_fills_the_field_that_nobody_sees_is_thanked_and_forgotten(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(client, monkeypatch, website="https://spam.example") == 302
    assert not AdhesionRequest.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("seconds", [0.5, 30, 25 * 3600])
def test_an_empty_request_is_told_what_is_missing_and_nothing_else(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    form = {"opened": opened(seconds=seconds, monkeypatch=monkeypatch), "message": " "}
    page = client.post(FORM, form).content.decode()
    assert "Escriba por qué le importa. Basta una frase." in page
    assert "una vez más" not in page
    assert "demasiado tiempo" not in page
    assert not AdhesionRequest.objects.exists()


@pytest.mark.parametrize("seconds", [0.5, 25 * 3600])
def test_a_form_sent_too_soon_or_too_late_is_shown_again_with_its_text(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    form = {"opened": opened(seconds=seconds, monkeypatch=monkeypatch), "message": "Un texto largo"}
    page = client.post(FORM, form).content.decode()
    assert "error-summary" in page
    assert "Un texto largo" in page
    assert not AdhesionRequest.objects.exists()


def test_after_too_late_the_same_page_can_be_sent_again(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = opened(seconds=25 * 3600, monkeypatch=monkeypatch)
    page = client.post(FORM, {"opened": late}).content.decode()
    found = re.search(r'name="opened" value="([^"]+)"', page)
    assert found
    assert found[1] != late


@pytest.mark.parametrize("value", ["", "opened", "opened:abc:def"])
def test_a_moment_that_the_portal_did_not_sign_is_refused(client: Client, cast: Cast, value: str) -> None:
    assert client.post(FORM, {"opened": value}).status_code == 200
    assert not AdhesionRequest.objects.exists()


def test_one_address_asks_ten_times_an_hour(client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [ask(client, monkeypatch) for _ in range(11)]
    assert answers == [302] * 10 + [429]
    assert AdhesionRequest.objects.count() == 10


def test_a_form_whose_token_is_gone_comes_back_with_its_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Client(enforce_csrf_checks=True)
    form = {"opened": opened(seconds=30, monkeypatch=monkeypatch), "message": "Aquí el concejo decide sin actas."}
    page = browser.post(FORM, {**form, "csrfmiddlewaretoken": "x" * 64})
    assert page.status_code == 403
    assert form["message"] in page.content.decode()
    assert not AdhesionRequest.objects.exists()
    assert page.context is not None
    assert browser.post(FORM, {**form, "csrfmiddlewaretoken": str(page.context["csrf_token"])}).status_code == 302
    assert AdhesionRequest.objects.get().message == form["message"]


def test_another_site_sends_nothing_and_fills_nothing_in(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"origin": "https://otro.example"})
    form = {"opened": opened(seconds=30, monkeypatch=monkeypatch), "message": "Palabras ajenas"}
    answer = browser.post(FORM, form)
    assert answer.status_code == 403
    assert "Palabras ajenas" not in answer.content.decode()
    assert not AdhesionRequest.objects.exists()


def test_markup_in_a_message_is_shown_as_it_was_written(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client, monkeypatch, message="<script>alert(1)</script>")
    page = sign_in(client, cast.administrator).get(LIST).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


# The council


def request_of(cast: Cast) -> AdhesionRequest:
    return actions.ask_for_adhesion(
        municipality=cast.here, name="Rosa", email="rosa@ejemplo.cl", message="Por favor", now=NOW
    )


def test_answering_deletes_who_asked_and_keeps_what(client: Client, cast: Cast) -> None:
    asked = request_of(cast)
    sign_in(client, cast.adviser)
    assert "rosa@ejemplo.cl" in client.get(LIST).content.decode()
    page = client.post(f"{LIST}{asked.pk}/respondida/", follow=True).content.decode()
    assert "Quedó como respondida." in page
    asked.refresh_from_db()
    assert (asked.name, asked.email, asked.message) == ("", "", "Por favor")
    assert asked.handled_by == cast.adviser
    assert "Por favor" in client.get(f"{LIST}?ver=respondidas").content.decode()


def test_who_comes_second_is_told_who_answered(client: Client, cast: Cast) -> None:
    asked = request_of(cast)
    actions.answer_request(by=cast.adviser, asked=asked, now=NOW)
    with pytest.raises(OvertakenError, match=cast.adviser.name):
        actions.answer_request(by=cast.administrator, asked=asked, now=NOW)
    page = sign_in(client, cast.administrator).post(f"{LIST}{asked.pk}/respondida/", follow=True)
    assert f"{cast.adviser.name} ya marcó esta solicitud" in page.content.decode()


def test_only_who_looks_after_the_municipality_sees_and_answers(client: Client, cast: Cast) -> None:
    asked = request_of(cast)
    assert "rosa@ejemplo.cl" not in sign_in(client, cast.adviser_elsewhere).get(LIST).content.decode()
    assert client.post(f"{LIST}{asked.pk}/respondida/").status_code == 404
    for who in (cast.coordinator, cast.citizen, cast.mayor):
        assert sign_in(Client(), who).get(LIST).status_code == 403
        assert sign_in(Client(), who).post(f"{LIST}{asked.pk}/respondida/").status_code == 404
    with pytest.raises(PermissionDenied):
        actions.answer_request(by=cast.analyst, asked=asked, now=NOW)


def test_after_ninety_days_everything_written_is_forgotten(cast: Cast) -> None:
    old, young = request_of(cast), request_of(cast)
    AdhesionRequest.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(days=91))
    AdhesionRequest.objects.filter(pk=young.pk).update(created_at=NOW - timedelta(days=89))
    periodic.forget_adhesion_requests()
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.name, old.email, old.message) == ("", "", "")
    assert young.email == "rosa@ejemplo.cl"
    assert actions.forget_requests(now=timezone.now()) == 0
