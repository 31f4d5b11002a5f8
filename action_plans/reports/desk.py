"""The plan as its municipality works on it: what is asked now, the ways on with what they lack, its commitments with advice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Event
from accounts.permissions import Permission
from action_plans.choices import AppealState, ContributionKind, ContributionState, PlanStage, RecommendationState
from action_plans.models import Commitment, Contribution, Plan, Waiver
from action_plans.reports.editions import content_of
from action_plans.reports.plan_words import FIELD_OF, MEANINGS, advised, step_words
from action_plans.reports.readiness import what_lacks
from action_plans.reports.standing import CommitmentNow, MilestoneNow, PlanNow, standing, told_of
from action_plans.rules.assessments import STAGES
from action_plans.rules.commitment_checks import CommitmentSeen, Lack, MilestoneSeen, Remark, remarks
from action_plans.rules.plan_states import CARRYING_OUT, DRAFTING, FINAL, Step, steps_from
from municipalities.permissions import can

if TYPE_CHECKING:
    from accounts.models import User
    from municipalities.models import Municipality

EVENTS_SHOWN: Final = 30
# Of the milestones that need a word, so many are asked about at once.
_MOST: Final = 6
S = PlanStage
_LINE: Final = (
    *(S.PREPARATION, S.CO_CREATION, S.CONSULTATION, S.ANSWERING, S.APPROVED),
    *(S.IMPLEMENTATION, S.MIDTERM, S.FINAL, S.CLOSED),
)


class Stage(NamedTuple):
    """A stage on the line of components/stages.html."""

    label: str
    mark: str


class Ask(NamedTuple):
    """Something to do now, with where it is done."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Way:
    """A step that may be taken from here; `lacks`: what is missing for it."""

    step: Step
    label: str
    lacks: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Written:
    """A commitment on the desk: how it goes, and the advice about its text."""

    now: CommitmentNow
    advice: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """Everything the page of a plan's officers shows."""

    plan: Plan
    now: PlanNow
    stages: list[Stage]
    meaning: str
    asks: list[Ask]
    ways: list[Way]
    commitments: list[Written]
    withdrawn: list[Commitment]
    waivers: list[Waiver]
    events: list[Event]

    @property
    def is_drafting(self) -> bool:
        return self.plan.stage in DRAFTING

    @property
    def is_carried_out(self) -> bool:
        return self.plan.stage in CARRYING_OUT


def current_plan(user: User, cut: str) -> Plan | None:
    """The plan that a municipality works on: the open one, else its latest, through the one door."""
    plans = Plan.objects.visible_to(user).filter(municipality=cut)
    plans = plans.select_related("municipality__region", "diagnostic__round", "diagnostic__version", "approval")
    plans = plans.defer("diagnostic__version__content").with_origin()
    return plans.open().first() or plans.exclude(stage=S.CANCELLED).first()


def line_of(plan: Plan) -> list[Stage]:
    """The stages of a plan of `with_origin` with marks; one that was given up stopped at its first, and one that was approved
    before it came here has none before that."""
    if plan.stage == S.CANCELLED:
        return [Stage(str(S.CANCELLED.label), "stopped")]
    line = _LINE[_LINE.index(S.APPROVED) :] if plan.is_brought else _LINE  # type: ignore[attr-defined]
    here = line.index(S(plan.stage))
    marks = ["done" if at < here else "current" if at == here else "ahead" for at in range(len(line))]
    if plan.stage == S.CLOSED:
        marks[-1] = "done"
    return [Stage(str(each.label), mark) for each, mark in zip(line, marks, strict=True)]


def desk_of(plan: Plan, user: User, *, today: date) -> Desk:
    """The page. At most fifteen queries, however many commitments there are."""
    now = standing(content_of(plan), told_of(plan), today=today)
    commitments = [Written(each, tuple(advice_of(each))) for each in now.commitments]
    return Desk(
        plan=plan,
        now=now,
        stages=line_of(plan),
        meaning=str(MEANINGS[plan.stage]),
        asks=_asks(plan, now, commitments),
        ways=_ways(plan, user, today),
        commitments=commitments,
        withdrawn=list(plan.commitments.filter(withdrawn_at__isnull=False)),
        waivers=list(plan.waivers.select_related("asked_by", "granted_by")),
        events=list(events_of(plan)[:EVENTS_SHOWN]),
    )


def events_of(plan: Plan) -> QuerySet[Event]:
    """What was done with a plan, the newest first."""
    return Event.objects.filter(subject_type=plan._meta.label_lower, subject_id=str(plan.pk)).order_by("-at", "-pk")


