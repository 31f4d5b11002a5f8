"""The source asked for the year's totals and the municipality reported none: serious, and the page shows "no data"."""

from typing import Final

from django.utils.translation import gettext as _

from budget.choices import Severity
from budget.rules.findings import Seen, YearFigures

CODE: Final = "nothing_received"


def check(figures: YearFigures) -> Seen | None:
    if figures.reported or not figures.unreported:
        return None
    return Seen(
        CODE,
        Severity.SERIOUS,
        _("The municipality did not report its budget of this year, so there is nothing to show."),
        _("None of the %(count)s totals asked for was reported (“No Recepcionado”).")
        % {"count": str(len(figures.unreported))},
        {"unreported": len(figures.unreported)},
    )
