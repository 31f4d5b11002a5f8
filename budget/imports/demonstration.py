"""Invented budgets for a machine without the real file: the right shape, never the right figures of any municipality.

The national totals of 2024 (`budget/data/demonstration.csv`, sums made on SINIM's finance file of that year) are handed down to
the municipalities in two steps. First each municipality gets a total, from its inhabitants, class and distance to Santiago and
a fixed chance of its own. Then each whole is split into its parts by proportional fitting: every part adds up to its national
total over the country, and every municipality's parts add up to its own whole. Other years are 2024 in the prices of the year,
growing 2 % a year in real terms. Chance is a hash of the municipality, the variable and the year: the same data everywhere.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path
from statistics import NormalDist, fmean, pstdev
from typing import Final

from municipalities.choices import RuralClass

DATA: Final = Path(__file__).resolve().parent.parent / "data"
BASE_YEAR: Final = 2024
REAL_GROWTH: Final = 1.02

# National totals of 2024 in thousands of pesos: own sums over SINIM's finance file (344 and 343 municipalities).
INCOME: Final = 8_433_928_218
EXPENSE: Final = 8_717_159_647
CURRENT_BUDGET: Final = 10_437_858_192
INITIAL_BUDGET: Final = 8_075_141_453
OPENING_CASH: Final = 1_618_477_576
OPENING_CASH_INITIAL: Final = 514_683_869

# Expense grows with inhabitants to this power (slope of the logarithms in the same file).
SIZE_EXPONENT: Final = 0.58
CLASS_FACTOR: Final = {RuralClass.URBAN: 1.1, RuralClass.MIXED: 0.95, RuralClass.RURAL: 0.95}

NOT_RECEIVED: Final = "No Recepcionado"
# What the real file of 2024 lacks is lacking here too, so that every state of a page can be seen.
NOTHING_RECEIVED: Final = {("10207", BASE_YEAR)}  # Queilén
NO_BUDGET_NOR_AREAS: Final = {("13102", BASE_YEAR)}  # Cerrillos
AREAS_TOO_LARGE: Final = {("06201", BASE_YEAR): 1.31}  # Pichilemu
NEVER_GIVEN: Final = ("RCOMPREDa", "RFIMGMa", "RPREMIR", "RRECONST", "RPRBIPE")
AREAS: Final = ("BGMAGINT", "BGMASCOM", "BGMAAMUN", "BGMAPSOC", "BGMAPREC", "BGMAPCUL")
BUDGETS: Final = ("BPIGM", "BPVGM", "BPIIM", "BPVIM", "BPISICMUN", "BPVMSALINI")
AREA_SHARES: Final = dict(zip(("IADM130", "IADM131", "IADM133", "IADM132", "IADM135", "IADM134"), AREAS, strict=True))

Value = int | float | str
Row = dict[str, Value]


@dataclass(frozen=True)
class Place:
    """What the model knows of a municipality."""

    cut: str
    name: str
    inhabitants: int
    rural_class: str
    distance_km: int


@dataclass(frozen=True)
class Part:
    """A part of a whole: its national total of 2024 and how its share moves with size and own income (one standard
    deviation multiplies the share by e to that power), how much chance there is, and which share of municipalities has any."""

    whole: str
    name: str
    national: int
    size: float
    own_income: float
    noise: float
    presence: float


@cache
def parts() -> Mapping[str, tuple[Part, ...]]:
    """The parts of each whole, in the order of the file: a part that is itself a whole comes before its own parts."""
    with open(DATA / "demonstration.csv", encoding="utf-8", newline="") as file:
        rows = [
            Part(row["whole"], row["part"], int(row["national"]), *(float(row[name]) for name in list(row)[3:]))
            for row in csv.DictReader(file)
        ]
    return {
        whole: tuple(row for row in rows if row.whole == whole) for whole in dict.fromkeys(row.whole for row in rows)
    }


def chance(*seed: object) -> float:
    """A number between 0 and 1, both excluded, that is always the same for the same seed."""
    digest = hashlib.blake2b("|".join(map(str, seed)).encode(), digest_size=7).digest()
    return (int.from_bytes(digest) + 0.5) / 2**56


def normal(*seed: object) -> float:
    """A standard normal deviate, always the same for the same seed, cut at two and a half deviations."""
    return max(-2.5, min(2.5, NormalDist().inv_cdf(chance(*seed))))


def wobble(cut: str, name: str, year: int) -> float:
    """Mostly the municipality's own habit, a little the year."""
    return 0.97 * normal(cut, name) + 0.24 * normal(cut, name, year)


