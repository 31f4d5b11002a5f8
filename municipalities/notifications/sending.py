"""From the outbox to the mail server: each mail once, whatever happens to the worker.

A mail is claimed (SENDING, committed), handed over (`handed_at`, committed just before the server gets the last line), and then
SENT. `attempts` counts the claims and so tells one claim from another: a worker whose claim was taken over, because it stood
still for too long, cannot hand over any more. A worker that dies leaves SENDING: without `handed_at` the mail has surely not
left and waits again; with it nobody knows, and a person decides (UNCERTAIN).
"""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Final, NamedTuple

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from municipalities.choices import MailState
from municipalities.models import Mail, MailQuerySet
from municipalities.notifications.recipients import TO_COUNCIL, Recipient
from municipalities.notifications.smtp import Line
from municipalities.notifications.words import contact, leave_address
from municipalities.rules.mail_templates import WORKING_HOURS

logger = structlog.get_logger(__name__)

RUN: Final = 45.0
"""Seconds after which a run makes room for others."""
STALE: Final = timedelta(minutes=3)
"""A mail takes seconds. Whoever claimed one this long ago is dead, or is kept from handing it over."""
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 480, 720))
"""Until the next attempt, after each that failed; after the last, a person decides."""
_PERMANENT: Final = 500

Clock = Callable[[], datetime]


class LostClaimError(Exception):
    """Another worker has the mail now."""


class Outcome(NamedTuple):
    """What becomes of a mail that was not accepted: `wait` until the next attempt when it waits again."""

    state: MailState
    words: str
    wait: timedelta = timedelta()


def send_waiting(*, clock: Clock = timezone.now, seconds: float = RUN) -> bool:
    """Send what is due, oldest first, through one connection; say whether more is due that may go at once.

    When no server answers nothing is claimed and the fault is logged: the clock tries again within a minute.
    """
    allowed = settings.MAILS_PER_MINUTE - Mail.objects.filter(claimed_at__gt=clock() - timedelta(minutes=1)).count()
    if allowed <= 0 or not _due(clock()).exists():
        return False
    ends = time.monotonic() + seconds
    with Line() as line:
        for _turn in range(allowed):
            # Before a mail is claimed: a server that is away costs no mail an attempt.
            if not line.is_open():
                return False
            mail = _claim(clock())
            if mail is None:
                return False
            _send(mail, line, clock)
            if time.monotonic() > ends:
                return _due(clock()).exists()
    return False


def recover(*, now: datetime) -> int:
    """Take up what dead workers left; returns how many mails that were."""
    left = Mail.objects.filter(state=MailState.SENDING, claimed_at__lt=now - STALE)
    surely_not_sent = left.filter(handed_at__isnull=True)
    with translation.override(Language.SPANISH):
        words = _("the worker ended before it was sent")
    failed = surely_not_sent.filter(attempts__gt=len(WAITS)).update(state=MailState.FAILED, last_error=words)
    waiting = surely_not_sent.update(state=MailState.QUEUED, last_error=words)
    unknown = left.filter(handed_at__isnull=False).update(state=MailState.UNCERTAIN)
    if failed or unknown:
        logger.warning("mails_left_by_a_worker", failed=failed, uncertain=unknown)
    return failed + waiting + unknown


def _due(now: datetime) -> MailQuerySet:
    return Mail.objects.filter(state=MailState.QUEUED, not_before__lte=now)


def _claim(now: datetime) -> Mail | None:
    """Take the next mail that is due; one that no longer fits what it tells of is cancelled on the way."""
    while True:
        with transaction.atomic():
            mail = (
                _due(now)
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("adhesion__adviser", "created_by")
                .order_by("not_before", "pk")
                .first()
            )
            if mail is None:
                return None
            if not _is_overtaken(mail):
                mail.state, mail.claimed_at, mail.handed_at = MailState.SENDING, now, None
                mail.attempts += 1
                mail.save(update_fields=["state", "claimed_at", "handed_at", "attempts"])
                return mail
            mail.state = MailState.CANCELLED
            mail.save(update_fields=["state"])


def _is_overtaken(mail: Mail) -> bool:
    """Whether the adhesion moved on while an invitation or reminder waited for office hours."""
    return mail.kind in WORKING_HOURS and mail.adhesion is not None and mail.adhesion.state_since > mail.created_at


