"""The life of an adhesion, in one table: the actions, the buttons, the tests and `docs/adhesion.md` come from here. Pure."""

from typing import Final, NamedTuple

from accounts.permissions import Permission
from accounts.rules.transitions import step_in, steps_in
from municipalities.choices import AdhesionState as S
from municipalities.choices import MailKind


class Step(NamedTuple):
    """One way from a state to another.

    `permission` is what a person needs, None for a step that only the portal takes; `reason`: one must be typed; `mail`: what
    goes out; `public`: the register changes for everyone; `undo`: the step back is offered for a while, for nobody was told.
    """

    start: S
    end: S
    permission: Permission | None
    reason: bool = False
    mail: MailKind | None = None
    public: bool = False
    undo: bool = False


_PROMOTE = Permission.PROMOTE_ADHESION
_ISSUE = Permission.ISSUE_ACT
_SIGN = Permission.SUBMIT_SIGNATURE
_REVIEW = Permission.REVIEW_ADHESION
_REGISTER = Permission.REGISTER_ADHESION

TABLE: Final = (
    Step(S.PROSPECT, S.INVITED, _PROMOTE, mail=MailKind.ADHESION_INVITATION),
    Step(S.PROSPECT, S.CONVERSING, _PROMOTE, undo=True),
    Step(S.INVITED, S.CONVERSING, _PROMOTE, undo=True),
    Step(S.PROSPECT, S.ACT_ISSUED, _ISSUE, mail=MailKind.ACT_ISSUED),
    Step(S.INVITED, S.ACT_ISSUED, _ISSUE, mail=MailKind.ACT_ISSUED),
    Step(S.CONVERSING, S.ACT_ISSUED, _ISSUE, mail=MailKind.ACT_ISSUED),
    # The act had a fault: a new one takes its place before anyone signs, or after it was returned.
    Step(S.ACT_ISSUED, S.ACT_ISSUED, _ISSUE, reason=True, mail=MailKind.ACT_ISSUED),
    Step(S.RETURNED, S.ACT_ISSUED, _ISSUE, reason=True, mail=MailKind.ACT_ISSUED),
    Step(S.ACT_ISSUED, S.SIGNED, _SIGN, mail=MailKind.SIGNATURE_RECEIVED),
    Step(S.RETURNED, S.SIGNED, _SIGN, mail=MailKind.CORRECTION_RECEIVED),
    Step(S.SIGNED, S.UNDER_REVIEW, _REVIEW, undo=True),
    Step(S.UNDER_REVIEW, S.RETURNED, _REVIEW, reason=True, mail=MailKind.SIGNATURE_RETURNED),
    Step(S.UNDER_REVIEW, S.VERIFIED, _REVIEW, mail=MailKind.ADHESION_VERIFIED),
    Step(S.VERIFIED, S.UNDER_REVIEW, _REGISTER, reason=True),
    Step(S.VERIFIED, S.IN_FORCE, _REGISTER, mail=MailKind.ADHESION_IN_FORCE, public=True),
    Step(S.IN_FORCE, S.SUSPENDED, _REGISTER, reason=True, mail=MailKind.ADHESION_SUSPENDED, public=True),
    Step(S.SUSPENDED, S.IN_FORCE, _REGISTER, reason=True, mail=MailKind.ADHESION_IN_FORCE, public=True),
    Step(S.IN_FORCE, S.WITHDRAWN, _REGISTER, reason=True, mail=MailKind.ADHESION_WITHDRAWN, public=True),
    Step(S.SUSPENDED, S.WITHDRAWN, _REGISTER, reason=True, mail=MailKind.ADHESION_WITHDRAWN, public=True),
    # Before it is in force nobody outside was told, so a refusal stays between the council and the municipality.
    Step(S.PROSPECT, S.WITHDRAWN, _PROMOTE, reason=True, undo=True),
    Step(S.INVITED, S.WITHDRAWN, _PROMOTE, reason=True, undo=True),
    Step(S.CONVERSING, S.WITHDRAWN, _PROMOTE, reason=True, undo=True),
    Step(S.ACT_ISSUED, S.WITHDRAWN, _REGISTER, reason=True),
    Step(S.SIGNED, S.WITHDRAWN, _REGISTER, reason=True),
    Step(S.RETURNED, S.WITHDRAWN, _REGISTER, reason=True),
    Step(S.VERIFIED, S.WITHDRAWN, _REGISTER, reason=True),
    # Its term ended, or the act of a new mayor took its place.
    Step(S.IN_FORCE, S.CONCLUDED, None, public=True),
    Step(S.SUSPENDED, S.CONCLUDED, None, public=True),
    # Its term ended before it came into force: whoever was to sign holds the office no more, and the next term begins anew.
    *(
        Step(state, S.CONCLUDED, None)
        for state in (
            *(S.PROSPECT, S.INVITED, S.CONVERSING, S.ACT_ISSUED),
            *(S.SIGNED, S.UNDER_REVIEW, S.RETURNED, S.VERIFIED),
        )
    ),
)

FINAL: Final = frozenset({S.WITHDRAWN, S.CONCLUDED})
"""Nothing leads on from these: a re-adhesion is a new adhesion linked to the old."""

PUBLIC: Final = frozenset({S.IN_FORCE, S.SUSPENDED})
"""What the register shows; an adhesion that was in force and ended is shown too, by its dates."""

OPEN: Final = frozenset(S) - FINAL

IN_COUNCILS_HANDS: Final = frozenset({S.PROSPECT, S.SIGNED, S.UNDER_REVIEW, S.VERIFIED})
"""The council owes the next step."""

IN_MUNICIPALITYS_HANDS: Final = frozenset({S.INVITED, S.CONVERSING, S.ACT_ISSUED, S.RETURNED})

SIGNABLE: Final = frozenset({S.ACT_ISSUED, S.RETURNED})
"""A signed act is awaited."""


def step(start: S | str, end: S | str) -> Step:
    """The step from `start` to `end`; raises `ValueError` when the table has none."""
    return step_in(TABLE, start, end)


def steps_from(start: S | str) -> tuple[Step, ...]:
    """What may follow `start`, in the order of the table."""
    return steps_in(TABLE, start)