def remarks_of(commitment: CommitmentNow) -> list[Remark]:
    """What its text lacks."""
    data = commitment.data
    return remarks(
        CommitmentSeen(
            problem=data["problem"],
            baseline=data["baseline"],
            outcome=data["outcome"],
            values=[name for name, why in data["values"].items() if why],
            counterpart=data["counterpart"],
            measured=any(each["baseline"] is not None and each["target"] is not None for each in data["indicators"]),
            starts=commitment.starts,
            ends=commitment.ends,
            milestones=[
                MilestoneSeen(each.data["number"], each.data["deliverable"], each.ends)
                for each in commitment.milestones
            ],
        )
    )


def advice_of(commitment: CommitmentNow) -> list[str]:
    return [advised(remark.lack, remark.milestone) for remark in remarks_of(commitment)]


def _here(plan: Plan, name: str, *more: object) -> str:
    place = plan.municipality
    return reverse(f"action_plans:{name}", args=[place.cut, place.slug, *more])


def _ways(plan: Plan, user: User, today: date) -> list[Way]:
    """The steps that this person may take. The act of approval is attached while the step is taken, so it lacks nothing yet."""
    found = []
    for step in steps_from(plan.stage):
        if can(user, step.permission, plan.municipality):
            lacks = what_lacks(plan, step.end, today=today, with_act=False)
            found.append(Way(step, step_words(step.start, step.end), tuple(lacks), _here(plan, "plan_step", step.end)))
    # The way on before the way back.
    return sorted(found, key=lambda way: way.step.reason)


def _asks(plan: Plan, now: PlanNow, commitments: Sequence[Written]) -> list[Ask]:
    """What is asked now, the most urgent first."""
    to_text, observations = _heard(plan)
    asks: list[Ask] = _observed(plan, observations) + _appealed(plan)
    if plan.stage in CARRYING_OUT:
        asks += [_told(plan, pair, late=True) for pair in now.late[:_MOST]]
        asks += [_told(plan, pair, late=False) for pair in now.at_risk[:_MOST]]
        # What the Consejo gave more time for is owed still.
        return asks + _said_by_citizens(plan, to_text) + _asked_by_others(plan)
    if plan.stage not in DRAFTING:
        return asks
    asks += _said_by_citizens(plan, to_text)
    if not commitments:
        if plan.diagnostic_id:
            asks.append(
                Ask(_("Choose the gaps of the diagnostic from which the plan starts."), _here(plan, "plan_gaps"))
            )
        asks.append(Ask(_("Write the first commitment."), _here(plan, "commitment_add")))
    if not all((plan.foreword, plan.challenges, plan.vision, plan.coordination)):
        asks.append(Ask(_("Complete the texts of the plan."), _here(plan, "plan_texts")))
    asks += [
        Ask(
            ngettext(
                "“%(title)s”: %(count)d thing to improve.",
                "“%(title)s”: %(count)d things to improve.",
                len(each.advice),
            )
            % {"title": each.now.title, "count": len(each.advice)},
            _here(plan, "commitment_edit", each.now.key),
        )
        for each in commitments
        if each.advice
    ]
    return asks


def asked_now(user: User, municipality: Municipality, *, today: date) -> list[Ask]:
    """What the open plan asks of a person, for the desk on which they land. At most ten queries.

    What people and the council wait for, and what is late; advice about texts waits until one opens the plan.
    """
    plan = current_plan(user, municipality.pk)
    if plan is None or plan.stage in FINAL:
        return []
    asks: list[Ask] = []
    if can(user, Permission.WRITE_PLAN, municipality):
        to_text, observations = _heard(plan)
        asks += _said_by_citizens(plan, to_text) + _observed(plan, observations)
        asks += _appealed(plan) + _asked_by_others(plan)
        late = len(standing(content_of(plan), told_of(plan), today=today).late) if plan.stage in CARRYING_OUT else 0
        words = ngettext(
            "%(count)d milestone is late: say how it goes.", "%(count)d milestones are late: say how they go.", late
        )
        asks += [Ask(words % {"count": late}, _here(plan, "plan_desk"))] if late else []
    if plan.stage == S.ANSWERING and can(user, Permission.APPROVE_PLAN, municipality):
        ready = not what_lacks(plan, S.APPROVED, today=today, with_act=False)
        asks += [Ask(_("Register the approval of the plan."), _here(plan, "plan_step", S.APPROVED))] if ready else []
    return asks


def _asked_by_others(plan: Plan) -> list[Ask]:
    """The self-assessment that its stage asks for until it is published, and recommendations without answer; two queries."""
    asks = []
    kind = next((kind for kind, stage in STAGES.items() if stage == plan.stage), None)
    if kind and not plan.assessments.published().filter(kind=kind).exists():
        asks.append(Ask(_("Write the self-assessment of the plan."), _here(plan, "plan_desk") + "#watch"))
    waiting = plan.recommendations.filter(state=RecommendationState.PROPOSED).count()
    words = ngettext(
        "%(count)d recommendation of the Consejo waits for its answer.",
        "%(count)d recommendations of the Consejo wait for their answer.",
        waiting,
    )
    return [*asks, Ask(words % {"count": waiting}, _here(plan, "advice"))] if waiting else asks


