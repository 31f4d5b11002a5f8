"""The budget's reference data, from the files the app ships into the database; and the mapping of SINIM's variables to lines."""

import csv
import hashlib
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from django.db import transaction

from budget.choices import Area, Measure, Side, Source, Unit
from budget.models import Account, ClassifierVersion, Indicator, PriceIndex
from municipalities.imports.register import TableReport, upsert

DATA: Final = Path(__file__).parent.parent / "data"
INDICATOR_FILES: Final = ("indicators.csv", "indicators_other.csv")
PRICE_SOURCE: Final = "INE, Índice de Precios al Consumidor (IPC), promedio de los índices mensuales"
# How the files name the units that the database names otherwise.
UNITS: Final = {"thousands_pesos": Unit.PESOS, "square_metres": Unit.SQUARE_METRES}

Row = dict[str, str]


class MappedLine(NamedTuple):
    """A SINIM variable that is exactly one account (and area) in one measure. `area` is empty for all areas together."""

    variable: str
    account: str
    area: str
    measure: Measure

    @property
    def is_total(self) -> bool:
        """Whether it is the total of a side, or of an area of it."""
        return "." not in self.account


@transaction.atomic
def load_classifier(folder: Path = DATA) -> list[TableReport]:
    """Bring classifier, indicators and price index in line with the files of `folder`; all of it or nothing.

    Idempotent. Rows are added and changed, never deleted: accounts that municipalities opened stay. Raises OSError, KeyError or
    ValueError for a file that is missing or malformed.
    """
    versions = [
        ClassifierVersion(valid_from=int(row["valid_from"]), name=row["name"], source=row["source"])
        for row in _read(folder / "classifier_version.csv")
    ]
    indicators = [_indicator(row) for name in INDICATOR_FILES for row in _read(folder / name)]
    prices = [_price(row) for row in _read(folder / "prices.csv")]
    return [
        upsert(ClassifierVersion, versions, ("valid_from",)),
        _load_accounts(ClassifierVersion.objects.get(valid_from=versions[-1].valid_from), folder / "classifier.csv"),
        upsert(Indicator, indicators, ("code",)),
        upsert(PriceIndex, prices, ("year",)),
    ]


def _load_accounts(version: ClassifierVersion, path: Path) -> TableReport:
    """Level by level, because a row needs the key of the one above it."""
    rows = _read(path)
    before = Account.objects.count()
    report = TableReport(table="account", added=0, changed=(), unchanged=0, kept=0)
    for depth in range(max(row["code"].count(".") for row in rows) + 1):
        keys = dict(version.accounts.values_list("code", "pk"))
        level = [_account(version, row, keys) for row in rows if row["code"].count(".") == depth]
        done = upsert(Account, level, ("version_id", "code"))
        report = replace(
            report,
            added=report.added + done.added,
            changed=report.changed + done.changed,
            unchanged=report.unchanged + done.unchanged,
        )
    return replace(report, kept=before + report.added - len(rows))


def _account(version: ClassifierVersion, row: Row, keys: dict[str, int]) -> Account:
    return Account(
        version=version,
        code=row["code"],
        parent_id=keys[row["parent"]] if row["parent"] else None,
        level=row["level"],
        side=row["side"],
        official_name=row["official_name"],
        plain_name=row["plain_name"],
        sentence=row["sentence"],
        verification=row["verification"],
    )


def _indicator(row: Row) -> Indicator:
    return Indicator(
        code=row["code"],
        name=row["official_name"],
        plain_name=row["plain_name"],
        sentence=row["sentence"],
        subject=row["subject"],
        unit=(UNITS.get(row["unit"]) or Unit(row["unit"])).value,
        source=Source.SINIM.value,
    )


def _price(row: Row) -> PriceIndex:
    return PriceIndex(
        year=int(row["year"]), mean=Decimal(row["mean_index"]), months=int(row["months"]), source=PRICE_SOURCE
    )


@cache
def sinim_lines() -> tuple[MappedLine, ...]:
    """Which variables become lines, as `data/sinim_lines.csv` says with its reasons."""
    return tuple(
        MappedLine(
            row["variable"], row["account"], Area(row["area"]).value if row["area"] else "", Measure(row["measure"])
        )
        for row in _read(DATA / "sinim_lines.csv")
    )


@cache
def sinim_lines_hash() -> str:
    """Changes when the mapping does: editions made under another mapping do not say the same."""
    lines = "\n".join(",".join(line) for line in sorted(sinim_lines()))
    return hashlib.sha256(lines.encode()).hexdigest()


@cache
def sinim_numbers() -> dict[str, str]:
    """The number by which SINIM's endpoints know each variable, by code."""
    return {row["code"]: row["sinim_id"] for name in INDICATOR_FILES for row in _read(DATA / name)}


@cache
def finance_variables() -> tuple[str, ...]:
    """The codes of SINIM's finance file, in its order."""
    return tuple(row["code"] for row in _read(DATA / INDICATOR_FILES[0]))


def total_of(line: MappedLine) -> tuple[Side, Measure]:
    """Which total of the year a line of a root is."""
    return (Side.INCOME if line.account == "115" else Side.EXPENSE), line.measure


def _read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))
