"""Evidence out of date, or that cannot be opened, is said; the reviewer decides what it is worth."""

from django.utils.translation import gettext as _

from diagnostics.rules.submission import Filled, Remark

CODE = "expired_evidence"


def check(filled: Filled) -> list[Remark]:
    found = []
    for question in filled.instrument.questions():
        if question.id not in filled.shown:
            continue
        for piece in filled.evidence.get(question.id, ()):
            if piece.expires and piece.expires < filled.today:
                text = _("The evidence “%(title)s” is out of date.")
            elif not piece.is_open:
                text = _("The evidence “%(title)s” cannot be opened.")
            else:
                continue
            found.append(Remark(CODE, question.id, text % {"title": piece.title}, blocks=False))
    return found
