"""The tables of this app, a module a subject; here so that they are read by one name."""

from action_plans.models.commitments import Commitment, Indicator, Milestone, ProgressUpdate
from action_plans.models.contributions import Appeal, Author, Contribution, Response, Support
from action_plans.models.forum import Forum, ForumMember, Meeting, SignUp
from action_plans.models.monitoring import (
    Assessment,
    AssessmentAnswer,
    AssessmentPiece,
    Follower,
    Monitor,
    Recommendation,
)
from action_plans.models.plans import Plan, PlanEdition, PlanQuerySet, Waiver
from action_plans.models.yearly import YearlyReport

__all__ = [
    "Appeal",
    "Assessment",
    "AssessmentAnswer",
    "AssessmentPiece",
    "Author",
    "Commitment",
    "Contribution",
    "Follower",
    "Forum",
    "ForumMember",
    "Indicator",
    "Meeting",
    "Milestone",
    "Monitor",
    "Plan",
    "PlanEdition",
    "PlanQuerySet",
    "ProgressUpdate",
    "Recommendation",
    "Response",
    "SignUp",
    "Support",
    "Waiver",
    "YearlyReport",
]