class _Heard(NamedTuple):
    """How many contributions wait to be read, and how many public ones for their answer."""

    unread: int
    owed: int


def _heard(plan: Plan) -> tuple[_Heard, _Heard]:
    """What waits of what was said to the text of the plan, and of the observations on assessments, also of former plans: those
    come after a plan is closed too. One query."""
    rows = Contribution.objects.filter(plan__municipality=plan.municipality_id).unanswered().order_by()
    counted: Counter[tuple[bool, str]] = Counter()
    for of, kind, state, count in rows.values_list("plan", "kind", "state").annotate(Count("pk")):
        is_observation = kind == ContributionKind.OBSERVATION
        if is_observation or of == plan.pk:
            counted[is_observation, state] += count
    to_text, observations = (
        _Heard(counted[which, ContributionState.WAITING], counted[which, ContributionState.PUBLISHED])
        for which in (False, True)
    )
    return to_text, observations


def _said_by_citizens(plan: Plan, heard: _Heard) -> list[Ask]:
    """Contributions that wait to be read or answered."""
    desk = _here(plan, "contributions_desk")
    unread = ngettext(
        "%(count)d contribution waits to be read.", "%(count)d contributions wait to be read.", heard.unread
    )
    owed = ngettext(
        "%(count)d contribution waits for its answer.", "%(count)d contributions wait for their answer.", heard.owed
    )
    return _waiting(
        (heard.unread, Ask(unread % {"count": heard.unread}, f"{desk}?cola=nuevos")),
        (heard.owed, Ask(owed % {"count": heard.owed}, f"{desk}?cola=por-responder")),
    )


def _observed(plan: Plan, heard: _Heard) -> list[Ask]:
    """Observations on assessments that wait."""
    desk = f"{_here(plan, 'contributions_desk')}?sobre=evaluacion"
    unread = ngettext(
        "%(count)d observation on an assessment waits to be read.",
        "%(count)d observations on assessments wait to be read.",
        heard.unread,
    )
    owed = ngettext(
        "%(count)d observation on an assessment waits for its answer.",
        "%(count)d observations on assessments wait for their answer.",
        heard.owed,
    )
    return _waiting(
        (heard.unread, Ask(unread % {"count": heard.unread}, f"{desk}&cola=nuevos")),
        (heard.owed, Ask(owed % {"count": heard.owed}, f"{desk}&cola=por-responder")),
    )


def _appealed(plan: Plan) -> list[Ask]:
    """Authors who disagree that something was hidden, wherever it was said; one query."""
    of_here = Contribution.objects.filter(plan__municipality=plan.municipality_id)
    count = of_here.filter(appeals__state=AppealState.OPEN).count()
    words = ngettext("%(count)d appeal waits for a decision.", "%(count)d appeals wait for a decision.", count)
    return _waiting((count, Ask(words % {"count": count}, f"{_here(plan, 'contributions_desk')}?cola=reclamos")))


def _waiting(*found: tuple[int, Ask]) -> list[Ask]:
    return [ask for count, ask in found if count]


def _told(plan: Plan, pair: tuple[CommitmentNow, MilestoneNow], *, late: bool) -> Ask:
    commitment, milestone = pair
    words = (
        _("“%(title)s” should be met since %(day)s: say how it goes.")
        if late
        else _("“%(title)s” must be met by %(day)s and has not come far enough: say how it goes.")
    )
    day = f"{milestone.ends:%d-%m-%Y}" if milestone.ends else ""
    href = _here(plan, "commitment_progress", commitment.key) + f"?hito={milestone.key}"
    return Ask(words % {"title": milestone.title, "day": day}, href)


def may(user: User, plan: Plan) -> dict[str, bool]:
    """What the person may do with a plan, for the page's buttons."""
    place = plan.municipality
    return {
        "may_write": can(user, Permission.WRITE_PLAN, place),
        "may_coordinate": can(user, Permission.COORDINATE_PLAN, place),
        "may_advise": can(user, Permission.ADVISE_PLAN, place),
    }


def lacks_by_field(commitment: CommitmentNow) -> dict[str, list[str]]:
    """The advice by the part of the form that it is about."""
    found: dict[str, list[str]] = {}
    for remark in remarks_of(commitment):
        found.setdefault(FIELD_OF[Lack(remark.lack)], []).append(advised(remark.lack, remark.milestone))
    return found
