from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from budget.rules.summary import (
    Node,
    Text,
    account_tree,
    area_tree,
    children,
    drawable,
    nearest,
    share,
    split_by_area,
    stages,
    whole_of,
    with_remainders,
)

CODES = ["215", "215.21", "215.21.01", "215.21.02", "215.22", "215.22.05.001", "215.22.08.003", "215.24"]
TEXTS = {code: Text(code, f"Lo que es {code}.") for code in CODES}
AREAS = {f"area-0{number}": Text(f"Área {number}", "Lo que paga.") for number in range(1, 7)}


def amounts(nodes: list[Node]) -> dict[str, int]:
    return {node.id: node.amount for node in nodes}


def test_an_account_hangs_under_the_nearest_one_that_the_source_gives() -> None:
    assert nearest("215.22.05.001", {"215", "215.22"}) == "215.22"
    assert nearest("215.21.01", {"215"}) == "215"
    assert nearest("215", {"215"}) == ""


def test_what_the_parts_do_not_cover_is_one_more_part() -> None:
    nodes = account_tree("215", {"215": 100, "215.21": 60, "215.22": 30, "215.22.05.001": 10}, TEXTS)
    assert amounts(nodes) == {
        "215": 100, "215.21": 60, "215.22": 30, "215.22.05.001": 10, "215/resto": 10, "215.22/resto": 20,
    }  # fmt: skip
    assert [node.id for node in children(nodes, "215")] == ["215.21", "215.22", "215/resto"]


def test_an_amount_that_is_not_given_is_no_part_and_never_a_zero() -> None:
    nodes = account_tree("215", {"215": 100, "215.21": None, "215.22": 100}, TEXTS)
    assert amounts(nodes) == {"215": 100, "215.22": 100}


def test_without_a_total_there_is_no_tree() -> None:
    assert account_tree("215", {"215": None, "215.21": 60}, TEXTS) == []


def test_the_total_comes_first_in_whatever_order_the_lines_are_stored() -> None:
    nodes = account_tree("215", {"215.22.05.001": 30, "215": 100, "215.22": 40}, TEXTS)
    assert (nodes[0].id, nodes[0].parent) == ("215", "")


def test_an_area_opens_into_the_accounts_given_for_it() -> None:
    root = Node("areas", "", "", "", 100)
    inside = {("02", "215.22.05.001"): 30, ("01", "215.22.05.001"): 5, ("02", "215.22.08.003"): None}
    nodes = area_tree(root, {"01": 40, "02": 50, "03": None}, inside, TEXTS | AREAS)
    assert amounts(nodes) == {
        "areas": 100, "area-01": 40, "area-02": 50, "areas/resto": 10,
        "area-01/215.22.05.001": 5, "area-01/resto": 35, "area-02/215.22.05.001": 30, "area-02/resto": 20,
    }  # fmt: skip
    assert next(node.also for node in nodes if node.id == "area-02/215.22.05.001") == "215.22.05.001"


def test_without_areas_there_is_no_tree_of_areas() -> None:
    assert area_tree(Node("areas", "", "", "", 100), {"01": None}, {}, TEXTS | AREAS) == []


def test_an_account_without_parts_opens_into_its_areas() -> None:
    nodes = account_tree("215", {"215": 100, "215.22.05.001": 30}, TEXTS)
    split = split_by_area(nodes, {("01", "215.22.05.001"): 5, ("02", "215.22.05.001"): 20}, TEXTS | AREAS)
    assert [(node.name, node.amount) for node in children(split, "215.22.05.001")] == [
        ("Área 2", 20), ("Área 1", 5), ("", 5),
    ]  # fmt: skip
    assert len(split) == len({node.id for node in split})


def test_parts_beyond_the_whole_are_measured_against_their_sum() -> None:
    whole = Node("areas", "", "", "", 100)
    parts = [Node("area-01", "areas", "", "", 90), Node("area-02", "areas", "", "", 41)]
    assert whole_of(whole, parts) == (131, False)
    assert whole_of(whole, parts[:1]) == (100, True)


def test_a_rounding_of_thousands_is_not_an_excess() -> None:
    parts = [Node("area-01", "areas", "", "", 1_005)]
    assert whole_of(Node("areas", "", "", "", 1_000), parts) == (1_000, True)


def test_a_share_of_nothing_or_of_the_unknown_is_unknown() -> None:
    assert share(1, 0) is None
    assert share(None, 5) is None
    assert share(1, None) is None
    assert share(1, -4) is None
    assert share(1, 3) == Fraction(100, 3)


def test_the_cash_of_the_year_before_is_not_income_to_be_received() -> None:
    headline = {
        "initial": 90, "current": 100, "accrued": 80, "received": 85, "received_new": 85,
        "income_initial": 90, "income_current": 100, "opening_initial": None, "opening_current": 6,
    }  # fmt: skip
    assert stages(headline) == ((90, 100, 80), (90, 94, 85))


trees = st.dictionaries(
    st.sampled_from(CODES), st.one_of(st.none(), st.integers(-(10**12), 10**12)), max_size=len(CODES)
)


@given(trees)
def test_parts_and_remainder_fill_every_whole_that_they_do_not_exceed(given_amounts: dict[str, int | None]) -> None:
    nodes = account_tree("215", given_amounts, TEXTS)
    for node in nodes:
        parts = children(nodes, node.id)
        if parts and not (sum(part.amount for part in parts) > node.amount):
            assert sum(part.amount for part in parts) == node.amount
        assert all(part.amount > 0 for part in parts if part.rest)


@given(trees)
def test_a_treemap_only_has_positive_boxes_that_add_up(given_amounts: dict[str, int | None]) -> None:
    nodes = drawable(account_tree("215", given_amounts, TEXTS))
    for node in nodes:
        parts = children(nodes, node.id)
        assert node.amount > 0
        assert not parts or sum(part.amount for part in parts) == node.amount
        assert not node.parent or node.parent in amounts(nodes)


def test_a_whole_can_be_left_out_when_it_is_already_there() -> None:
    nodes = with_remainders([Node("a", "", "", "", 5), Node("b", "a", "", "", 3)], skip={"a"})
    assert [node.id for node in nodes] == ["b", "a/resto"]
