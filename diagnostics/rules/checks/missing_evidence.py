"""An answer above the lowest needs its evidence where the instrument asks for it."""

from django.utils.translation import gettext as _

from diagnostics.rules.answers import Given, is_answered
from diagnostics.rules.instrument import Question
from diagnostics.rules.scores import points
from diagnostics.rules.submission import Filled, Remark

CODE = "missing_evidence"


def check(filled: Filled) -> list[Remark]:
    return [
        Remark(CODE, question.id, _("The evidence is missing."), blocks=True)
        for question in filled.instrument.questions()
        if question.needs_evidence
        and question.id in filled.shown
        and not filled.evidence.get(question.id)
        and _claims(question, filled.answers.get(question.id))
    ]


def _claims(question: Question, given: Given | None) -> bool:
    """Whether the answer says that something exists: "no hay" needs no proof."""
    if given is None or given.is_na or not is_answered(question, given):
        return False
    return not question.is_scored or points(question, given) > 0
