"""What the pages made of several apps tell: numbers of the front page, a municipality's budget in short, the council's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import BigIntegerField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Abs, Cast
from django.utils import timezone

from accounts.models import User
from action_plans.choices import MeetingState
from action_plans.models import Contribution, Meeting, Plan
from action_plans.reports.minimums import days_to_answer
from action_plans.reports.national_desk import OVERDUE, UNMET, rows_of
from action_plans.reports.published import PublicPlan, main_plan, public_plan
from action_plans.rules.plan_states import LISTENING
from budget.choices import ImportState, Sector, Severity, Source
from budget.models import Dataset, Finding, Import, YearSummary
from budget.reports.page import YearPage
from budget.reports.parts import Row, View
from budget.reports.texts import glossary
from diagnostics.models import Diagnostic
from diagnostics.reports.published import Reached, instruments, published
from diagnostics.reports.rounds import DiagnosticNumbers, diagnostic_numbers
from diagnostics.rules.explanations import hundred
from diagnostics.rules.instrument import Level
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Invitation, Membership, Municipality, MunicipalityQuerySet
from municipalities.reports.indicators import DeskNumbers, desk_numbers

ALIKE_SHOWN: Final = 8
MEETINGS_SHOWN: Final = 3
# The bar is drawn on a sheet of 1000 units, whatever its width on the screen.
BAR: Final = 1000
# The grey of the palette is for what has no name of its own.
REST_COLOUR: Final = 7


# --- Front page -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FrontNumbers:
    """Municipalities with an adhesion in force; those `measured` by a published diagnostic; those with a budget in `year`, the
    latest published, and their pesos; `explained`: terms of the glossary."""

    municipalities: int
    adhered: int
    measured: int
    with_budget: int
    year: int | None
    spent: int | None
    explained: int


def front_numbers() -> FrontNumbers:
    """The live numbers of the front page. Four queries."""
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
        adhered=Adhesion.objects.filter(state=AdhesionState.IN_FORCE).count(),
        measured=Diagnostic.objects.published(timezone.localdate()).values("municipality").distinct().count(),
        with_budget=newest["count"] if newest else 0,
        year=newest["year"] if newest else None,
        spent=newest["spent"] if newest else None,
        explained=len(glossary()),
    )


# --- Profile of a municipality ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the short budget: pesos, how many of every 100, and its place on the bar."""

    name: str
    amount: int
    share: float | None
    x: int
    width: int
    colour: int


@dataclass(frozen=True, slots=True)
class ShortBudget:
    """The latest year of a municipality in brief, in the words of its own page. `spent` is None where the source gives none."""

    year: int
    spent: int | None
    answer: str
    title: str
    parts: tuple[Part, ...]
    warning: str
    demonstration: bool


def short_budget(municipality: Municipality) -> ShortBudget | None:
    """The block "budget" of a profile, from the latest summary; None where no budget is published. One query."""
    latest = YearSummary.objects.filter(municipality=municipality, computed_at__isnull=False).order_by("-year").first()
    if latest is None:
        return None
    page = YearPage(municipality.name, latest.year, latest.payload, {}, View("", "", ""), "")
    # Areas that go beyond the total would tell what nobody spent: then the kinds of spending stand in for them.
    shown = page.natures if page.areas is None or page.areas.excess is not None else page.areas
    warnings = [text for _code, severity, text in page.findings if severity != Severity.NOTICE]
    return ShortBudget(
        year=latest.year,
        spent=page.money("accrued"),
        answer=f"{page.answer} {page.split}".strip(),
        title=shown.title if shown else "",
        parts=bar_parts(shown.rows) if shown and shown.excess is None else (),
        warning=warnings[0] if warnings else "",
        demonstration=bool(page.dataset["demonstration"]),
    )


