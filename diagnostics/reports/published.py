"""The published diagnostics: what anyone may know of each municipality's openness, and how it stands in the country.

Everything public of this app is read here, from validated snapshots and their scores: no answer, comment or state of a diagnostic
that is not published can come out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from django.utils import timezone

from diagnostics.choices import EditionState, ScoreLevel
from diagnostics.models import Diagnostic, InstrumentVersion, Round, Score
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.explanations import hundred
from diagnostics.rules.instrument import Instrument, Level
from municipalities.models import Municipality

_FIELDS: Final = ("municipality_id", "round_id", "version_id", "folio", "validated_at", "public_from")


class Reached(NamedTuple):
    """A score in [0, 1] and its level of the scale; both None where nothing counted."""

    value: Decimal | None
    step: int | None


@dataclass(frozen=True, slots=True)
class Published:
    """A published diagnostic. `dimensions` by identifier, in no order."""

    pk: int
    cut: str
    round_id: int
    version_id: int
    folio: str
    validated_on: date
    public_from: date
    index: Reached
    dimensions: dict[str, Reached]


@dataclass(frozen=True, slots=True)
class Entry:
    """A municipality in the list, with the newest of its diagnostics that the list is about."""

    pk: str
    name: str
    slug: str
    region: str
    search: str
    shown: Published | None
    scale: tuple[Level, ...] = ()

    @property
    def level(self) -> Level | None:
        step = self.shown.index.step if self.shown else None
        return self.scale[step - 1] if step else None

    @property
    def points(self) -> str:
        """Of 100; empty where there is no index."""
        return hundred(self.shown.index.value, len(self.scale)) if self.shown else ""

    @property
    def step(self) -> str:
        """The level of its index as text; empty where there is none."""
        return str(self.shown.index.step or "") if self.shown else ""

    def get_absolute_url(self) -> str:
        # Not reversed: a map asks for 345 of them.
        tail = f"{self.shown.folio}/" if self.shown else ""
        return f"/municipios/{self.pk}-{self.slug}/diagnosticos/publicos/{tail}"


def published(today: date, *, municipality: Municipality | None = None) -> list[Published]:
    """Every published diagnostic, the newest first. Two queries; one where there is none."""
    wanted = Diagnostic.objects.published(today)
    if municipality is not None:
        wanted = wanted.filter(municipality=municipality)
    shown = list(wanted.order_by("-validated_at", "-pk").only(*_FIELDS))
    if not shown:
        return []
    reached: dict[int, dict[str, Reached]] = {}
    main = Score.objects.filter(level__in=[ScoreLevel.INDEX, ScoreLevel.DIMENSION], diagnostic__in=wanted.values("pk"))
    for pk, key, value, step in main.order_by().values_list("diagnostic_id", "key", "reached", "step"):
        reached.setdefault(pk, {})[key] = Reached(value, step)
    return [one for row in shown if (one := _published(row, reached.get(row.pk, {})))]


def _published(row: Diagnostic, reached: dict[str, Reached]) -> Published | None:
    if not (row.folio and row.validated_at and row.public_from):  # which the database promises of a published one
        return None
    return Published(
        pk=row.pk,
        cut=row.municipality_id,
        round_id=row.round_id,
        version_id=row.version_id,
        folio=row.folio,
        validated_on=timezone.localdate(row.validated_at),
        public_from=row.public_from,
        index=reached.pop("", Reached(None, None)),
        dimensions=reached,
    )


def entries(shown: Iterable[Published], known: Mapping[int, Instrument]) -> list[Entry]:
    """Every municipality in the order of its name, with the newest of what is `shown`. One query."""
    by_cut: dict[str, Published] = {}
    for one in shown:
        by_cut.setdefault(one.cut, one)
    rows = Municipality.objects.order_by("search").values_list("pk", "name", "slug", "region_id", "search")
    return [_entry(row, by_cut.get(row[0]), known) for row in rows]


def _entry(row: tuple[str, str, str, str, str], one: Published | None, known: Mapping[int, Instrument]) -> Entry:
    return Entry(*row, one, known[one.version_id].scale if one else ())


def instruments(ids: Iterable[int] | None = None) -> dict[int, Instrument]:
    """The instruments of versions, by the number of the version. One query."""
    versions = InstrumentVersion.objects.exclude(state=EditionState.DRAFT).defer("content")
    return {
        version.pk: instrument_of(version) for version in (versions if ids is None else versions.filter(pk__in=ids))
    }


def rounds_of(shown: Iterable[Published]) -> list[Round]:
    """The rounds with something published, the latest first. One query."""
    return list(Round.objects.filter(pk__in={one.round_id for one in shown}).order_by("-opens", "-pk"))
