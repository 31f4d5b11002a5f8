import json
import threading
from hashlib import sha256

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from budget.choices import DatasetState, Source
from budget.figures import unpacked
from budget.models import Dataset, Figure, PriceIndex, Series, YearSummary
from budget.reports import compute_years
from budget.rules.summary import Node
from config.page_cache import VERSION_KEY
from municipalities.choices import PopulationSource
from municipalities.models import Municipality
from tests.budget import factories as make

pytestmark = pytest.mark.django_db
PAIR = ("13120", 2024)


@pytest.fixture
def nunoa() -> Municipality:
    place = make.municipality()
    make.inhabitants(place, 2024, 250_000)
    make.prices({2023: ("100", 12), 2024: ("110", 12), 2025: ("121", 6)})
    return place


def payload(cut: str = "13120", year: int = 2024) -> dict:  # type: ignore[type-arg]
    found: dict = YearSummary.objects.get(municipality=cut, year=year).payload  # type: ignore[type-arg]
    return found


def nodes(tree: str, cut: str = "13120") -> dict[str, Node]:
    return {row[0]: Node(*row) for row in payload(cut)["trees"][tree]}


def test_a_full_year_is_summed_up(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines=make.full_lines(), indicators=make.FULL_INDICATORS)
    outcome = compute_years([PAIR])
    assert (outcome.computed, outcome.unchanged) == (1, 0)
    found = payload()
    assert found["headline"]["accrued"] == 80_000_000
    assert found["population"] == [250_000, "projection_2017"]
    assert found["price"] == {"base": 2024, "factor": [1, 1]}
    assert nodes("area")["area-02"].amount == 40_000_000
    assert nodes("area")["area-02/resto"].amount == 37_000_000
    assert nodes("nature")["215/resto"].amount == 10_000_000
    assert nodes("nature")["215.22.05.001/area-02"].amount == 3_000_000


def test_income_is_told_by_own_income_fund_and_transfers_and_what_is_left(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines=make.full_lines(), indicators=make.FULL_INDICATORS)
    compute_years([PAIR])
    origin = nodes("origin")
    assert {key: node.amount for key, node in origin.items()} == {
        "115": 85_000_000,
        "propios": 50_000_000,
        "fondo-comun": 10_000_000,
        "transferencias": 20_000_000,
        "115.03.03": 20_000_000,
        "115/resto": 5_000_000,
        "propios/resto": 30_000_000,
    }
    assert origin["115.03.03"].parent == "propios"


def test_a_source_without_income_groups_is_told_by_account(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines=make.full_lines())
    compute_years([PAIR])
    assert set(nodes("origin")) == {"115", "115.08.03", "115.03.03", "115/resto"}


def test_nothing_received_stays_missing(nunoa: Municipality) -> None:
    make.dataset(nunoa, indicators={"IADM01": None, "IADM41": None})
    compute_years([PAIR])
    found = payload()
    assert set(found["headline"].values()) == {None}
    assert found["trees"] == {"area": [], "nature": [], "origin": []}
    assert found["missing"] == {"not_received": 2}
    assert found["figures"] == {"nominal": {}, "real": {}, "each": {}}


def test_figures_are_stored_under_the_hash_of_their_content(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines=make.full_lines(), indicators=make.FULL_INDICATORS)
    compute_years([PAIR])
    addresses = payload()["figures"]["nominal"]
    assert set(addresses) == {"area", "nature", "origin", "execution"}
    for address in addresses.values():
        body = unpacked(bytes(Figure.objects.get(pk=address).body))
        assert sha256(body).hexdigest() == address
        assert json.loads(body)["data"]


def test_a_second_time_nothing_is_computed_and_nothing_forgotten(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines=make.full_lines())
    compute_years([PAIR])
    before = YearSummary.objects.get().computed_at
    version = cache.get(VERSION_KEY)
    outcome = compute_years([PAIR])
    assert (outcome.computed, outcome.unchanged) == (0, 1)
    assert YearSummary.objects.get().computed_at == before
    assert cache.get(VERSION_KEY) == version


