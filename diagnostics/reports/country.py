"""The country in the published diagnostics: how many there are, and how the index and each dimension lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from diagnostics.reports.published import Entry, Published
from diagnostics.rules.comparison import Spread, spread
from diagnostics.rules.explanations import hundred
from diagnostics.rules.instrument import Instrument, Level
from diagnostics.rules.scores import step
from municipalities.models import Region


@dataclass(frozen=True, slots=True)
class Middle:
    """The middle of a group in words: of `count` municipalities; no `level` where they are fewer than five."""

    name: str
    count: int
    level: Level | None = None
    median: str = ""
    lower: str = ""
    upper: str = ""
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Country:
    """`measured` of all municipalities have something published; of them those measured with the newest version are compared."""

    measured: int
    municipalities: int
    version: str
    index: Middle
    parts: tuple[Middle, ...]
    regions: tuple[Middle, ...]

    @property
    def compared(self) -> int:
        return self.index.count


def country(
    entries: Sequence[Entry], instrument: Instrument | None, regions: Iterable[Region], version_id: int
) -> Country:
    """The numbers of a list. Scores of another version of the instrument are not mixed in."""
    shown = [(entry.region, entry.shown) for entry in entries if entry.shown]
    if instrument is None:
        return Country(len(shown), len(entries), "", Middle("", 0), (), ())
    compared = [(region, one) for region, one in shown if one.version_id == version_id]
    everyone = [one for _region, one in compared]
    return Country(
        measured=len(shown),
        municipalities=len(entries),
        version=instrument.version,
        index=middle("", instrument, everyone),
        parts=tuple(middle(part.name, instrument, everyone, part.id) for part in instrument.dimensions),
        regions=tuple(
            replace(
                middle(region.short_name, instrument, [one for code, one in compared if code == region.pk]),
                region=region,
            )
            for region in regions
        ),
    )


def middle(name: str, instrument: Instrument, shown: Sequence[Published], dimension: str = "") -> Middle:
    """The middle of the index, or of a dimension, of some diagnostics of one version."""
    scores = [Fraction(value) for one in shown if (value := score_of(one, dimension)) is not None]
    found = spread(scores)
    return _in_words(name, instrument, found) if found else Middle(name, len(scores))


def score_of(one: Published, dimension: str) -> Decimal | None:
    reached = one.dimensions.get(dimension) if dimension else one.index
    return reached.value if reached else None


def _in_words(name: str, instrument: Instrument, found: Spread) -> Middle:
    levels = len(instrument.scale)
    return Middle(
        name=name,
        count=found.count,
        level=instrument.scale[(step(found.median, levels) or 1) - 1],
        median=hundred(found.median, levels),
        lower=hundred(found.low, levels),
        upper=hundred(found.high, levels),
    )
