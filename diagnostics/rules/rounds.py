"""What is wrong with the dates of a round, or of more time. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

LONGEST: Final = timedelta(days=731)
"""A round that stays open for longer has a wrong year."""
MOST_EXTRA: Final = timedelta(days=366)


def date_problems(
    *, opens: date, closes: date, public_from: date | None, today: date, is_new: bool
) -> Mapping[str, str]:
    """What is wrong, by field; empty when nothing is."""
    found = {}
    if closes < opens:
        found["closes"] = _("It closes before it opens.")
    elif closes - opens > LONGEST:
        found["closes"] = _("It would be open for more than two years. Look at the year.")
    elif is_new and closes < today:
        found["closes"] = _("This day is over: the round would be closed from the start.")
    if public_from and public_from < closes:
        found["public_from"] = _(
            "On that day others would still be answering. Choose the day of the close or a later one."
        )
    return found


def closes_early(closes: date, *, before: date, today: date) -> bool:
    """Whether moving the close from `before` takes time away that municipalities still had."""
    return closes < before and closes < today <= before


def extra_time_problem(until: date, *, closes: date, today: date) -> str:
    """Why no municipality of a round can have time until then; empty when it can."""
    if until < today:
        return _("This day is over.")
    if until <= closes:
        return _("The round itself is open until %(day)s. Choose a later day.") % {"day": f"{closes:%d-%m-%Y}"}
    if until > closes + MOST_EXTRA:
        return _("This is more than a year after the close of the round. Look at the year.")
    return ""
