"""“No aplica” always says why."""

from django.utils.translation import gettext as _

from diagnostics.rules.submission import Filled, Remark

CODE = "na_without_reason"


def check(filled: Filled) -> list[Remark]:
    return [
        Remark(CODE, question.id, _("It says “not applicable” without saying why."), blocks=True)
        for question in filled.instrument.questions()
        if question.id in filled.shown
        and (given := filled.answers.get(question.id)) is not None
        and given.is_na
        and not given.to_confirm
        and not given.text.strip()
    ]
