"""A diagnostic beside its earlier rounds, its peers, its region and the country. Queries do not grow with the diagnostics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.numbers import grouped
from diagnostics.choices import DiagnosticState, ScoreLevel
from diagnostics.models import Answer, Diagnostic, Score, VersionMapping
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.results import Part, Result
from diagnostics.rules import comparison as rules
from diagnostics.rules import mapping
from diagnostics.rules.answers import Given
from diagnostics.rules.comparison import FEWEST, Change, Quarter, Spread
from diagnostics.rules.explanations import hundred
from diagnostics.rules.scores import compute, rounded

MOST_ROUNDS = 3


QUARTERS: Final = {
    Quarter.LOWEST: gettext_lazy("in the lowest quarter"),
    Quarter.LOWER: gettext_lazy("below the middle"),
    Quarter.MIDDLE: gettext_lazy("in the middle"),
    Quarter.UPPER: gettext_lazy("above the middle"),
    Quarter.HIGHEST: gettext_lazy("in the highest quarter"),
}


class ChangeRow(NamedTuple):
    """A score then and now, of 100; `change` has its sign, `percent` is how much of its weight compares. Empty: not counted."""

    name: str
    then: str
    now: str
    change: str
    percent: Decimal


class PeerRow(NamedTuple):
    """A score among those of a group, of 100, and in words where it lies."""

    name: str
    mine: str
    low: str
    median: str
    high: str
    words: str


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since an earlier round. `change` is None when no mapping joins the two versions."""

    earlier: Diagnostic
    change: Change | None

    @property
    def is_whole(self) -> bool:
        """Whether everything that this round scores is comparable."""
        return self.change is not None and self.change.comparable == 1

    @property
    def percent(self) -> Decimal:
        """How much of the weight of this round compares."""
        return _points(self.change.comparable) if self.change else Decimal(0)

    @property
    def rows(self) -> list[ChangeRow]:
        """The index and the dimensions."""
        each = (self.change, *self.change.children) if self.change else ()
        levels = len(instrument_of(self.earlier.version).scale)
        return [
            ChangeRow(
                change.name if change.key else _("Index"),
                hundred(change.then, levels),
                hundred(change.now, levels),
                _signed(change.difference),
                _points(change.comparable),
            )
            for change in each
        ]


@dataclass(frozen=True, slots=True)
class Group:
    """A group of municipalities in the same round. `spreads` by key of the score ("" the index), None where too few have one."""

    name: str
    count: int
    spreads: Mapping[str, Spread | None]

    @property
    def index(self) -> Spread | None:
        return self.spreads.get("")

    def rows(self, result: Result) -> list[PeerRow]:
        """The index and the dimensions of a result beside those of the group, where there are enough of them."""
        return [row for part in (result.index, *result.dimensions) if (row := self._row(part))]

    def _row(self, part: Part) -> PeerRow | None:
        spread = self.spreads.get(part.key)
        if spread is None or part.reached is None:
            return None
        low, median, high = (hundred(value, part.levels) for value in (spread.low, spread.median, spread.high))
        words = QUARTERS[rules.quarter(Fraction(part.reached), spread)]
        return PeerRow(part.name if part.key else _("Index"), part.points, low, median, high, str(words))

    @property
    def why_nothing(self) -> str:
        """Why nothing is shown; empty when something is."""
        if self.index:
            return ""
        told = ngettext(
            "There is nothing to compare with yet: of this group %(count)s diagnostic is validated, and the comparison is shown"
            " from %(fewest)s on.",
            "There is nothing to compare with yet: of this group %(count)s diagnostics are validated, and the comparison is shown"
            " from %(fewest)s on.",
            self.count,
        )
        why = _("With so few it would say more of each municipality than of the group.")
        return f"{told % {'count': self.count, 'fewest': FEWEST}} {why}"


# --- Earlier rounds ---------------------------------------------------------------------------------------------------


