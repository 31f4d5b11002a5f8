"""What came from an earlier round or from the portal counts once a person has looked at it."""

from django.utils.translation import gettext as _

from diagnostics.rules.submission import Filled, Remark

CODE = "to_confirm"


def check(filled: Filled) -> list[Remark]:
    return [
        Remark(CODE, question.id, _("Its answer was brought from elsewhere and nobody has confirmed it."), blocks=True)
        for question in filled.instrument.questions()
        if question.id in filled.shown and question.id in filled.answers and filled.answers[question.id].to_confirm
    ]
