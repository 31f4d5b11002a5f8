"""Computing summaries: which years need it, under which lock, and what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from budget import figures
from budget.figures import Drawn
from budget.models import Dataset, Figure, Series, YearSummary
from budget.reports.inputs import (
    FUND,
    OWN,
    RECEIVED_WITHOUT_OPENING,
    TRANSFERS,
    Details,
    Pair,
    Reference,
    details,
    earlier_editions,
    in_force,
    inhabitants,
    inputs_hash,
    populations,
    reference,
)
from budget.reports.texts import areas
from budget.rules.constant_pesos import base_year, to_base
from budget.rules.summary import RULES_VERSION, Node, Text, account_tree, area_tree, split_by_area, with_remainders
from config.page_cache import forget_public_pages
from municipalities.choices import PopulationSource

# Pairs computed in one transaction: few commits, and little lost if the worker is killed.
CHUNK = 50
# Own permanent income by the law (D.L. 3.063, article 38): accounts that lie inside SINIM's IADM41.
OWN_PARTS = ("115.03.03", "115.03.01.001.001", "115.03.02.001.001", "115.03.01.002", "115.03.01.002.001",
             "115.05.03.007.001", "115.13.03.005.001", "115.13.03.005.002")  # fmt: skip


@dataclass
class Outcome:
    """How many municipalities' years were computed, were already right, or have no published edition."""

    computed: int = 0
    unchanged: int = 0
    without_edition: int = 0


def compute_years(pairs: Iterable[Sequence[Any]], progress: Callable[[int], None] | None = None) -> Outcome:
    """Bring the summaries and figures of `pairs` (CUT, year) up to date. Safe to repeat, to run twice at once, and to kill.

    `progress` is told how many pairs were dealt with since the last call.
    """
    ordered = sorted({(str(cut), int(year)) for cut, year in pairs})
    outcome = Outcome()
    known = reference()
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        with transaction.atomic(), translation.override("es"):
            compute_chunk(chunk, known, timezone.now(), outcome)
        if progress:
            progress(len(chunk))
    if outcome.computed:
        forget_public_pages()
    return outcome


def compute_chunk(pairs: list[Pair], known: Reference, now: datetime, outcome: Outcome) -> None:
    """One transaction. Rows are locked in one order, summaries before series, so two workers cannot block each other."""
    locked = lock_summaries(pairs)
    datasets = in_force(pairs)
    for pair in set(locked) - set(datasets):
        outcome.without_edition += 1
        locked[pair].delete()
    people, earlier = populations(datasets), earlier_editions(datasets.values())
    stale: dict[Pair, str] = {}
    for pair, row in datasets.items():
        digest = inputs_hash(row, earlier.get(row.pk, []), people[pair], known)
        if locked[pair].inputs_hash != digest:
            stale[pair] = digest
    outcome.unchanged += len(datasets) - len(stale)
    outcome.computed += len(stale)
    found = details([datasets[pair] for pair in stale])
    drawn: dict[str, bytes] = {}
    for pair, digest in stale.items():
        row, summary = datasets[pair], locked[pair]
        payload = year_payload(row, found[row.pk], known, people[pair], earlier.get(row.pk, []))
        payload["figures"] = keep(figures.of_year(payload, row.year), drawn)
        summary.inputs_hash, summary.payload, summary.computed_at = digest, payload, now
    YearSummary.objects.bulk_update([locked[pair] for pair in stale], ["inputs_hash", "payload", "computed_at"])
    compute_series(sorted({cut for cut, _year in pairs}), known, now, drawn)
    store_figures(drawn)


def lock_summaries(pairs: list[Pair]) -> dict[Pair, YearSummary]:
    YearSummary.objects.bulk_create(
        [YearSummary(municipality_id=cut, year=year) for cut, year in pairs], ignore_conflicts=True
    )
    wanted = set(pairs)
    rows = (
        YearSummary.objects.select_for_update()
        .filter(municipality__in={cut for cut, _year in pairs}, year__in={year for _cut, year in pairs})
        .order_by("municipality_id", "year")
    )
    return {(row.municipality_id, row.year): row for row in rows if (row.municipality_id, row.year) in wanted}


def year_payload(
    row: Dataset, found: Details, known: Reference, by_source: dict[str, int], earlier: list[list[Any]]
) -> dict[str, Any]:
    """The payload of one edition, without its figures. Pure but for the texts that the app ships."""
    population = inhabitants(by_source)
    factor = to_base(row.year, known.means)
    headline = headline_of(row, found)
    return {
        "headline": headline,
        "population": population and list(population),
        "projection": by_source.get(PopulationSource.PROJECTION_2017),
        "census": by_source.get(PopulationSource.CENSUS_2024),
        "price": factor and {"base": base_year(known.means), "factor": [factor.numerator, factor.denominator]},
        "trees": {
            name: [list(astuple(node)) for node in nodes] for name, nodes in trees(headline, found, known).items()
        },
        "findings": found.findings,
        "missing": found.missing,
        "values": found.values,
        "dataset": {
            "id": row.pk,
            "edition": row.edition,
            "source": row.source,
            "unit": row.source_unit,
            "cut_off": row.cut_off.isoformat(),
            "published": row.published_at and row.published_at.isoformat(),
            "file": row.file.name,
            "sha256": row.file.sha256,
            "demonstration": row.is_demonstration,
        },
        "editions": earlier,
        "figures": {},
    }


def edition_payload(row: Dataset) -> dict[str, Any]:
    """The payload of any public edition, computed when asked for: without figures, its tables are enough."""
    pair = (row.municipality_id, row.year)
    found = details([row])[row.pk]
    return year_payload(row, found, reference(), populations([pair]).get(pair, {}), [])


