"""What the council asks of the adhesions: how many by region and by distance, how long each state takes, which terms end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.models import Event
from municipalities.choices import AdhesionState, Standing
from municipalities.models import Adhesion, AdhesionRequest, CampaignGoal, Municipality, Region
from municipalities.reports.adhesion_register import REMOTE_FROM_KM, Entry, Published, entries, published, signed_acts
from municipalities.reports.contact_log import open_steps
from municipalities.rules.adhesion_states import IN_COUNCILS_HANDS, IN_MUNICIPALITYS_HANDS
from municipalities.rules.funnel import Move, Stage, funnel
from municipalities.rules.terms import DISTANCE_BANDS, DistanceBand

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User

STILL: Final = timedelta(days=30)
ON_THE_WAY: Final = [state for state in AdhesionState if state in IN_COUNCILS_HANDS | IN_MUNICIPALITYS_HANDS]
"""Someone owes a next step: neither in force, suspended nor over."""


class Part(NamedTuple):
    """`adhered` of `municipalities` have an adhesion in force; `share` in percent is None where there are none at all."""

    code: str
    municipalities: int
    adhered: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(100 * self.adhered) / self.municipalities if self.municipalities else None


class BandPart(NamedTuple):
    band: DistanceBand
    part: Part


class TermOfAct(NamedTuple):
    """An adhesion that stands, and when the term of the mayor who signed ends; `days_left` until then.

    `folio` is its act's, empty where no accepted act is on record.
    """

    entry: Entry
    shown: Published
    folio: str
    days_left: int


@dataclass(frozen=True, slots=True)
class Indicators:
    """Everything the page, its figures and its workbook show. `remote` and `near` are the two sides of the emphasis."""

    regions: list[tuple[Region, Part]]
    bands: list[BandPart]
    remote: Part
    near: Part
    whole: Part
    stages: list[Stage]
    terms: list[TermOfAct]

    @property
    def gap(self) -> Decimal | None:
        """Percentage points by which remote municipalities are ahead of near ones; negative when they are behind."""
        if self.remote.share is None or self.near.share is None:
            return None
        return self.remote.share - self.near.share


def indicators(user: User, *, today: date) -> Indicators:
    """The indicators of the municipalities that the person may see. Six queries."""
    seen = set(Municipality.objects.visible_to(user).values_list("pk", flat=True))
    register = [entry for entry in entries(published()) if entry.pk in seen]
    inside = {entry.region for entry in register}
    bands = [
        BandPart(band, _part(band.code, [entry for entry in register if entry.band == band])) for band in DISTANCE_BANDS
    ]
    return Indicators(
        regions=[
            (region, _part(region.code, [entry for entry in register if entry.region == region.code]))
            for region in Region.objects.all()
            if region.code in inside
        ],
        bands=bands,
        remote=_part("remote", [entry for entry in register if entry.band.remote]),
        near=_part("near", [entry for entry in register if not entry.band.remote]),
        whole=_part("whole", register),
        stages=stages(user),
        terms=terms(register, today=today),
    )


def _part(code: str, of: Sequence[Entry]) -> Part:
    return Part(code, len(of), sum(entry.standing == Standing.IN_FORCE for entry in of))


def terms(register: Iterable[Entry], *, today: date) -> list[TermOfAct]:
    """The adhesions that stand, those whose term ends first at the top. One query."""
    folios = {adhesion: act.folio for adhesion, act in signed_acts().items()}
    found = [
        TermOfAct(entry, entry.shown, folios.get(entry.shown.pk, ""), (entry.shown.term.ends - today).days)
        for entry in register
        if entry.shown and entry.standing in {Standing.IN_FORCE, Standing.SUSPENDED}
    ]
    return sorted(found, key=lambda one: one.days_left)


def stages(user: User) -> list[Stage]:
    """The funnel of the adhesions that the person may see, from the events of their steps. Two queries."""
    lives = {
        str(pk): (state, opened)
        for pk, state, opened in Adhesion.objects.visible_to(user).values_list("pk", "state", "created_at")
    }
    moves: dict[str, list[Move]] = defaultdict(list)
    events = Event.objects.filter(kind="adhesion.moved", subject_type=Adhesion._meta.label_lower)
    for subject, at, data in events.order_by("at", "pk").values_list("subject_id", "at", "data").iterator():
        if subject in lives:
            moves[subject].append(Move(at, data["start"], data["end"]))
    return funnel((state, opened, moves[pk]) for pk, (state, opened) in lives.items())


# --- What the council's desk opens on ---------------------------------------------------------------------------------


class DeskNumbers(NamedTuple):
    """Adhesions that wait for the council or stand still. `below_goal` is None while no campaign with goals runs.

    `steps_due`: the person's own next steps of today or before.
    """

    waiting_review: int
    verified: int
    returned: int
    still: int
    requests_waiting: int
    below_goal: int | None
    steps_due: int

    @property
    def still_query(self) -> str:
        """What the table of adhesions is asked for to show those that stand still, and no others."""
        return urlencode({"estado": ON_THE_WAY, "dias": STILL.days}, doseq=True)


def desk_numbers(user: User, *, now: datetime) -> DeskNumbers:
    """Within what the person may see. At most six queries."""
    waiting = Q(state__in=[AdhesionState.SIGNED, AdhesionState.UNDER_REVIEW])
    found = (
        Adhesion.objects.visible_to(user)
        .open()
        .aggregate(
            waiting_review=Count("pk", filter=waiting),
            verified=Count("pk", filter=Q(state=AdhesionState.VERIFIED)),
            returned=Count("pk", filter=Q(state=AdhesionState.RETURNED)),
            still=Count("pk", filter=Q(state__in=ON_THE_WAY, state_since__lte=now - STILL)),
        )
    )
    behind = remote_regions_below_goal(user, today=timezone.localdate(now))
    return DeskNumbers(
        found["waiting_review"],
        found["verified"],
        found["returned"],
        found["still"],
        AdhesionRequest.objects.visible_to(user).filter(handled_at__isnull=True).count(),
        None if behind is None else len(behind),
        open_steps(user, everyone=False).filter(next_on__lte=timezone.localdate(now)).count(),
    )


def remote_regions_below_goal(user: User, *, today: date) -> list[str] | None:
    """Codes of the remote regions with fewer adhesions in force than the goals of the campaigns that run today ask for.

    A region is remote when half of its municipalities or more are. None when no campaign that runs has goals.
    """
    goals = dict(
        CampaignGoal.objects.filter(campaign__starts__lte=today, campaign__ends__gte=today)
        .order_by()
        .values_list("region")
        .annotate(Sum("goal"))
    )
    if not goals:
        return None
    distances: dict[str, list[int]] = defaultdict(list)
    for region, distance in Municipality.objects.visible_to(user).order_by().values_list("region_id", "distance_km"):
        distances[region].append(distance)
    in_force = Adhesion.objects.filter(state=AdhesionState.IN_FORCE)
    adhered = Counter(in_force.order_by().values_list("municipality__region_id", flat=True))
    return sorted(
        region
        for region, goal in goals.items()
        if distances[region] and median(distances[region]) >= REMOTE_FROM_KM and adhered[region] < goal
    )
