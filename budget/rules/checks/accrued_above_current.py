"""What was spent may not exceed what could be spent: any excess is a warning, one of 5 % serious."""

from typing import Final

from django.utils.translation import gettext as _

from budget.choices import Measure, Severity
from budget.rules.findings import ROUNDING, SERIOUS, Seen, YearFigures, gap, worded
from config.numbers import pesos

CODE: Final = "accrued_above_current"


def check(figures: YearFigures) -> Seen | None:
    current, accrued = figures.expense(Measure.CURRENT), figures.expense(Measure.ACCRUED)
    if current is None or accrued is None or accrued - current <= ROUNDING:
        return None
    percentage = gap(accrued, current)
    words = {
        "gap": worded(percentage),
        "excess": pesos(accrued - current),
        "current": pesos(current),
        "accrued": pesos(accrued),
    }
    citizen = _("The municipality spent more than its budget allowed: %(gap)s more.")
    officer = _("The accrued expense, %(accrued)s, exceeds the current budget, %(current)s, by %(excess)s (%(gap)s).")
    return Seen(
        CODE,
        Severity.SERIOUS if percentage >= SERIOUS else Severity.WARNING,
        citizen % words,
        officer % words,
        {"current": current, "accrued": accrued, "percent": f"{percentage:.4f}"},
    )
