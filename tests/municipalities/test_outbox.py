"""The outbox: what is written, when it may leave, and that it leaves once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import override_settings

from municipalities.actions.adhesions import move, open_adhesion
from municipalities.choices import AdhesionState, MailKind, MailState
from municipalities.models import Act, Adhesion, Contact, Mail, MailTemplate
from municipalities.notifications import sending
from municipalities.notifications.outbox import Letter, queue, queue_many
from municipalities.notifications.recipients import Recipient, recipients
from tests import smtp_server
from tests.cast import Cast
from tests.smtp_server import Fault, SMTPServer

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
ANA = Recipient("ana@muni.cl", "Ana Soto")


@pytest.fixture
def server() -> Iterator[SMTPServer]:
    with (
        smtp_server.running() as running,
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=running.port,
            EMAIL_TIMEOUT=1,
        ),
    ):
        yield running


@pytest.fixture
def adhesion(cast: Cast) -> Adhesion:
    found = open_adhesion(by=None, municipality=cast.here, now=TUESDAY)
    found.adviser = cast.adviser
    found.save()
    return found


def waiting(adhesion: Adhesion, *addresses: str, kind: MailKind = MailKind.ADHESION_VERIFIED) -> list[Mail]:
    letters = [Letter(Recipient(address, "Ana Soto"), adhesion) for address in addresses]
    return sorted(queue_many(kind, letters, now=TUESDAY), key=lambda mail: mail.pk)


def clock(moment: datetime = TUESDAY) -> Callable[[], datetime]:
    return lambda: moment


def send(moment: datetime = TUESDAY) -> None:
    sending.send_waiting(clock=clock(moment))


def test_a_mail_says_what_its_template_says_about_this_municipality(adhesion: Adhesion, cast: Cast) -> None:
    mail = queue(
        MailKind.SIGNATURE_RETURNED,
        to=ANA,
        now=TUESDAY,
        by=cast.adviser,
        adhesion=adhesion,
        words={"motivo": "Firmó otra persona"},
    )
    assert mail is not None
    assert mail.subject == "Cabo de Hornos: el acta necesita una corrección"
    assert mail.body.startswith("Estimada o estimado Ana Soto:\n\nRevisamos")
    assert "El motivo: Firmó otra persona" in mail.body
    assert "Asesora (asesora@ejemplo.cl)" in mail.body
    assert "Qué hacer" not in mail.body
    assert mail.missing == "folio, que_hacer, plazo"
    assert (mail.municipality, mail.adhesion, mail.created_by) == (cast.here, adhesion, cast.adviser)


def test_words_that_look_like_fields_stay_words(adhesion: Adhesion) -> None:
    mail = queue(
        MailKind.ADHESION_SUSPENDED, to=ANA, now=TUESDAY, adhesion=adhesion, words={"motivo": "dice {municipio}"}
    )
    assert mail is not None
    assert "El motivo: dice {municipio}" in mail.body


def test_a_text_that_staff_changed_is_the_one_that_goes_out(adhesion: Adhesion) -> None:
    MailTemplate.objects.create(
        kind=MailKind.ADHESION_VERIFIED, subject="Hola {municipio}", body="x {nada} y", updated_at=TUESDAY
    )
    mail = waiting(adhesion, "ana@muni.cl")[0]
    assert mail.subject == "Hola Cabo de Hornos"
    assert mail.missing == "nada"


def test_a_subject_never_has_two_lines(adhesion: Adhesion) -> None:
    MailTemplate.objects.create(kind=MailKind.ADHESION_SUSPENDED, subject="{motivo}", body="x", updated_at=TUESDAY)
    mail = queue(
        MailKind.ADHESION_SUSPENDED, to=ANA, now=TUESDAY, adhesion=adhesion, words={"motivo": "a\r\nBcc: x@y.cl"}
    )
    assert mail is not None
    assert mail.subject == "a Bcc: x@y.cl"


def test_invitations_wait_for_office_hours_and_answers_do_not(adhesion: Adhesion) -> None:
    invitation = queue(MailKind.ADHESION_INVITATION, to=ANA, now=SATURDAY, adhesion=adhesion)
    answer = queue(MailKind.ADHESION_VERIFIED, to=ANA, now=SATURDAY, adhesion=adhesion)
    assert invitation is not None
    assert answer is not None
    assert invitation.not_before == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert answer.not_before == SATURDAY


def test_what_is_written_once_is_written_once(adhesion: Adhesion) -> None:
    first = queue(MailKind.DIGEST, to=ANA, now=TUESDAY, once="digest:1:2026-11-24")
    second = queue(MailKind.DIGEST, to=ANA, now=TUESDAY, once="digest:1:2026-11-24")
    assert first is not None
    assert second is None
    assert Mail.objects.count() == 1


def test_a_step_tells_coordinator_mayor_and_main_contact_once_each(adhesion: Adhesion, cast: Cast) -> None:
    Contact.objects.create(
        municipality=cast.here, name="Oficina", email="Coordinadora@ejemplo.cl", is_main=True, recorded_at=TUESDAY
    )
    move(by=cast.administrator, adhesion=adhesion, to=AdhesionState.INVITED, now=TUESDAY)
    assert sorted(Mail.objects.values_list("to", flat=True)) == ["alcaldesa@ejemplo.cl", "coordinadora@ejemplo.cl"]


def test_many_letters_cost_as_few_queries_as_one(adhesion: Adhesion, django_assert_max_num_queries: Any) -> None:
    ready = Adhesion.objects.select_related("municipality__region", "campaign", "adviser").get(pk=adhesion.pk)
    letters = [Letter(Recipient(f"a{number}@muni.cl", ""), ready) for number in range(345)]
    with django_assert_max_num_queries(5):
        assert len(queue_many(MailKind.ADHESION_INVITATION, letters, now=TUESDAY)) == 345


def test_without_an_adviser_the_council_is_told_through_its_administrators(adhesion: Adhesion, cast: Cast) -> None:
    assert [reader.user_id for reader in recipients(MailKind.SIGNATURE_RECEIVED, adhesion)] == [cast.adviser.pk]
    adhesion.adviser = None
    told = {reader.user_id for reader in recipients(MailKind.SIGNATURE_RECEIVED, adhesion)}
    assert told == {cast.administrator.pk, cast.unprotected_administrator.pk}


def test_a_mail_leaves_as_text_and_html_and_is_known_by_its_identifier(adhesion: Adhesion, server: SMTPServer) -> None:
    [mail] = waiting(adhesion, "ana@muni.cl")
    send()
    mail.refresh_from_db()
    assert (mail.state, mail.sent_at, mail.attempts) == (MailState.SENT, TUESDAY, 1)
    [arrived] = server.accepted
    letter = arrived.message
    assert letter["Message-ID"] == mail.message_id
    assert letter["To"] == "Ana Soto <ana@muni.cl>"
    assert letter["Reply-To"] == "Asesora <asesora@ejemplo.cl>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n").strip() == mail.body.strip()
    assert '<html lang="es">' in html.get_content()
    assert '<a href="http://localhost' in html.get_content()


def test_other_backends_send_too(adhesion: Adhesion) -> None:
    waiting(adhesion, "ana@muni.cl")
    send()
    assert [letter.to for letter in django_mail.outbox] == [["Ana Soto <ana@muni.cl>"]]
    assert Mail.objects.get().state == MailState.SENT


def test_one_connection_carries_them_all_and_each_goes_once(adhesion: Adhesion, server: SMTPServer) -> None:
    waiting(adhesion, *(f"a{number}@muni.cl" for number in range(20)))
    send()
    send()
    assert server.connections == 1
    assert sorted(letter.to for letter in server.accepted) == sorted(f"a{number}@muni.cl" for number in range(20))


def test_nothing_leaves_before_its_time(adhesion: Adhesion, server: SMTPServer) -> None:
    queue(MailKind.ADHESION_INVITATION, to=ANA, now=SATURDAY, adhesion=adhesion)
    send(SATURDAY)
    assert (server.connections, server.accepted) == (0, [])


def test_a_minute_carries_no_more_than_the_setting_says(adhesion: Adhesion, server: SMTPServer) -> None:
    waiting(adhesion, *(f"a{number}@muni.cl" for number in range(5)))
    with override_settings(MAILS_PER_MINUTE=3):
        send()
        send(TUESDAY + timedelta(seconds=30))
        assert len(server.accepted) == 3
        send(TUESDAY + timedelta(seconds=90))
    assert len(server.accepted) == 5


def test_a_long_run_makes_room_and_says_that_more_is_due(adhesion: Adhesion, server: SMTPServer) -> None:
    waiting(adhesion, "a@muni.cl", "b@muni.cl")
    assert sending.send_waiting(clock=clock(), seconds=0) is True
    assert sending.send_waiting(clock=clock(), seconds=0) is False
    assert len(server.accepted) == 2


def test_a_busy_server_is_asked_again_later_and_later(adhesion: Adhesion, server: SMTPServer) -> None:
    [mail] = waiting(adhesion, "ana@muni.cl")
    server.faults["ana@muni.cl"] = Fault.BUSY
    send()
    mail.refresh_from_db()
    assert (mail.state, mail.not_before) == (MailState.QUEUED, TUESDAY + sending.WAITS[0])
    assert mail.last_error == "450 4.2.1 try again later"
    for _attempt in range(len(sending.WAITS)):
        send(mail.not_before)
        mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (MailState.FAILED, len(sending.WAITS) + 1)
    assert server.accepted == []


@pytest.mark.parametrize("fault", [Fault.NO_SUCH_ADDRESS, Fault.SPAM])
def test_a_refusal_for_good_is_final_and_the_others_still_go(
    adhesion: Adhesion, server: SMTPServer, fault: Fault
) -> None:
    refused, taken = waiting(adhesion, "nadie@muni.cl", "ana@muni.cl")
    server.faults["nadie@muni.cl"] = fault
    send()
    refused.refresh_from_db()
    taken.refresh_from_db()
    assert (refused.state, refused.last_error) == (MailState.FAILED, fault.value)
    assert taken.state == MailState.SENT


def test_a_refused_sender_is_our_fault_and_no_mail_is_given_up_for_it(adhesion: Adhesion, server: SMTPServer) -> None:
    [mail] = waiting(adhesion, "ana@muni.cl")
    server.faults["*"] = Fault.SENDER_REFUSED
    send()
    mail.refresh_from_db()
    assert mail.state == MailState.QUEUED


def test_a_server_that_wants_a_pause_gets_it(adhesion: Adhesion, server: SMTPServer) -> None:
    waiting(adhesion, "ana@muni.cl", "eva@muni.cl")
    server.faults["*"] = Fault.TOO_MANY
    send()
    server.faults.clear()
    send(TUESDAY + timedelta(minutes=2))
    assert sorted(letter.to for letter in server.accepted) == ["ana@muni.cl", "eva@muni.cl"]


def test_a_mail_whose_server_hangs_up_before_it_is_sent_again(adhesion: Adhesion, server: SMTPServer) -> None:
    first = waiting(adhesion, "ana@muni.cl", "eva@muni.cl")[0]
    server.faults["ana@muni.cl"] = Fault.HANGS_UP_BEFORE_DATA
    send()
    first.refresh_from_db()
    assert (first.state, first.handed_at) == (MailState.QUEUED, None)
    server.faults.clear()
    send(TUESDAY + timedelta(minutes=2))
    assert sorted(letter.to for letter in server.accepted) == ["ana@muni.cl", "eva@muni.cl"]


@pytest.mark.parametrize("fault", [Fault.HANGS_UP_AFTER_DATA, Fault.STALLS_AFTER_DATA])
def test_silence_after_the_handing_over_leaves_a_doubt_and_never_a_double(
    adhesion: Adhesion, server: SMTPServer, fault: Fault
) -> None:
    doubtful, clear = waiting(adhesion, "ana@muni.cl", "eva@muni.cl")
    server.faults["ana@muni.cl"] = fault
    send()
    doubtful.refresh_from_db()
    clear.refresh_from_db()
    assert (doubtful.state, clear.state) == (MailState.UNCERTAIN, MailState.SENT)
    server.faults.clear()
    sending.recover(now=TUESDAY + timedelta(hours=1))
    send(TUESDAY + timedelta(hours=1))
    assert server.received_by("ana@muni.cl") == 1


def test_a_server_that_is_away_costs_no_mail_an_attempt(adhesion: Adhesion) -> None:
    with smtp_server.running() as gone:
        port = gone.port
    [mail] = waiting(adhesion, "ana@muni.cl")
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    with override_settings(EMAIL_BACKEND=smtp, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=1):
        send()
    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == (MailState.QUEUED, 0)


def test_what_a_dead_worker_left_waits_again_or_becomes_a_doubt(adhesion: Adhesion, server: SMTPServer) -> None:
    _before, after, recent = waiting(adhesion, "antes@muni.cl", "despues@muni.cl", "ahora@muni.cl")
    long_ago = TUESDAY - timedelta(minutes=10)
    Mail.objects.update(state=MailState.SENDING, attempts=1, claimed_at=long_ago)
    Mail.objects.filter(pk=after.pk).update(handed_at=long_ago)
    Mail.objects.filter(pk=recent.pk).update(claimed_at=TUESDAY)
    assert sending.recover(now=TUESDAY) == 2
    states = dict(Mail.objects.values_list("to", "state"))
    assert states == {
        "antes@muni.cl": MailState.QUEUED,
        "despues@muni.cl": MailState.UNCERTAIN,
        "ahora@muni.cl": MailState.SENDING,
    }
    send(TUESDAY + timedelta(minutes=1))
    assert [letter.to for letter in server.accepted] == ["antes@muni.cl"]


def test_a_worker_whose_claim_was_taken_over_hands_nothing_over(adhesion: Adhesion, server: SMTPServer) -> None:
    [mail] = waiting(adhesion, "ana@muni.cl")

    def taken_over_meanwhile() -> datetime:
        # Asked when the mail is about to be handed over: somebody else has recovered and claimed it just now.
        if Mail.objects.get(pk=mail.pk).state == MailState.SENDING:
            Mail.objects.filter(pk=mail.pk).update(attempts=2)
        return TUESDAY

    sending.send_waiting(clock=taken_over_meanwhile)
    assert server.accepted == []
    mail.refresh_from_db()
    assert (mail.state, mail.handed_at) == (MailState.SENDING, None)


def test_a_reminder_that_waited_too_long_is_not_sent_when_the_adhesion_has_moved(
    adhesion: Adhesion, cast: Cast, server: SMTPServer
) -> None:
    move(by=cast.administrator, adhesion=adhesion, to=AdhesionState.INVITED, now=SATURDAY)
    move(
        by=cast.administrator,
        adhesion=adhesion,
        to=AdhesionState.WITHDRAWN,
        now=SATURDAY + timedelta(hours=1),
        reason="No",
    )
    send()
    assert server.accepted == []
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.CANCELLED}


def test_an_act_is_named_by_the_one_in_use(adhesion: Adhesion) -> None:
    assert Act.objects.count() == 0
    assert waiting(adhesion, "ana@muni.cl")[0].missing == "folio"