def earlier_of(diagnostic: Diagnostic, among: QuerySet[Diagnostic] | None = None) -> list[Diagnostic]:
    """The municipality's validated diagnostics of earlier rounds of the same instrument, the latest first. `among`: of these
    alone. One query."""
    wanted = Diagnostic.objects.filter(state=DiagnosticState.VALIDATED) if among is None else among
    return list(
        wanted.filter(
            municipality=diagnostic.municipality_id,
            version__family=diagnostic.version.family_id,
            round__opens__lt=diagnostic.round.opens,
        )
        .select_related("round", "version")
        .defer("version__content")
        .order_by("-round__opens", "-pk")[:MOST_ROUNDS]
    )


def since(diagnostic: Diagnostic, earlier: Sequence[Diagnostic]) -> list[Since]:
    """What changed since each. Two queries at most, however many there are."""
    if not earlier:
        return []
    answers = _answers([diagnostic, *earlier])
    maps = _maps(diagnostic) if any(each.version_id != diagnostic.version_id for each in earlier) else []
    instrument = instrument_of(diagnostic.version)
    now = compute(instrument, answers[diagnostic.pk])
    found = []
    for each in earlier:
        if each.version_id == diagnostic.version_id:
            same: dict[str, str] | None = {name: name for name in instrument.by_id}
        else:
            same = rules.same_across(maps, each.version.version, diagnostic.version.version)
        then = compute(instrument_of(each.version), answers[each.pk])
        found.append(Since(each, None if same is None else rules.changes(instrument, then, now, same)))
    return found


def _answers(diagnostics: Iterable[Diagnostic]) -> dict[int, dict[str, Given]]:
    found: dict[int, dict[str, Given]] = defaultdict(dict)
    for row in Answer.objects.filter(diagnostic__in=diagnostics).order_by("pk"):
        found[row.diagnostic_id][row.question] = Given(row.value, row.is_na, row.text, row.to_confirm)
    return found


def _maps(diagnostic: Diagnostic) -> list[mapping.VersionMap]:
    """The mappings between versions of the instrument."""
    rows = VersionMapping.objects.filter(source__family=diagnostic.version.family_id)
    return [mapping.from_data(content) for content in rows.order_by("pk").values_list("content", flat=True)]


def _points(value: Fraction) -> Decimal:
    return rounded(value * 100) or Decimal(0)


def _signed(value: Fraction | None) -> str:
    """ "+3,5", "−2,0", "0,0"."""
    if value is None:
        return ""
    written = grouped(_points(abs(value)), 1)
    return written if not value else f"{'+' if value > 0 else '−'}{written}"


# --- Peers ------------------------------------------------------------------------------------------------------------


def groups(diagnostic: Diagnostic, among: QuerySet[Diagnostic] | None = None) -> list[Group]:
    """The municipalities alike, the region and the country, in the same round and version. `among`: of these alone, otherwise of
    all that are validated. `diagnostic.municipality.region` at hand. One query."""
    wanted = Diagnostic.objects.filter(state=DiagnosticState.VALIDATED) if among is None else among
    rows = Score.objects.filter(
        diagnostic__in=wanted.filter(round=diagnostic.round_id, version=diagnostic.version_id).order_by().values("pk"),
        level__in=[ScoreLevel.INDEX, ScoreLevel.DIMENSION],
    ).order_by()
    values = list(
        rows.values_list("key", "reached", "diagnostic__municipality__peer_group", "diagnostic__municipality__region")
    )
    place = diagnostic.municipality
    return [
        _group(_("Municipalities alike"), [row for row in values if row[2] == place.peer_group]),
        _group(
            _("Region of %(region)s") % {"region": place.region.short_name},
            [r for r in values if r[3] == place.region_id],
        ),
        _group(_("The country"), values),
    ]


def _group(name: str, rows: Sequence[tuple[str, Decimal | None, str, str]]) -> Group:
    held: dict[str, list[Fraction]] = defaultdict(list)
    for key, reached, *_place in rows:
        if reached is not None:
            held[key].append(Fraction(reached))
    return Group(
        name=name,
        count=sum(key == "" for key, *_rest in rows),
        spreads={key: rules.spread(values) for key, values in held.items()},
    )
