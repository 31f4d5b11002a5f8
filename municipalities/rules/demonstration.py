"""What happens in the demonstration, and when: the fates of invented adhesions over a year and a half. Pure.

Chance comes from a dice of each municipality, seeded with its code: the same country everywhere, as far as the calendar allows.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple

from stdnum.cl import rut

from municipalities.choices import SignatureMethod
from municipalities.rules.terms import Term, term_on

SPAN: Final = timedelta(days=540)


class Deed(StrEnum):
    """One thing that people do with an adhesion."""

    INVITE = "invite"
    CONVERSE = "converse"
    ISSUE = "issue"
    SIGN = "sign"
    TAKE_UP = "take_up"
    SEND_BACK = "send_back"
    ACCEPT = "accept"
    PUT_IN_FORCE = "put_in_force"
    SUSPEND = "suspend"
    WITHDRAW = "withdraw"


# The fewest and the most days that pass before each deed.
_DAYS: Final = {
    Deed.INVITE: (0, 0),
    Deed.CONVERSE: (4, 40),
    Deed.ISSUE: (3, 30),
    Deed.SIGN: (4, 45),
    Deed.TAKE_UP: (1, 7),
    Deed.SEND_BACK: (1, 9),
    Deed.ACCEPT: (1, 9),
    Deed.PUT_IN_FORCE: (1, 5),
    Deed.SUSPEND: (40, 120),
    Deed.WITHDRAW: (30, 100),
}

_ISSUED: Final = (Deed.INVITE, Deed.CONVERSE, Deed.ISSUE)
_SIGNED: Final = (*_ISSUED, Deed.SIGN)
_REVIEWED: Final = (*_SIGNED, Deed.TAKE_UP)
_VERIFIED: Final = (*_REVIEWED, Deed.ACCEPT)
_IN_FORCE: Final = (*_VERIFIED, Deed.PUT_IN_FORCE)
_RETURNED: Final = (*_REVIEWED, Deed.SEND_BACK)
_CORRECTED: Final = (*_RETURNED, Deed.SIGN, Deed.TAKE_UP, Deed.ACCEPT, Deed.PUT_IN_FORCE)


class Fate(NamedTuple):
    """So many municipalities that do these deeds and sign by this road. `is_settled`: it may have ended long ago."""

    places: int
    deeds: tuple[Deed, ...]
    method: SignatureMethod
    is_settled: bool = False


_ADVANCED, _PORTAL, _SCAN = SignatureMethod.ADVANCED, SignatureMethod.PORTAL, SignatureMethod.SCAN
FATES: Final = (
    Fate(18, _IN_FORCE, _ADVANCED, is_settled=True),
    Fate(20, _IN_FORCE, _SCAN, is_settled=True),
    Fate(16, _IN_FORCE, _PORTAL, is_settled=True),
    Fate(4, _CORRECTED, _ADVANCED, is_settled=True),
    Fate(2, _CORRECTED, _SCAN, is_settled=True),
    Fate(2, (*_IN_FORCE, Deed.SUSPEND), _SCAN, is_settled=True),
    Fate(2, (*_IN_FORCE, Deed.WITHDRAW), _ADVANCED, is_settled=True),
    Fate(3, (Deed.INVITE, Deed.CONVERSE, Deed.WITHDRAW), _ADVANCED, is_settled=True),
    Fate(14, (Deed.INVITE,), _ADVANCED),
    Fate(9, (Deed.INVITE, Deed.CONVERSE), _ADVANCED),
    Fate(5, _ISSUED, _ADVANCED),
    Fate(2, _SIGNED, _ADVANCED),
    Fate(2, _SIGNED, _SCAN),
    Fate(2, _REVIEWED, _SCAN),
    Fate(2, _REVIEWED, _PORTAL),
    Fate(2, _RETURNED, _ADVANCED),
    Fate(2, _VERIFIED, _ADVANCED),
)

# The municipality of the demonstration's sign-ins goes on from here, and its neighbour has something to correct.
AWAITING_SIGNATURE: Final = Fate(1, _ISSUED, _ADVANCED)
TO_BE_CORRECTED: Final = Fate(1, _RETURNED, _ADVANCED)

# Adhesions of the term before, concluded with it; and how far each has come again.
EARLIER: Final = Fate(1, _IN_FORCE, _ADVANCED)
AGAIN: Final = (Fate(1, _IN_FORCE, _ADVANCED, is_settled=True), Fate(1, (Deed.INVITE, Deed.CONVERSE), _ADVANCED))


class Span(NamedTuple):
    """The days in which the demonstration takes place, both included, all in one term of office."""

    since: date
    until: date
    term: Term


def span(today: date) -> Span:
    """A year and a half up to `today`; while a term is younger than a year, up to the last day of the one before."""
    term = term_on(today)
    until = today
    if today - term.starts < timedelta(days=365):
        until = term.starts - timedelta(days=1)
        term = term_on(until)
    return Span(max(until - SPAN, term.starts + timedelta(days=30)), until, term)


def dice_of(seed: str) -> Random:
    """The dice of a municipality (or of anything with a name): it falls the same way everywhere."""
    return Random(seed)  # noqa: S311


def days_of(fate: Fate, dice: Random, at: Span, *, share: float) -> list[date]:
    """The day of each deed, in order, none on a weekend.

    A settled fate ends where `share` (0 to 1) of the span has passed; the others came to a halt in its last weeks.
    """
    pauses = [dice.randint(*_DAYS[deed]) for deed in fate.deeds]
    long = sum(pauses[1:])
    room = (at.until - at.since).days
    if fate.is_settled:
        last = at.since + timedelta(days=25 + round(share * (room - 30)))
    else:
        last = at.until - timedelta(days=dice.randint(3, 55))
    first = max(last - timedelta(days=long), at.since + timedelta(days=4))
    squeeze = (last - first).days / long if long else 1.0
    passed, found = 0, []
    for pause in [0, *pauses[1:]]:
        passed += pause
        found.append(working_day_before(first + timedelta(days=round(passed * squeeze))))
    return found


def working_day_before(day: date) -> date:
    """`day`, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def run_of(cut: str, series: int) -> str:
    """A valid RUN that nobody holds: numbers of 40 million and more have been given to no person.

    One for each municipality and `series` (0 to 9).
    """
    number = str(40_000_000 + 1_000_000 * series + int(cut))
    return f"{number}-{rut.calc_check_digit(number)}"


def shuffled(cuts: Sequence[str], remote: frozenset[str]) -> list[str]:
    """The municipalities in the order in which fates are handed out: chance, with the remote ones somewhat to the front."""
    return sorted(cuts, key=lambda cut: (dice_of(cut).random() - (0.1 if cut in remote else 0), cut))
