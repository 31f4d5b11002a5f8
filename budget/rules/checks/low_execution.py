"""Less than half of the current budget spent in the whole year is a warning, less than a quarter serious.

In 2024 the lowest execution was 40 % and the median 83 %.
"""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from budget.choices import Measure, Severity
from budget.rules.findings import Seen, YearFigures, worded
from config.numbers import pesos

CODE: Final = "low_execution"
HALF: Final = Decimal(50)
QUARTER: Final = Decimal(25)


def check(figures: YearFigures) -> Seen | None:
    current, accrued = figures.expense(Measure.CURRENT), figures.expense(Measure.ACCRUED)
    if accrued is None or current is None or current <= 0:
        return None
    execution = Decimal(accrued) * 100 / current
    if execution >= HALF:
        return None
    words = {"execution": worded(max(execution, Decimal(0))), "current": pesos(current), "accrued": pesos(accrued)}
    citizen = _("In the whole year the municipality spent only %(execution)s of its budget.")
    officer = _("The accrued expense, %(accrued)s, is %(execution)s of the current budget, %(current)s.")
    return Seen(
        CODE,
        Severity.SERIOUS if execution < QUARTER else Severity.WARNING,
        citizen % words,
        officer % words,
        {"current": current, "accrued": accrued, "percent": f"{execution:.4f}"},
    )
