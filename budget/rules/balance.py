"""Income against expense in one measure of the budget: what the two rules of balance share. Pure."""

from typing import NamedTuple

from budget.choices import Measure, Severity
from budget.rules.findings import ROUNDING, YearFigures, gap, severity_of, worded
from config.numbers import pesos


class Imbalance(NamedTuple):
    """`words` fill the sentences; `data` is what is stored."""

    severity: Severity
    words: dict[str, str]
    data: dict[str, int | str]


def imbalance(figures: YearFigures, measure: Measure) -> Imbalance | None:
    """How income and expense differ in `measure`, or None when they agree to the thousand or one is not there.

    The law asks for a budget in balance, so any difference is at least a notice; 1 % is a warning, 5 % serious.
    """
    income, expense = figures.income(measure), figures.expense(measure)
    if income is None or expense is None or abs(income - expense) <= ROUNDING:
        return None
    percentage = gap(income, expense)
    return Imbalance(
        severity_of(percentage),
        {
            "gap": worded(percentage),
            "difference": pesos(abs(income - expense)),
            "income": pesos(income),
            "expense": pesos(expense),
        },
        {"income": income, "expense": expense, "percent": f"{percentage:.4f}"},
    )
