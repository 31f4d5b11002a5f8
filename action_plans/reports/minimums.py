"""OGP's minimum requirements of a plan, computed from the portal's own records: how each stands, since when, on what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from action_plans.choices import ContributionState, MeetingKind, MeetingState, PlanStage, Standing
from action_plans.models import Contribution, Forum, Meeting, Plan, PlanEdition, ProgressUpdate
from action_plans.rules import minimums as rules
from action_plans.rules.minimums import Finding
from action_plans.rules.plan_states import CARRYING_OUT
from config.numbers import day

SHIPPED: Final = Path(__file__).parent.parent / "data" / "minimums.yaml"
LOOKS: Final = {
    Standing.MET: "success",
    Standing.AT_RISK: "warning",
    Standing.BROKEN: "danger",
    Standing.NOT_YET: "neutral",
}
# Of the records that a requirement rests on, so many are shown; the newest.
_SHOWN: Final = 5


class Proof(NamedTuple):
    """A record of the portal that a requirement was computed from, with the public page that shows it."""

    text: str
    href: str
    day: date


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
    proofs: tuple[Proof, ...] = ()

    @property
    def state_words(self) -> str:
        return str(self.finding.standing.label)

    @property
    def look(self) -> str:
        return LOOKS[self.finding.standing]

    @property
    def when(self) -> str:
        """What the state means in days."""
        words = {
            Standing.MET: _("It holds until %(day)s, and longer if it is done again."),
            Standing.AT_RISK: _("If nothing happens, it is broken after %(day)s."),
            Standing.BROKEN: _("It was due on %(day)s."),
            Standing.NOT_YET: _("It is due from %(day)s on."),
        }
        if self.finding.due:
            return words[self.finding.standing] % {"day": day(self.finding.due)}
        if self.finding.standing == Standing.BROKEN:
            return _("Nothing of this is public.")
        return _("Nothing is owed today.") if self.finding.standing == Standing.MET else _("It is not due yet.")


class Count(NamedTuple):
    """How many requirements stand in a way, with its word."""

    standing: Standing
    number: int

    @property
    def look(self) -> str:
        return LOOKS[self.standing]


def counts(found: Iterable[Minimum]) -> list[Count]:
    """How many are met, at risk, broken, not due: all four, in this order."""
    held = [each.finding.standing for each in found]
    return [Count(standing, held.count(standing)) for standing in Standing]


@cache
def shipped() -> dict[str, Any]:
    """The requirements as data, with their version and sources."""
    data: dict[str, Any] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return data


def days_to_answer() -> int:
    """In how many days a contribution gets its response."""
    return next(int(row["answer_days"]) for row in shipped()["minimums"] if "answer_days" in row)


@dataclass(slots=True)
class Days:
    """The days of what happened, which tell how each requirement of a plan stands. Of what waits for its answer, and of what was
    published, the oldest and the last alone may be told. `announced`: each meeting of the plan as (announced, held on)."""

    plan: Plan
    forums: list[date] = field(default_factory=list)
    rules: date | None = None
    published: list[date] = field(default_factory=list)
    announced: list[tuple[date | None, date]] = field(default_factory=list)
    waiting: list[date] = field(default_factory=list)
    follow_ups: list[date] = field(default_factory=list)


def minimums_of(plan: Plan, *, today: date) -> list[Minimum]:
    """Every requirement with its proofs, in the order of the standards. Five queries, however many records there are."""
    records = _read(plan)
    found = minimums_from(records.days(), today=today)
    return [replace(each, proofs=_newest(_PROOFS[each.id](records))) for each in found]


def minimums_from(days: Days, *, today: date) -> list[Minimum]:
    """Every requirement. A plan that closed is judged as of the day on which it did: nothing is owed after it."""
    if days.plan.stage == PlanStage.CLOSED:
        today = min(today, timezone.localdate(days.plan.stage_since))
    return [
        Minimum(
            id=row["id"],
            standard=row["standard"],
            name=row["name"],
            meaning=row["meaning"],
            source=row["source"],
            is_certain=row["certainty"] == "read",
            finding=_FINDINGS[row["id"]](days, row, today),
        )
        for row in shipped()["minimums"]
    ]


def _newest(proofs: list[Proof]) -> tuple[Proof, ...]:
    return tuple(sorted(proofs, key=lambda proof: proof.day, reverse=True)[:_SHOWN])


@dataclass
class _Records:
    """What the portal holds about a plan."""

    plan: Plan
    forum: Forum | None = None
    meetings: list[Meeting] = field(default_factory=list)
    waiting: list[Contribution] = field(default_factory=list)
    edition: PlanEdition | None = None
    update: ProgressUpdate | None = None

    def days(self) -> Days:
        forum = self.forum
        return Days(
            self.plan,
            forums=[_day(each) for each in self.held(MeetingKind.FORUM)],
            rules=_at(forum.rules_published_at) if forum and forum.rules_published_at else None,
            published=[proof.day for proof in _published(self)],
            announced=[(each.announced_at and _at(each.announced_at), _day(each)) for each in self.of_plan()],
            waiting=[_at(each.published_at) for each in self.waiting if each.published_at],
            follow_ups=[_day(each) for each in self.held(MeetingKind.FOLLOW_UP)],
        )

    def held(self, kind: MeetingKind) -> list[Meeting]:
        return [each for each in self.meetings if each.kind == kind and each.state == MeetingState.HELD]

    def of_plan(self) -> list[Meeting]:
        return [each for each in self.meetings if each.plan_id == self.plan.pk]

    def here(self, name: str, *more: object) -> str:
        place = self.plan.municipality
        return reverse(f"action_plans:{name}", args=[place.cut, place.slug, *more])

    def shows(self, meetings: Iterable[Meeting]) -> list[Proof]:
        """Those that anyone may open."""
        return [
            Proof(each.title, self.here("meeting", each.key), _day(each))
            for each in meetings
            if each.announced_at or each.state == MeetingState.HELD
        ]


def _read(plan: Plan) -> _Records:
    """The records of a plan. Five queries."""
    fields = ("key", "kind", "state", "title", "announced_at", "starts_at", "minutes_published_at")
    meetings = Meeting.objects.filter(municipality=plan.municipality_id).exclude(state=MeetingState.CANCELLED)
    # The requirement is of co-creation: observations on assessments are counted beside them.
    owed = Contribution.objects.unanswered().on_the_text().filter(plan=plan, state=ContributionState.PUBLISHED)
    told = ProgressUpdate.objects.filter(commitment__plan=plan).select_related("commitment")
    return _Records(
        plan,
        Forum.objects.filter(municipality=plan.municipality_id).first(),
        list(meetings.only(*fields, "municipality", "plan")),
        list(owed.only("key", "title", "text", "published_at", "plan")),
        plan.editions.order_by("-number").defer("content").first(),
        told.order_by("-at", "-pk").first(),
    )


def _day(meeting: Meeting) -> date:
    return timezone.localdate(meeting.starts_at)


# --- How each is counted ----------------------------------------------------------------------------------------------


def _since(days: Days) -> date:
    return timezone.localdate(days.plan.created_at)


def _forum(days: Days, row: dict[str, Any], today: date) -> Finding:
    return rules.at_least_every(row["every_days"], days.forums, since=_since(days), today=today, warn=row["warn_days"])


def _rules(days: Days, row: dict[str, Any], today: date) -> Finding:
    return rules.is_there(days.rules)


def _fresh(days: Days, row: dict[str, Any], today: date) -> Finding:
    return rules.at_least_every(
        row["every_days"], days.published, since=_since(days), today=today, warn=row["warn_days"]
    )


def _ahead(days: Days, row: dict[str, Any], today: date) -> Finding:
    return rules.announced_ahead(row["ahead_days"], days.announced, today=today, warn=row["warn_days"])


def _answered(days: Days, row: dict[str, Any], today: date) -> Finding:
    return rules.answered_within(row["answer_days"], days.waiting, today=today, warn=row["warn_days"])


def _meetings(days: Days, row: dict[str, Any], today: date) -> Finding:
    """Counted from the beginning of the implementation; before it nothing is due."""
    begun = days.plan.stage in CARRYING_OUT or days.plan.stage == PlanStage.CLOSED
    since = days.plan.approved_on if begun else None
    return rules.times_in(
        row["every_days"], row["times"], days.follow_ups, since=since or today, today=today, warn=row["warn_days"]
    )


_FINDINGS: Final[dict[str, Callable[[Days, dict[str, Any], date], Finding]]] = {
    "forum-meets": _forum,
    "forum-rules": _rules,
    "repository-fresh": _fresh,
    "calendar-ahead": _ahead,
    "contributions-answered": _answered,
    "two-meetings": _meetings,
}


# --- On what each rests -----------------------------------------------------------------------------------------------


def _forum_meetings(records: _Records) -> list[Proof]:
    return records.shows(records.held(MeetingKind.FORUM))


def _rules_proof(records: _Records) -> list[Proof]:
    forum = records.forum
    if forum is None or forum.rules_published_at is None:
        return []
    return [
        Proof(_("Rules of “%(forum)s”") % {"forum": forum.name}, records.here("forum"), _at(forum.rules_published_at))
    ]


def _published(records: _Records) -> list[Proof]:
    """What of the plan was published last: an edition, progress, minutes."""
    found = []
    if edition := records.edition:
        words = _("Edition %(number)s of the plan") % {"number": edition.number}
        href = records.here("plan_edition", records.plan.pk, edition.number)
        found.append(Proof(words, href, _at(edition.published_at)))
    if update := records.update:
        words = _("Progress of “%(title)s”") % {"title": update.commitment.title}
        href = records.here("commitment_public", records.plan.pk, update.commitment.key)
        found.append(Proof(words, href, _at(update.at)))
    found += [
        Proof(_("Minutes of “%(title)s”") % {"title": each.title}, records.here("meeting", each.key), _at(at))
        for each in records.meetings
        if (at := each.minutes_published_at)
    ]
    return found


def _announced(records: _Records) -> list[Proof]:
    found = []
    for each in records.of_plan():
        for proof in records.shows([each]):
            days = (proof.day - _at(each.announced_at)).days if each.announced_at else 0
            words = ngettext("%(title)s: %(count)d day of notice", "%(title)s: %(count)d days of notice", days)
            found.append(proof._replace(text=words % {"title": proof.text, "count": days}))
    return found


def _waiting(records: _Records) -> list[Proof]:
    return [
        Proof(
            _("Waits for its response: %(title)s") % {"title": each},
            reverse("action_plans:contribution", args=[records.plan.pk, each.key]),
            _at(at),
        )
        for each in records.waiting
        if (at := each.published_at)
    ]


def _follow_ups(records: _Records) -> list[Proof]:
    return records.shows(records.held(MeetingKind.FOLLOW_UP))


def _at(moment: datetime) -> date:
    return timezone.localdate(moment)


_PROOFS: Final[dict[str, Callable[[_Records], list[Proof]]]] = {
    "forum-meets": _forum_meetings,
    "forum-rules": _rules_proof,
    "repository-fresh": _published,
    "calendar-ahead": _announced,
    "contributions-answered": _waiting,
    "two-meetings": _follow_ups,
}
