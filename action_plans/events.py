"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _

from accounts.events import tell
from action_plans.choices import MilestoneState, PlanStage

tell(
    {
        "plan.opened": _("%(actor)s began the action plan “%(title)s”."),
        "plan.edited": _("%(actor)s changed the texts of the action plan."),
        "plan.moved": _("%(actor)s took the action plan from “%(start)s” to “%(end)s”."),
        "plan.published": _("%(actor)s published the edition %(number)s of the action plan."),
        "plan.waiver_asked": _("%(actor)s asked for an exception until %(until)s."),
        "plan.waiver_granted": _("%(actor)s granted the exception until %(until)s."),
        "commitment.added": _("%(actor)s added the commitment “%(title)s”."),
        "commitment.changed": _("%(actor)s changed the commitment “%(title)s”."),
        "commitment.moved": _("%(actor)s changed the place of the commitment “%(title)s”."),
        "commitment.withdrawn": _("%(actor)s took the commitment “%(title)s” out of the plan."),
        "milestone.reported": _("%(actor)s told how “%(title)s” goes: %(state)s."),
    },
    labels={
        "start": dict(PlanStage.choices),
        "end": dict(PlanStage.choices),
        "state": {"": _("told in words"), **dict(MilestoneState.choices)},
    },
)
