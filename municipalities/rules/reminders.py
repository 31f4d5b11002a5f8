"""When a municipality is reminded of what was asked of it, and by when an answer is expected. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from municipalities.choices import AdhesionState, MailKind
from municipalities.rules.working_days import working_day

KINDS: Final[Mapping[AdhesionState, MailKind]] = {
    AdhesionState.INVITED: MailKind.ADHESION_REMINDER,
    AdhesionState.ACT_ISSUED: MailKind.ACT_REMINDER,
    AdhesionState.RETURNED: MailKind.ACT_REMINDER,
}
"""The reminder that fits each state in which a municipality may be reminded."""

LEVELS: Final[Mapping[AdhesionState, tuple[int, ...]]] = {
    AdhesionState.INVITED: (14, 30),
    AdhesionState.ACT_ISSUED: (7, 21),
    AdhesionState.RETURNED: (7, 21),
}
"""Days without movement after which the portal reminds by itself, once for each."""

PAUSE: Final = timedelta(days=5)
"""The portal does not remind by itself a municipality that was reminded, by anybody, less than this ago."""

# No law sets these: they are what the council asks for, and each comes after the last reminder.
ANSWER_DAYS: Final[Mapping[AdhesionState, int]] = {
    AdhesionState.INVITED: 45,
    AdhesionState.ACT_ISSUED: 30,
    AdhesionState.RETURNED: 30,
}
_AT_LEAST: Final = timedelta(days=7)


def level(state: AdhesionState | str, days: int) -> int:
    """How many of the levels of `state` have passed after `days` without movement: 0 before the first."""
    return sum(days >= bound for bound in LEVELS.get(AdhesionState(state), ()))


def answer_by(state: AdhesionState | str, since: date, today: date) -> date | None:
    """The working day by which a municipality in `state` since `since` is asked to answer, never less than a week ahead of
    `today`; None where nothing is asked of it."""
    days = ANSWER_DAYS.get(AdhesionState(state))
    if days is None:
        return None
    return working_day(max(since + timedelta(days=days), today + _AT_LEAST))
