"""The sentences of this app's events."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.events import tell
from diagnostics.choices import DiagnosticState

tell(
    {
        "diagnostic.opened": _("%(actor)s opened the diagnostic."),
        "diagnostic.section_given": _("%(actor)s gave the section “%(section)s” to %(person)s."),
        "diagnostic.section_taken_back": _("%(actor)s took the section “%(section)s” back from %(person)s."),
        "diagnostic.extended": _("%(actor)s gave time until %(day)s."),
        "diagnostic.moved": _("%(actor)s moved the diagnostic from “%(start)s” to “%(end)s”."),
        "diagnostic.reviewer_taken": _("%(actor)s took up the review."),
        "diagnostic.reviewer_assigned": _("%(actor)s gave the review to %(person)s."),
        "diagnostic.reviewer_done": _("%(actor)s finished an independent review."),
        "diagnostic.second_review_set": _("%(actor)s asked for two independent reviewers."),
        "diagnostic.second_review_unset": _("%(actor)s left the review to one person."),
        "diagnostic.answer_reopened": _("%(actor)s opened the answer to “%(question)s” again."),
        "diagnostic.workbook_received": _("%(actor)s uploaded the workbook “%(file)s”."),
        "diagnostic.workbook_applied": _("%(actor)s applied the workbook “%(file)s”: %(written)s answers written."),
        "diagnostic.workbook_discarded": _("%(actor)s discarded the workbook “%(file)s”."),
        "diagnostic.agreed": _("%(actor)s agreed with the level proposed for “%(question)s”."),
        "diagnostic.disagreed": _("%(actor)s did not agree with what was asked of “%(question)s”."),
        "diagnostic.correction_begun": _("%(actor)s opened the correction of %(folio)s: %(reason)s"),
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
        "round.made": _("%(actor)s made the round “%(round)s”."),
        "round.changed": _("%(actor)s changed the round “%(round)s”."),
        "round.deleted": _("%(actor)s deleted the round “%(round)s”, in which nothing was open."),
        "round.opened": ngettext_lazy(
            "%(actor)s opened %(count)s diagnostic in the round “%(round)s”.",
            "%(actor)s opened %(count)s diagnostics in the round “%(round)s”.",
            "count",
        ),
        "round.planned": ngettext_lazy(
            "%(actor)s planned %(count)s diagnostic of the round “%(round)s”: it opens by itself on %(day)s.",
            "%(actor)s planned %(count)s diagnostics of the round “%(round)s”: they open by themselves on %(day)s.",
            "count",
        ),
        "round.called_off": ngettext_lazy(
            "%(actor)s took %(count)s municipality out of what is planned for the round “%(round)s”.",
            "%(actor)s took %(count)s municipalities out of what is planned for the round “%(round)s”.",
            "count",
        ),
        "round.opened_as_planned": ngettext_lazy(
            "The portal opened %(count)s diagnostic in the round “%(round)s”, as %(person)s had planned.",
            "The portal opened %(count)s diagnostics in the round “%(round)s”, as %(person)s had planned.",
            "count",
        ),
        "round.reminder_set": _(
            "%(actor)s set a reminder %(days)s days before the last day, to those with less than %(percent)s %% answered."
        ),
        "round.reminder_removed": _("%(actor)s took out the reminder of %(days)s days before the last day."),
    }
)
tell(
    {
        "instrument.begun": _("%(actor)s began the version %(version)s of the instrument."),
        "instrument.discarded": _("%(actor)s threw away the draft of the version %(version)s of the instrument."),
        "instrument.published": _("%(actor)s published the version %(version)s of the instrument."),
        "instrument.mapped": _("%(actor)s told how answers go from version %(former)s to %(version)s."),
        "answers.migration_begun": _("%(actor)s began to carry the answers of “%(source)s” to “%(target)s”."),
        "answers.carried": _("%(actor)s carried the answers of “%(source)s” here."),
    }
)
tell(
    {
        "evidence.added": _("%(actor)s added the evidence “%(title)s”."),
        "evidence.renewed": _("%(actor)s added version %(version)s of the evidence “%(title)s”."),
        "evidence.edited": _("%(actor)s changed what is said of the evidence “%(title)s”."),
        "evidence.linked": _("%(actor)s linked “%(title)s” to the question “%(question)s” of “%(round)s”."),
        "evidence.unlinked": _("%(actor)s unlinked “%(title)s” from the question “%(question)s” of “%(round)s”."),
        "evidence.removed": _("%(actor)s removed the evidence “%(title)s”."),
    }
)
