"""Reminders of what was asked of a municipality: by a person, or by the portal when nothing was heard. None goes out twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from municipalities.choices import AdhesionState, MailKind
from municipalities.models import Adhesion, AdhesionQuerySet, Mail
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import Recipient, recipients_of
from municipalities.rules.reminders import KINDS, LEVELS, PAUSE, level
from municipalities.rules.working_days import is_working_day

if TYPE_CHECKING:
    from accounts.models import User


def remind(adhesion: Adhesion, *, by: User | None, now: datetime) -> Mail | None:
    """Remind the people of a municipality of what is asked of it now, in the transaction of the caller.

    Returns the first of the mails. None when nothing is asked of it, when nobody there has an address, or when everyone got
    this reminder: until the next level of `rules.reminders` has passed, or the adhesion moves, nobody gets another.
    """
    written = remind_many([adhesion], by=by, now=now)
    return min(written, key=lambda mail: mail.pk) if written else None


def remind_many(adhesions: Sequence[Adhesion], *, by: User | None, now: datetime) -> list[Mail]:
    """The same for many, with a few queries for all; returns the mails written, which name their adhesions."""
    readers = recipients_of([adhesion for adhesion in adhesions if _kind(adhesion)])
    letters: dict[MailKind, list[Letter]] = {}
    for adhesion in adhesions:
        kind = _kind(adhesion)
        if kind is not None:
            letters.setdefault(kind, []).extend(
                Letter(reader, adhesion, once=once(adhesion, kind, reader, now=now)) for reader in readers[adhesion.pk]
            )
    return [mail for kind, some in letters.items() for mail in queue_many(kind, some, now=now, by=by)]


def would_remind(adhesions: Sequence[Adhesion], *, now: datetime) -> dict[int, int]:
    """How many people a reminder would reach now, by the adhesion's number: for the preview before it is sent."""
    asked = [adhesion for adhesion in adhesions if _kind(adhesion)]
    readers = recipients_of(asked)
    names = {
        adhesion.pk: [once(adhesion, KINDS[AdhesionState(adhesion.state)], to, now=now) for to in readers[adhesion.pk]]
        for adhesion in asked
    }
    every = [name for some in names.values() for name in some]
    written = set(Mail.objects.filter(once__in=every).values_list("once", flat=True))
    counts = {number: sum(name not in written for name in some) for number, some in names.items()}
    return {adhesion.pk: counts.get(adhesion.pk, 0) for adhesion in adhesions}


def remind_silent(*, now: datetime) -> int:
    """Remind by the portal itself those from whom nothing was heard for the days of `rules.reminders`; returns how many mails.

    Nothing on a day that is not a working day, nor to a municipality that was reminded in the last days.
    """
    if not is_working_day(timezone.localdate(now)):
        return 0
    recently = Mail.objects.filter(kind__in=KINDS.values(), created_at__gt=now - PAUSE)
    silent = (
        _silent(now)
        .exclude(pk__in=recently.values("adhesion"))
        .select_related("municipality__region", "campaign", "adviser")
        .order_by("pk")
    )
    return len(remind_many(list(silent), by=None, now=now))


def _silent(now: datetime) -> AdhesionQuerySet:
    """The adhesions that have not moved for as long as the first level of their state."""
    long_enough = Q()
    for state, levels in LEVELS.items():
        long_enough |= Q(state=state, state_since__lte=now - timedelta(days=levels[0]))
    return Adhesion.objects.filter(long_enough)


def _kind(adhesion: Adhesion) -> MailKind | None:
    return KINDS.get(AdhesionState(adhesion.state))


def once(adhesion: Adhesion, kind: MailKind, reader: Recipient, *, now: datetime) -> str:
    """The name of a reminder to one reader: another one only after the adhesion moved or the next level has passed."""
    passed = level(adhesion.state, (now - adhesion.state_since).days)
    return f"{kind}:{adhesion.pk}:{adhesion.state_since:%Y%m%d%H%M%S%f}:{passed}:{reader.mark}"


def reminded_before(adhesions: Iterable[Adhesion]) -> dict[int, datetime]:
    """When each adhesion was last reminded, by its number; those never reminded are not named."""
    mails = Mail.objects.filter(kind__in=KINDS.values(), adhesion__in=[adhesion.pk for adhesion in adhesions])
    return dict(mails.order_by("created_at").values_list("adhesion_id", "created_at"))
