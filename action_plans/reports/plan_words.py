"""What a plan's fields, steps and marks are called, and its values written for people. Pages and files say the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from action_plans.choices import OgpValue, PlanStage
from action_plans.models import Commitment, Indicator, Milestone, Plan
from action_plans.rules.commitment_checks import Lack
from action_plans.rules.goals import GOALS
from action_plans.rules.progress import Timeliness
from config.numbers import day, number

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

S = PlanStage

STEPS: Final[dict[tuple[str, str], _StrOrPromise]] = {
    (S.PREPARATION, S.CO_CREATION): gettext_lazy("Begin the co-creation"),
    (S.CO_CREATION, S.CONSULTATION): gettext_lazy("Publish the draft for consultation"),
    (S.CONSULTATION, S.CO_CREATION): gettext_lazy("Go back to the co-creation"),
    (S.CONSULTATION, S.ANSWERING): gettext_lazy("Close the consultation and answer"),
    (S.ANSWERING, S.CONSULTATION): gettext_lazy("Publish another draft for consultation"),
    (S.ANSWERING, S.APPROVED): gettext_lazy("Record the approval"),
    (S.APPROVED, S.IMPLEMENTATION): gettext_lazy("Begin to carry it out"),
    (S.IMPLEMENTATION, S.MIDTERM): gettext_lazy("Begin the midterm self-assessment"),
    (S.MIDTERM, S.IMPLEMENTATION): gettext_lazy("End the midterm self-assessment"),
    (S.IMPLEMENTATION, S.FINAL): gettext_lazy("Begin the final self-assessment"),
    (S.FINAL, S.CLOSED): gettext_lazy("Close the plan"),
    **{
        (start, S.CANCELLED): gettext_lazy("Give the plan up")
        for start in (S.PREPARATION, S.CO_CREATION, S.CONSULTATION, S.ANSWERING)
    },
}
"""What the button of a step says."""

MEANINGS: Final[dict[str, _StrOrPromise]] = {
    S.PREPARATION: gettext_lazy("The municipality prepares the plan: it looks at its gaps and calls its community."),
    S.CO_CREATION: gettext_lazy("The municipality and its community write the commitments together."),
    S.CONSULTATION: gettext_lazy("Everyone may read the draft and say what they think of it."),
    S.ANSWERING: gettext_lazy("The municipality answers each contribution and says what it changed."),
    S.APPROVED: gettext_lazy("The plan is approved. Its work is about to begin."),
    S.IMPLEMENTATION: gettext_lazy("The municipality does what it promised and shows how it goes."),
    S.MIDTERM: gettext_lazy("Half of the time is over: the municipality says what it has done."),
    S.FINAL: gettext_lazy("The time is over: the municipality says what it did, and what changed."),
    S.CLOSED: gettext_lazy("The plan is over. What was done stays here."),
    S.CANCELLED: gettext_lazy("The plan was given up before it was approved."),
}
"""A stage in one sentence for citizens."""

TIMES: Final[dict[str, _StrOrPromise]] = {
    Timeliness.ON_TIME: gettext_lazy("On time"),
    Timeliness.AT_RISK: gettext_lazy("At risk"),
    Timeliness.LATE: gettext_lazy("Late"),
    Timeliness.DONE: gettext_lazy("Met"),
    Timeliness.MISSED: gettext_lazy("Not met"),
}
LOOKS: Final = {
    Timeliness.ON_TIME: "active",
    Timeliness.AT_RISK: "warning",
    Timeliness.LATE: "danger",
    Timeliness.DONE: "success",
    Timeliness.MISSED: "danger",
}
"""How the tag of each looks."""

ADVICE: Final[dict[str, _StrOrPromise]] = {
    Lack.PROBLEM: gettext_lazy("Say which problem of people it is about, in a sentence or two."),
    Lack.BASELINE: gettext_lazy(
        "Without a baseline nobody can tell later whether something changed. A number is best."
    ),
    Lack.OUTCOME: gettext_lazy(
        "Say what will be different for people when it is done, not what the municipality will do."
    ),
    Lack.RELEVANCE: gettext_lazy("Say which value of open government it serves, and why."),
    Lack.COUNTERPART: gettext_lazy("A commitment with a counterpart in civil society is carried out more often."),
    Lack.INDICATOR: gettext_lazy("An indicator with a baseline and a target makes the result plain."),
    Lack.MILESTONES: gettext_lazy("Without milestones nobody can see how it goes."),
    Lack.DELIVERABLE: gettext_lazy("Say what anyone can check when it is met: a document, a page, an act."),
    Lack.MILESTONE_DATE: gettext_lazy("It has no last day."),
    Lack.MILESTONE_OUTSIDE: gettext_lazy("It ends outside the time of the commitment."),
}
"""What to do about each lack; advice, never a bar."""

FIELD_OF: Final = {
    Lack.PROBLEM: "problem",
    Lack.BASELINE: "baseline",
    Lack.OUTCOME: "outcome",
    Lack.RELEVANCE: "relevance",
    Lack.COUNTERPART: "counterpart",
    Lack.INDICATOR: "indicators",
    Lack.MILESTONES: "milestones",
    Lack.DELIVERABLE: "milestones",
    Lack.MILESTONE_DATE: "milestones",
    Lack.MILESTONE_OUTSIDE: "milestones",
}
"""The part of the form that each is about."""

_PARTS: Final[dict[str, _StrOrPromise]] = {
    "milestones": gettext_lazy("milestone"),
    "indicators": gettext_lazy("indicator"),
    "commitments": gettext_lazy("commitments"),
}


def label_of(field: str) -> str:
    """What a field of an edition is called, as its table calls it."""
    if field in _PARTS:
        return str(_PARTS[field])
    for model in (Commitment, Milestone, Indicator, Plan):
        for known in model._meta.get_fields():
            if known.name == field and hasattr(known, "verbose_name"):
                return str(known.verbose_name)
    return field


def written(field: str, value: Any) -> str:
    """A value of an edition as people read it; empty for none."""
    if value in (None, "", [], {}):
        return ""
    if field in ("milestones", "indicators"):
        return str(value.get("title") or value.get("name") or "")
    if field == "values":
        return "\n".join(f"{OgpValue(name).label}: {why}" for name, why in value.items() if why)
    if field == "goals":
        return ", ".join(f"{goal}. {GOALS[goal]}" for goal in value if goal in GOALS)
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if field in ("starts", "ends", "approved_on"):
        return day(date.fromisoformat(value))
    return str(value)


def percent_of(share: Fraction | None) -> int | None:
    """A share in hundredths, rounded half up; what is not all done is never shown as all."""
    if share is None:
        return None
    whole = int(share * 100 + Fraction(1, 2))
    return 99 if whole == 100 and share < 1 else whole


def amount(value: str | None) -> str:
    """A number of an indicator with the marks of Chile; empty where it is not given."""
    if value is None:
        return ""
    decimals = len(value.partition(".")[2])
    return number(float(value), decimals) if decimals else number(int(value))


def step_words(start: str, end: str) -> str:
    return str(STEPS[(start, end)])


def value_labels(values: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The values a commitment says to serve, as (name, label, why), in the order of OGP."""
    return [(value.value, str(value.label), values[value]) for value in OgpValue if values.get(value)]


def advised(lack: Lack, milestone: int | None) -> str:
    """The advice in words; of a milestone with its number before."""
    words = str(ADVICE[lack])
    return _("Milestone %(number)d: %(words)s") % {"number": milestone, "words": words} if milestone else words
