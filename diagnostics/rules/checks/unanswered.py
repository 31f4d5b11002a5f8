"""Every question that counts needs an answer; of those that only inform, it is said and does not block."""

from django.utils.translation import gettext as _

from diagnostics.rules.answers import is_answered
from diagnostics.rules.submission import Filled, Remark

CODE = "unanswered"


def check(filled: Filled) -> list[Remark]:
    found = []
    for question in filled.instrument.questions():
        given = filled.answers.get(question.id)
        carried = given is not None and given.to_confirm
        declined = given is not None and given.is_na
        if question.id not in filled.shown or carried or declined or is_answered(question, given):
            continue
        text = _("It has no answer.") if question.is_scored else _("It has no answer; it does not count in the score.")
        found.append(Remark(CODE, question.id, text, blocks=question.is_scored))
    return found