def bar_parts(rows: Sequence[Row]) -> tuple[Part, ...]:
    """The parts of a bar, in the order of the rows.

    Rows without a positive amount are left out: a bar has no room for them.
    """
    shown = [(row, row.amount) for row in rows if row.amount is not None and row.amount > 0]
    total = sum(amount for _row, amount in shown)
    parts: list[Part] = []
    before = 0
    for place, (row, amount) in enumerate(shown):
        x, end = round(before * BAR / total), round((before + amount) * BAR / total)
        colour = REST_COLOUR if row.rest else place % (REST_COLOUR - 1) + 1
        parts.append(Part(row.name, amount, row.percent, x, end - x, colour))
        before += amount
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class ShortDiagnostic:
    """The newest published diagnostic in brief; `parts` are its dimensions in the order of the instrument."""

    folio: str
    validated_on: date
    level: Level | None
    levels: int
    parts: tuple[tuple[str, Level | None, str], ...]


def short_diagnostic(municipality: Municipality, *, today: date) -> ShortDiagnostic | None:
    """The block "diagnostic" of a profile; None where none is published. Two queries, and a third where one is."""
    shown = published(today, municipality=municipality)
    if not shown:
        return None
    newest = shown[0]
    instrument = instruments({newest.version_id})[newest.version_id]

    def level(reached: Reached) -> Level | None:
        return instrument.scale[reached.step - 1] if reached.step else None

    levels = len(instrument.scale)
    parts = ((part.name, newest.dimensions.get(part.id, Reached(None, None))) for part in instrument.dimensions)
    return ShortDiagnostic(
        folio=newest.folio,
        validated_on=newest.validated_on,
        level=level(newest.index),
        levels=levels,
        parts=tuple((name, level(reached), hundred(reached.value, levels)) for name, reached in parts),
    )


def short_plan(plans: Sequence[Plan], *, today: date) -> PublicPlan | None:
    """The block "commitments" of a profile, from its public plans; None where there is none. One query where there is one."""
    plan = main_plan(plans)
    return public_plan(plan, today=today) if plan else None


@dataclass(frozen=True, slots=True)
class TakingPart:
    """What is open to everyone now: plans that receive contributions, meetings that come."""

    listening: list[Plan]
    meetings: list[Meeting]


def taking_part(municipality: Municipality, plans: Sequence[Plan], *, now: datetime) -> TakingPart:
    """The block "take part" of a profile, with its public plans. One query."""
    coming = Meeting.objects.public().coming(now).exclude(state=MeetingState.CANCELLED)
    return TakingPart(
        listening=[plan for plan in plans if plan.stage in LISTENING],
        meetings=list(coming.filter(municipality=municipality)[:MEETINGS_SHOWN]),
    )


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
    adhesions: DeskNumbers
    diagnostics: DiagnosticNumbers
    contributions_late: int
    plans_overdue: int
    plans_unmet: int


def council_numbers(user: User) -> CouncilNumbers:
    """The numbers on which the council's desk opens. At most twenty-six queries."""
    year, plans = latest_year(), rows_of(user, today=timezone.localdate())
    return CouncilNumbers(
        imports_ready=Import.objects.visible_to(user).filter(state=ImportState.READY).count(),
        year=year,
        without_budget=council_rows(user, year, "sin-presupuesto").count() if year else 0,
        serious=council_rows(user, year, "observaciones").count() if year else 0,
        invitations=council_rows(user, year, "invitaciones").count(),
        adhesions=desk_numbers(user, now=timezone.now()),
        diagnostics=diagnostic_numbers(user, today=timezone.localdate()),
        contributions_late=contributions_late(user, now=timezone.now()),
        plans_overdue=sum(row.is_in(OVERDUE) for row in plans),
        plans_unmet=sum(row.is_in(UNMET) for row in plans),
    )


def contributions_late(user: User, *, now: datetime) -> int:
    """Contributions that wait for their answer beyond its time. One query."""
    late = Contribution.objects.unanswered().filter(published_at__lt=now - timedelta(days=days_to_answer()))
    return late.filter(plan__in=Plan.objects.visible_to(user)).count()


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
