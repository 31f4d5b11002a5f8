"""What the council's desk of adhesions shows: rows of the table, columns of the board, progress of a campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone

from municipalities.choices import AdhesionState as S
from municipalities.filters.adhesions import AdhesionFilter, desk_rows
from municipalities.models import Campaign, CampaignTarget, Municipality, MunicipalityQuerySet, Region

if TYPE_CHECKING:
    from accounts.models import User

CARDS: Final = 20
"""How many municipalities a column of the board shows."""

_LOOKS: Final[Mapping[str, str]] = {
    S.PROSPECT: "",
    S.INVITED: "active",
    S.CONVERSING: "active",
    S.ACT_ISSUED: "active",
    S.SIGNED: "warning",
    S.UNDER_REVIEW: "warning",
    S.RETURNED: "danger",
    S.VERIFIED: "warning",
    S.IN_FORCE: "success",
    S.SUSPENDED: "danger",
}
# Shown on the board even when empty: the road from the first contact to the adhesion.
_ROAD: Final = frozenset(S) - {S.SUSPENDED, S.WITHDRAWN, S.CONCLUDED}


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A municipality as the table shows it. `days` is None where no adhesion was ever opened."""

    municipality: Municipality
    newest: int | None
    state: S
    days: int | None
    adviser: str
    next_on: date | None
    next_step: str
    is_late: bool
    campaigns: tuple[str, ...]

    @property
    def href(self) -> str:
        """The file of its adhesion; before there is one, the council's log of contacts with it."""
        if self.newest is None:
            return reverse("municipalities:contact_log", args=[self.municipality.pk])
        return reverse("municipalities:adhesion_file", args=[self.newest])

    @property
    def look(self) -> str:
        """The kind of tag in which the state is shown."""
        return _LOOKS.get(self.state, "")


def table_rows(places: Sequence[Municipality], *, now: datetime) -> list[DeskRow]:
    """The rows of these municipalities, which carry what `desk_rows` adds. One query, for their campaigns."""
    today = timezone.localdate(now)
    targets = CampaignTarget.objects.filter(municipality__in=[place.pk for place in places])
    names: dict[str, list[str]] = defaultdict(list)
    for cut, name in targets.order_by("-campaign__starts", "campaign").values_list("municipality", "campaign__name"):
        names[cut].append(name)
    return [_row(place, today, tuple(names[place.pk])) for place in places]


def _row(place: Any, today: date, campaigns: tuple[str, ...] = ()) -> DeskRow:
    return DeskRow(
        municipality=place,
        newest=place.newest,
        state=S(place.state),
        days=(today - timezone.localdate(place.since)).days if place.since else None,
        adviser=place.adviser_name or "",
        next_on=place.next_on,
        next_step=place.next_step or "",
        is_late=place.next_on is not None and place.next_on < today,
        campaigns=campaigns,
    )


def counts_by_state(rows: MunicipalityQuerySet) -> dict[S, int]:
    """How many of these stand in each state; a state without any is 0. One query."""
    annotated: Any = rows  # the stubs do not know what `desk_rows` adds
    grouped = annotated.order_by().values("state").annotate(many=Count("pk"))
    counted: dict[str, int] = {row["state"]: row["many"] for row in grouped}
    return {state: counted.get(state.value, 0) for state in S}


# --- Board ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A state with how many stand there and the first of them, those that have waited longest first."""

    state: S
    count: int
    rows: list[DeskRow]

    @property
    def look(self) -> str:
        return _LOOKS.get(self.state, "")


def board(asked: AdhesionFilter) -> list[BoardColumn]:
    """The board of what was asked for. Two queries, whatever the number of municipalities."""
    counts = counts_by_state(asked.rows())
    oldest = (F("since").asc(nulls_last=True), F("search").asc())
    place = Window(RowNumber(), partition_by=F("state"), order_by=oldest)
    today = timezone.localdate(asked.now)
    cards: dict[str, list[DeskRow]] = defaultdict(list)
    for found in asked.rows().annotate(place=place).filter(place__lte=CARDS).order_by("place"):
        row = _row(found, today)
        cards[row.state].append(row)
    return [BoardColumn(state, counts[state], cards[state]) for state in S if counts[state] or state in _ROAD]


