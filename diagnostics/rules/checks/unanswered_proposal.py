"""Another level counts only after the municipality said whether it agrees."""

from django.utils.translation import gettext as _

from diagnostics.rules.submission import Filled, Remark

CODE = "unanswered_proposal"


def check(filled: Filled) -> list[Remark]:
    text = _("The Consejo proposes another level: say whether the municipality agrees.")
    return [
        Remark(CODE, question.id, text, blocks=True)
        for question in filled.instrument.questions()
        if question.id in filled.shown
        and (asked := filled.asked.get(question.id)) is not None
        and asked.is_proposal
        and not asked.is_replied
    ]
