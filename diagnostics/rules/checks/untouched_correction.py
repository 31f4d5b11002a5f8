"""A correction that was asked is made, or the municipality says why not: sent back untouched, it would only come back."""

from django.utils.translation import gettext as _

from diagnostics.rules.submission import Filled, Remark

CODE = "untouched_correction"


def check(filled: Filled) -> list[Remark]:
    text = _("The Consejo asks to correct it: change it, change its evidence, or explain why it stays as it is.")
    return [
        Remark(CODE, question.id, text, blocks=True)
        for question in filled.instrument.questions()
        if question.id in filled.shown
        and (asked := filled.asked.get(question.id)) is not None
        and not asked.is_proposal
        and not (asked.is_replied or asked.is_touched)
    ]
