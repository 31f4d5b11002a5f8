"""The outbox: a mail is a row before it is sent, written in the transaction of what it tells of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from accounts.choices import Language
from municipalities.choices import MailKind, MailState
from municipalities.models import Adhesion, Mail, Municipality
from municipalities.notifications import words as texts
from municipalities.notifications.recipients import Recipient
from municipalities.rules.mail_templates import WORKING_HOURS
from municipalities.rules.working_days import working_moment

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 500


class Letter(NamedTuple):
    """One mail to write: to whom, about which adhesion or which municipality alone, with which further words; `once` names what
    is sent only once."""

    to: Recipient
    adhesion: Adhesion | None = None
    words: dict[str, str] = {}
    once: str | None = None
    municipality: Municipality | None = None

    @property
    def place(self) -> Municipality | None:
        return self.adhesion.municipality if self.adhesion else self.municipality


def queue(
    kind: MailKind,
    *,
    to: Recipient,
    now: datetime,
    by: User | None = None,
    adhesion: Adhesion | None = None,
    words: dict[str, str] | None = None,
    once: str | None = None,
) -> Mail | None:
    """Write a mail into the outbox from the template of its kind; `words` fill its fields.

    None when `once` was written before, also when somebody else writes it at this moment.
    """
    written = queue_many(kind, [Letter(to, adhesion, words or {}, once)], now=now, by=by)
    return written[0] if written else None


def queue_many(kind: MailKind, letters: Sequence[Letter], *, now: datetime, by: User | None = None) -> list[Mail]:
    """Write many mails of one kind, with a few queries for all; returns those that were written, in no order.

    Each goes out at once or, if nobody's act brought it about (`WORKING_HOURS`), in the next office hours. Pass adhesions with
    `municipality__region`, `campaign` and `adviser` selected, or each costs queries of its own.
    """
    if not letters:
        return []
    text = texts.text_of(kind)
    folios = texts.folios(text, (letter.adhesion for letter in letters if letter.adhesion))
    not_before = working_moment(now) if kind in WORKING_HOURS else now
    domain = _domain()
    today = timezone.localdate(now)
    rows = []
    with translation.override(Language.SPANISH):
        for letter in letters:
            to, adhesion, place = letter.to, letter.adhesion, letter.place
            known = {"folio": folios.get(adhesion.pk, "")} if adhesion else {}
            written = texts.write(
                text, kind, to=to, adhesion=adhesion, municipality=place, by=by, today=today, words=known | letter.words
            )
            rows.append(
                Mail(
                    kind=kind,
                    to=to.email,
                    to_name=" ".join(to.name.split()),
                    user_id=to.user_id,
                    municipality=place,
                    adhesion=adhesion,
                    campaign_id=adhesion.campaign_id if adhesion else None,
                    subject=written.subject,
                    body=written.body,
                    missing=", ".join(written.missing)[:300],
                    once=letter.once,
                    not_before=not_before,
                    message_id=f"<{uuid.uuid4()}@{domain}>",
                    created_at=now,
                    created_by=by,
                )
            )
    return _insert(rows, due=not_before <= now)


def _insert(rows: Sequence[Mail], *, due: bool) -> list[Mail]:
    """Insert what no earlier row with the same `once` keeps out, and have a worker told."""
    with transaction.atomic():
        Mail.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
        if due:
            transaction.on_commit(_tell_a_worker, robust=True)
    return list(Mail.objects.filter(message_id__in=[row.message_id for row in rows]))


def again(mail: Mail, *, now: datetime) -> None:
    """Put a mail (locked) back into the outbox, with the same identifier. Its attempts stay: they tell one claim from another."""
    mail.state, mail.not_before = MailState.QUEUED, working_moment(now) if mail.kind in WORKING_HOURS else now
    mail.claimed_at, mail.handed_at = None, None
    mail.sent_at, mail.bounced_at, mail.last_error = None, None, ""
    mail.save()
    transaction.on_commit(_tell_a_worker, robust=True)


def _tell_a_worker() -> None:
    """Should the queue be away, the clock sends within a minute."""
    from municipalities.tasks import send_mails  # tasks know this package

    send_mails.delay()


def _domain() -> str:
    """What stands after the @ of a Message-ID: the domain the mails come from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def letters_to(readers: Iterable[Recipient], adhesion: Adhesion, words: dict[str, str]) -> list[Letter]:
    """The same letter to several people."""
    return [Letter(reader, adhesion, words) for reader in readers]
