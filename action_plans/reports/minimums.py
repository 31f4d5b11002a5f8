"""OGP's minimum requirements of a municipality, computed from the portal's own records: how each stands, since when, on what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from django.db.models import Max
from django.utils import timezone

from action_plans.choices import MeetingKind, MeetingState
from action_plans.models import Contribution, Forum, Meeting, Plan, PlanEdition, ProgressUpdate
from action_plans.rules import minimums as rules
from action_plans.rules.minimums import Finding
from action_plans.rules.plan_states import CARRYING_OUT

SHIPPED: Final = Path(__file__).parent.parent / "data" / "minimums.yaml"


@dataclass(frozen=True, slots=True)
class Minimum:
    """A requirement with how it stands. `is_certain`: it was read in its source, not only known."""

    id: str
    standard: int
    name: str
    meaning: str
    source: str
    is_certain: bool
    finding: Finding


@cache
def shipped() -> dict[str, Any]:
    """The requirements as data, with their version and sources."""
    data: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return data


def minimums_of(plan: Plan, *, today: date) -> list[Minimum]:
    """Every requirement, in the order of the standards. Six queries, however many records there are."""
    records = _Records(plan)
    return [
        Minimum(
            id=row["id"],
            standard=row["standard"],
            name=row["name"],
            meaning=row["meaning"],
            source=row["source"],
            is_certain=row["certainty"] == "read",
            finding=_COUNTED[row["id"]](records, row, today),
        )
        for row in shipped()["minimums"]
    ]


class _Records:
    """What the portal holds about a plan, read once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.since = timezone.localdate(plan.created_at)
        forum = Forum.objects.filter(municipality=plan.municipality_id).first()
        published = forum.rules_published_at if forum else None
        self.rules = timezone.localdate(published) if published else None
        meetings = Meeting.objects.filter(municipality=plan.municipality_id).exclude(state=MeetingState.CANCELLED)
        self.meetings = [
            (
                each.kind,
                each.state,
                each.announced_at and timezone.localdate(each.announced_at),
                _day(each),
                each.plan_id,
            )
            for each in meetings.only("kind", "state", "announced_at", "starts_at", "plan")
        ]
        waiting = Contribution.objects.unanswered().filter(plan=plan).values_list("published_at", flat=True)
        self.waiting = [timezone.localdate(at) for at in waiting if at]
        self.fresh = self._fresh()

    def _fresh(self) -> list[date]:
        """The days on which something of the plan was published last: an edition, minutes, progress."""
        latest = [
            PlanEdition.objects.filter(plan=self.plan).aggregate(at=Max("published_at"))["at"],
            ProgressUpdate.objects.filter(commitment__plan=self.plan).aggregate(at=Max("at"))["at"],
            Meeting.objects.filter(municipality=self.plan.municipality_id).aggregate(at=Max("minutes_published_at"))[
                "at"
            ],
        ]
        return [timezone.localdate(at) for at in latest if at]

    def held(self, kind: MeetingKind) -> list[date]:
        return [
            day for its, state, _announced, day, _plan in self.meetings if its == kind and state == MeetingState.HELD
        ]

    def of_plan(self) -> list[tuple[date | None, date]]:
        return [(announced, day) for _kind, _state, announced, day, plan in self.meetings if plan == self.plan.pk]


def _day(meeting: Meeting) -> date:
    return timezone.localdate(meeting.starts_at)


def _forum(records: _Records, row: dict[str, Any], today: date) -> Finding:
    held = records.held(MeetingKind.FORUM)
    return rules.at_least_every(row["every_days"], held, since=records.since, today=today, warn=row["warn_days"])


def _fresh(records: _Records, row: dict[str, Any], today: date) -> Finding:
    return rules.at_least_every(
        row["every_days"], records.fresh, since=records.since, today=today, warn=row["warn_days"]
    )


def _ahead(records: _Records, row: dict[str, Any], today: date) -> Finding:
    return rules.announced_ahead(row["ahead_days"], records.of_plan(), today=today, warn=row["warn_days"])


def _answered(records: _Records, row: dict[str, Any], today: date) -> Finding:
    return rules.answered_within(row["answer_days"], records.waiting, today=today, warn=row["warn_days"])


def _meetings(records: _Records, row: dict[str, Any], today: date) -> Finding:
    """Counted from the beginning of the implementation; before it nothing is due."""
    since = records.plan.approved_on if records.plan.stage in CARRYING_OUT else None
    held = records.held(MeetingKind.FOLLOW_UP)
    return rules.times_in(
        row["every_days"], row["times"], held, since=since or today, today=today, warn=row["warn_days"]
    )


def _rules(records: _Records, row: dict[str, Any], today: date) -> Finding:
    return rules.is_there(records.rules)


_COUNTED: Final[dict[str, Callable[[_Records, dict[str, Any], date], Finding]]] = {
    "forum-meets": _forum,
    "forum-rules": _rules,
    "repository-fresh": _fresh,
    "calendar-ahead": _ahead,
    "contributions-answered": _answered,
    "two-meetings": _meetings,
}
