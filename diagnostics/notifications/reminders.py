"""Reminders of diagnostics by the rules of their round. Nobody gets the same one twice, nor two on one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from accounts.choices import Language
from diagnostics.models import Diagnostic, DiagnosticQuerySet, ReminderRule, Round
from diagnostics.notifications.letters import contact_of, letter
from diagnostics.reports.progress import Progress
from diagnostics.rules.diagnostic_states import WRITABLE
from diagnostics.rules.reminders import CATCH_UP, Rule, day_of, due
from municipalities.choices import MailKind
from municipalities.models import Mail, Municipality
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import Recipient, advisers_of, people_of
from municipalities.rules.working_days import SANTIAGO, is_working_day, working_day

KIND = MailKind.DIAGNOSTIC_REMINDER


def write_reminders(*, now: datetime) -> int:
    """Write what the rules of every round ask for today; returns how many mails. Nothing on days that are not working days.

    A person who would get several today gets the most urgent one; the others wait for the next working day.
    """
    today = timezone.localdate(now)
    if not is_working_day(today):
        return 0
    with transaction.atomic():
        # One at a time, so that each sees what the other wrote.
        rounds = list(
            Round.objects.select_for_update(no_key=True)
            .filter(pk__in=ReminderRule.objects.values("round"))
            .order_by("pk")
        )
        found = [(one, rule) for one, rule in _due(_waiting(rounds), today) if rule]
        letters = _letters(found, now=now)
        return len(queue_many(KIND, letters, now=now))


def _waiting(rounds: Iterable[Round]) -> DiagnosticQuerySet:
    """What the municipalities have yet to submit, the most urgent first."""
    rows: Any = Diagnostic.objects.filter(round__in=rounds, state__in=WRITABLE).with_standing()
    ordered: DiagnosticQuerySet = rows.order_by(
        "closes_on", "municipality__region__order", "municipality__search", "pk"
    )
    return ordered.select_related("round", "municipality__region").prefetch_related("round__reminder_rules")


def _due(rows: Iterable[Diagnostic], today: date) -> list[tuple[Diagnostic, Rule | None]]:
    return [
        (
            one,
            due(
                one.round.reminder_rules.all(),
                last_day=_last_day(one),
                since=_since(one),
                percent=_percent(one),
                today=today,
            ),
        )
        for one in rows
    ]


def _last_day(one: Diagnostic) -> date:
    day: date = one.closes_on  # type: ignore[attr-defined]
    return day


def _percent(one: Diagnostic) -> int:
    percent: int = one.percent  # type: ignore[attr-defined]
    return percent


def _since(one: Diagnostic) -> date:
    """When its municipality was last told the last day."""
    granted: datetime | None = one.granted_at  # type: ignore[attr-defined]
    return timezone.localdate(max(one.created_at, granted) if granted else one.created_at)


def once(diagnostic: Diagnostic, rule: Rule, reader: Recipient) -> str:
    """The name of a reminder to one reader: another one only for another rule, or when the last day has moved."""
    return f"{KIND}:{diagnostic.pk}:{_last_day(diagnostic).isoformat()}:{rule.days_before}:{reader.mark}"


def _letters(found: list[tuple[Diagnostic, Rule]], *, now: datetime) -> list[Letter]:
    readers = people_of({one.municipality_id for one, _rule in found})
    advisers = advisers_of([one.municipality for one, _rule in found])
    names = [once(one, rule, reader) for one, rule in found for reader in readers[one.municipality_id]]
    written = set(Mail.objects.filter(once__in=names).values_list("once", flat=True))
    midnight = datetime.combine(timezone.localdate(now), time.min, SANTIAGO)
    served = set(Mail.objects.filter(kind=KIND, created_at__gte=midnight).values_list("to", flat=True))
    letters = []
    with translation.override(Language.SPANISH):
        for one, rule in found:
            sentence = Progress(one.asked, one.answered).sentence
            for reader in readers[one.municipality_id]:
                name = once(one, rule, reader)
                if name in written or reader.email in served:
                    continue
                served.add(reader.email)
                contact = contact_of(advisers[one.municipality_id], None)
                letters.append(letter(one, reader, contact=contact, until=_last_day(one), once=name, avance=sentence))
    return letters


# --- Preview ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reached:
    """A municipality that a rule would remind on `day`, and at how many addresses."""

    municipality: Municipality
    last_day: date
    percent: int
    addresses: int


@dataclass
class RulePreview:
    """A rule of a round as things stand: by day, whom it would remind. `is_over`: its day has passed for everyone."""

    rule: ReminderRule
    day: date
    is_over: bool
    by_day: dict[date, list[Reached]] = field(default_factory=dict)

    @property
    def municipalities(self) -> int:
        return sum(len(reached) for reached in self.by_day.values())

    @property
    def addresses(self) -> int:
        return sum(one.addresses for reached in self.by_day.values() for one in reached)


def preview(round_: Round, *, today: date) -> list[RulePreview]:
    """Who would get what, and when, if nobody answered anything more. Seven queries, whatever the number of municipalities.

    Those who got a rule's reminder already are not counted again.
    """
    rules = list(round_.reminder_rules.all())
    rows = list(_waiting([round_]))
    readers = people_of({one.municipality_id for one in rows})
    names = [once(one, rule, to) for rule in rules for one in rows for to in readers[one.municipality_id]]
    written = set(Mail.objects.filter(kind=KIND, once__in=names).values_list("once", flat=True))
    soonest = working_day(today)
    found = []
    for rule in rules:
        shown = RulePreview(rule, day_of(rule, round_.closes), day_of(rule, round_.closes) + CATCH_UP < soonest)
        for one in rows:
            day = max(day_of(rule, _last_day(one)), soonest)
            # On that day another rule may speak for this one, or it was passed over.
            speaks = due(rules, last_day=_last_day(one), since=_since(one), percent=_percent(one), today=day)
            left = sum(once(one, rule, to) not in written for to in readers[one.municipality_id])
            if speaks == rule and (left or not readers[one.municipality_id]):
                reached = Reached(one.municipality, _last_day(one), _percent(one), left)
                shown.by_day.setdefault(day, []).append(reached)
        shown.by_day = dict(sorted(shown.by_day.items()))
        found.append(shown)
    return found
