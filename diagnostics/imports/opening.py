"""Diagnostics are opened here and nowhere else: the rows, their events and the mails to the municipalities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from accounts.actions import new_event
from accounts.models import Event
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic, Round
from diagnostics.notifications.opened import tell_opened
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.answers import shown
from municipalities.models import Municipality

if TYPE_CHECKING:
    from accounts.models import User


def open_diagnostics(
    round_: Round,
    places: Sequence[Municipality],
    *,
    by: User,
    now: datetime,
    before: Mapping[str, Diagnostic],
    starts_from: Round | None = None,
) -> list[Diagnostic]:
    """Open the diagnostic of each municipality (with its `region`) that has none in the round; return those that are new.

    The caller holds the round's row, so that two who open at once open each once. `before`: by CUT, the diagnostic that the new
    one follows; `starts_from`: the round whose answers are carried to it. A few queries, whatever their number.
    """
    standing = Diagnostic.objects.filter(round=round_, version=round_.version, municipality__in=places)
    present = set(standing.exclude(state=DiagnosticState.CANCELLED).values_list("municipality", flat=True))
    asked = len(shown(instrument_of(round_.version), {}))
    made = Diagnostic.objects.bulk_create(
        Diagnostic(
            round=round_,
            municipality=place,
            version=round_.version,
            previous=before.get(place.pk),
            state_since=now,
            created_at=now,
            asked=asked,
        )
        for place in places
        if place.pk not in present
    )
    Event.objects.bulk_create(
        new_event("diagnostic.opened", by=by, at=now, subject=one, municipality_cut=one.municipality_id) for one in made
    )
    tell_opened(made, by=by, now=now, starts_from=starts_from)
    return made
