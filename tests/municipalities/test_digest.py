"""The digest: what waits for each person, once a day at most, and none when there is nothing to say."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts import actions as accounts
from accounts.models import Event
from municipalities.actions.adhesions import open_adhesion
from municipalities.choices import AdhesionState, ContactKind, MailKind, MailState
from municipalities.models import Adhesion, ContactNote, Mail
from municipalities.notifications import sending
from municipalities.notifications.digest import LONGEST, write_digests
from municipalities.notifications.outbox import queue
from municipalities.notifications.recipients import Recipient
from tests.cast import Cast, municipality, sign_in

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def adhesion(cast: Cast) -> Adhesion:
    return open_adhesion(by=None, municipality=cast.here, now=TUESDAY - 9 * DAY)


def put(adhesion: Adhesion, state: AdhesionState) -> None:
    adhesion.state = state
    adhesion.save()


def readers() -> set[str]:
    return set(Mail.objects.filter(kind=MailKind.DIGEST).values_list("to", flat=True))


def body_for(who: str) -> str:
    return Mail.objects.filter(kind=MailKind.DIGEST, to=f"{who}@ejemplo.cl").latest("pk").body


def test_nobody_hears_of_nothing(adhesion: Adhesion) -> None:
    assert write_digests(now=TUESDAY) == 0


def test_a_signed_act_waits_for_the_adviser_and_the_administrators(adhesion: Adhesion) -> None:
    put(adhesion, AdhesionState.SIGNED)
    write_digests(now=TUESDAY)
    assert readers() == {"asesora@ejemplo.cl", "administradora@ejemplo.cl", "administrador.nuevo@ejemplo.cl"}
    assert "Actas firmadas:\n- Cabo de Hornos: acta firmada recibida desde el 15-11-2026." in body_for("asesora")


def test_what_is_assigned_to_an_adviser_is_theirs_alone(adhesion: Adhesion, cast: Cast) -> None:
    adhesion.adviser = cast.adviser
    put(adhesion, AdhesionState.SIGNED)
    write_digests(now=TUESDAY)
    assert readers() == {"asesora@ejemplo.cl"}


def test_a_coordinator_hears_only_of_what_is_asked(adhesion: Adhesion) -> None:
    for state, told in [
        (AdhesionState.INVITED, False),
        (AdhesionState.IN_FORCE, False),
        (AdhesionState.RETURNED, True),
    ]:
        adhesion.in_force_from = date(2026, 1, 1)
        put(adhesion, state)
        write_digests(now=TUESDAY)
        assert ("coordinadora@ejemplo.cl" in readers()) is told
    assert "el acta de Cabo de Hornos espera su corrección, hasta el 15-12-2026" in body_for("coordinadora")


def test_one_digest_a_day_whatever_comes_later(adhesion: Adhesion) -> None:
    put(adhesion, AdhesionState.RETURNED)
    assert write_digests(now=TUESDAY) == 1
    put(adhesion, AdhesionState.ACT_ISSUED)
    assert write_digests(now=TUESDAY + timedelta(hours=2)) == 0
    assert write_digests(now=TUESDAY + DAY) == 1


def test_what_was_said_is_said_again_only_after_a_week(adhesion: Adhesion) -> None:
    put(adhesion, AdhesionState.RETURNED)
    days = [day for day in range(10) if write_digests(now=TUESDAY + day * DAY)]
    assert days == [0, 7]


def test_no_digest_on_a_day_that_is_not_a_working_day(adhesion: Adhesion) -> None:
    put(adhesion, AdhesionState.SIGNED)
    assert write_digests(now=datetime(2026, 11, 22, 13, 0, tzinfo=UTC)) == 0
    assert write_digests(now=datetime(2026, 12, 8, 13, 0, tzinfo=UTC)) == 0


def test_a_next_step_that_is_due_is_told_to_whoever_is_responsible(cast: Cast) -> None:
    for day, step in [(24, "Llamar a la alcaldesa"), (25, "Visitar")]:
        ContactNote.objects.create(
            municipality=cast.here,
            kind=ContactKind.CALL,
            on=date(2026, 11, 2),
            next_step=step,
            next_on=date(2026, 11, day),
            responsible=cast.adviser,
            recorded_at=TUESDAY,
        )
    assert write_digests(now=TUESDAY) == 1
    assert "- 24-11-2026: Cabo de Hornos. Llamar a la alcaldesa" in body_for("asesora")
    assert "Visitar" not in body_for("asesora")


def test_administrators_hear_of_mails_that_did_not_leave(cast: Cast) -> None:
    mail = queue(MailKind.ADHESION_REQUEST, to=Recipient("x@muni.cl", ""), now=TUESDAY)
    assert mail is not None
    Mail.objects.filter(pk=mail.pk).update(state=MailState.UNCERTAIN)
    write_digests(now=TUESDAY)
    assert readers() == {"administradora@ejemplo.cl", "administrador.nuevo@ejemplo.cl"}
    assert "1 en el registro" in body_for("administradora")


def test_a_long_list_is_cut_and_counted(cast: Cast) -> None:
    for number in range(LONGEST + 3):
        place = municipality(f"122{number + 10}", f"Lugar {number}", f"lugar-{number}", order=16)
        put(open_adhesion(by=None, municipality=place, now=TUESDAY - DAY), AdhesionState.SIGNED)
    write_digests(now=TUESDAY)
    assert "- y 3 más" in body_for("administradora")


def test_who_left_the_council_hears_nothing(adhesion: Adhesion, cast: Cast) -> None:
    put(adhesion, AdhesionState.SIGNED)
    cast.administrator.is_active = False
    cast.administrator.save()
    write_digests(now=TUESDAY)
    assert "administradora@ejemplo.cl" not in readers()


# Leaving it


def address_in(body: str) -> str:
    [found] = re.findall(r"/resumen-del-dia/[^\s]+/", body)
    return str(found)


def test_the_digest_carries_the_way_out_in_its_text_and_for_mail_programs(adhesion: Adhesion) -> None:
    put(adhesion, AdhesionState.SIGNED)
    write_digests(now=TUESDAY)
    mail = Mail.objects.filter(kind=MailKind.DIGEST).latest("pk")
    sent = sending.message(mail).message()
    assert address_in(mail.body) in sent["List-Unsubscribe"]
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    other = queue(MailKind.ADHESION_INVITATION, to=Recipient("a@ejemplo.cl", ""), adhesion=adhesion, now=TUESDAY)
    assert other
    assert "List-Unsubscribe" not in sending.message(other).message()


def test_whoever_opens_the_link_changes_nothing_and_whoever_presses_the_button_hears_no_more(
    adhesion: Adhesion, cast: Cast
) -> None:
    put(adhesion, AdhesionState.SIGNED)
    write_digests(now=TUESDAY)
    address, client = address_in(body_for("asesora")), Client(enforce_csrf_checks=True)
    assert "Ya no quiero recibirlo" in client.get(address).content.decode()
    cast.adviser.refresh_from_db()
    assert cast.adviser.wants_digest
    for _time in range(2):  # a mail program that is not sure sends it twice
        assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Event.objects.filter(kind="person.left_digest").count() == 1
    Mail.objects.all().delete()
    write_digests(now=TUESDAY + 9 * DAY)
    assert "asesora@ejemplo.cl" not in readers()
    assert "administradora@ejemplo.cl" in readers()


def test_a_person_comes_back_from_the_own_account(cast: Cast) -> None:
    accounts.leave_digest(person=cast.adviser, now=TUESDAY)
    client = sign_in(Client(), cast.adviser)
    form = {"name": cast.adviser.name, "run": "", "language": "es", "wants_digest": "on"}
    assert client.post("/cuenta/", form).status_code == 302
    cast.adviser.refresh_from_db()
    assert cast.adviser.wants_digest


@pytest.mark.parametrize("token", ["1", "1:abc", "x" * 300, "0:0"])
def test_an_address_that_the_portal_did_not_make_leads_nowhere(db: None, client: Client, token: str) -> None:
    assert client.post(f"/resumen-del-dia/{token}/").status_code == 404
