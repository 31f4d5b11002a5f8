"""Whoever answered said that they are not sure."""

from django.utils.translation import gettext as _

from diagnostics.rules.submission import Filled, Remark

CODE = "low_confidence"


def check(filled: Filled) -> list[Remark]:
    return [
        Remark(CODE, question.id, _("Whoever answered is not sure."), blocks=False)
        for question in filled.instrument.questions()
        if question.id in filled.shown and question.id in filled.unsure
    ]
