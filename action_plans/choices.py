from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PlanStage(TextChoices):
    """Where a plan stands; the steps are the table of `rules.plan_states`."""

    PREPARATION = "preparation", _("In preparation")
    CO_CREATION = "co_creation", _("Being co-created")
    CONSULTATION = "consultation", _("Draft in consultation")
    ANSWERING = "answering", _("Contributions being answered")
    APPROVED = "approved", _("Approved")
    IMPLEMENTATION = "implementation", _("Being carried out")
    MIDTERM = "midterm", _("Midterm self-assessment")
    FINAL = "final", _("Final self-assessment")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class EditionKind(TextChoices):
    """Why an edition was published. An edition never changes: a later one takes its place."""

    CONSULTATION = "consultation", _("Draft for consultation")
    APPROVED = "approved", _("As approved")
    AMENDED = "amended", _("Changed after approval")


class OgpValue(TextChoices):
    """The values of open government to which a commitment is to be relevant (OGP's template of commitments)."""

    INFORMATION = "information", _("Access to information")
    PARTICIPATION = "participation", _("Citizen participation")
    ACCOUNTABILITY = "accountability", _("Public accountability")
    TECHNOLOGY = "technology", _("Technology and innovation for openness")


class MilestoneState(TextChoices):
    """Late and at risk are no states: rules tell them from dates (`rules.progress`)."""

    SCHEDULED = "scheduled", _("Not begun")
    UNDER_WAY = "under_way", _("Under way")
    MET = "met", _("Met")
    NOT_MET = "not_met", _("Not met")


class Completion(TextChoices):
    """OGP's four levels of completion of a commitment."""

    NOT_STARTED = "not_started", _("Not started")
    LIMITED = "limited", _("Limited")
    SUBSTANTIAL = "substantial", _("Substantial")
    COMPLETE = "complete", _("Complete")


class Opening(TextChoices):
    """OGP's scale of "did it open government?"."""

    WORSENED = "worsened", _("It got worse")
    UNCHANGED = "unchanged", _("It did not change")
    MARGINAL = "marginal", _("It opened a little")
    MAJOR = "major", _("It opened much")
    OUTSTANDING = "outstanding", _("It opened outstandingly")


class Sector(TextChoices):
    """On which side of the table somebody sits."""

    MUNICIPALITY = "municipality", _("Municipality")
    CIVIL_SOCIETY = "civil_society", _("Civil society")
    ACADEMIA = "academia", _("University or school")
    PRIVATE = "private", _("Business")
    OTHER = "other", _("Others")


class MeetingKind(TextChoices):
    FORUM = "forum", _("Meeting of the forum")
    WORKSHOP = "workshop", _("Co-creation workshop")
    CONSULTATION = "consultation", _("Consultation of the draft")
    FOLLOW_UP = "follow_up", _("Presentation of results")


class MeetingState(TextChoices):
    ANNOUNCED = "announced", _("Announced")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Cancelled")


class ContributionKind(TextChoices):
    PROPOSAL = "proposal", _("Proposal")
    COMMENT = "comment", _("Comment")
    # On a published assessment; the others are on the text of the plan.
    OBSERVATION = "observation", _("Observation")


class ContributionState(TextChoices):
    """What becomes of a contribution; the steps are the table of `rules.contribution_states`."""

    UNCONFIRMED = "unconfirmed", _("Waiting for the confirmation of the e-mail")
    WAITING = "waiting", _("Waiting for moderation")
    PUBLISHED = "published", _("Published")
    HIDDEN = "hidden", _("Hidden")
    MERGED = "merged", _("Joined with another")
    SPLIT = "split", _("Divided into others")


class HideReason(TextChoices):
    PERSONAL_DATA = "personal_data", _("It shows personal data of somebody")
    OFFENCE = "offence", _("It offends or threatens somebody")
    ADVERTISING = "advertising", _("It is advertising")
    UNLAWFUL = "unlawful", _("It is against the law")
    OFF_TOPIC = "off_topic", _("It is about something else")


class PieceHideReason(TextChoices):
    """Why a monitor's evidence is shown no more."""

    PERSONAL_DATA = "personal_data", _("It shows personal data of somebody")
    WRONG = "wrong", _("It is not the evidence that was meant")
    NO_RIGHT = "no_right", _("Its author did not allow it to be published")


class Verdict(TextChoices):
    """The reasoned response to a contribution (OGP's standard 4)."""

    ACCEPTED = "accepted", pgettext_lazy("contribution", "Accepted")
    PARTLY = "partly", pgettext_lazy("contribution", "Accepted in part")
    REJECTED = "rejected", pgettext_lazy("contribution", "Not accepted")


class AppealState(TextChoices):
    OPEN = "open", _("Waiting for a decision")
    GRANTED = "granted", _("Shown again")
    DENIED = "denied", _("It stays hidden")


class RecommendationState(TextChoices):
    PROPOSED = "proposed", pgettext_lazy("recommendation", "Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Not followed, with reasons")


class AssessmentKind(TextChoices):
    """The municipality assesses itself at midterm and at the end; an independent monitor writes the other two."""

    MIDTERM = "midterm", _("Midterm self-assessment")
    FINAL = "final", _("Final self-assessment")
    INCEPTION = "inception", _("Inception assessment of the monitor")
    END = "end", _("End-of-commitment assessment of the monitor")


class AssessmentState(TextChoices):
    DRAFT = "draft", pgettext_lazy("assessment", "Being written")
    PUBLISHED = "published", pgettext_lazy("assessment", "Published")


class Standing(TextChoices):
    """How a minimum requirement of OGP stands on a day."""

    MET = "met", _("Met")
    AT_RISK = "at_risk", _("About to be broken")
    BROKEN = "broken", _("Not met")
    NOT_YET = "not_yet", _("Not due yet")


class ReportState(TextChoices):
    """A yearly report is written down at once; its document is made by a worker."""

    MAKING = "making", _("Being made")
    PUBLISHED = "published", _("Published")
