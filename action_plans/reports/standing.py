"""How a plan stands on a day: the text of an edition beside the state of its milestones. All pages and files read this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from action_plans.choices import MilestoneState
from action_plans.models import Milestone, Plan
from action_plans.reports.plan_words import LOOKS, TIMES, amount, percent_of, value_labels
from action_plans.rules import progress as rules
from action_plans.rules.goals import GOALS
from action_plans.rules.progress import Step, Term, Timeliness
from config.numbers import day

_STATES: Final = dict(MilestoneState.choices)
HIDDEN: Final = mark_safe(" hidden")


class State(NamedTuple):
    """What was told of a milestone last."""

    state: str = MilestoneState.SCHEDULED
    advance: int = 0
    met_on: date | None = None


class MilestoneNow(NamedTuple):
    """A milestone of an edition, with how it goes. `term` is its line in the sum of the commitment."""

    data: Mapping[str, Any]
    told: State
    term: Term
    timeliness: Timeliness
    starts: date | None
    ends: date | None

    @property
    def key(self) -> str:
        return str(self.data["key"])

    @property
    def title(self) -> str:
        return str(self.data["title"])

    @property
    def state_words(self) -> str:
        """Its state; under way, how far."""
        words = str(_STATES[self.told.state])
        if self.told.state == MilestoneState.UNDER_WAY and self.told.advance:
            return f"{words} ({self.told.advance}\u00a0%)"
        return f"{words} ({day(self.told.met_on)})" if self.told.met_on else words

    @property
    def beside_words(self) -> str:
        """What stands beside the word of `time_words`: of one that is met only its day."""
        return day(self.told.met_on) if self.timeliness == Timeliness.DONE else self.state_words

    @property
    def time_words(self) -> str:
        return str(TIMES[self.timeliness])

    @property
    def look(self) -> str:
        return LOOKS[self.timeliness]

    @property
    def share_words(self) -> str:
        """`20 %`: what it is worth in its commitment."""
        return f"{percent_of(self.term.share)}\u00a0%"

    @property
    def adds_words(self) -> str:
        """`20 % × 50 % = 10 %`, in whole hundredths."""
        done, adds = percent_of(self.term.done), percent_of(self.term.adds)
        return f"{self.share_words} × {done}\u00a0% = {adds}\u00a0%"


@dataclass(frozen=True)
class CommitmentNow:
    """A commitment of an edition, with how it goes. `progress` is None while it has no milestone."""

    data: Mapping[str, Any]
    milestones: tuple[MilestoneNow, ...]
    progress: Fraction | None
    starts: date | None
    ends: date | None

    @property
    def key(self) -> str:
        return str(self.data["key"])

    @property
    def number(self) -> int:
        return int(self.data["number"])

    @property
    def title(self) -> str:
        return str(self.data["title"])

    @cached_property
    def percent(self) -> int | None:
        return percent_of(self.progress)

    @cached_property
    def met(self) -> int:
        return sum(each.told.state == MilestoneState.MET for each in self.milestones)

    @property
    def is_complete(self) -> bool:
        return self.progress == 1

    @cached_property
    def late(self) -> list[MilestoneNow]:
        return [each for each in self.milestones if each.timeliness == Timeliness.LATE]

    @cached_property
    def at_risk(self) -> list[MilestoneNow]:
        return [each for each in self.milestones if each.timeliness == Timeliness.AT_RISK]

    @cached_property
    def next(self) -> MilestoneNow | None:
        """The milestone that comes next: of those still to do, the one that ends first."""
        todo = [each for each in self.milestones if each.timeliness not in (Timeliness.DONE, Timeliness.MISSED)]
        return min(todo, key=lambda each: each.ends or date.max, default=None)

    @property
    def sentence(self) -> str:
        """`2 of 5 milestones met: 45 %.`"""
        if not self.milestones:
            return _("It has no milestones yet: how it goes is not known.")
        words = ngettext(
            "%(met)d of %(count)d milestone met", "%(met)d of %(count)d milestones met", len(self.milestones)
        )
        return f"{words % {'met': self.met, 'count': len(self.milestones)}}: {self.percent}\u00a0%."

    @property
    def mark(self) -> str:
        """The one word that tells how it goes."""
        if self.is_complete:
            return _("Complete")
        if self.late:
            return str(TIMES[Timeliness.LATE])
        if self.at_risk:
            return str(TIMES[Timeliness.AT_RISK])
        if not self.milestones:
            return _("No milestones")
        return str(TIMES[Timeliness.ON_TIME])

    @property
    def look(self) -> str:
        if self.is_complete:
            return "success"
        return "danger" if self.late else "warning" if self.at_risk else "active"

    @property
    def next_words(self) -> str:
        """The milestone that comes next; `next_day` is its last day."""
        found = self.next
        return f"{found.title}{',' if found.ends else ''}" if found else _("nothing is left to do")

    @property
    def next_day(self) -> str:
        return day(self.next.ends) if self.next else ""

    @property
    def share(self) -> int:
        """The progress as a bar draws it."""
        return self.percent or 0

    @property
    def hidden(self) -> str:
        """What keeps the bar away where there is no progress to draw."""
        return HIDDEN if self.progress is None else ""

    @property
    def summary(self) -> str:
        """What a card says of a draft."""
        return Truncator(self.data["outcome"] or self.data["action"]).chars(160)

    @property
    def values(self) -> list[tuple[str, str, str]]:
        return value_labels(self.data["values"])

    @property
    def goals(self) -> list[tuple[int, str]]:
        return [(goal, str(GOALS[goal])) for goal in self.data["goals"] if goal in GOALS]

    @property
    def indicators(self) -> list[dict[str, str]]:
        """Each with its numbers written for people."""
        return [
            {**each, "baseline": amount(each["baseline"]), "target": amount(each["target"])}
            for each in self.data["indicators"]
        ]


class LateMilestone(NamedTuple):
    """A milestone that should be done by now, and the commitment it is of."""

    commitment: CommitmentNow
    milestone: MilestoneNow

    @property
    def title(self) -> str:
        return self.milestone.title

    @property
    def was_for(self) -> str:
        return _("it was for %(day)s") % {"day": day(self.milestone.ends)}

    @property
    def of(self) -> str:
        return self.commitment.title

    @property
    def key(self) -> str:
        return self.commitment.key


@dataclass(frozen=True)
class PlanNow:
    """A plan of an edition with how it goes on a day."""

    content: Mapping[str, Any]
    commitments: tuple[CommitmentNow, ...]
    progress: Fraction | None
    today: date

    @cached_property
    def percent(self) -> int | None:
        return percent_of(self.progress)

    @property
    def complete(self) -> int:
        return sum(each.is_complete for each in self.commitments)

    @cached_property
    def milestones(self) -> list[tuple[CommitmentNow, MilestoneNow]]:
        return [(commitment, each) for commitment in self.commitments for each in commitment.milestones]

    @cached_property
    def met(self) -> int:
        return sum(commitment.met for commitment in self.commitments)

    @cached_property
    def late(self) -> list[LateMilestone]:
        """What should be done by now, the oldest first."""
        found = [LateMilestone(*pair) for pair in self.milestones if pair[1].timeliness == Timeliness.LATE]
        return sorted(found, key=lambda pair: pair.milestone.ends or date.max)

    @cached_property
    def at_risk(self) -> list[tuple[CommitmentNow, MilestoneNow]]:
        found = [pair for pair in self.milestones if pair[1].timeliness == Timeliness.AT_RISK]
        return sorted(found, key=lambda pair: pair[1].ends or date.max)

    def commitment(self, key: str) -> CommitmentNow | None:
        return next((each for each in self.commitments if each.key == key), None)


def standing(content: Mapping[str, Any], told: Mapping[str, State], *, today: date) -> PlanNow:
    """How a plan stands. `content` is an edition's (`reports.editions.content_of`), `told` of `told_of`."""
    commitments = tuple(_commitment(each, told, today) for each in content["commitments"])
    return PlanNow(content, commitments, rules.progress_of_plan(each.progress for each in commitments), today)


