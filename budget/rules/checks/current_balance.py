"""The current budget, after the year's changes, must have as much income as expense."""

from typing import Final

from django.utils.translation import gettext as _

from budget.choices import Measure
from budget.rules.balance import imbalance
from budget.rules.findings import Seen, YearFigures

CODE: Final = "current_balance"


def check(figures: YearFigures) -> Seen | None:
    found = imbalance(figures, Measure.CURRENT)
    if found is None:
        return None
    citizen = _(
        "After the changes of the year the budget does not balance: "
        "income and expense differ by %(difference)s (%(gap)s)."
    )
    officer = _(
        "The current budget has an income of %(income)s and an expense of %(expense)s; "
        "they differ by %(difference)s (%(gap)s)."
    )
    return Seen(CODE, found.severity, citizen % found.words, officer % found.words, found.data)