def _send(mail: Mail, line: Line, clock: Clock) -> None:
    """Hand over a claimed mail and write down what became of it."""
    mine = Mail.objects.filter(pk=mail.pk, attempts=mail.attempts)
    handed = False

    def handing_over() -> None:
        nonlocal handed
        if not mine.filter(state=MailState.SENDING).update(handed_at=clock()):
            raise LostClaimError
        handed = True

    try:
        line.deliver(message(mail), handing_over)
    except LostClaimError:
        line.drop()
    except (
        OSError,
        ValueError,
    ) as fault:  # whatever the network, the server or a wrong header says; SMTP errors are OSError
        if not isinstance(fault, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
            line.drop()
        _note(mine, outcome(fault, handed=handed, attempts=mail.attempts), now=clock())
        logger.warning("mail_not_sent", mail=mail.pk, fault=str(fault), handed=handed)
    else:
        mine.filter(state__in=[MailState.SENDING, MailState.UNCERTAIN]).update(
            state=MailState.SENT, sent_at=clock(), last_error=""
        )


def _note(mine: MailQuerySet, found: Outcome, *, now: datetime) -> None:
    mine.filter(state=MailState.SENDING).update(
        state=found.state,
        last_error=found.words,
        not_before=now + found.wait if found.state == MailState.QUEUED else F("not_before"),
        handed_at=F("handed_at") if found.state == MailState.UNCERTAIN else None,
    )


def outcome(fault: Exception, *, handed: bool, attempts: int) -> Outcome:
    """What a fault means for the mail. A server that answers has decided; silence after the handing over leaves a doubt.

    A refusal for good (5xx) of the address or of the mail is final; one of the sender is a fault of ours that may be mended.
    """
    words = said(fault)
    code = _code(fault)
    if handed and code is None:
        return Outcome(MailState.UNCERTAIN, words)
    is_final = code is not None and code >= _PERMANENT and not isinstance(fault, smtplib.SMTPSenderRefused)
    is_ours = isinstance(fault, ValueError | smtplib.SMTPNotSupportedError)
    if is_final or is_ours or attempts > len(WAITS):
        return Outcome(MailState.FAILED, words)
    return Outcome(MailState.QUEUED, words, WAITS[attempts - 1])


def _code(fault: Exception) -> int | None:
    """The number with which the server answered, None where it did not."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return next((code for code, _words in fault.recipients.values()), None)
    return fault.smtp_code if isinstance(fault, smtplib.SMTPResponseException) else None


def said(fault: Exception) -> str:
    """The fault in the server's own words, for staff: at most 300 characters."""
    answer: str | bytes
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        code, answer = next(iter(fault.recipients.values()), (0, b""))
    elif isinstance(fault, smtplib.SMTPResponseException):
        code, answer = fault.smtp_code, fault.smtp_error
    else:
        return " ".join(f"{type(fault).__name__}: {fault}".split())[:300]
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(f"{code} {text}".split())[:300]


def message(mail: Mail) -> EmailMultiAlternatives:
    """The mail as it leaves: the text that the log keeps, and the same as HTML."""
    body, _mark, footer = mail.body.rpartition("\n--\n")
    html = render_to_string(
        "municipalities/email/outbox.html", {"subject": mail.subject, "body": body, "footer": footer}
    )
    made = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.body,
        to=[formataddr((mail.to_name, mail.to), "utf-8") if mail.to_name else mail.to],
        headers=_headers(mail),
        reply_to=_reply_to(mail),
    )
    made.attach_alternative(html, "text/html")
    return made


def _headers(mail: Mail) -> dict[str, str]:
    # RFC 3834: programs that answer mails by themselves leave this one alone.
    found = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    leave = leave_address(mail.kind, Recipient(mail.to, mail.to_name, mail.user_id))
    if leave:
        # RFC 8058: the button of the mail program.
        found["List-Unsubscribe"] = f"<{leave}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return found


def _reply_to(mail: Mail) -> list[str]:
    """A municipality's answer reaches whom its mail names as contact."""
    asked = contact(mail.adhesion, mail.created_by) if mail.adhesion and mail.kind not in TO_COUNCIL else None
    return [formataddr((asked.name, asked.email), "utf-8")] if asked else []
