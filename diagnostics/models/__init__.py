"""The tables of this app, a module a subject; here so that they are read by one name."""

from diagnostics.models.answers import (
    Answer,
    AnswerContent,
    AnswerRevision,
    Comment,
    Evidence,
    EvidenceQuerySet,
    EvidenceUse,
    EvidenceVersion,
    Workbook,
)
from diagnostics.models.instruments import InstrumentFamily, InstrumentVersion, VersionMapping
from diagnostics.models.migrations import AnswerMigration, MigrationReport
from diagnostics.models.reviews import ReviewEntry, Reviewer, ReviewReturn, Score
from diagnostics.models.rounds import (
    Diagnostic,
    DiagnosticQuerySet,
    Extension,
    PlannedOpening,
    ReminderRule,
    Round,
    SectionAssignment,
    Snapshot,
)

__all__ = [
    "Answer",
    "AnswerContent",
    "AnswerMigration",
    "AnswerRevision",
    "Comment",
    "Diagnostic",
    "DiagnosticQuerySet",
    "Evidence",
    "EvidenceQuerySet",
    "EvidenceUse",
    "EvidenceVersion",
    "Extension",
    "InstrumentFamily",
    "InstrumentVersion",
    "MigrationReport",
    "PlannedOpening",
    "ReminderRule",
    "ReviewEntry",
    "ReviewReturn",
    "Reviewer",
    "Round",
    "Score",
    "SectionAssignment",
    "Snapshot",
    "VersionMapping",
    "Workbook",
]
