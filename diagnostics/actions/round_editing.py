"""A round before and while it runs: its dates, its rules of reminders."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record_event
from accounts.permissions import Permission
from diagnostics.choices import EditionState, RoundKind
from diagnostics.models import InstrumentVersion, ReminderRule, Round
from diagnostics.rules.reminders import DEFAULT
from diagnostics.rules.rounds import closes_early, date_problems
from municipalities.actions import RefusedError
from municipalities.permissions import check_can

if TYPE_CHECKING:
    from accounts.models import User

MOST_RULES: Final = 10


class FieldError(RefusedError):
    """What is wrong with one field of a form."""

    def __init__(self, field: str, words: str) -> None:
        self.field = field
        super().__init__(words)


def save_round(
    *,
    by: User,
    round_: Round | None,
    name: str,
    kind: RoundKind | str,
    version: InstrumentVersion,
    previous: Round | None,
    opens: date,
    closes: date,
    public_from: date | None,
    now: datetime,
    confirmed: bool = False,
) -> Round:
    """Make a round, with rules of reminders to begin with, or change one.

    Raises `FieldError` for what is wrong; field `confirmed` when the close would take time away that municipalities still had.
    """
    check_can(by, Permission.MANAGE_ROUNDS)
    today = timezone.localdate(now)
    with transaction.atomic():
        saved = Round(created_by=by, created_at=now)
        if round_ is not None:
            saved = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        for field, words in date_problems(
            opens=opens, closes=closes, public_from=public_from, today=today, is_new=round_ is None
        ).items():
            raise FieldError(field, words)
        if Round.objects.filter(name__iexact=name.strip()).exclude(pk=saved.pk).exists():
            raise FieldError("name", _("Another round has this name."))
        _check_fixed(saved, version, previous)
        if round_ is not None and closes_early(closes, before=saved.closes, today=today) and not confirmed:
            raise FieldError(
                "confirmed",
                _("The municipalities have until %(day)s. With this day nobody could write any more.")
                % {"day": f"{saved.closes:%d-%m-%Y}"},
            )
        saved.name, saved.kind, saved.version, saved.previous = name.strip(), kind, version, previous
        saved.opens, saved.closes, saved.public_from = opens, closes, public_from
        saved.save()
        if round_ is None:
            ReminderRule.objects.bulk_create(ReminderRule(round=saved, **rule._asdict()) for rule in DEFAULT)
        kind_of_event = "round.made" if round_ is None else "round.changed"
        record_event(kind_of_event, by=by, at=now, subject=saved, round=saved.name)
    return saved


def _check_fixed(saved: Round, version: InstrumentVersion, previous: Round | None) -> None:
    """Version and previous round hold once there are diagnostics; a round does not follow itself."""
    if saved.pk is not None and saved.diagnostics.exists():
        if version.pk != saved.version_id:
            raise FieldError(
                "version", _("Diagnostics were opened with this version: make another round for a new one.")
            )
        if (previous.pk if previous else None) != saved.previous_id:
            raise FieldError("previous", _("Diagnostics were opened already: this can no longer change."))
    elif version.state != EditionState.PUBLISHED and version.pk != saved.version_id:
        raise FieldError("version", _("Only a published version can be answered."))
    before = previous
    while before is not None:
        if before.pk == saved.pk:
            raise FieldError("previous", _("A round cannot follow itself."))
        before = before.previous


def delete_round(*, by: User, round_: Round, now: datetime) -> None:
    """Delete a round in which nothing was opened. One with diagnostics is never deleted."""
    check_can(by, Permission.MANAGE_ROUNDS)
    try:
        with transaction.atomic():
            held = Round.objects.select_for_update().get(pk=round_.pk)
            record_event("round.deleted", by=by, at=now, subject=held, round=held.name)
            held.delete()
    except ProtectedError:
        raise RefusedError(
            _("It has diagnostics, or another round follows it: it stays. What is open in it can be cancelled.")
        ) from None


def add_rule(*, by: User, round_: Round, days_before: int, below_percent: int, now: datetime) -> ReminderRule:
    """Add a reminder, or change whom the one of that day reaches."""
    check_can(by, Permission.MANAGE_ROUNDS)
    with transaction.atomic():
        held = Round.objects.select_for_update(no_key=True).get(pk=round_.pk)
        others = held.reminder_rules.exclude(days_before=days_before)
        if others.count() >= MOST_RULES:
            raise RefusedError(_("A round has at most %(number)d reminders.") % {"number": MOST_RULES})
        rule, _made = ReminderRule.objects.update_or_create(
            round=held, days_before=days_before, defaults={"below_percent": below_percent}
        )
        record_event(
            "round.reminder_set",
            by=by,
            at=now,
            subject=held,
            round=held.name,
            days=days_before,
            percent=below_percent,
        )
    return rule


def remove_rule(*, by: User, rule: ReminderRule, now: datetime) -> None:
    """Take a reminder out; what went out stays in the log of mails."""
    check_can(by, Permission.MANAGE_ROUNDS)
    with transaction.atomic():
        gone, _by_model = ReminderRule.objects.filter(pk=rule.pk).delete()
        if gone:
            held, days = rule.round, rule.days_before
            record_event("round.reminder_removed", by=by, at=now, subject=held, round=held.name, days=days)
