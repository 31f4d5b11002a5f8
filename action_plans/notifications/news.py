"""News of plans for those who follow them: one mail a day of all that an address follows, and each thing once, whatever becomes
of the worker.

A mail is written into the outbox in the transaction that notes until when its reader was told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.choices import Language
from action_plans.choices import MeetingState
from action_plans.models import Assessment, Follower, Meeting, Plan, PlanEdition, ProgressUpdate
from config.numbers import day
from municipalities.choices import MailKind, MailState
from municipalities.models import Mail
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import Recipient
from municipalities.notifications.words import leave_address, link

BATCH: Final = 200
LONGEST: Final = 20
"""Lines of a plan in a mail; the rest is counted, and on the page."""
MOST_NAMES: Final = 3

SETTLED: Final = timedelta(minutes=5)
"""What is younger is told next time: its transaction may not have ended."""


class News(NamedTuple):
    """Something that happened; `commitment` where it is about one."""

    at: datetime
    line: str
    commitment: int | None = None


class Told(NamedTuple):
    """A plan with what happened, the newest first."""

    plan: Plan
    news: list[News]


def ask_to_confirm(follower: Follower, *, now: datetime) -> None:
    """Ask whoever wants to follow to confirm the address, once a day at most."""
    plan = follower.plan
    leave = link("action_plans:follow_leave", follower.token)
    words = {"titulo": plan.title, "enlace": link("action_plans:follow_confirm", follower.token), "datos": leave}
    once = f"follow:{follower.pk}:{timezone.localdate(now)}"
    letter = Letter(Recipient(follower.email, ""), None, words, once, plan.municipality)
    queue_many(MailKind.FOLLOW_CONFIRM, [letter], now=now)


def write_news(*, now: datetime) -> int:
    """Write what is new for each address into the outbox: one mail, of all that it follows. Returns how many; run again on the
    same day, none. Some addresses at a time: what a dead worker leaves is written by the next one."""
    until = now - SETTLED
    told = _latest(until)
    rows = Follower.objects.confirmed().filter(plan__in=told).values_list("email", "plan", "told_until")
    addresses = sorted({email for email, plan, since in rows if since and since < told[plan].news[0].at})
    written = 0
    for first in range(0, len(addresses), BATCH):
        with transaction.atomic():
            written += _tell(addresses[first : first + BATCH], told, until=until, now=now)
    return written


def _latest(until: datetime) -> dict[int, Told]:
    """What is new of each plan for whoever was told longest ago, by the plan's number."""
    rows = Follower.objects.confirmed().values("plan").annotate(since=Min("told_until"))
    since = {row["plan"]: row["since"] for row in rows}
    plans = Plan.objects.public().filter(pk__in=since).select_related("municipality__region")
    with translation.override(Language.SPANISH):
        found = [
            Told(plan, news_of(plan, since=since[plan.pk], now=until))
            for plan in plans.order_by("municipality__name", "pk")
        ]
    return {each.plan.pk: each for each in found if each.news}


def _tell(addresses: Sequence[str], told: Mapping[int, Told], *, until: datetime, now: datetime) -> int:
    """Write the mails of some addresses, and note until when they were told. The caller holds a transaction."""
    held = Follower.objects.confirmed().select_for_update(of=("self",)).select_related("commitment")
    follows: dict[str, list[Follower]] = defaultdict(list)
    for follower in held.filter(email__in=addresses, plan__in=told).order_by("pk"):
        follows[follower.email].append(follower)
    with translation.override(Language.SPANISH):
        letters = [
            letter for email, mine in follows.items() if (letter := _letter(email, mine, told, now=now)) is not None
        ]
    mails = queue_many(MailKind.PLAN_NEWS, letters, now=now)
    # Whoever got a mail today already is told the rest tomorrow.
    done = {mail.to for mail in mails} | (follows.keys() - {letter.to.email for letter in letters})
    rows = [follower.pk for email in done for follower in follows[email]]
    Follower.objects.filter(pk__in=rows).update(told_until=until)
    return len(mails)


def _letter(email: str, follows: Sequence[Follower], told: Mapping[int, Told], *, now: datetime) -> Letter | None:
    """One mail of everything that an address follows; None when nothing of it is new."""
    parts, plans = [], []
    for plan, news in told.values():
        mine = [follower for follower in follows if follower.plan_id == plan.pk]
        lines = [f"- {each.line}" for each in news if any(_concerns(each, follower) for follower in mine)]
        if lines:
            plans.append(plan)
            parts.append("\n".join([_heading(plan), *lines[:LONGEST], *_rest(lines), *_ways(plan, mine)]))
    if not parts:
        return None
    to = Recipient(email, "")
    leave = leave_address(MailKind.PLAN_NEWS, to)
    words = {
        "municipio": _named(plans),
        "titulo": ", ".join(plan.title for plan in plans),
        "novedades": "\n\n".join(parts),
        "enlace": _page(plans[0]) if len(plans) == 1 else link("action_plans:plans"),
        "salir": leave,
        "datos": leave,
    }
    place = plans[0].municipality if len(plans) == 1 else None
    return Letter(to, None, words, f"news:{to.mark}:{timezone.localdate(now)}", place)


