"""The initial budget must have as much income as expense."""

from typing import Final

from django.utils.translation import gettext as _

from budget.choices import Measure
from budget.rules.balance import imbalance
from budget.rules.findings import Seen, YearFigures

CODE: Final = "initial_balance"


def check(figures: YearFigures) -> Seen | None:
    found = imbalance(figures, Measure.INITIAL)
    if found is None:
        return None
    citizen = _(
        "The budget approved for the year does not balance: income and expense differ by %(difference)s (%(gap)s)."
    )
    officer = _(
        "The initial budget has an income of %(income)s and an expense of %(expense)s; "
        "they differ by %(difference)s (%(gap)s)."
    )
    return Seen(CODE, found.severity, citizen % found.words, officer % found.words, found.data)
