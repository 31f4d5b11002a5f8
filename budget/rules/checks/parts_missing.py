"""Some of the totals that the source asks for were not reported: a warning that names them."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budget.choices import Measure, Severity
from budget.rules.findings import Seen, YearFigures

CODE: Final = "parts_missing"


def check(figures: YearFigures) -> Seen | None:
    if not figures.reported or not figures.unreported:
        return None
    measures = {measure for _account, area, measure in figures.unreported if not area}
    names = {
        Measure.INITIAL: _("the initial budget"),
        Measure.CURRENT: _("the current budget"),
        Measure.ACCRUED: _("the expense"),
        Measure.SETTLED: _("the income received"),
    }
    parts = [name for measure, name in names.items() if measure in measures]
    if any(area for _account, area, _measure in figures.unreported):
        parts.append(_("the expense by management area"))
    count = len(figures.unreported)
    words = {"parts": "; ".join(parts), "count": str(count)}
    citizen = _("The municipality did not report all of its budget. Missing: %(parts)s.") % words
    officer = ngettext(
        "%(count)s total was not reported (“No Recepcionado”): %(parts)s.",
        "%(count)s totals were not reported (“No Recepcionado”): %(parts)s.",
        count,
    )
    return Seen(CODE, Severity.WARNING, citizen, officer % words, {"unreported": count})
