"""The year of one municipality as the reconciliation rules see it, and what they say of it. Pure.

The rules warn and never block: in 2024 the six areas missed the total in 270 of 343 municipalities. Each rule is a module of
`budget.rules.checks` with one function `check(figures) -> Seen | None`; a new module is a new rule, with nothing else to change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from budget.choices import Area, Measure, Severity, Side
from budget.rules import checks
from config.numbers import percent

ROUNDING: Final = 1_000
"""Pesos by which two figures may differ because the source rounds to thousands."""

WARNING: Final = Decimal(1)
"""Percent from which a gap is a warning; below it, a notice or nothing."""

SERIOUS: Final = Decimal(5)
"""Percent from which a gap is serious."""


@dataclass(frozen=True, slots=True)
class YearFigures:
    """Totals in whole pesos; None is a figure that is not there.

    `unreported` names the figures a source was asked for and the municipality did not report, as (account, area, measure);
    `reported` counts those it did. `previous` is the accrued expense of the year before, where there is one.
    """

    year: int
    totals: dict[tuple[Side, Measure], int | None] = field(default_factory=dict)
    areas: dict[Area, int | None] = field(default_factory=dict)
    unreported: frozenset[tuple[str, str, str]] = frozenset()
    reported: int = 0
    previous: int | None = None

    def expense(self, measure: Measure) -> int | None:
        return self.totals.get((Side.EXPENSE, measure))

    def income(self, measure: Measure) -> int | None:
        return self.totals.get((Side.INCOME, measure))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule saw: `citizen` and `officer` are sentences in the active language, `data` the figures behind them."""

    code: str
    severity: Severity
    citizen: str
    officer: str
    data: dict[str, int | str]


def gap(one: int, other: int) -> Decimal:
    """How far `one` is from `other`, in percent of `other`; 100 when only `other` is zero."""
    if other == 0:
        return Decimal(0) if one == 0 else Decimal(100)
    return abs(Decimal(one - other)) * 100 / abs(Decimal(other))


def severity_of(percentage: Decimal, *, warning: Decimal = WARNING, serious: Decimal = SERIOUS) -> Severity:
    """Notice, warning or serious, both thresholds included."""
    if percentage >= serious:
        return Severity.SERIOUS
    return Severity.WARNING if percentage >= warning else Severity.NOTICE


def worded(percentage: Decimal) -> str:
    """A percentage as people say it: "31 %", "3,5 %", and never "0,0 %" for what is more than nothing."""
    if percentage >= 10:
        return percent(percentage, 0)
    return percent(percentage, 1 if percentage >= Decimal("0.1") else 2)


def every_check() -> dict[str, Callable[[YearFigures], Seen | None]]:
    """The rules by the name of their module, found by listing the package."""
    names = sorted(module.name for module in iter_modules(checks.__path__))
    return {name: import_module(f"{checks.__name__}.{name}").check for name in names}


def review(figures: YearFigures) -> list[Seen]:
    """What all the rules say of a year, most serious first."""
    order = [Severity.SERIOUS, Severity.WARNING, Severity.NOTICE]
    seen = [finding for check in every_check().values() if (finding := check(figures))]
    return sorted(seen, key=lambda finding: order.index(finding.severity))