def test_only_what_changed_is_computed_again(nunoa: Municipality) -> None:
    first = make.dataset(nunoa, 2023, lines={"215": make.spent(70)})
    make.dataset(nunoa, 2024, lines={"215": make.spent(80)})
    compute_years([("13120", 2023), PAIR])
    Dataset.objects.filter(pk=first.pk).update(state=DatasetState.SUPERSEDED, superseded_at=make.NOW)
    make.dataset(nunoa, 2023, lines={"215": make.spent(75)}, edition=2)
    outcome = compute_years([("13120", 2023), PAIR])
    assert (outcome.computed, outcome.unchanged) == (1, 1)
    assert payload(year=2023)["headline"]["accrued"] == 75
    assert payload(year=2023)["editions"][0][0] == 1
    assert [row["accrued"] for row in Series.objects.get().payload["years"]] == [75, 80]


def test_a_new_price_index_moves_the_base_of_every_year(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(80)})
    compute_years([PAIR])
    PriceIndex.objects.filter(year=2025).update(months=12)
    assert compute_years([PAIR]).computed == 1
    assert payload()["price"] == {"base": 2025, "factor": [11, 10]}
    assert Series.objects.get().payload["base"] == 2025


def test_a_month_more_of_an_unfinished_year_changes_nothing(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(80)})
    compute_years([PAIR])
    PriceIndex.objects.filter(year=2025).update(months=7)
    assert compute_years([PAIR]).computed == 0


def test_the_census_counts_in_its_year_and_the_projection_is_kept_for_comparing(nunoa: Municipality) -> None:
    make.inhabitants(nunoa, 2024, 241_467, PopulationSource.CENSUS_2024)
    make.dataset(nunoa, lines={"215": make.spent(80)})
    compute_years([PAIR])
    assert payload()["population"] == [241_467, "census_2024"]
    assert payload()["projection"] == 250_000


def test_real_data_stand_before_demonstration_data_whatever_came_last(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(80)})
    make.dataset(nunoa, lines={"215": make.spent(5)}, source=Source.DEMONSTRATION)
    compute_years([PAIR])
    assert payload()["headline"]["accrued"] == 80


def test_a_draft_is_not_summed_up(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(80)}, state=DatasetState.DRAFT)
    outcome = compute_years([PAIR])
    assert (outcome.computed, outcome.without_edition) == (0, 1)
    assert not YearSummary.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_municipalities(nunoa: Municipality) -> None:
    def queries(places: list[Municipality]) -> int:
        for place in places:
            make.dataset(place, lines=make.full_lines(), indicators=make.FULL_INDICATORS)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert compute_years([(place.cut, 2024) for place in places]).computed == len(places)
        return len(captured)

    few = queries([nunoa])
    many = queries([make.municipality(f"1311{number}", f"Lugar {number}", f"lugar-{number}") for number in range(6)])
    assert many == few


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_leaves_the_last_good_state(nunoa: Municipality) -> None:
    make.dataset(nunoa, lines={"215": make.spent(80)})
    compute_years([PAIR])
    Dataset.objects.update(content_hash="0" * 64)

    def die_before_the_commit() -> None:
        with transaction.atomic():
            compute_years([PAIR])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die_before_the_commit()
    assert payload()["headline"]["accrued"] == 80
    assert compute_years([PAIR]).computed == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_compute_a_year_once(nunoa: Municipality) -> None:
    make.dataset(nunoa, 2023, lines={"215": make.spent(70)})
    make.dataset(nunoa, lines={"215": make.spent(80)})
    computed: list[int] = []

    def work(pairs: list[tuple[str, int]]) -> None:
        try:
            computed.append(compute_years(pairs).computed)
        finally:
            connection.close()

    both = [("13120", 2023), PAIR]
    threads = [threading.Thread(target=work, args=[pairs]) for pairs in (both, both[::-1], both[:1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(computed) == 2
    assert [row["accrued"] for row in Series.objects.get().payload["years"]] == [70, 80]


def test_recompute_says_what_it_did(nunoa: Municipality, capsys: pytest.CaptureFixture[str]) -> None:
    make.dataset(nunoa, lines={"215": make.spent(80)})
    call_command("recompute")
    assert capsys.readouterr().out.startswith("1 computed, 0 unchanged")
    call_command("recompute", "--year=2024", "--municipality=13120")
    assert capsys.readouterr().out.startswith("0 computed, 1 unchanged")
    call_command("recompute", "--all")
    assert capsys.readouterr().out.startswith("1 computed, 0 unchanged")
    with pytest.raises(CommandError, match="No published budget"):
        call_command("recompute", "--year=1999")