def fit(start: Sequence[Sequence[float]], wholes: Sequence[int], nationals: Sequence[float]) -> list[list[int]]:
    """Amounts that keep the pattern of `start`, add up to `wholes` along each row, exactly, and nearly to `nationals` down.

    A row of `start` with nothing in it stays empty.
    """
    target = [national * sum(wholes) / sum(nationals) for national in nationals]
    table = [list(row) for row in start]
    for _ in range(12):
        columns = [sum(column) or 1.0 for column in zip(*table, strict=True)]
        for row, whole in zip(table, wholes, strict=True):
            for index, column in enumerate(columns):
                row[index] *= target[index] / column
            factor = whole / (sum(row) or 1.0)
            row[:] = [value * factor for value in row]
    return [_whole_numbers(row, whole) for row, whole in zip(table, wholes, strict=True)]


def _whole_numbers(row: Sequence[float], whole: int) -> list[int]:
    rounded = [round(value) for value in row]
    if any(row):
        rounded[rounded.index(max(rounded))] += whole - sum(rounded)
    return rounded


class Country:
    """The municipalities with what the model derives from them once for all years."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = sorted(places, key=lambda place: place.cut)
        sizes = [log(place.inhabitants + 500) for place in self.places]
        mean, spread = fmean(sizes), pstdev(sizes) or 1.0
        self.size = [(size - mean) / spread for size in sizes]
        # Own income follows size only in part; the rest is the municipality's fortune.
        self.own_income = [
            0.5 * size + 0.8 * normal(place.cut, "own income")
            for size, place in zip(self.size, self.places, strict=True)
        ]

    def expense(self, year: int, national: float) -> list[int]:
        """Each municipality's total, adding up to `national`."""
        weights = [
            (place.inhabitants + 500) ** SIZE_EXPONENT
            * CLASS_FACTOR[RuralClass(place.rural_class)]
            * (1 + place.distance_km / 8000)
            * exp(0.4 * normal(place.cut, "total") + 0.04 * normal(place.cut, "total", year))
            * (1.8 if chance(place.cut, "leap") < 0.015 and year >= BASE_YEAR - 1 else 1.0)
            for place in self.places
        ]
        return [round(national * weight / sum(weights)) for weight in weights]

    def split(self, whole: str, amounts: Sequence[int], year: int) -> dict[str, list[int]]:
        """The parts of `whole`, whose amount is given for each municipality."""
        pieces = parts()[whole]
        start = [[self._weight(index, piece, year) for piece in pieces] for index in range(len(self.places))]
        table = fit(start, amounts, [piece.national for piece in pieces])
        return {piece.name: [row[column] for row in table] for column, piece in enumerate(pieces)}

    def spread(self, piece: Part, growth: float, year: int) -> list[int]:
        """An amount that is part of nothing, handed out by size."""
        weights = [
            self._weight(index, piece, year)
            * (place.inhabitants + 500) ** (1 if piece.whole == "count" else SIZE_EXPONENT)
            for index, place in enumerate(self.places)
        ]
        return [round(piece.national * growth * weight / (sum(weights) or 1.0)) for weight in weights]

    def _weight(self, index: int, piece: Part, year: int) -> float:
        place = self.places[index]
        if piece.presence < 1 and chance(place.cut, piece.name, "present") > piece.presence:
            return 0.0
        tilt = piece.size * self.size[index] + piece.own_income * self.own_income[index]
        return piece.national * exp(tilt + piece.noise * wobble(place.cut, f"{piece.whole} {piece.name}", year))


def growth_since(year: int, prices: Mapping[int, float]) -> float:
    """What a nominal amount of 2024 is multiplied by in `year`; `prices` holds the mean index of both years."""
    return prices[year] / prices[BASE_YEAR] * REAL_GROWTH ** (year - BASE_YEAR)


def year_of_budgets(country: Country, year: int, prices: Mapping[int, float]) -> dict[str, Row]:
    """Every municipality's variables in `year`, by CUT: thousands of pesos, percentages, counts or what SINIM writes."""
    growth = growth_since(year, prices)
    columns: dict[str, list[int]] = {"IADM11": country.expense(year, EXPENSE * growth)}
    columns["IADM01"] = [
        round(amount * INCOME / EXPENSE * exp(0.03 * normal(place.cut, "balance", year)))
        for place, amount in zip(country.places, columns["IADM11"], strict=True)
    ]
    totals = {"income": "IADM01", "expense": "IADM11", "areas": "IADM11"}
    for whole, pieces in parts().items():
        if whole in {"money", "count"}:
            columns |= {piece.name: country.spread(piece, growth if whole == "money" else 1, year) for piece in pieces}
        else:
            columns |= country.split(whole, columns[totals.get(whole, whole)], year)
    rows: dict[str, Row] = {}
    for index, place in enumerate(country.places):
        given = {name: values[index] for name, values in columns.items() if name != "rest"}
        rows[place.cut] = _with_faults(place.cut, year, _derived(place, year, given))
    return rows


