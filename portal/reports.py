"""What the pages made of several apps tell: numbers of the front page, a municipality's budget in short, the council's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import BigIntegerField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Abs, Cast
from django.utils import timezone

from accounts.models import User
from budget.choices import ImportState, Sector, Severity, Source
from budget.models import Account, Dataset, Finding, Import, Indicator, YearSummary
from municipalities.models import Invitation, Membership, Municipality, MunicipalityQuerySet

ALIKE_SHOWN: Final = 8
# The bar is drawn on a sheet of 1000 units, whatever its width on the screen.
BAR: Final = 1000


# --- Front page -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrontNumbers:
    """Counts from the database. `year` is the latest with a published budget: how many municipalities it has, and their pesos."""

    municipalities: int
    with_budget: int
    year: int | None
    spent: int | None
    explained: int


def front_numbers() -> FrontNumbers:
    """The live numbers of the front page. Three queries."""
    accrued = Cast(KT("payload__headline__accrued"), BigIntegerField())
    newest = (
        YearSummary.objects.annotate(accrued=accrued)
        .filter(accrued__isnull=False)
        .values("year")
        .annotate(count=Count("pk"), spent=Sum("accrued"))
        .order_by("-year")
        .first()
    )
    return FrontNumbers(
        municipalities=Municipality.objects.count(),
        with_budget=newest["count"] if newest else 0,
        year=newest["year"] if newest else None,
        spent=newest["spent"] if newest else None,
        explained=Account.objects.count() + Indicator.objects.count(),
    )


# --- Profile of a municipality ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A management area in the short budget: pesos, tenths of a percent of all areas, and its place on the bar."""

    name: str
    amount: int
    share: float
    x: int
    width: int
    colour: int


@dataclass(frozen=True, slots=True)
class ShortBudget:
    """The latest year of a municipality in brief. Amounts in whole pesos; None where the source gives none."""

    year: int
    spent: int | None
    each: int | None
    inhabitants: int | None
    first: Part | None
    parts: tuple[Part, ...]
    years: tuple[int, ...]
    source: str
    cut_off: str
    demonstration: bool


def short_budget(municipality: Municipality) -> ShortBudget | None:
    """The block "budget" of a profile, from the summaries of the years; None where no budget is published. One query."""
    summaries = list(YearSummary.objects.filter(municipality=municipality, computed_at__isnull=False).order_by("-year"))
    if not summaries:
        return None
    latest = summaries[0]
    payload: dict[str, Any] = latest.payload
    spent = payload.get("headline", {}).get("accrued")
    inhabitants = (payload.get("population") or [None])[0]
    parts = bar_parts(payload.get("trees", {}).get("area", []))
    dataset = payload.get("dataset", {})
    return ShortBudget(
        year=latest.year,
        spent=spent,
        each=round(spent / inhabitants) if spent is not None and inhabitants else None,
        inhabitants=inhabitants,
        first=max(parts, key=lambda part: part.amount, default=None),
        parts=parts,
        years=tuple(summary.year for summary in summaries),
        source=dataset.get("source", ""),
        cut_off=dataset.get("cut_off", ""),
        demonstration=bool(dataset.get("demonstration")),
    )


def bar_parts(nodes: Sequence[Sequence[Any]]) -> tuple[Part, ...]:
    """The parts of a bar from the areas' tree: `[id, parent, name, sentence, amount, ...]`, of which the root's children count.

    Nodes without a positive amount are left out: a bar has no room for them.
    """
    roots = {node[0] for node in nodes if not node[1]}
    shown = [(str(node[2]), int(node[4])) for node in nodes if node[1] in roots and node[4] is not None and node[4] > 0]
    total = sum(amount for _name, amount in shown)
    parts: list[Part] = []
    before = 0
    for place, (name, amount) in enumerate(shown):
        x, end = round(before * BAR / total), round((before + amount) * BAR / total)
        parts.append(Part(name, amount, 100 * amount / total, x, end - x, place % 7 + 1))
        before += amount
    return tuple(parts)