def headline_of(row: Dataset, found: Details) -> dict[str, int | None]:
    expense, income = row.totals.get("expense", {}), row.totals.get("income", {})
    opening = found.amounts.get("115.15", {})
    received = income.get("settled")
    return {
        "initial": expense.get("initial"),
        "current": expense.get("current"),
        "accrued": expense.get("accrued"),
        "received": received,
        "income_initial": income.get("initial"),
        "income_current": income.get("current"),
        "opening_initial": opening.get("initial"),
        "opening_current": opening.get("current"),
        "received_new": found.indicators.get(RECEIVED_WITHOUT_OPENING, received),
    }


def trees(headline: dict[str, int | None], found: Details, known: Reference) -> dict[str, list[Node]]:
    """Where the money goes by area and by nature, and where it comes from. Empty where the source gives no total."""
    texts = found.texts | areas()
    accrued = {code: amounts["accrued"] for code, amounts in found.amounts.items()}
    nature = split_by_area(
        account_tree("215", accrued | {"215": headline["accrued"]}, texts | ROOT), found.inside, texts
    )
    by_area: list[Node] = []
    if headline["accrued"] is not None:
        root = Node("areas", "", "", "", headline["accrued"])
        opens = {node.parent for node in nature}
        by_area = area_tree(root, found.areas, found.inside, texts)
        by_area = [
            node if node.also in opens else Node(*astuple(node)[:6])  # a link only where there is more to see
            for node in by_area
        ]
    return {"area": by_area, "nature": nature, "origin": origin_tree(headline, found, known, texts | ROOT)}


ROOT = {"115": Text("", ""), "215": Text("", "")}


def origin_tree(
    headline: dict[str, int | None], found: Details, known: Reference, texts: dict[str, Text]
) -> list[Node]:
    """Own permanent income, Common Municipal Fund, transfers and what is left; by account where the source has no such groups.

    The three groups do not overlap: in SINIM's 2024 file their sum stays within the income of all 344 municipalities, provided
    that the transfers are those without mining and aquaculture patents and casinos (`IADM43.1`), which are own income.
    """
    settled = {code: amounts["settled"] for code, amounts in found.amounts.items()}
    total, own = headline["received"], found.indicators.get(OWN)
    if total is None or own is None:
        return account_tree("115", settled | {"115": total}, texts)
    nodes = [Node("115", "", "", "", total)]
    for code, name in ((OWN, "propios"), (FUND, "fondo-comun"), (TRANSFERS, "transferencias")):
        amount = found.indicators.get(code)
        if amount is not None:
            nodes.append(Node(name, "115", known.indicators[code].name, known.indicators[code].sentence, amount))
    parts = {code: settled[code] for code in OWN_PARTS if settled.get(code) is not None}
    for code in parts:
        above = next((known for known in parts if code.startswith(known + ".")), "propios")
        nodes.append(Node(code, above, texts[code].name, texts[code].sentence, parts[code] or 0))
    kept = (headline["received"] or 0) - (headline["received_new"] or 0)
    if headline["received_new"] is not None and kept > 0 and "115.15" in texts:
        nodes.append(Node("115.15", "115", texts["115.15"].name, texts["115.15"].sentence, kept))
    return with_remainders(nodes)


def compute_series(cuts: list[str], known: Reference, now: datetime, drawn: dict[str, bytes]) -> None:
    """Each municipality's years side by side, from the headlines stored by now, under the series' own lock."""
    Series.objects.bulk_create([Series(municipality_id=cut) for cut in cuts], ignore_conflicts=True)
    locked = Series.objects.select_for_update().filter(municipality__in=cuts).order_by("municipality_id")
    rows = {row.municipality_id: row for row in locked}
    headlines = (
        YearSummary.objects.filter(municipality__in=cuts, computed_at__isnull=False)
        .order_by("municipality_id", "year")
        .values_list(
            "municipality_id",
            "year",
            "payload__headline",
            "payload__population",
            "payload__projection",
            "payload__census",
            "payload__price",
            "payload__dataset__demonstration",
        )
    )
    changed = []
    for cut, group in groupby(headlines, key=lambda headline: headline[0]):
        years = [year_of_series(*values) for _cut, *values in group]
        digest = sha256(repr([RULES_VERSION, years, base_year(known.means)]).encode()).hexdigest()
        row = rows[cut]
        if row.inputs_hash == digest:
            continue
        row.payload = {"years": years, "base": base_year(known.means)}
        row.payload["figures"] = keep({"": figures.of_series(row.payload)}, drawn).get("", {})
        row.inputs_hash, row.computed_at = digest, now
        changed.append(row)
    Series.objects.bulk_update(changed, ["inputs_hash", "payload", "computed_at"])


def year_of_series(
    year: int, headline: dict[str, Any], population: Any, projection: Any, census: Any, price: Any, demonstration: Any
) -> dict[str, Any]:
    return {
        **headline,
        "year": year,
        "population": population,
        "projection": projection,
        "census": census,
        "factor": price and price["factor"],
        "demonstration": bool(demonstration),
    }


def keep(groups: dict[str, Drawn], drawn: dict[str, bytes]) -> dict[str, dict[str, str]]:
    """Put the figures among those to store, and give their addresses in the same order."""
    addresses: dict[str, dict[str, str]] = {}
    for group, named in groups.items():
        addresses[group] = {}
        for name, body in named.items():
            address = sha256(body).hexdigest()
            drawn[address] = body
            addresses[group][name] = address
    return addresses


def store_figures(drawn: dict[str, bytes]) -> None:
    Figure.objects.bulk_create(
        [Figure(sha256=address, body=figures.packed(body)) for address, body in sorted(drawn.items())],
        ignore_conflicts=True,
    )
