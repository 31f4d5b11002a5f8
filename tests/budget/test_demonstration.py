"""Invented budgets: plausible, always the same, marked, and brought in by the road of real files."""

import csv
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from budget.choices import Source
from budget.imports import demonstration as model
from budget.imports.demonstration import NOT_RECEIVED, Country, Place, Row
from budget.models import Dataset, Finding, IndicatorValue, Line, YearSummary

DATA = Path(model.__file__).resolve().parent.parent / "data"
REGISTER = DATA.parent.parent / "municipalities" / "data"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def country() -> Country:
    people = {row["cut"]: int(row["census_2024"]) for row in table(REGISTER / "population.csv")}
    return Country(
        Place(row["cut"], row["name"], people[row["cut"]], row["rural_class"], 500)
        for row in table(REGISTER / "municipalities.csv")
    )


@pytest.fixture(scope="module")
def budgets(country: Country) -> dict[str, Row]:
    return model.year_of_budgets(country, 2024, {2024: 100.0})


def national(budgets: dict[str, Row], name: str) -> int:
    return sum(int(row[name]) for row in budgets.values() if row[name] != NOT_RECEIVED)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("IADM11", 8_717_159_647),
        ("IADM01", 8_433_928_218),
        ("IADM40", 2_670_959_916),
        ("IADM41", 3_106_897_841),
        ("IADM61", 2_335_358_891),
        ("IADM22", 585_896_908),
        ("BPIGM", 8_075_141_453),
        ("BPVGM", 10_437_858_192),
        ("BGMAGINT", 4_907_985_381),
        ("BGMASCOM", 2_905_354_478),
        ("BGMAPSOC", 507_240_128),
    ],
)
def test_the_country_adds_up_to_the_published_totals_of_2024(
    budgets: dict[str, Row], name: str, published: int
) -> None:
    assert national(budgets, name) == pytest.approx(published, rel=0.03)


def test_every_variable_of_the_real_file_is_there(budgets: dict[str, Row]) -> None:
    codes = {row["code"] for row in table(DATA / "indicators.csv")}
    assert all(set(row) == codes for row in budgets.values())


def test_parts_add_up_to_their_whole_in_every_municipality(budgets: dict[str, Row]) -> None:
    for row in budgets.values():
        if row["IADM11"] != NOT_RECEIVED:
            assert sum(int(row[name]) for name in ("IADM78", "IADM79", "IADM80", "IADM111", "IADM73")) == row["IADM61"]
            assert int(row["IADM98"]) + int(row["IADM99"]) == row["IADM97"]
            assert sum(int(row[name]) for name in ("IADM61", "IADM85", "IADM60", "IADM22")) <= int(row["IADM11"])


def test_no_money_is_negative_and_execution_is_believable(budgets: dict[str, Row]) -> None:
    for row in budgets.values():
        assert all(value >= 0 for value in row.values() if not isinstance(value, str))
        if not isinstance(row["IADM 125"], str):
            assert 40 <= row["IADM 125"] <= 106


def test_what_real_files_lack_is_lacking_too(budgets: dict[str, Row]) -> None:
    assert set(budgets["10207"].values()) == {NOT_RECEIVED}
    assert budgets["13102"]["IADM11"] != NOT_RECEIVED
    assert budgets["13102"]["BGMAGINT"] == NOT_RECEIVED
    areas = sum(int(budgets["06201"][name]) for name in model.AREAS)
    assert areas / int(budgets["06201"]["IADM11"]) == pytest.approx(1.31, abs=0.001)


def test_areas_miss_the_total_about_as_often_as_in_reality(budgets: dict[str, Row]) -> None:
    given = [row for row in budgets.values() if row["BGMAGINT"] != NOT_RECEIVED]
    gaps = [abs(sum(int(row[name]) for name in model.AREAS) / int(row["IADM11"]) - 1) for row in given]
    assert 230 <= sum(gap > 0.001 for gap in gaps) <= 310
    assert 15 <= sum(gap > 0.01 for gap in gaps) <= 60


def test_the_same_data_come_out_every_time_and_of_every_selection(country: Country, budgets: dict[str, Row]) -> None:
    again = Country(reversed(country.places))
    assert model.year_of_budgets(again, 2024, {2024: 100.0}) == budgets


def test_other_years_follow_prices_and_real_growth(country: Country, budgets: dict[str, Row]) -> None:
    before = model.year_of_budgets(country, 2023, {2023: 95.0, 2024: 100.0})
    assert national(before, "IADM11") / national(budgets, "IADM11") == pytest.approx(0.95 / 1.02, rel=0.01)


amounts = st.integers(0, 10**10)


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.tuples(
            st.lists(
                st.tuples(amounts, st.lists(st.floats(0.01, 100), min_size=width, max_size=width)),
                min_size=1,
                max_size=6,
            ),
            st.lists(st.integers(1, 10**10), min_size=width, max_size=width),
        )
    )
)
def test_fitted_parts_always_add_up_to_the_whole(case: tuple[list[tuple[int, list[float]]], list[float]]) -> None:
    rows, nationals = case
    wholes = [whole for whole, _ in rows]
    fitted = model.fit([start for _, start in rows], wholes, nationals)
    assert [sum(row) for row in fitted] == wholes


@pytest.fixture
def reference(db: None) -> None:
    call_command("load_register", stdout=StringIO())
    call_command("load_classifier", verbosity=0, stdout=StringIO())


def load(**options: object) -> str:
    out = StringIO()
    call_command("load_demo", stdout=out, without_people=True, **options)
    return out.getvalue()


@pytest.mark.usefixtures("reference")
def test_a_second_run_changes_nothing() -> None:
    assert "6 summaries computed" in load(years=[2023, 2024], municipalities=3)
    before = list(Dataset.objects.order_by("pk").values_list("pk", "content_hash"))
    assert "0 summaries computed" in load(years=[2023, 2024], municipalities=3)
    assert list(Dataset.objects.order_by("pk").values_list("pk", "content_hash")) == before
    assert YearSummary.objects.count() == 6
    assert not Dataset.objects.exclude(source=Source.DEMONSTRATION).exists()


@pytest.mark.usefixtures("reference")
def test_it_comes_in_as_a_real_file_does_with_lines_missing_values_and_findings() -> None:
    from budget.imports import demonstration_file

    whole = demonstration_file.country()
    content = demonstration_file.year_file(whole, 2024, cuts=["06201", "10207", "13101"])
    demonstration_file.bring_in(content, 2024)
    of = {row.municipality_id: row for row in Dataset.objects.published()}
    assert set(of) == {"06201", "10207", "13101"}
    total = Line.objects.get(dataset=of["13101"], account__code="215", area=None)
    assert total.accrued is not None
    assert total.accrued % 1000 == 0
    assert not IndicatorValue.objects.filter(dataset=of["10207"], value__isnull=False).exists()
    assert Finding.objects.filter(dataset=of["06201"], citizen_text__contains="31").exists()
    assert BytesIO(content).read(1) == b"\n"  # as SINIM begins its files


@pytest.mark.django_db
def test_without_the_register_it_says_what_to_run() -> None:
    with pytest.raises(CommandError, match="load_register"):
        load()
