"""What the council's pages about rounds show: the list, one with its numbers, the rows of its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db.models import Count, Q
from django.urls import reverse

from diagnostics.choices import DiagnosticState as S
from diagnostics.filters.rounds import BELOW_HALF_Q, NOT_BEGUN_Q, late_q
from diagnostics.forms.rounds import BELOW_HALF, LATE, NOT_BEGUN
from diagnostics.models import AnswerMigration, Diagnostic, Round, VersionMapping
from diagnostics.rules.diagnostic_states import IN_COUNCILS_HANDS, WRITABLE
from municipalities.models import Region

if TYPE_CHECKING:
    from accounts.models import User

LOOKS: Final[Mapping[str, str]] = {
    S.OPEN: "active",
    S.SUBMITTED: "warning",
    S.UNDER_REVIEW: "warning",
    S.RETURNED: "danger",
    S.VALIDATED: "success",
}
"""The kind of tag in which a state is shown."""

_SENT: Final = Q(state__in=[*IN_COUNCILS_HANDS, S.VALIDATED])


# --- Rounds -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A round of the list: how many diagnostics it has, were submitted, are overdue; how many open by themselves."""

    round_: Round
    total: int
    sent: int
    late: int
    planned: int


def round_rows(user: User, *, today: date) -> list[RoundRow]:
    """Every round, the latest first, with what the person may see of it. Two queries."""
    visible: Any = Diagnostic.objects.visible_to(user).standing().with_standing()
    grouped = (
        visible.order_by()
        .values("round")
        .annotate(total=Count("pk"), sent=Count("pk", filter=_SENT), late=Count("pk", filter=late_q(today)))
    )
    counted = {row["round"]: (row["total"], row["sent"], row["late"]) for row in grouped}
    rounds: Any = Round.objects.select_related("version").defer("version__content").annotate(many=Count("planned"))
    rounds = rounds.order_by("-opens", "-pk")  # a count drops the model's order
    return [RoundRow(one, *counted.get(one.pk, (0, 0, 0)), one.many) for one in rounds]


class Figure(NamedTuple):
    """A number that needs a decision, and the filter of the table behind it."""

    code: str
    many: int
    query: str


@dataclass(frozen=True, slots=True)
class RegionRow:
    region: Region
    total: int
    sent: int
    late: int


@dataclass(frozen=True, slots=True)
class RoundPage:
    """A round as its page tells it, within what the reader may see."""

    round_: Round
    figures: list[Figure]
    regions: list[RegionRow]
    total: int
    sent: int
    days_left: int | None
    opens_in: int | None
    planned: int
    migration: AnswerMigration | None
    mapping: VersionMapping | None

    @property
    def other_version(self) -> bool:
        """Whether the round before uses another version, so that its answers go by a mapping."""
        before = self.round_.previous
        return before is not None and before.version_id != self.round_.version_id


def round_page(round_: Round, *, user: User, today: date) -> RoundPage:
    """The numbers of a round, and its progress by region. At most seven queries, however many diagnostics."""
    visible: Any = Diagnostic.objects.visible_to(user).filter(round=round_).standing().with_standing()
    wanted = {
        "not_begun": (NOT_BEGUN_Q, f"avance={NOT_BEGUN}"),
        "below_half": (BELOW_HALF_Q, f"avance={BELOW_HALF}"),
        "late": (late_q(today), f"plazo={LATE}"),
        **{
            state.value: (Q(state=state), f"estado={state.value}")
            for state in (S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.VALIDATED)
        },
    }
    counts = visible.aggregate(
        total=Count("pk"),
        sent=Count("pk", filter=_SENT),
        **{f"n_{code}": Count("pk", filter=condition) for code, (condition, _query) in wanted.items()},
    )
    grouped = (
        visible.order_by()
        .values("municipality__region")
        .annotate(many=Count("pk"), ready=Count("pk", filter=_SENT), behind=Count("pk", filter=late_q(today)))
    )
    by_region = {row["municipality__region"]: (row["many"], row["ready"], row["behind"]) for row in grouped}
    before = round_.previous
    return RoundPage(
        round_=round_,
        figures=[
            Figure(code, counts[f"n_{code}"], f"ronda={round_.pk}&{query}") for code, (_q, query) in wanted.items()
        ],
        regions=[RegionRow(one, *by_region[one.pk]) for one in Region.objects.all() if one.pk in by_region],
        total=counts["total"],
        sent=counts["sent"],
        days_left=(round_.closes - today).days if round_.opens <= today <= round_.closes else None,
        opens_in=(round_.opens - today).days if today < round_.opens else None,
        planned=round_.planned.count(),
        migration=AnswerMigration.objects.filter(target=round_).first(),
        mapping=VersionMapping.objects.filter(source=before.version_id, target=round_.version_id).first()
        if before and before.version_id != round_.version_id
        else None,
    )


# --- Table ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DiagnosticRow:
    """A diagnostic as the table shows it."""

    diagnostic: Diagnostic
    percent: int
    closes_on: date
    is_late: bool
    is_extended: bool
    is_writable: bool
    href: str

    @property
    def look(self) -> str:
        return LOOKS.get(self.diagnostic.state, "")


def table_rows(diagnostics: Iterable[Diagnostic], *, today: date) -> list[DiagnosticRow]:
    """The rows of diagnostics with their standing. No query."""
    return [_row(one, today) for one in diagnostics]


def _row(one: Any, today: date) -> DiagnosticRow:
    place, is_writable = one.municipality, one.state in WRITABLE
    return DiagnosticRow(
        diagnostic=one,
        percent=one.percent,
        closes_on=one.closes_on,
        is_late=is_writable and one.closes_on < today,
        is_extended=one.closes_on != one.round.closes,
        is_writable=is_writable,
        href=reverse("diagnostics:diagnostic", args=[place.cut, place.slug, one.pk]),
    )


# --- What the council's desk opens on ---------------------------------------------------------------------------------


class DiagnosticNumbers(NamedTuple):
    """Diagnostics that wait for the council, and those whose time is over."""

    to_review: int
    late: int


def diagnostic_numbers(user: User, *, today: date) -> DiagnosticNumbers:
    """Within what the person may see. One query."""
    visible: Any = Diagnostic.objects.visible_to(user).with_standing()
    found = visible.aggregate(
        to_review=Count("pk", filter=Q(state__in=IN_COUNCILS_HANDS)), behind=Count("pk", filter=late_q(today))
    )
    return DiagnosticNumbers(found["to_review"], found["behind"])
