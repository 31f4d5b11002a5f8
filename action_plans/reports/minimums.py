"""OGP's minimum requirements of a municipality, computed from the portal's own records: how each stands, since when, on what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from django.db.models import OuterRef, Subquery
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


def minimums_of(plan: Plan, *, today: date) -> list[Minimum]:
    """Every requirement, in the order of the standards. Five queries, however many records there are."""
    return minimums_of_plans([plan], today=today)[plan.pk]


def minimums_of_plans(plans: Sequence[Plan], *, today: date) -> dict[int, list[Minimum]]:
    """Every requirement of each plan. Five queries, however many plans there are. Plans come with their municipality."""
    return {records.plan.pk: _computed(records, today) for records in _read(plans)}


class Row(NamedTuple):
    """A plan of the country with its requirements."""

    plan: Plan
    minimums: list[Minimum]


def of_country(*, today: date, region: str = "", standing: Standing | None = None) -> list[Row]:
    """The newest plan of each municipality, those with most that is broken or near it first. Six queries."""
    plans = Plan.objects.public().select_related("municipality").order_by("municipality_id", "-starts", "-pk")
    if region:
        plans = plans.filter(municipality__region=region)
    newest = list(plans.distinct("municipality_id"))
    found = minimums_of_plans(newest, today=today)
    rows = [Row(plan, found[plan.pk]) for plan in newest]
    if standing:
        rows = [row for row in rows if any(each.finding.standing == standing for each in row.minimums)]
    return sorted(rows, key=lambda row: (*_trouble(row.minimums), row.plan.municipality.name))


def _trouble(found: Sequence[Minimum]) -> tuple[int, int]:
    held = [each.finding.standing for each in found]
    return -held.count(Standing.BROKEN), -held.count(Standing.AT_RISK)


def _computed(records: _Records, today: date) -> list[Minimum]:
    """A plan that closed is judged as of the day on which it did: nothing is owed after it."""
    if records.plan.stage == PlanStage.CLOSED:
        today = min(today, timezone.localdate(records.plan.stage_since))
    found = []
    for row in shipped()["minimums"]:
        counted = _COUNTED[row["id"]]
        found.append(
            Minimum(
                id=row["id"],
                standard=row["standard"],
                name=row["name"],
                meaning=row["meaning"],
                source=row["source"],
                is_certain=row["certainty"] == "read",
                finding=counted.finding(records, row, today),
                proofs=tuple(sorted(counted.proofs(records), key=lambda proof: proof.day, reverse=True)[:_SHOWN]),
            )
        )
    return found


@dataclass
class _Records:
    """What the portal holds about a plan."""

    plan: Plan
    forum: Forum | None = None
    meetings: list[Meeting] = field(default_factory=list)
    waiting: list[Contribution] = field(default_factory=list)
    edition: PlanEdition | None = None
    update: ProgressUpdate | None = None

    @property
    def since(self) -> date:
        return timezone.localdate(self.plan.created_at)

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


def _read(plans: Sequence[Plan]) -> list[_Records]:
    """The records of many plans. Five queries."""
    places = [plan.municipality_id for plan in plans]
    forums = {each.municipality_id: each for each in Forum.objects.filter(municipality__in=places)}
    meetings: dict[str, list[Meeting]] = defaultdict(list)
    fields = ("key", "kind", "state", "title", "announced_at", "starts_at", "minutes_published_at")
    rows = Meeting.objects.filter(municipality__in=places).exclude(state=MeetingState.CANCELLED)
    for meeting in rows.only(*fields, "municipality", "plan"):
        meetings[meeting.municipality_id].append(meeting)
    waiting: dict[int, list[Contribution]] = defaultdict(list)
    owed = Contribution.objects.unanswered().filter(plan__in=plans, state=ContributionState.PUBLISHED)
    for contribution in owed.only("key", "title", "text", "published_at", "plan"):
        waiting[contribution.plan_id].append(contribution)
    editions = {each.plan_id: each for each in _newest_editions(plans)}
    updates = {each.commitment.plan_id: each for each in _newest_updates(plans)}
    return [
        _Records(
            plan,
            forums.get(plan.municipality_id),
            meetings[plan.municipality_id],
            waiting[plan.pk],
            editions.get(plan.pk),
            updates.get(plan.pk),
        )
        for plan in plans
    ]


def _newest_editions(plans: Sequence[Plan]) -> Iterable[PlanEdition]:
    newest = PlanEdition.objects.filter(plan=OuterRef("plan")).order_by("-number").values("pk")[:1]
    return PlanEdition.objects.filter(plan__in=plans, pk=Subquery(newest)).defer("content")


def _newest_updates(plans: Sequence[Plan]) -> Iterable[ProgressUpdate]:
    same = ProgressUpdate.objects.filter(commitment__plan=OuterRef("commitment__plan"))
    newest = same.order_by("-at", "-pk").values("pk")[:1]
    told = ProgressUpdate.objects.filter(commitment__plan__in=plans, pk=Subquery(newest))
    return told.select_related("commitment")


def _day(meeting: Meeting) -> date:
    return timezone.localdate(meeting.starts_at)


# --- How each is counted, and on what it rests ------------------------------------------------------------------------


def _forum(records: _Records, row: dict[str, Any], today: date) -> Finding:
    held = [_day(each) for each in records.held(MeetingKind.FORUM)]
    return rules.at_least_every(row["every_days"], held, since=records.since, today=today, warn=row["warn_days"])


def _forum_meetings(records: _Records) -> list[Proof]:
    return records.shows(records.held(MeetingKind.FORUM))


def _rules(records: _Records, row: dict[str, Any], today: date) -> Finding:
    return rules.is_there(next((proof.day for proof in _rules_proof(records)), None))


def _rules_proof(records: _Records) -> list[Proof]:
    forum = records.forum
    if forum is None or forum.rules_published_at is None:
        return []
    return [
        Proof(_("Rules of “%(forum)s”") % {"forum": forum.name}, records.here("forum"), _at(forum.rules_published_at))
    ]


def _fresh(records: _Records, row: dict[str, Any], today: date) -> Finding:
    days = [proof.day for proof in _published(records)]
    return rules.at_least_every(row["every_days"], days, since=records.since, today=today, warn=row["warn_days"])


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


def _ahead(records: _Records, row: dict[str, Any], today: date) -> Finding:
    meetings = [(each.announced_at and _at(each.announced_at), _day(each)) for each in records.of_plan()]
    return rules.announced_ahead(row["ahead_days"], meetings, today=today, warn=row["warn_days"])


def _announced(records: _Records) -> list[Proof]:
    found = []
    for each in records.of_plan():
        for proof in records.shows([each]):
            days = (proof.day - _at(each.announced_at)).days if each.announced_at else 0
            words = ngettext("%(title)s: %(count)d day of notice", "%(title)s: %(count)d days of notice", days)
            found.append(proof._replace(text=words % {"title": proof.text, "count": days}))
    return found


def _answered(records: _Records, row: dict[str, Any], today: date) -> Finding:
    waiting = [proof.day for proof in _waiting(records)]
    return rules.answered_within(row["answer_days"], waiting, today=today, warn=row["warn_days"])


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


def _meetings(records: _Records, row: dict[str, Any], today: date) -> Finding:
    """Counted from the beginning of the implementation; before it nothing is due."""
    begun = records.plan.stage in CARRYING_OUT or records.plan.stage == PlanStage.CLOSED
    since = records.plan.approved_on if begun else None
    held = [_day(each) for each in records.held(MeetingKind.FOLLOW_UP)]
    return rules.times_in(
        row["every_days"], row["times"], held, since=since or today, today=today, warn=row["warn_days"]
    )


def _follow_ups(records: _Records) -> list[Proof]:
    return records.shows(records.held(MeetingKind.FOLLOW_UP))


def _at(moment: datetime) -> date:
    return timezone.localdate(moment)


class _Counted(NamedTuple):
    finding: Callable[[_Records, dict[str, Any], date], Finding]
    proofs: Callable[[_Records], list[Proof]]


_COUNTED: Final[dict[str, _Counted]] = {
    "forum-meets": _Counted(_forum, _forum_meetings),
    "forum-rules": _Counted(_rules, _rules_proof),
    "repository-fresh": _Counted(_fresh, _published),
    "calendar-ahead": _Counted(_ahead, _announced),
    "contributions-answered": _Counted(_answered, _waiting),
    "two-meetings": _Counted(_meetings, _follow_ups),
}
