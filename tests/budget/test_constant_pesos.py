from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.rules.constant_pesos import base_year, scaled, to_base

MEANS = {
    2009: (Decimal("57.310"), 1),
    2023: (Decimal("99.674"), 12),
    2024: (Decimal("103.926"), 12),
    2025: (Decimal("108.304"), 12),
    2026: (Decimal("111.177"), 6),
}


def test_the_base_is_the_latest_year_with_twelve_months() -> None:
    assert base_year(MEANS) == 2025
    assert base_year({2026: MEANS[2026]}) is None


def test_a_peso_of_2023_is_worth_more_in_2025() -> None:
    factor = to_base(2023, MEANS)
    assert factor == Fraction(108304, 99674)
    assert scaled(1_000_000, factor) == 1_086_582


@pytest.mark.parametrize("year", [2009, 2026, 1999])
def test_a_year_without_twelve_months_has_no_constant_pesos(year: int) -> None:
    assert to_base(year, MEANS) is None


def test_the_base_year_keeps_its_pesos() -> None:
    assert to_base(2025, MEANS) == 1


def test_missing_stays_missing_and_zero_stays_zero() -> None:
    assert scaled(None, Fraction(2)) is None
    assert scaled(5, None) is None
    assert scaled(0, Fraction(1, 3)) == 0


@pytest.mark.parametrize(("amount", "expected"), [(1, 1), (3, 2), (-1, -1), (-3, -2)])
def test_halves_go_away_from_zero(amount: int, expected: int) -> None:
    assert scaled(amount, Fraction(1, 2)) == expected


@given(st.integers(-(10**15), 10**15), st.fractions(min_value=Fraction(1, 10**6), max_value=10**6))
def test_scaling_is_exact_to_half_a_peso_and_keeps_the_sign(amount: int, factor: Fraction) -> None:
    found = scaled(amount, factor)
    assert found is not None
    assert abs(found - amount * factor) <= Fraction(1, 2)
    assert found == -(scaled(-amount, factor) or 0)