def _derived(place: Place, year: int, given: Mapping[str, int]) -> Row:
    row: Row = {**given, **_budget(place.cut, year, given)}
    own, fund = given["IADM41"], given["IADM40"]
    total, income = given["IADM11"], given["IADM01"]
    less_transfers = income - given["IADM43"]
    personnel = given["IADM78"] + given["IADM79"] + given["IADM80"]
    running = given["IADM61"] + given["IADM85"] + given["IADM60"] - given["IADM39"]
    training = round(0.2 * chance(place.cut, "training", year), 2)
    row |= {
        "IADM999": income,
        "IADM44": given["IADM140"] + given["IADM121"] + given["IADM122"],
        "IADM42": own + fund,
        "IADM46": less_transfers,
        "IADM49": round(less_transfers * 0.97),
        "IADM96": given["IADM121"],
        "IADM58": personnel,
        "IADM51": running,
        "FCM001": round(fund * 0.96),
        "IADM74": round(own / place.inhabitants, 2),
        "IADM10": round(less_transfers / place.inhabitants, 2),
        "IADM75": _percent(fund, own + fund),
        "IADM04": _percent(given["IADM43"], income),
        "IADM02": _percent(own, income),
        "IADM06": _percent(own, less_transfers),
        "IADM07": _percent(fund, less_transfers),
        "IADM03": _percent(fund, income),
        "IADM09": _percent(given["IADM76"] + given["IADM77"], less_transfers),
        "IADM12": _percent(running, total),
        "IADM86": _percent(given["IADM85"], own + fund),
        "IADM30": _percent(given["IADM39"], fund),
        "IADM32": training,
        "IADM24": round(training / 3, 2),
        "IADM17": _percent(given["IADM61"], running),
        "IADM14": _percent(given["IADM22"], total),
        "IADM15": round(100 * chance(place.cut, "own investment"), 2),
        "IADM100": round(60 + 40 * chance(place.cut, "licences", year), 2),
        "MLICEN": "Si",
        "MLICENSIS": "Si" if chance(place.cut, "licence system") < 0.9 else "No",
    }
    row["IADM16"] = round(100 - float(row["IADM15"]), 2)
    return row | dict.fromkeys(NEVER_GIVEN, NOT_RECEIVED)


def _budget(cut: str, year: int, given: Mapping[str, int]) -> dict[str, int]:
    """Initial and current budgets of both sides. Execution is 83 % on the whole, and in a few more than all."""
    execution = min(1.04, max(0.42, EXPENSE / CURRENT_BUDGET + 0.09 * normal(cut, "execution", year)))
    current = round(given["IADM11"] / execution)
    initial = round(current * INITIAL_BUDGET / CURRENT_BUDGET * exp(0.1 * normal(cut, "initial", year)))
    unbalanced = round(current * 0.002 * normal(cut, "unbalanced", year)) if chance(cut, "differs", year) < 0.2 else 0
    cash = current * OPENING_CASH / CURRENT_BUDGET * exp(0.3 * normal(cut, "cash", year))
    return {
        "BPIGM": initial,
        "BPVGM": current,
        "BPIIM": initial + unbalanced // 3,
        "BPVIM": current + unbalanced,
        "BPISICMUN": round(min(cash, initial * OPENING_CASH_INITIAL / INITIAL_BUDGET)),
        "BPVMSALINI": round(cash),
    }


def _with_faults(cut: str, year: int, row: Row) -> Row:
    """What real files do: areas that miss the total, and municipalities that did not send everything."""
    factor = AREAS_TOO_LARGE.get((cut, year), 1.0)
    if factor == 1.0 and chance(cut, "areas differ", year) < 0.78:
        # Mostly a few parts in a thousand; one in ten misses by more than one per cent.
        factor -= (0.01 + 0.02 * chance(cut, "gap", year)) if chance(cut, "wide gap", year) < 0.12 else 0.002
    row |= {name: round(int(row[name]) * factor) for name in AREAS}
    row |= {name: _percent(int(row[area]), int(row["IADM11"])) for name, area in AREA_SHARES.items()}
    row["IADM 125"] = _percent(int(row["IADM11"]), int(row["BPVGM"]))
    if (cut, year) in NO_BUDGET_NOR_AREAS:
        row |= dict.fromkeys((*AREAS, *AREA_SHARES, *BUDGETS, "IADM 125"), NOT_RECEIVED)
    return dict.fromkeys(row, NOT_RECEIVED) if (cut, year) in NOTHING_RECEIVED else row


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0
