"""A total expense more than half away from that of the year before, in nominal pesos, is a warning; more than all, serious."""

from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from budget.choices import Measure, Severity
from budget.rules.findings import Seen, YearFigures, gap, worded
from config.numbers import pesos

CODE: Final = "jump"
HALF: Final = Decimal(50)
ALL: Final = Decimal(100)


def check(figures: YearFigures) -> Seen | None:
    accrued, previous = figures.expense(Measure.ACCRUED), figures.previous
    if accrued is None or previous is None or previous <= 0:
        return None
    change = gap(accrued, previous)
    if change <= HALF:
        return None
    words = {
        "change": worded(change),
        "accrued": pesos(accrued),
        "previous": pesos(previous),
        "last_year": str(figures.year - 1),
    }
    if accrued > previous:
        citizen = _(
            "The expense rose by %(change)s against %(last_year)s. It may be a real change or an error in the figures."
        )
    else:
        citizen = _(
            "The expense fell by %(change)s against %(last_year)s. It may be a real change or an error in the figures."
        )
    officer = _("The accrued expense went from %(previous)s in %(last_year)s to %(accrued)s: a change of %(change)s.")
    return Seen(
        CODE,
        Severity.SERIOUS if change > ALL else Severity.WARNING,
        citizen % words,
        officer % words,
        {"accrued": accrued, "previous": previous, "percent": f"{change:.4f}"},
    )