def _concerns(news: News, follower: Follower) -> bool:
    is_new = follower.told_until is None or news.at > follower.told_until
    return is_new and follower.commitment_id in (None, news.commitment)


def _heading(plan: Plan) -> str:
    return _("“%(title)s”, municipality of %(municipality)s:") % {
        "title": plan.title,
        "municipality": plan.municipality.name,
    }


def _rest(lines: Sequence[str]) -> list[str]:
    more = len(lines) - LONGEST
    return [_("- and %(count)d more") % {"count": more}] if more > 0 else []


def _ways(plan: Plan, follows: Sequence[Follower]) -> list[str]:
    """Where to read more of a plan, and where to leave each thing that the reader follows of it."""
    ways = [_("To read more: %(address)s") % {"address": _page(plan)}]
    for follower in follows:
        address = link("action_plans:follow_leave", follower.token)
        if follower.commitment:
            words = _("To follow “%(title)s” no more: %(address)s")
            ways.append(words % {"title": follower.commitment.title, "address": address})
        else:
            ways.append(_("To follow this plan no more: %(address)s") % {"address": address})
    return ways


def _named(plans: Sequence[Plan]) -> str:
    """The municipalities of a mail for its subject, three at most."""
    names = list(dict.fromkeys(plan.municipality.name for plan in plans))
    if len(names) > MOST_NAMES:
        more = len(names) - MOST_NAMES
        return _("%(names)s and %(count)d more") % {"names": ", ".join(names[:MOST_NAMES]), "count": more}
    return ", ".join(names)


def _page(plan: Plan) -> str:
    return link("action_plans:plan_one", plan.municipality.cut, plan.municipality.slug, plan.pk)


def call_back(address: str) -> None:
    """Let nothing go out that waits for an address which left everything."""
    waiting = [MailState.QUEUED, MailState.FAILED]
    Mail.objects.filter(to=address, kind=MailKind.PLAN_NEWS, state__in=waiting).update(state=MailState.CANCELLED)


def news_of(plan: Plan, *, since: datetime, now: datetime) -> list[News]:
    """What happened with a plan after a moment, the newest first. Four queries."""
    found = [
        News(each.published_at, _line(each.published_at, _("edition %(number)s of the plan") % {"number": each.number}))
        for each in PlanEdition.objects.filter(plan=plan, published_at__gt=since, published_at__lte=now).defer(
            "content"
        )
    ]
    updates = ProgressUpdate.objects.filter(commitment__plan=plan, at__gt=since, at__lte=now)
    for update in updates.select_related("commitment"):
        words = f"{update.commitment.title}: {' '.join(update.text.split())[:200]}"
        found.append(News(update.at, _line(update.at, words), update.commitment_id))
    assessments = Assessment.objects.published().filter(plan=plan, published_at__gt=since, published_at__lte=now)
    found += [
        News(at, _line(at, one.get_kind_display()), one.commitment_id)
        for one in assessments
        if (at := one.published_at)
    ]
    found += _of_meetings(plan, since, now)
    return sorted(found, key=lambda each: each.at, reverse=True)


def _of_meetings(plan: Plan, since: datetime, now: datetime) -> list[News]:
    announced = Q(announced_at__gt=since, announced_at__lte=now)
    minutes = Q(minutes_published_at__gt=since, minutes_published_at__lte=now)
    found = []
    for each in Meeting.objects.filter(announced | minutes, plan=plan).exclude(state=MeetingState.CANCELLED):
        if each.announced_at and since < each.announced_at <= now:
            words = _("meeting on %(day)s: %(title)s") % {
                "day": day(timezone.localdate(each.starts_at)),
                "title": each.title,
            }
            found.append(News(each.announced_at, _line(each.announced_at, words)))
        if each.minutes_published_at and since < each.minutes_published_at <= now:
            words = _("minutes of “%(title)s”") % {"title": each.title}
            found.append(News(each.minutes_published_at, _line(each.minutes_published_at, words)))
    return found


def _line(at: datetime, words: str) -> str:
    return f"{day(timezone.localdate(at))}: {words}"
