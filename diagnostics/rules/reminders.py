"""When a municipality is reminded of its diagnostic: by rules that count back from its last day. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple, Protocol

from municipalities.rules.working_days import working_day_before

EVERYONE: Final = 100
"""A rule below this share reaches all that were not submitted, complete ones too."""

CATCH_UP: Final = timedelta(days=4)
"""A reminder that a clock standing still left out is made up for until so long after its day."""


class Rule(Protocol):
    """So many days before the last day, to those with less than this share answered."""

    @property
    def days_before(self) -> int: ...
    @property
    def below_percent(self) -> int: ...


class Days(NamedTuple):
    """A rule that is no row."""

    days_before: int
    below_percent: int


DEFAULT: Final = (Days(20, 50), Days(7, EVERYONE), Days(2, EVERYONE))
"""What a new round begins with."""


def day_of(rule: Rule, last_day: date) -> date:
    """The working day of the rule's reminder; never later than asked, so that the last one leaves time to act."""
    return working_day_before(last_day - timedelta(days=rule.days_before))


def reaches(rule: Rule, percent: int) -> bool:
    """Whether a diagnostic with this share answered is reminded by the rule."""
    return rule.below_percent >= EVERYONE or percent < rule.below_percent


def due(rules: Iterable[Rule], *, last_day: date, since: date, percent: int, today: date) -> Rule | None:
    """The rule that reminds on `today`, or None. Where several meet, the one nearest to the last day speaks for all.

    `since` is the day on which the municipality was last told its last day: rules of before or of that day are passed over.
    """
    if today > last_day:
        return None
    ripe = [
        rule
        for rule in rules
        if since < day_of(rule, last_day) <= today <= day_of(rule, last_day) + CATCH_UP and reaches(rule, percent)
    ]
    return min(ripe, key=lambda rule: rule.days_before, default=None)
