"""To whom the mails of a diagnostic go."""

from __future__ import annotations

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import Event, User
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic
from diagnostics.rules.diagnostic_states import Reader
from municipalities.notifications.recipients import (
    Recipient,
    administrators,
    advisers_of,
    members_of,
    people_of,
    recipient,
)


def readers_of(reader: Reader, diagnostic: Diagnostic) -> list[Recipient]:
    """The addresses behind a reader of the table of states. A few queries."""
    cut = diagnostic.municipality_id
    match reader:
        case Reader.MUNICIPALITY:
            return people_of([cut])[cut]
        case Reader.MAYOR:
            return members_of([cut], MunicipalRole.MAYOR)[cut]
        case Reader.REVIEWERS:
            return [recipient(person) for person in reviewers(diagnostic)]
        case Reader.WHO_RETURNED:
            returned = _who_returned(diagnostic)
            return [recipient(person) for person in ([returned] if returned else reviewers(diagnostic))]


def reviewers(diagnostic: Diagnostic) -> list[User]:
    """Whom the council has for it: its reviewers, else the municipality's advisers, else the administrators."""
    given = User.objects.filter(pk__in=diagnostic.reviewers.values("user"), is_active=True).exclude(council_role="")
    return (
        list(given.order_by("pk"))
        or advisers_of([diagnostic.municipality])[diagnostic.municipality_id]
        or administrators()
    )


def _who_returned(diagnostic: Diagnostic) -> User | None:
    """Whoever returned it last, while they still work for the council."""
    returned = (
        Event.objects.filter(
            kind="diagnostic.moved",
            subject_type=diagnostic._meta.label_lower,
            subject_id=str(diagnostic.pk),
            data__end=DiagnosticState.RETURNED.value,
        )
        .order_by("-at", "-pk")
        .first()
    )
    people = User.objects.filter(is_active=True, council_role__in=CouncilRole.values)
    return people.filter(pk=returned.actor_id).first() if returned and returned.actor_id else None
