"""What is asked now, of whom, and by when; and how far an adhesion has come. Pure."""

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from municipalities.choices import AdhesionState as S
from municipalities.rules.reminders import ANSWER_DAYS
from municipalities.rules.working_days import working_day

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class Hands(StrEnum):
    """Who owes the next step."""

    MUNICIPALITY = "municipality"
    COUNCIL = "council"
    NOBODY = "nobody"


class Asked(NamedTuple):
    """What the municipality reads at the top of its page. `days` after the last movement is when it is due."""

    hands: Hands
    title: "StrOrPromise"
    text: "StrOrPromise"
    days: int | None = None

    def due(self, since: date) -> date | None:
        """The working day by which it is asked, given the day of the last movement; mails name the same one."""
        return None if self.days is None else working_day(since + timedelta(days=self.days))


# The days are a proposal of the portal: the commitment sets none.
_ASKED: Final[dict[S, Asked]] = {
    S.PROSPECT: Asked(
        Hands.COUNCIL,
        _("The Consejo has not invited your municipality yet"),
        _("Nothing is asked of you now. If your mayor wants to adhere already, tell the Consejo."),
    ),
    S.INVITED: Asked(
        Hands.MUNICIPALITY,
        _("Answer the invitation"),
        _("The Consejo invites your municipality to adhere. Talk it over with your mayor and answer here."),
        ANSWER_DAYS[S.INVITED],
    ),
    S.CONVERSING: Asked(
        Hands.MUNICIPALITY,
        _("Agree with the Consejo on the act"),
        _("Check that the mayor recorded here is the one in office. The Consejo then issues the act with that name."),
        30,
    ),
    S.ACT_ISSUED: Asked(
        Hands.MUNICIPALITY,
        _("Sign the act"),
        _("The act is ready. The mayor signs it, and the signed file comes back to the Consejo through this portal."),
        ANSWER_DAYS[S.ACT_ISSUED],
    ),
    S.RETURNED: Asked(
        Hands.MUNICIPALITY,
        _("Correct the act and send it again"),
        _("The Consejo returned the signed act. The page of the adhesion says why and what to do."),
        ANSWER_DAYS[S.RETURNED],
    ),
    S.SIGNED: Asked(
        Hands.COUNCIL,
        _("The Consejo has your signed act"),
        _("Nothing is asked of you now. Someone of the Consejo will take up the review."),
        5,
    ),
    S.UNDER_REVIEW: Asked(
        Hands.COUNCIL,
        _("The Consejo is reviewing your signed act"),
        _("Nothing is asked of you now. You will get an e-mail when the review ends."),
        10,
    ),
    S.VERIFIED: Asked(
        Hands.COUNCIL,
        _("The signature was verified"),
        _("Nothing is asked of you now. The Consejo puts the adhesion in force."),
        5,
    ),
    S.IN_FORCE: Asked(
        Hands.NOBODY,
        _("Your municipality adhered"),
        _("The adhesion is in force and public. Nothing is asked of you now."),
    ),
    S.SUSPENDED: Asked(
        Hands.NOBODY,
        _("The adhesion is suspended"),
        _("The reason is in the history below. Write to the Consejo to take it up again."),
    ),
    S.WITHDRAWN: Asked(
        Hands.NOBODY,
        _("This adhesion ended"),
        _("The reason is in the history below. A new adhesion can begin whenever your mayor wants: tell the Consejo."),
    ),
    S.CONCLUDED: Asked(
        Hands.NOBODY,
        _("This adhesion ended with its term"),
        _("With a new mayor a new act is signed: tell the Consejo that you want to adhere again."),
    ),
}

NOT_BEGUN: Final = _ASKED[S.PROSPECT]


def asked(state: S | str) -> Asked:
    """What is asked in `state`."""
    return _ASKED[S(state)]


class Stage(NamedTuple):
    """A point on the line from the invitation to the adhesion in force; `mark` is done, current, stopped or ahead."""

    label: "StrOrPromise"
    mark: str


_LINE: Final = (
    (_("Invited"), frozenset({S.INVITED})),
    (_("In conversation"), frozenset({S.CONVERSING})),
    (_("Act issued"), frozenset({S.ACT_ISSUED})),
    (_("Signed"), frozenset({S.SIGNED, S.UNDER_REVIEW, S.RETURNED})),
    (_("Verified"), frozenset({S.VERIFIED})),
    (_("In force"), frozenset({S.IN_FORCE, S.SUSPENDED, S.CONCLUDED})),
)
_STOPPED: Final = frozenset({S.RETURNED, S.SUSPENDED, S.CONCLUDED})


def stages(state: S | str) -> list[Stage]:
    """The line with the place of `state` on it. A prospect is before it; one withdrawn has left it, so all lies ahead."""
    here = next((number for number, (_label, states) in enumerate(_LINE) if state in states), -1)
    current = "stopped" if state in _STOPPED else "current"
    if state == S.IN_FORCE:
        current = "done"
    return [
        Stage(label, "done" if number < here else current if number == here else "ahead")
        for number, (label, _states) in enumerate(_LINE)
    ]


# What a step does, for whoever is about to take it; without those whose page is another (the act, the signature).
CONSEQUENCES: Final[dict[S, "StrOrPromise"]] = {
    S.INVITED: _("The municipality is invited to adhere."),
    S.CONVERSING: _("The municipality answered and is talking with the Consejo. Nobody is written to."),
    S.UNDER_REVIEW: _("You take up the review of the signed act. The municipality sees that it is being reviewed."),
    S.IN_FORCE: _("The adhesion appears in the public register with its act, for everyone to read and verify."),
    S.SUSPENDED: _("The public register shows the adhesion as suspended."),
    S.WITHDRAWN: _("The adhesion ends. What was in force stays readable in the register with its dates."),
}
