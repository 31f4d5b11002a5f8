"""News of a plan for those who follow it: one mail a day at most, and each thing once, whatever becomes of the worker.

A mail is written into the outbox in the transaction that notes until when its reader was told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
from municipalities.choices import MailKind
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import Recipient
from municipalities.notifications.words import link

BATCH: Final = 200
LONGEST: Final = 20
"""Lines of a mail; the rest is on the page."""


SETTLED: Final = timedelta(minutes=5)
"""What is younger is told next time: its transaction may not have ended."""


class News(NamedTuple):
    """Something that happened; `commitment` where it is about one."""

    at: datetime
    line: str
    commitment: int | None = None


def ask_to_confirm(follower: Follower, *, now: datetime) -> None:
    """Ask whoever wants to follow to confirm the address, once a day at most."""
    plan = follower.plan
    leave = link("action_plans:follow_leave", follower.token)
    words = {"titulo": plan.title, "enlace": link("action_plans:follow_confirm", follower.token), "datos": leave}
    once = f"follow:{follower.pk}:{timezone.localdate(now)}"
    letter = Letter(Recipient(follower.email, ""), None, words, once, plan.municipality)
    queue_many(MailKind.FOLLOW_CONFIRM, [letter], now=now)


def write_news(*, now: datetime) -> int:
    """Write what is new for each follower into the outbox. Returns how many mails; run again on the same day, none."""
    told = Follower.objects.filter(confirmed_at__isnull=False).values("plan").annotate(since=Min("told_until"))
    until = now - SETTLED
    since = {row["plan"]: row["since"] for row in told}
    written = 0
    for plan in Plan.objects.filter(pk__in=since).select_related("municipality__region").order_by("pk"):
        with translation.override(Language.SPANISH):
            news = news_of(plan, since=since[plan.pk], now=until)
        if news:
            written += _tell(plan, news, until=until, now=now)
    return written


def _tell(plan: Plan, news: Sequence[News], *, until: datetime, now: datetime) -> int:
    """Address after address, some at a time: what a dead worker leaves is written by the next one."""
    rows = Follower.objects.filter(plan=plan, confirmed_at__isnull=False, told_until__lt=news[0].at)
    addresses = list(rows.order_by("email").values_list("email", flat=True).distinct())
    written = 0
    for first in range(0, len(addresses), BATCH):
        with transaction.atomic():
            written += _tell_some(plan, news, addresses[first : first + BATCH], until=until, now=now)
    return written


def _tell_some(plan: Plan, news: Sequence[News], addresses: Sequence[str], *, until: datetime, now: datetime) -> int:
    held = Follower.objects.select_for_update().filter(plan=plan, email__in=addresses, confirmed_at__isnull=False)
    by_address: dict[str, list[Follower]] = defaultdict(list)
    for follower in held.order_by("pk"):
        by_address[follower.email].append(follower)
    letters = {}
    for address, followers in by_address.items():
        lines = [each.line for each in news if any(_concerns(each, follower) for follower in followers)]
        if lines:
            letters[address] = _letter(plan, followers[0], lines, now=now)
    mails = queue_many(MailKind.PLAN_NEWS, list(letters.values()), now=now)
    # Whoever got a mail today already is told the rest tomorrow.
    done = {mail.to for mail in mails} | (by_address.keys() - letters.keys())
    told = [follower.pk for address in done for follower in by_address[address]]
    Follower.objects.filter(pk__in=told).update(told_until=until)
    return len(mails)


def _concerns(news: News, follower: Follower) -> bool:
    is_new = follower.told_until is None or news.at > follower.told_until
    return is_new and follower.commitment_id in (None, news.commitment)


def _letter(plan: Plan, follower: Follower, lines: Sequence[str], *, now: datetime) -> Letter:
    place = plan.municipality
    leave = link("action_plans:follow_leave", follower.token)
    words = {
        "titulo": plan.title,
        "novedades": "\n".join(f"- {line}" for line in lines[:LONGEST]),
        "enlace": link("action_plans:plan_one", place.cut, place.slug, plan.pk),
        "salir": leave,
        "datos": leave,
    }
    once = f"news:{plan.pk}:{follower.pk}:{timezone.localdate(now)}"
    return Letter(Recipient(follower.email, ""), None, words, once, place)


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