# --- Campaigns --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegionProgress:
    """Of a campaign in a region: municipalities addressed, in force now, and the goal (None where none was set)."""

    region: Region
    targets: int
    in_force: int
    goal: int | None

    @property
    def left(self) -> int | None:
        return None if self.goal is None else max(0, self.goal - self.in_force)

    @property
    def towards_goal(self) -> int:
        """What is more in one region does not make up for another."""
        return min(self.in_force, self.goal or 0)


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign as its page tells it, within what the reader may see."""

    campaign: Campaign
    regions: list[RegionProgress]
    funnel: dict[S, int]
    days_left: int | None
    starts_in: int | None

    @property
    def targets(self) -> int:
        return sum(self.funnel.values())

    @property
    def in_force(self) -> int:
        return self.funnel[S.IN_FORCE]

    @property
    def goal(self) -> int:
        return sum(row.goal or 0 for row in self.regions)

    @property
    def towards_goal(self) -> int:
        """How many of the adhesions that are the goal are in force."""
        return sum(row.towards_goal for row in self.regions)

    @property
    def to_invite(self) -> int:
        return self.funnel[S.PROSPECT]

    @property
    def stages(self) -> list[tuple[S, int]]:
        """The states to show: the road, and others that hold someone."""
        return [(state, count) for state, count in self.funnel.items() if count or state in _ROAD]


def campaign_page(campaign: Campaign, *, user: User, now: datetime) -> CampaignPage:
    """Progress against goals, and how many stand in each state. Four queries."""
    today = timezone.localdate(now)
    targets = targets_of(campaign, user)
    annotated: Any = targets  # the stubs do not know what `desk_rows` adds
    grouped = (
        annotated.order_by().values("region").annotate(many=Count("pk"), ready=Count("pk", filter=Q(state=S.IN_FORCE)))
    )
    counted = {row["region"]: (row["many"], row["ready"]) for row in grouped}
    goals = dict(campaign.goals.values_list("region", "goal"))
    regions = [
        RegionProgress(region, *counted.get(region.pk, (0, 0)), goals.get(region.pk))
        for region in Region.objects.all()
        if region.pk in counted or region.pk in goals
    ]
    running = campaign.starts <= today <= campaign.ends
    return CampaignPage(
        campaign=campaign,
        regions=regions,
        funnel=counts_by_state(targets),
        days_left=(campaign.ends - today).days if running else None,
        starts_in=(campaign.starts - today).days if today < campaign.starts else None,
    )


def targets_of(campaign: Campaign, user: User) -> MunicipalityQuerySet:
    """The municipalities that a campaign addresses, within the person's scope."""
    return desk_rows(user).filter(pk__in=campaign.targets.values("municipality"))


def campaign_list(campaigns: Iterable[Campaign], *, user: User) -> list[dict[str, Any]]:
    """Each campaign with how many it addresses and how many of those are in force. Two queries."""
    in_force = set(desk_rows(user).filter(Q(state=S.IN_FORCE)).values_list("pk", flat=True))
    visible = Municipality.objects.visible_to(user)
    targets: dict[int, list[str]] = defaultdict(list)
    for pk, cut in CampaignTarget.objects.filter(municipality__in=visible).values_list("campaign", "municipality"):
        targets[pk].append(cut)
    rows = []
    for campaign in campaigns:
        goal = sum(wanted.goal for wanted in campaign.goals.all())
        cuts = targets[campaign.pk]
        rows.append(
            {
                "campaign": campaign,
                "targets": len(cuts),
                "in_force": sum(cut in in_force for cut in cuts),
                "goal": goal,
            }
        )
    return rows