def alike(municipality: Municipality) -> list[Municipality]:
    """Those of the same peer group whose inhabitants are nearest in number."""
    return list(
        Municipality.objects.filter(peer_group=municipality.peer_group)
        .exclude(pk=municipality.pk)
        .annotate(gap=Abs(F("inhabitants") - municipality.inhabitants))
        .order_by("gap", "pk")[:ALIKE_SHOWN]
    )


# --- Desk of the council ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CouncilNumbers:
    """What waits for a decision, within what the person may see. `year` is the latest with a published budget."""

    imports_ready: int
    year: int | None
    without_budget: int
    serious: int
    invitations: int


def council_numbers(user: User) -> CouncilNumbers:
    """The numbers on which the council's desk opens. Five queries."""
    year = latest_year()
    return CouncilNumbers(
        imports_ready=Import.objects.visible_to(user).filter(state=ImportState.READY).count(),
        year=year,
        without_budget=council_rows(user, year, "sin-presupuesto").count() if year else 0,
        serious=council_rows(user, year, "observaciones").count() if year else 0,
        invitations=council_rows(user, year, "invitaciones").count(),
    )


def latest_year() -> int | None:
    """The newest year of any published budget."""
    newest: int | None = Dataset.objects.published().aggregate(newest=Max("year"))["newest"]
    return newest


def council_rows(user: User, year: int | None, only: str = "") -> MunicipalityQuerySet:
    """Municipalities as the council's table shows them, for the year told.

    Each row carries `has_budget`, `serious` (serious findings of the edition in force), `people` (memberships in force) and
    `open_invitations`. `only` keeps those without budget (`sin-presupuesto`), with serious findings (`observaciones`) or with
    open invitations (`invitaciones`).
    """
    now = timezone.now()
    in_force = Dataset.objects.published().filter(municipality=OuterRef("pk"), year=year or 0, sector=Sector.MUNICIPAL)
    serious = Finding.objects.filter(severity=Severity.SERIOUS, dataset__in=shown_editions(year))
    waiting = Invitation.objects.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)
    rows = Municipality.objects.visible_to(user).annotate(has_budget=Exists(in_force))
    match only:
        case "sin-presupuesto":
            return rows.filter(has_budget=False)
        case "observaciones":
            return rows.filter(pk__in=serious.values("dataset__municipality"))
        case "invitaciones":
            return rows.filter(pk__in=waiting.values("municipality"))
    return rows


def shown_editions(year: int | None) -> QuerySet[Dataset]:
    """The published editions of a year that pages show: demonstration data stand back where a real source speaks."""
    published = Dataset.objects.published().filter(year=year or 0)
    real = published.filter(municipality=OuterRef("municipality"), sector=OuterRef("sector"))
    real = real.exclude(source=Source.DEMONSTRATION)
    return published.exclude(Exists(real), source=Source.DEMONSTRATION)


def council_details(rows: Sequence[Municipality], year: int | None) -> list[dict[str, Any]]:
    """The rows of one page of the council's table with their counts. Three queries, whatever the number of rows."""
    cuts = [row.pk for row in rows]
    serious = _counted(
        Finding.objects.filter(
            severity=Severity.SERIOUS, dataset__in=shown_editions(year).filter(municipality__in=cuts)
        ),
        "dataset__municipality",
    )
    people = _counted(Membership.objects.current().filter(municipality__in=cuts), "municipality")
    waiting = _counted(
        Invitation.objects.filter(
            Q(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()), municipality__in=cuts
        ),
        "municipality",
    )
    return [
        {
            "municipality": row,
            "serious": serious.get(row.pk, 0),
            "people": people.get(row.pk, 0),
            "invitations": waiting.get(row.pk, 0),
        }
        for row in rows
    ]


def _counted(rows: Any, field: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(field).annotate(Count("pk")))
