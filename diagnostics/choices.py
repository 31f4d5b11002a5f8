from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class InstrumentPurpose(TextChoices):
    """What an instrument measures. The engine is one."""

    DIAGNOSTIC = "diagnostic", _("Diagnostic")
    SELF_ASSESSMENT = "self_assessment", _("Self-assessment of a plan")


class EditionState(TextChoices):
    """Of a version of an instrument: a draft changes, a published version never does, a newer one retires it."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Replaced")


class RoundKind(TextChoices):
    BASELINE = "baseline", _("Baseline")
    MIDTERM = "midterm", _("Midterm")
    FINAL = "final", _("Final")


class DiagnosticState(TextChoices):
    """Where a diagnostic stands; the steps are the table of `rules.diagnostic_states`."""

    OPEN = "open", _("Being filled in")
    SUBMITTED = "submitted", _("Submitted")
    UNDER_REVIEW = "under_review", _("Under review")
    RETURNED = "returned", _("Returned for correction")
    VALIDATED = "validated", _("Validated")
    SUPERSEDED = "superseded", _("Replaced by its correction")
    CANCELLED = "cancelled", _("Cancelled")


class AnswerOrigin(TextChoices):
    """How the present answer came about."""

    PERSON = "person", _("Written by a person")
    CARRIED = "carried", _("Carried from an earlier round")
    PORTAL = "portal", _("Known to the portal")
    WORKBOOK = "workbook", _("From the workbook")
    REVIEW = "review", _("Agreed in the review")


class Confidence(TextChoices):
    LOW = "low", _("Not sure")
    MEDIUM = "medium", _("Fairly sure")
    HIGH = "high", _("Sure")


class Audience(TextChoices):
    """Who reads a comment."""

    MUNICIPALITY = "municipality", _("Only the municipality")
    SHARED = "shared", _("The municipality and the council")


class EvidenceKind(TextChoices):
    FILE = "file", _("File")
    LINK = "link", _("Link")


class LinkState(TextChoices):
    UNKNOWN = "unknown", _("Not looked at yet")
    ALIVE = "alive", _("Answers")
    DEAD = "dead", _("Does not answer")


class Opinion(TextChoices):
    """What a reviewer says of an answer."""

    ACCEPTED = "accepted", _("Accepted")
    COMMENTED = "commented", _("Commented")
    CORRECTION = "correction", _("Correction asked")
    OTHER_LEVEL = "other_level", _("Another level proposed")


class CorrectionReason(TextChoices):
    NO_EVIDENCE = "no_evidence", _("The evidence is missing")
    WEAK_EVIDENCE = "weak_evidence", _("The evidence does not show what is said")
    EXPIRED_EVIDENCE = "expired_evidence", _("The evidence is out of date")
    UNCLEAR = "unclear", _("The explanation is not clear")
    NOT_JUSTIFIED_NA = "not_justified_na", _("“Not applicable” is not justified")
    CONTRADICTION = "contradiction", _("It contradicts another answer")
    OTHER = "other", _("Another reason")


class Reply(TextChoices):
    """The municipality's answer to a proposed level."""

    WAITING = "waiting", _("Waiting for the municipality")
    AGREED = "agreed", _("Agreed")
    DISAGREED = "disagreed", _("Disagreed")


class SnapshotKind(TextChoices):
    SUBMITTED = "submitted", _("As submitted")
    VALIDATED = "validated", _("As validated")
    BEFORE_MIGRATION = "before_migration", _("Before the new version")
    NAMED = "named", _("Kept by a person")


class ScoreLevel(TextChoices):
    INDEX = "index", _("Index")
    DIMENSION = "dimension", _("Dimension")
    DESCRIPTOR = "descriptor", _("Descriptor")
    QUESTION = "question", _("Question")


class WorkbookState(TextChoices):
    QUEUED = "queued", _("Waiting")
    READY = "ready", _("Ready to be confirmed")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    DISCARDED = "discarded", _("Discarded")


class MigrationState(TextChoices):
    """Of carrying the answers of a round to a new version."""

    QUEUED = "queued", _("Waiting")
    WORKING = "working", _("Carrying the answers")
    DONE = "done", _("Done")
