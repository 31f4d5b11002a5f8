"""What a municipality sees of its diagnostics: the list, and what is asked of a person now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from diagnostics.models import Diagnostic, DiagnosticQuerySet
from diagnostics.reports.filled import filled
from diagnostics.reports.progress import Progress, Section, progress, sections
from diagnostics.rules.diagnostic_states import WRITABLE
from municipalities.models import Municipality

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Task:
    """A diagnostic that is being filled in, as a person's desk asks for it: `mine` are the sections given to them that lack
    something, each with the day by which they are asked."""

    diagnostic: Diagnostic
    progress: Progress
    last_day: date
    is_over: bool
    mine: list[tuple[Section, date]]


def tasks_of(user: User, municipality: Municipality, *, today: date) -> list[Task]:
    """What is being filled in there. One query, and six for each (there is one, but for two rounds that overlap)."""
    rows = Diagnostic.objects.visible_to(user).filter(municipality=municipality, state__in=WRITABLE)
    return [_task(one, user, today) for one in _with_their_version(rows).order_by("round__closes", "pk")]


def _task(diagnostic: Diagnostic, user: User, today: date) -> Task:
    now, last_day = filled(diagnostic, today=today), diagnostic.last_day()
    mine = [
        (part, given.due or last_day)
        for part in sections(diagnostic, now)
        for given in part.assignments
        if given.user_id == user.pk and part.progress.missing
    ]
    return Task(diagnostic, progress(now), last_day, today > last_day, mine)


def history_of(user: User, municipality: Municipality) -> DiagnosticQuerySet:
    """Those of a municipality that nobody fills in now, the latest first."""
    rows = Diagnostic.objects.visible_to(user).filter(municipality=municipality).exclude(state__in=WRITABLE)
    return _with_their_version(rows).order_by("-round__opens", "-pk")


def _with_their_version(rows: DiagnosticQuerySet) -> DiagnosticQuerySet:
    return rows.with_standing().select_related("round", "municipality", "version", "corrects").defer("version__content")
