"""A diagnostic beside its earlier rounds, its peers, its region and the country. Queries do not grow with the diagnostics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from diagnostics.choices import DiagnosticState, ScoreLevel
from diagnostics.models import Answer, Diagnostic, Score, VersionMapping
from diagnostics.reports.answers import instrument_of
from diagnostics.rules import comparison as rules
from diagnostics.rules import mapping
from diagnostics.rules.answers import Given
from diagnostics.rules.comparison import FEWEST, Change, Spread
from diagnostics.rules.scores import compute

MOST_ROUNDS = 3


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
    def rows(self) -> tuple[Change, ...]:
        """The index and the dimensions."""
        return (self.change, *self.change.children) if self.change else ()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of municipalities in the same round. `spreads` by key of the score ("" the index), None where too few have one."""

    name: str
    count: int
    spreads: Mapping[str, Spread | None]

    @property
    def index(self) -> Spread | None:
        return self.spreads.get("")

    @property
    def why_nothing(self) -> str:
        """Why nothing is shown; empty when something is."""
        if self.index:
            return ""
        told = ngettext(
            "Of this group %(count)s diagnostic of the round is validated.",
            "Of this group %(count)s diagnostics of the round are validated.",
            self.count,
        )
        why = _("Groups are shown from %(fewest)s on: with fewer, one could guess what each municipality reached.")
        return f"{told % {'count': self.count}} {why % {'fewest': FEWEST}}"


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
