"""Who chooses one of the two highest levels is asked to explain it in words."""

from typing import Final

from django.utils.translation import gettext as _

from diagnostics.rules.answers import is_answered
from diagnostics.rules.instrument import QuestionKind
from diagnostics.rules.submission import Filled, Remark

CODE = "high_without_words"
HIGHEST: Final = 2


def check(filled: Filled) -> list[Remark]:
    return [
        Remark(CODE, question.id, _("It chooses a high level and explains nothing."), blocks=False)
        for question in filled.instrument.questions()
        if question.kind == QuestionKind.LEVEL
        and question.id in filled.shown
        and (given := filled.answers.get(question.id)) is not None
        and is_answered(question, given)
        and not given.is_na
        and given.value > len(question.levels) - HIGHEST
        and not given.text.strip()
    ]
