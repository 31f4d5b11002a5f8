"""A coordinator takes a submission back before anybody reviews it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from diagnostics.actions.reviewers import begin
from diagnostics.actions.submission import submit, take_back
from diagnostics.choices import DiagnosticState as S
from diagnostics.models import Diagnostic, Snapshot
from municipalities.actions import OvertakenError, RefusedError
from municipalities.choices import MailKind
from municipalities.models import Mail
from tests.cast import Cast, sign_in
from tests.diagnostics.factories import NOW
from tests.diagnostics.reviews import submitted
from tests.diagnostics.test_filling_pages import address

pytestmark = pytest.mark.django_db

WHY = {"reason": "Falta un decreto.", "seen": S.SUBMITTED.value}


def test_a_coordinator_takes_it_back_from_its_page_and_the_council_reads_why(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    sign_in(client, cast.coordinator)
    assert address("take_back", held) in client.get(address("diagnostic", held)).content.decode()
    done = client.post(address("take_back", held), WHY, follow=True)
    assert "Usted retiró el diagnóstico" in done.content.decode()
    held.refresh_from_db()
    assert (held.state, Snapshot.objects.count()) == (S.OPEN, 1)
    assert "Falta un decreto." in Mail.objects.get(kind=MailKind.DIAGNOSTIC_TAKEN_BACK).body
    assert submit(by=cast.coordinator, diagnostic=held, now=NOW, seen=S.OPEN).state == S.SUBMITTED


def test_without_a_reason_it_stays_where_it_is(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    sign_in(client, cast.coordinator)
    assert client.post(address("take_back", held), {**WHY, "reason": " "}).status_code == 200
    held.refresh_from_db()
    assert held.state == S.SUBMITTED


def test_taking_it_back_twice_is_once(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    sign_in(client, cast.coordinator)
    assert client.post(address("take_back", held), WHY).status_code == 302
    again = client.post(address("take_back", held), WHY)
    assert again.status_code == 409
    assert "no hay nada que retirar" in again.content.decode()
    assert Mail.objects.filter(kind=MailKind.DIAGNOSTIC_TAKEN_BACK).count() == 1


def test_once_the_review_began_it_is_not_taken_back_and_what_was_typed_stays(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    begin(by=cast.adviser, diagnostic=held, now=NOW)
    sign_in(client, cast.coordinator)
    refused = client.post(address("take_back", held), WHY)
    body = refused.content.decode()
    assert refused.status_code == 409
    assert "El Consejo ya lo está revisando" in body
    assert "Falta un decreto." in body
    assert address("take_back", held) not in client.get(address("diagnostic", held)).content.decode()
    held.refresh_from_db()
    assert held.state == S.UNDER_REVIEW


def test_only_the_coordinator_of_the_place_takes_it_back(cast: Cast) -> None:
    held = submitted(cast)
    for person in (cast.officer, cast.mayor, cast.reader, cast.adviser, cast.administrator, cast.coordinator_elsewhere):
        with pytest.raises(PermissionDenied):
            take_back(by=person, diagnostic=held, reason="x", now=NOW, seen=S.SUBMITTED)


def test_when_it_could_not_be_submitted_again_it_is_not_taken_back(client: Client, cast: Cast) -> None:
    held = submitted(cast)
    late = NOW + timedelta(days=900)
    with pytest.raises(RefusedError) as refused:
        take_back(by=cast.coordinator, diagnostic=held, reason="x", now=late, seen=S.SUBMITTED)
    assert not isinstance(refused.value, OvertakenError)
    assert Diagnostic.objects.get().state == S.SUBMITTED
