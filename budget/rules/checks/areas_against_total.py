"""The six management areas must add up to the expense: a gap of 1 % of the total is a warning, of 5 % serious.

Below 1 % nothing is said: the gap has a median of 0.21 % in 2024 and no page would be without it. A missing area makes the sum
meaningless, and is told by `parts_missing`.
"""

from typing import Final

from django.utils.translation import gettext as _

from budget.choices import Area, Measure
from budget.rules.findings import WARNING, Seen, YearFigures, gap, severity_of, worded
from config.numbers import pesos

CODE: Final = "areas_against_total"


def check(figures: YearFigures) -> Seen | None:
    total = figures.expense(Measure.ACCRUED)
    amounts = [figures.areas.get(area) for area in Area]
    known = [amount for amount in amounts if amount is not None]
    if total is None or len(known) < len(amounts):
        return None
    together = sum(known)
    percentage = gap(together, total)
    if percentage < WARNING:
        return None
    words = {"gap": worded(percentage), "sum": pesos(together), "total": pesos(total)}
    if together > total:
        citizen = _("The areas do not add up to the total: %(gap)s too much. Read the shares of the areas with care.")
    else:
        citizen = _("The areas do not add up to the total: %(gap)s is missing. Read the shares of the areas with care.")
    officer = _("The six management areas add up to %(sum)s, and the accrued expense is %(total)s: a gap of %(gap)s.")
    return Seen(
        CODE,
        severity_of(percentage),
        citizen % words,
        officer % words,
        {"sum": together, "total": total, "percent": f"{percentage:.4f}"},
    )
