"""What comes back to the portal's mailbox: which mail it was, that it is marked once, and that nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_string
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Event
from municipalities import periodic
from municipalities.actions.mails import note_bounces
from municipalities.choices import MailKind, MailState
from municipalities.models import Mail
from municipalities.notifications.outbox import queue
from municipalities.notifications.recipients import Recipient
from municipalities.rules.bounces import Bounce, bounces_in

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SENT = "<6f9b1f0e@portal.ejemplo.cl>"

# As Postfix writes it (RFC 3464, with the headers of the mail), and as Exchange does, with the whole mail.
POSTFIX = """\
From: MAILER-DAEMON@mx.ejemplo.cl (Mail Delivery System)
To: no-responder@portal.ejemplo.cl
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B8D1C2.1"

--B8D1C2.1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.ejemplo.cl.

--B8D1C2.1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.ejemplo.cl
X-Postfix-Sender: rfc822; no-responder@portal.ejemplo.cl

Final-Recipient: rfc822; ana@muni.cl
Original-Recipient: rfc822;ana@muni.cl
Action: {action}
Status: 5.1.1
Remote-MTA: dns; correo.muni.cl
Diagnostic-Code: smtp; 550 5.1.1 <ana@muni.cl>: Recipient address rejected:
    User unknown

--B8D1C2.1
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

From: Gobierno Abierto Municipal <no-responder@portal.ejemplo.cl>
To: ana@muni.cl
Message-ID: {sent}
Subject: Su acta

--B8D1C2.1--
"""
EXCHANGE = """\
From: postmaster@muni.cl
Subject: No se puede entregar: Su acta
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_000_"

--_000_
Content-Type: multipart/alternative; boundary="_001_"

--_001_
Content-Type: text/html; charset="utf-8"

<p>No se pudo entregar.</p>
--_001_--

--_000_
Content-Type: message/delivery-status

Reporting-MTA: dns;correo.muni.cl

Final-Recipient: rfc822;ana@muni.cl
Action: failed
Status: 5.2.2

--_000_
Content-Type: message/rfc822

Message-ID: {sent}
From: no-responder@portal.ejemplo.cl
Subject: Su acta

Estimada Ana:
--_000_--
"""


def said(text: str) -> list[Bounce]:
    return bounces_in(message_from_string(text))


def test_a_failed_delivery_names_the_mail_the_address_and_the_reason() -> None:
    reason = "550 5.1.1 <ana@muni.cl>: Recipient address rejected: User unknown"
    assert said(POSTFIX.format(action="failed", sent=SENT)) == [Bounce(SENT, "ana@muni.cl", reason)]
    assert said(EXCHANGE.format(sent=SENT)) == [Bounce(SENT, "ana@muni.cl", "5.2.2")]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_a_delay_or_a_delivery_gives_nothing_back(action: str) -> None:
    assert said(POSTFIX.format(action=action, sent=SENT)) == []


def test_other_letters_give_nothing_back() -> None:
    assert said("Subject: Fuera de la oficina\nMessage-ID: <a@b>\n\nVuelvo el lunes.") == []
    assert said(POSTFIX.format(action="failed", sent="")) == []
    assert said(POSTFIX.format(action="failed", sent=SENT).replace("multipart/report", "multipart/mixed")) == []


@given(st.text(max_size=400), st.integers(0, 900))
def test_no_letter_makes_it_fail(noise: str, cut: int) -> None:
    whole = POSTFIX.format(action="failed", sent=SENT)
    assert isinstance(said(whole[:cut] + noise + whole[cut:]), list)


# The mailbox


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def mail(db: None) -> Mail:
    written = queue(MailKind.DIGEST, to=Recipient("ana@muni.cl", "Ana"), now=NOW, words={"tareas": "x"})
    assert written
    written.state, written.sent_at = MailState.SENT, NOW
    written.save()
    return written


def test_a_mail_that_came_back_is_marked_once_and_its_letter_stays_as_read(box: Path, mail: Mail) -> None:
    (box / "new" / "1.portal").write_text(POSTFIX.format(action="failed", sent=mail.message_id))
    (box / "cur" / "0.portal:2,F").write_text(EXCHANGE.format(sent=mail.message_id))
    with override_settings(BOUNCES_MAILDIR=str(box)):
        assert note_bounces(now=NOW) == 1
        assert note_bounces(now=NOW) == 0
    mail.refresh_from_db()
    assert (mail.state, mail.bounced_at) == (MailState.BOUNCED, NOW)
    assert "User unknown" in mail.last_error
    event = Event.objects.get(kind="mail.bounced")
    assert (event.actor_id, event.reason) == (None, mail.last_error)
    assert sorted(file.name for file in (box / "cur").iterdir()) == ["0.portal:2,FS", "1.portal:2,S"]
    assert not list((box / "new").iterdir())


def test_letters_of_strangers_change_nothing(box: Path, mail: Mail) -> None:
    (box / "new" / "1").write_bytes(b"\xff\xfe not a mail at all")
    (box / "new" / "2").write_text(POSTFIX.format(action="failed", sent="<other@portal.ejemplo.cl>"))
    (box / "new" / "3").write_text(POSTFIX.format(action="delayed", sent=mail.message_id))
    (box / "new" / "4").mkdir()
    with override_settings(BOUNCES_MAILDIR=str(box)):
        assert note_bounces(now=NOW) == 0
    mail.refresh_from_db()
    assert mail.state == MailState.SENT


def test_a_mail_on_its_way_again_is_not_marked(box: Path, mail: Mail) -> None:
    Mail.objects.update(state=MailState.QUEUED)
    (box / "new" / "1").write_text(POSTFIX.format(action="failed", sent=mail.message_id))
    with override_settings(BOUNCES_MAILDIR=str(box)):
        assert note_bounces(now=NOW) == 0


def test_without_a_mailbox_nothing_happens(db: None, tmp_path: Path) -> None:
    periodic.note_bounces()
    with override_settings(BOUNCES_MAILDIR=str(tmp_path / "gone")):
        periodic.note_bounces()
