"""What the summaries of some municipalities and years are computed from, read with few queries whatever their number."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db.models import Count, QuerySet

from budget.choices import DatasetState, Level, Sector
from budget.models import Account, Dataset, Finding, Indicator, IndicatorValue, Line, PriceIndex
from budget.reports.texts import areas
from budget.rules.constant_pesos import YearMean, base_year, to_base
from budget.rules.summary import RULES_VERSION, Text
from municipalities.choices import PopulationSource
from municipalities.models import Population

# A municipality (CUT) and a year.
Pair = tuple[str, int]
OWN, FUND, TRANSFERS = "IADM41", "IADM40", "IADM43.1"
RECEIVED, RECEIVED_WITHOUT_OPENING = "IADM01", "IADM999"
NEEDED = (OWN, FUND, TRANSFERS, RECEIVED, RECEIVED_WITHOUT_OPENING)


@dataclass(frozen=True)
class Reference:
    """What is the same for all: the yearly means of prices, the texts of variables, and a digest of every text used."""

    means: dict[int, YearMean]
    indicators: dict[str, Text]
    digest: str


@dataclass
class Details:
    """Lines, values and findings of one edition. Amounts in whole pesos."""

    amounts: dict[str, dict[str, int | None]] = field(default_factory=dict)
    inside: dict[tuple[str, str], int | None] = field(default_factory=dict)
    areas: dict[str, int | None] = field(default_factory=dict)
    texts: dict[str, Text] = field(default_factory=dict)
    indicators: dict[str, int | None] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    values: int = 0
    findings: list[tuple[str, str, str]] = field(default_factory=list)


def reference() -> Reference:
    means = {row.year: (row.mean, row.months) for row in PriceIndex.objects.all()}
    indicators = {
        code: Text(name, sentence)
        for code, name, sentence in Indicator.objects.filter(code__in=NEEDED)
        .order_by("code")
        .values_list("code", "plain_name", "sentence")
    }
    accounts = list(
        Account.objects.exclude(level=Level.LOCAL)
        .order_by("version_id", "code")
        .values_list("version_id", "code", "plain_name", "sentence")
    )
    said = [accounts, sorted((code, text.name, text.sentence) for code, text in (indicators | areas()).items())]
    return Reference(means, indicators, sha256(repr(said).encode()).hexdigest())


def in_force(pairs: Collection[Pair]) -> dict[Pair, Dataset]:
    """The published municipal edition of each pair: of a real source before demonstration data, the latest cut-off first."""
    return chosen(Dataset.objects.published(), pairs)


def chosen(datasets: QuerySet[Dataset], pairs: Collection[Pair]) -> dict[Pair, Dataset]:
    wanted = set(pairs)
    found: dict[Pair, Dataset] = {}
    rows = (
        datasets.filter(
            sector=Sector.MUNICIPAL,
            municipality__in={cut for cut, _year in wanted},
            year__in={year for _cut, year in wanted},
        )
        .select_related("file", "municipality")
        .order_by("cut_off", "edition")
    )
    for row in rows:
        pair = (row.municipality_id, row.year)
        before = found.get(pair)
        if pair in wanted and (before is None or before.is_demonstration or not row.is_demonstration):
            found[pair] = row
    return found


def earlier_editions(datasets: Iterable[Dataset]) -> dict[int, list[list[Any]]]:
    """`[edition, published, superseded]` of the editions that each dataset superseded, by dataset id, newest first."""
    known = list(datasets)
    by_identity = {identity(row): row.pk for row in known}
    found: dict[int, list[list[Any]]] = defaultdict(list)
    rows = Dataset.objects.filter(
        state=DatasetState.SUPERSEDED,
        sector=Sector.MUNICIPAL,
        municipality__in={row.municipality_id for row in known},
        year__in={row.year for row in known},
    ).order_by("-edition")
    for row in rows:
        if identity(row) in by_identity:
            dates = [None if moment is None else moment.isoformat() for moment in (row.published_at, row.superseded_at)]
            found[by_identity[identity(row)]].append([row.edition, *dates])
    return found


def identity(row: Dataset) -> tuple[Any, ...]:
    """What the editions of one dataset have in common."""
    return row.municipality_id, row.year, row.sector, row.cut_off, row.source


def populations(pairs: Collection[Pair]) -> dict[Pair, dict[str, int]]:
    """Inhabitants by source, of the very year of each pair."""
    found: dict[Pair, dict[str, int]] = defaultdict(dict)
    rows = Population.objects.filter(
        municipality__in={cut for cut, _year in pairs}, year__in={year for _cut, year in pairs}
    ).values_list("municipality_id", "year", "source", "inhabitants")
    for cut, year, source, number in rows:
        found[cut, year][source] = number
    return found


def inhabitants(by_source: dict[str, int]) -> tuple[int, str] | None:
    """The count of a census where one was taken that year, else the projection for the year."""
    for source in (PopulationSource.CENSUS_2024, PopulationSource.PROJECTION_2017):
        if source in by_source:
            return by_source[source], str(source)
    return None


def details(datasets: Collection[Dataset]) -> dict[int, Details]:
    """Lines, indicator values and findings of the editions, by dataset id: four queries for all of them."""
    found: dict[int, Details] = {row.pk: Details() for row in datasets}
    ids = list(found)
    lines = Line.objects.filter(dataset__in=ids).values_list(
        "dataset_id", "account__code", "area", "initial", "current", "accrued", "settled",
        "account__plain_name", "account__sentence",
    )  # fmt: skip
    for pk, code, area, initial, current, accrued, settled, name, sentence in lines:
        into = found[pk]
        into.texts[code] = Text(name, sentence)
        if area is None:
            into.amounts[code] = {"initial": initial, "current": current, "accrued": accrued, "settled": settled}
        elif code == "215":
            into.areas[area] = accrued
        else:
            into.inside[area, code] = accrued
    values = IndicatorValue.objects.filter(dataset__in=ids)
    for pk, code, value in values.filter(indicator__code__in=NEEDED).values_list(
        "dataset_id", "indicator__code", "value"
    ):
        found[pk].indicators[code] = None if value is None else int(value)
    for row in values.values("dataset_id", "missing").annotate(cells=Count("pk")).order_by():
        found[row["dataset_id"]].values += row["cells"]
        if row["missing"]:
            found[row["dataset_id"]].missing[row["missing"]] = row["cells"]
    for pk, code, severity, text in Finding.objects.filter(dataset__in=ids).values_list(
        "dataset_id", "code", "severity", "citizen_text"
    ):
        found[pk].findings.append((code, severity, text))
    return found


def inputs_hash(row: Dataset, earlier: list[list[Any]], by_source: dict[str, int], known: Reference) -> str:
    """Changes whenever the summary would. An edition's lines, values and findings never change, so its id stands for them."""
    said = [
        RULES_VERSION, row.pk, row.content_hash, str(row.published_at), row.municipality.name, row.municipality.slug,
        earlier, sorted(by_source.items()), base_year(known.means), str(to_base(row.year, known.means)), known.digest,
    ]  # fmt: skip
    return sha256(json.dumps(said).encode()).hexdigest()
