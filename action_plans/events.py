"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _

from accounts.events import tell
from action_plans.choices import AssessmentKind, MilestoneState, PlanStage, RecommendationState, Verdict

tell(
    {
        "plan.opened": _("%(actor)s began the action plan “%(title)s”."),
        "plan.brought": _(
            "%(actor)s brought “%(title)s” from a workbook (commitments: %(commitments)s, milestones: %(milestones)s)."
        ),
        "plan.edited": _("%(actor)s changed the texts of the action plan."),
        "plan.moved": _("%(actor)s took the action plan from “%(start)s” to “%(end)s”."),
        "plan.published": _("%(actor)s published the edition %(number)s of the action plan."),
        "plan.waiver_asked": _("%(actor)s asked for an exception until %(until)s."),
        "plan.monitor_appointed": _("%(actor)s appointed %(person)s as independent monitor."),
        "plan.recommended": _("%(actor)s recommended something on the action plan."),
        "plan.recommendation_answered": _("%(actor)s answered a recommendation: %(standing)s."),
        "plan.recommendation_followed": _("%(actor)s asked how a recommendation went."),
        "assessment.begun": _("%(actor)s began an assessment: %(assessment)s."),
        "assessment.piece_hidden": _("%(actor)s stopped showing evidence of an assessment: %(assessment)s."),
        "assessment.published": _("%(actor)s published an assessment: %(assessment)s."),
        "plan.waiver_granted": _("%(actor)s granted the exception until %(until)s."),
        "commitment.added": _("%(actor)s added the commitment “%(title)s”."),
        "commitment.changed": _("%(actor)s changed the commitment “%(title)s”."),
        "commitment.moved": _("%(actor)s changed the place of the commitment “%(title)s”."),
        "commitment.withdrawn": _("%(actor)s took the commitment “%(title)s” out of the plan."),
        "commitment.restored": _("%(actor)s took the commitment “%(title)s” back into the plan."),
        "milestone.reported": _("%(actor)s told how “%(title)s” goes: %(state)s."),
        "contribution.published": _("%(actor)s published the contribution “%(title)s”."),
        "contribution.hidden": _("%(actor)s hid the contribution “%(title)s”."),
        "contribution.shown": _("%(actor)s showed the contribution “%(title)s” again."),
        "contribution.answered": _("%(actor)s answered the contribution “%(title)s”: %(verdict)s."),
        "contribution.merged": _("%(actor)s joined the contribution “%(title)s” with “%(into)s”."),
        "contribution.separated": _("%(actor)s took the contribution “%(title)s” apart again."),
        "contribution.split": _("%(actor)s divided the contribution “%(title)s” into %(number)s."),
        "contribution.appeal_decided": _("%(actor)s decided on the appeal about “%(title)s”."),
        "forum.rules_published": _("%(actor)s published the rules of the forum “%(title)s”."),
        "forum.member_added": _("%(actor)s gave a seat of the forum to “%(title)s”."),
        "forum.member_changed": _("%(actor)s changed the seat of “%(title)s” in the forum."),
        "meeting.announced": _("%(actor)s announced the meeting “%(title)s”."),
        "meeting.changed": _("%(actor)s changed the day or place of the meeting “%(title)s”."),
        "meeting.cancelled": _("%(actor)s called the meeting “%(title)s” off."),
        "report.asked": _("%(actor)s asked for the edition %(number)s of the report of %(year)s."),
        "report.published": _("The edition %(number)s of the report of %(year)s was published."),
        "meeting.minutes_published": _("%(actor)s published the minutes of “%(title)s”."),
    },
    labels={
        "start": dict(PlanStage.choices),
        "end": dict(PlanStage.choices),
        "verdict": dict(Verdict.choices),
        "standing": dict(RecommendationState.choices),
        "assessment": dict(AssessmentKind.choices),
        "state": {"": _("told in words"), **dict(MilestoneState.choices)},
    },
)
