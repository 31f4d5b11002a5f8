"""Mails to citizens about what they contributed and the meetings they come to. Nothing of theirs stands in another's mail.

A citizen's address lives in the outbox too: `forget` takes it out of there when its time is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from action_plans.choices import HideReason, Verdict
from action_plans.models import Appeal, Author, Contribution, Meeting, Response, SignUp
from municipalities.choices import MailKind, MailState
from municipalities.models import Mail
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import TO_CITIZENS, Recipient

FORGOTTEN: Final = "olvidado@invalid.invalid"


# --- Contributions ----------------------------------------------------------------------------------------------------


def confirm(contribution: Contribution, author: Author, *, now: datetime) -> None:
    """Ask the author to confirm that the address is theirs."""
    link = _link("confirm", author.key)
    _send(MailKind.CONTRIBUTION_CONFIRM, [author], contribution, now, enlace=link, once=f"confirm:{contribution.pk}")


def confirm_support(contribution: Contribution, author: Author, *, now: datetime) -> None:
    """Ask a supporter to confirm their address, once a day at most."""
    once = f"support:{contribution.pk}:{timezone.localdate(now)}"
    _send(MailKind.SUPPORT_CONFIRM, [author], contribution, now, enlace=_link("confirm", author.key), once=once)


def shown(contribution: Contribution, *, now: datetime) -> None:
    """Tell the authors that everyone can read their contribution from now on."""
    once = f"shown:{contribution.pk}:{now.isoformat()}"
    authors = contribution.authors.all()
    _send(MailKind.CONTRIBUTION_SHOWN, authors, contribution, now, enlace=_page(contribution), once=once)


def answered(response: Response, *, now: datetime, is_first: bool) -> None:
    """Tell the authors, also of what was joined with it, what became of it; told again only when the response changed."""
    contribution = response.contribution
    once = f"answered:{contribution.pk}" + ("" if is_first else f":{now.isoformat()}")
    with translation.override(Language.SPANISH):
        words = {
            "decision": str(Verdict(response.verdict).label).lower(),
            "motivo": response.reasons,
            "enlace": _page(contribution),
        }
    authors = Author.objects.filter(contributions__in=[contribution, *contribution.merged.all()]).distinct()
    _send(MailKind.CONTRIBUTION_ANSWERED, authors, contribution, now, once=once, **words)


def hidden(contribution: Contribution, *, now: datetime) -> None:
    """Tell each author that their contribution was hidden, why, and how to appeal."""
    with translation.override(Language.SPANISH):
        reason = f"{HideReason(contribution.hidden_for).label}. {contribution.hidden_note}".strip()
    once = f"hidden:{contribution.pk}:{now.isoformat()}"
    for author in contribution.authors.all():
        link = _link("appeal", contribution.plan_id, contribution.key, author.key)
        _send(MailKind.CONTRIBUTION_HIDDEN, [author], contribution, now, motivo=reason, enlace=link, once=once)


def appeal_decided(appeal: Appeal, *, now: datetime) -> None:
    contribution = appeal.contribution
    with translation.override(Language.SPANISH):
        words = {
            "decision": str(appeal.get_state_display()).lower(),
            "motivo": appeal.reasons,
            "enlace": _page(contribution),
        }
    authors = contribution.authors.all()
    _send(MailKind.APPEAL_DECIDED, authors, contribution, now, once=f"appeal:{appeal.pk}", **words)


def _page(contribution: Contribution) -> str:
    return _link("contribution", contribution.plan_id, contribution.key)


def _send(
    kind: MailKind, authors: Iterable[Author], contribution: Contribution, now: datetime, *, once: str, **words: str
) -> None:
    letters = [
        Letter(
            Recipient(author.email, _greeted(author), author.user_id),
            None,
            {"titulo": str(contribution), "datos": _link("my_data", author.key), **words},
            f"{once}:{author.pk}",
            contribution.plan.municipality,
        )
        for author in authors
        if author.email
    ]
    queue_many(kind, letters, now=now)


def _greeted(author: Author) -> str:
    """How a mail calls an author; who gave no name is not called by the words that stand in its place."""
    with translation.override(Language.SPANISH):
        return "" if author.shown_as == _("A neighbour") else author.shown_as


# --- Meetings ---------------------------------------------------------------------------------------------------------


def confirm_sign_up(row: SignUp, *, now: datetime) -> None:
    """Ask whoever signs up to confirm the address, once a day at most."""
    _to_those_who_come(MailKind.MEETING_CONFIRM, row.meeting, [row], now, once=f"sign-up:{timezone.localdate(now)}")


def signed_up(row: SignUp, *, has_place: bool, now: datetime) -> None:
    """Say whether there is a place, with the link that gives it back. Said again only when a place became free."""
    with translation.override(Language.SPANISH):
        words = (
            _("You have a place.") if has_place else _("You are on the waiting list: we write when a place is free.")
        )
    once = "place" if has_place else "waits"
    _to_those_who_come(MailKind.MEETING_SIGNED_UP, row.meeting, [row], now, once=once, decision=words)


def reminder(meeting: Meeting, rows: Sequence[SignUp], *, days: int, now: datetime) -> int:
    """Remind those who come; each once for the day of the meeting and the distance to it. Returns how many were written."""
    once = f"reminder:{days}:{timezone.localdate(meeting.starts_at)}"
    return _to_those_who_come(MailKind.MEETING_REMINDER, meeting, rows, now, once=once)


def meeting_changed(meeting: Meeting, *, now: datetime) -> None:
    """Tell those who come another day or place."""
    _to_those_who_come(MailKind.MEETING_CHANGED, meeting, _told(meeting), now, once=f"changed:{now.isoformat()}")


def meeting_cancelled(meeting: Meeting, *, now: datetime) -> None:
    _to_those_who_come(MailKind.MEETING_CANCELLED, meeting, _told(meeting), now, once="cancelled")


def _told(meeting: Meeting) -> list[SignUp]:
    return list(meeting.sign_ups.coming().exclude(email=""))


def _to_those_who_come(
    kind: MailKind, meeting: Meeting, rows: Sequence[SignUp], now: datetime, *, once: str, **more: str
) -> int:
    starts = timezone.localtime(meeting.starts_at)
    words = {
        "titulo": meeting.title,
        "plazo": f"{starts:%d-%m-%Y, %H:%M}",
        "lugar": " · ".join(filter(None, (meeting.place, meeting.link))),
        "motivo": meeting.state_reason,
        **more,
    }
    letters = [
        Letter(
            Recipient(row.email, row.name),
            None,
            {**words, "enlace": _link("sign_up", row.token), "datos": _link("my_data", row.token)},
            f"{kind}:{once}:{row.pk}",
            meeting.municipality,
        )
        for row in rows
        if row.email
    ]
    return len(queue_many(kind, letters, now=now))


# --- Forgetting -------------------------------------------------------------------------------------------------------


def forget(addresses: Sequence[str]) -> None:
    """Take addresses out of the outbox, with the names and what was written to them; what was not sent yet is not sent."""
    mails = Mail.objects.filter(to__in=addresses, kind__in=TO_CITIZENS)
    mails.filter(state__in=[MailState.QUEUED, MailState.FAILED]).update(state=MailState.CANCELLED)
    mails.update(to=FORGOTTEN, to_name="", subject="", body="", user=None)


def _link(name: str, *arguments: object) -> str:
    return settings.SITE_URL + reverse(f"action_plans:{name}", args=arguments)
