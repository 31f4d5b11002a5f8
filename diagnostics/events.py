"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _

from accounts.events import tell
from diagnostics.choices import DiagnosticState

tell(
    {
        "diagnostic.opened": _("%(actor)s opened the diagnostic."),
        "diagnostic.section_given": _("%(actor)s gave the section “%(section)s” to %(person)s."),
        "diagnostic.section_taken_back": _("%(actor)s took the section “%(section)s” back from %(person)s."),
        "diagnostic.moved": _("%(actor)s moved the diagnostic from “%(start)s” to “%(end)s”."),
        "diagnostic.reviewer_taken": _("%(actor)s took up the review."),
        "diagnostic.reviewer_assigned": _("%(actor)s gave the review to %(person)s."),
        "diagnostic.reviewer_done": _("%(actor)s finished an independent review."),
        "diagnostic.second_review_set": _("%(actor)s asked for two independent reviewers."),
        "diagnostic.second_review_unset": _("%(actor)s left the review to one person."),
        "diagnostic.answer_reopened": _("%(actor)s opened the answer to “%(question)s” again."),
        "diagnostic.agreed": _("%(actor)s agreed with the level proposed for “%(question)s”."),
        "diagnostic.disagreed": _("%(actor)s did not agree with what was asked of “%(question)s”."),
        "diagnostic.validated": _("%(actor)s validated the diagnostic with the folio %(folio)s, public from %(day)s."),
    },
    labels={"start": dict(DiagnosticState.choices), "end": dict(DiagnosticState.choices)},
)
tell(
    {
        "round.second_review_drawn": _(
            "%(actor)s drew %(percent)s %% of the round “%(round)s” for two independent reviewers, with the seed"
            " “%(seed)s”: %(number)s drawn, %(marked)s marked."
        ),
        "instrument.begun": _("%(actor)s began the version %(version)s of the instrument."),
        "instrument.discarded": _("%(actor)s threw away the draft of the version %(version)s of the instrument."),
        "instrument.published": _("%(actor)s published the version %(version)s of the instrument."),
        "instrument.mapped": _("%(actor)s told how answers go from version %(former)s to %(version)s."),
        "answers.migration_begun": _("%(actor)s began to carry the answers of “%(source)s” to “%(target)s”."),
        "answers.carried": _("%(actor)s carried the answers of “%(source)s” here."),
    }
)