def told_of(plan: Plan) -> dict[str, State]:
    """What was told of each milestone of a plan, by its key. One query."""
    rows = Milestone.objects.filter(commitment__plan=plan).order_by()
    # The database writes the key as the edition does: hundreds of UUIDs need not be made for it.
    fields = rows.values_list(Cast("key", CharField()), "state", "advance", "met_on")
    return {key: State(*told) for key, *told in fields}


def _commitment(data: Mapping[str, Any], told: Mapping[str, State], today: date) -> CommitmentNow:
    states = [told.get(each["key"], State()) for each in data["milestones"]]
    steps = [_step(each, state) for each, state in zip(data["milestones"], states, strict=True)]
    terms = rules.terms(steps)
    milestones = tuple(
        MilestoneNow(each, state, term, rules.timeliness(step, today), step.starts, step.ends)
        for each, state, step, term in zip(data["milestones"], states, steps, terms, strict=True)
    )
    return CommitmentNow(data, milestones, rules.summed(terms), as_day(data["starts"]), as_day(data["ends"]))


def _step(data: Mapping[str, Any], state: State) -> Step:
    return Step(data["weight"], state.state, state.advance, as_day(data["starts"]), as_day(data["ends"]))


def as_day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def arithmetic(milestones: Sequence[MilestoneNow]) -> str:
    """The sum in one line: `20 % × 100 % + 80 % × 50 % = 60 %`."""
    total = percent_of(rules.summed([each.term for each in milestones]))
    lines = " + ".join(f"{each.share_words} × {percent_of(each.term.done)}\u00a0%" for each in milestones)
    return f"{lines} = {total}\u00a0%"
