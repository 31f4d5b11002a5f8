"""What staff may do with a mail in the outbox, in one table: the actions, the buttons and the tests come from here. Pure."""

from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from municipalities.choices import MailState as S


class Step(NamedTuple):
    """A decision of a person about a mail. `code` names it in addresses, `event` in the log; `reason`: one must be typed."""

    code: str
    event: str
    starts: frozenset[S]
    end: S
    label: Promise
    meaning: Promise
    reason: bool = False


TABLE: Final = (
    Step(
        "cancelar",
        "cancelled",
        frozenset({S.QUEUED}),
        S.CANCELLED,
        _("Do not send it"),
        _("It stays in the log and never leaves."),
    ),
    Step(
        "reenviar",
        "sent_again",
        frozenset({S.FAILED, S.UNCERTAIN, S.BOUNCED, S.CANCELLED}),
        S.QUEUED,
        _("Send it again"),
        _("The same text leaves again, with the same identifier: a mail program that already has it can tell."),
    ),
    Step(
        "llego",
        "arrived",
        frozenset({S.UNCERTAIN}),
        S.SENT,
        _("It arrived"),
        _("The person confirmed that they have it. It is not sent again."),
    ),
    Step(
        "devuelto",
        "bounced",
        frozenset({S.SENT, S.UNCERTAIN}),
        S.BOUNCED,
        _("It came back"),
        _("The mail server returned it, or the person says that the address is wrong."),
        reason=True,
    ),
)


def steps_from(state: S | str) -> tuple[Step, ...]:
    """What a person may do with a mail in `state`."""
    return tuple(step for step in TABLE if state in step.starts)


def step(code: str) -> Step:
    """The step of this name; raises `KeyError` for another."""
    return {step.code: step for step in TABLE}[code]
