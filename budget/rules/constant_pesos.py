"""Pesos of different years made comparable, and whole pesos scaled without losing a peso to floating point."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

MONTHS_OF_A_YEAR = 12
# A year's mean index and how many months it holds.
YearMean = tuple[Decimal, int]


def base_year(means: Mapping[int, YearMean]) -> int | None:
    """The latest year whose mean holds all twelve months: its pesos are the constant pesos. None without any."""
    whole = [year for year, (_mean, months) in means.items() if months == MONTHS_OF_A_YEAR]
    return max(whole, default=None)


def to_base(year: int, means: Mapping[int, YearMean]) -> Fraction | None:
    """What a peso of `year` is multiplied by to be a peso of the base year.

    None where the year's mean is unknown or holds fewer than twelve months: part of a year is not a year's mean.
    """
    base = base_year(means)
    if base is None or year not in means or means[year][1] != MONTHS_OF_A_YEAR:
        return None
    return Fraction(means[base][0]) / Fraction(means[year][0])


def scaled(amount: int | None, factor: Fraction | None) -> int | None:
    """`amount` x `factor` in whole pesos, halves away from zero. Missing stays missing."""
    if amount is None or factor is None:
        return None
    doubled = 2 * abs(amount) * factor.numerator + factor.denominator
    size = doubled // (2 * factor.denominator)
    return -size if amount < 0 else size
