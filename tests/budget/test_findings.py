"""The reconciliation rules: when they speak, how loudly, and in which words."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from budget.choices import Area, Measure, Severity, Side
from budget.rules.findings import YearFigures, every_check, gap, review, worded

INCOME, EXPENSE = Side.INCOME, Side.EXPENSE
TOTAL = 1_000_000_000


def year(**changes: object) -> YearFigures:
    """A year in which nothing is wrong, with changes."""
    totals: dict[tuple[Side, Measure], int | None] = {
        (INCOME, Measure.INITIAL): TOTAL,
        (EXPENSE, Measure.INITIAL): TOTAL,
        (INCOME, Measure.CURRENT): TOTAL,
        (EXPENSE, Measure.CURRENT): TOTAL,
        (EXPENSE, Measure.ACCRUED): TOTAL * 9 // 10,
        (INCOME, Measure.SETTLED): TOTAL,
    }
    areas: dict[Area, int | None] = dict.fromkeys(Area, TOTAL * 9 // 10 // 6)
    extra = changes.pop("totals", {})
    fields: dict[str, object] = {"year": 2024, "totals": totals | extra, "areas": areas, "reported": 12}  # type: ignore[operator]
    return YearFigures(**(fields | changes))  # type: ignore[arg-type]


def seen(figures: YearFigures) -> dict[str, Severity]:
    return {finding.code: finding.severity for finding in review(figures)}


def areas(percent: str) -> dict[Area, int | None]:
    """Areas that add up to `percent` more than what was spent."""
    total = int(TOTAL * Decimal("0.9") * (1 + Decimal(percent) / 100))
    return {**dict.fromkeys(list(Area)[1:], total // 6), Area.INTERNAL: total - 5 * (total // 6)}


def test_a_sound_year_has_no_findings() -> None:
    assert review(year()) == []


def test_every_module_of_checks_is_a_rule_with_its_own_code() -> None:
    assert sorted(every_check()) == [
        "accrued_above_current",
        "areas_against_total",
        "current_balance",
        "initial_balance",
        "jump",
        "low_execution",
        "nothing_received",
        "parts_missing",
    ]


@pytest.mark.parametrize(
    ("percent", "severity"),
    [
        ("0.99", None),
        ("1", Severity.WARNING),
        ("-1", Severity.WARNING),
        ("4.99", Severity.WARNING),
        ("5", Severity.SERIOUS),
        ("31", Severity.SERIOUS),
    ],
)
def test_areas_that_miss_the_total_warn_from_one_per_cent_and_are_serious_from_five(
    percent: str, severity: Severity | None
) -> None:
    assert seen(year(areas=areas(percent))).get("areas_against_total") == severity


def test_the_gap_of_the_areas_is_said_to_citizens_in_spanish() -> None:
    with translation.override("es"):
        (finding,) = review(year(areas=areas("31")))
    assert finding.citizen.startswith("Las áreas no suman el total: 31\u00a0%")
    assert "$\u00a0900.000.000" in finding.officer


def test_areas_that_are_not_all_there_are_not_added_up() -> None:
    assert seen(year(areas=areas("31") | {Area.CULTURE: None})) == {}


@pytest.mark.parametrize(
    ("code", "measure"), [("initial_balance", Measure.INITIAL), ("current_balance", Measure.CURRENT)]
)
@pytest.mark.parametrize(
    ("income", "severity"),
    [
        (TOTAL + 1_000, None),  # the source rounds to thousands
        (TOTAL + 2_000, Severity.NOTICE),
        (TOTAL * 101 // 100, Severity.WARNING),
        (TOTAL * 95 // 100, Severity.SERIOUS),
        (None, None),
    ],
)
def test_a_budget_out_of_balance_is_at_least_a_notice(
    code: str, measure: Measure, income: int | None, severity: Severity | None
) -> None:
    assert seen(year(totals={(INCOME, measure): income})).get(code) == severity


@pytest.mark.parametrize(
    ("accrued", "code", "severity"),
    [
        (TOTAL + 1_000, "accrued_above_current", None),
        (TOTAL * 102 // 100, "accrued_above_current", Severity.WARNING),
        (TOTAL * 105 // 100, "accrued_above_current", Severity.SERIOUS),
        (TOTAL // 2, "low_execution", None),
        (TOTAL * 49 // 100, "low_execution", Severity.WARNING),
        (TOTAL // 5, "low_execution", Severity.SERIOUS),
        (0, "low_execution", Severity.SERIOUS),
    ],
)
def test_spending_far_from_the_budget_is_told(accrued: int, code: str, severity: Severity | None) -> None:
    assert seen(year(totals={(EXPENSE, Measure.ACCRUED): accrued}, areas={})).get(code) == severity


@pytest.mark.parametrize(
    ("previous", "severity"),
    [
        (None, None),
        (TOTAL * 6 // 10, None),  # exactly half more
        (TOTAL * 55 // 100, Severity.WARNING),
        (TOTAL * 44 // 100, Severity.SERIOUS),
        (TOTAL * 2, Severity.WARNING),
        (0, None),
    ],
)
def test_a_jump_of_more_than_half_against_the_year_before_is_told(
    previous: int | None, severity: Severity | None
) -> None:
    assert seen(year(previous=previous)).get("jump") == severity


def test_a_jump_names_the_year_before() -> None:
    with translation.override("es"):
        (finding,) = review(year(previous=TOTAL * 2))
    assert "2023" in finding.citizen


def test_a_year_with_nothing_received_says_so_and_nothing_else() -> None:
    unreported = frozenset({("215", "", "accrued"), ("215", "01", "accrued")})
    figures = YearFigures(year=2024, unreported=unreported)
    assert seen(figures) == {"nothing_received": Severity.SERIOUS}


def test_a_year_that_was_never_asked_about_has_no_findings() -> None:
    assert review(YearFigures(year=2018)) == []


def test_missing_parts_are_named() -> None:
    unreported = frozenset({("215", "", "initial"), ("215", "01", "accrued"), ("215", "02", "accrued")})
    with translation.override("es"):
        (finding,) = review(year(areas={}, unreported=unreported))
    assert finding.severity == Severity.WARNING
    assert "el presupuesto inicial; el gasto por área de gestión" in finding.citizen


def test_the_most_serious_comes_first() -> None:
    figures = year(
        areas=areas("31"), totals={(INCOME, Measure.INITIAL): TOTAL + 2_000, (EXPENSE, Measure.CURRENT): None}
    )
    assert [finding.severity for finding in review(figures)] == [Severity.SERIOUS, Severity.NOTICE]


AMOUNT = st.integers(min_value=-(10**13), max_value=10**13) | st.none()


@given(
    st.dictionaries(st.tuples(st.sampled_from(Side), st.sampled_from(Measure)), AMOUNT),
    st.dictionaries(st.sampled_from(Area), AMOUNT),
    AMOUNT,
)
def test_whatever_the_figures_the_rules_warn_and_never_fail(
    totals: dict[tuple[Side, Measure], int | None], of_areas: dict[Area, int | None], previous: int | None
) -> None:
    for finding in review(YearFigures(2024, totals, of_areas, frozenset(), 1, previous)):
        assert finding.citizen
        assert finding.officer
        assert "%(" not in finding.citizen + finding.officer


@given(st.integers(), st.integers())
def test_a_gap_is_never_negative(one: int, other: int) -> None:
    assert gap(one, other) >= 0


@pytest.mark.parametrize(
    ("percentage", "words"),
    [("31.02", "31\u00a0%"), ("3.46", "3,5\u00a0%"), ("0.04", "0,04\u00a0%"), ("9.97", "10,0\u00a0%")],
)
def test_percentages_are_rounded_as_people_say_them(percentage: str, words: str) -> None:
    assert worded(Decimal(percentage)) == words
