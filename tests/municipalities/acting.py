"""What tests of acts need beside the cast: authorities in office and an adhesion under way."""

from __future__ import annotations

from datetime import UTC, date, datetime

from accounts.models import User
from municipalities.actions.adhesions import open_adhesion
from municipalities.choices import AdhesionState, Office
from municipalities.models import Adhesion, Authority, Municipality

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
MAYOR = "Fernanda Ñancupel Barría"
RUN = "5126663-3"


def authority(
    place: Municipality,
    *,
    office: Office = Office.MAYOR,
    name: str = MAYOR,
    run: str = RUN,
    starts: date = date(2024, 12, 6),
    ends: date | None = None,
) -> Authority:
    return Authority.objects.create(
        municipality=place,
        office=office,
        name=name,
        run=run,
        starts=starts,
        ends=ends,
        decree="Sentencia de proclamación, 2024",
        recorded_at=NOW,
    )


def adhesion_in(
    place: Municipality, state: AdhesionState = AdhesionState.CONVERSING, *, adviser: User | None = None
) -> Adhesion:
    """An open adhesion put into a state without the steps before it."""
    adhesion = open_adhesion(by=None, municipality=place, now=NOW)
    Adhesion.objects.filter(pk=adhesion.pk).update(state=state, adviser=adviser)
    adhesion.refresh_from_db()
    return adhesion
