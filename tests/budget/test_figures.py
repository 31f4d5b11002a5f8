import json
from fractions import Fraction
from typing import Any

import plotly.graph_objects as go
import pytest

from budget import figures
from budget.rules.summary import Node

NODES = [
    Node("areas", "", "", "", 100_000_000),
    Node("area-01", "areas", "Funcionamiento del municipio", "", 60_000_000),
    Node("area-01/215.22.05.001", "area-01", "Luz", "", 20_000_000, also="215.22.05.001"),
    Node("area-01/resto", "area-01", "", "", 40_000_000, rest=True),
    Node("area-02", "areas", "Servicios para la comuna", "", 45_000_000),
    Node("area-03", "areas", "Actividades y celebraciones", "", -5_000_000),
]
HEADLINE: dict[str, int | None] = {
    "initial": 90, "current": 100, "accrued": 80, "received": 85, "received_new": 85,
    "income_initial": 90, "income_current": 100, "opening_initial": 0, "opening_current": 0,
}  # fmt: skip


def drawn(body: bytes) -> dict[str, Any]:
    """The figure, once Plotly itself has taken it."""
    read: dict[str, Any] = json.loads(body)
    go.Figure(read)
    return read


def treemap(factor: Fraction = Fraction(1)) -> dict[str, Any]:
    trace: dict[str, Any] = drawn(figures.treemap(NODES, factor, "Total", {"": "Resto"}))["data"][0]
    return trace


def test_a_treemap_is_a_figure_that_plotly_accepts_and_its_boxes_add_up() -> None:
    trace = treemap()
    values = dict(zip(trace["ids"], trace["values"], strict=True))
    assert values["areas"] == values["area-01"] + values["area-02"]
    assert values["area-01"] == values["area-01/215.22.05.001"] + values["area-01/resto"]


def test_a_negative_amount_is_left_to_the_table() -> None:
    assert "area-03" not in treemap()["ids"]


def test_a_box_leads_to_what_it_opens_and_nowhere_if_there_is_nothing() -> None:
    trace = treemap()
    opens = dict(zip(trace["ids"], trace["customdata"], strict=True))
    assert opens["area-01"] == "area-01"
    assert opens["area-02"] == ""
    assert opens["area-01/215.22.05.001"] == "215.22.05.001"


def test_where_areas_exceed_the_total_a_box_says_the_share_that_the_table_says() -> None:
    nodes = [
        Node("areas", "", "", "", 100),
        Node("area-05", "areas", "Deporte", "", 31),
        Node("area-06", "areas", "Cultura", "", 100),
    ]
    trace = drawn(figures.treemap(nodes, Fraction(1), "Total", {"": "Resto"}))["data"][0]
    assert [text.partition("<br>")[2] for text in trace["text"]] == ["", "23,7\u00a0%", "76,3\u00a0%"]


def test_each_box_says_its_amount_in_the_pesos_asked_for_and_its_share() -> None:
    trace = treemap(Fraction(1, 1000))
    assert dict(zip(trace["ids"], trace["text"], strict=True))["area-01"] == "$\u00a060.000<br>60,0\u00a0%"


def test_what_lies_inside_a_box_has_its_colour_and_what_is_left_is_grey() -> None:
    trace = treemap()
    colours = dict(zip(trace["ids"], trace["marker"]["colors"], strict=True))
    assert colours["area-01"] == colours["area-01/215.22.05.001"] != colours["area-02"]
    assert colours["area-01/resto"] == figures.REST


def test_without_a_positive_amount_there_is_no_treemap() -> None:
    assert figures.treemap([Node("areas", "", "", "", 0)], Fraction(1), "Total", {"": "Resto"}) == b""


def test_the_bars_of_execution_skip_what_is_missing() -> None:
    bars = drawn(figures.execution(HEADLINE | {"initial": None}, Fraction(1), each=True))["data"]
    assert [bar["x"] for bar in bars] == [[None, 90], [100, 100], [80, 85]]
    assert figures.execution(HEADLINE | {"accrued": None, "current": None}, Fraction(1), each=True) == b""


def test_one_year_alone_is_not_drawn_as_a_series() -> None:
    year = {"year": 2024, "accrued": 80, "factor": None, "projection": None}
    assert figures.of_series({"years": [year], "base": None}) == {}


def test_a_series_stands_in_its_own_pesos_and_in_constant_ones() -> None:
    years = [
        {"year": 2023, "accrued": 10_000_000, "factor": [11, 10], "projection": 100},
        {"year": 2024, "accrued": 12_000_000, "factor": [1, 1], "projection": 100},
    ]
    found = figures.of_series({"years": years, "base": 2024})
    nominal, real = drawn(found["pesos"])["data"]
    assert nominal["y"] == [10, 12]
    assert real["y"] == [11, 12]
    assert drawn(found["each"])["data"][0]["y"] == [100_000, 120_000]


def test_a_figure_carries_no_theme_and_names_the_token_of_each_colour() -> None:
    layout = drawn(figures.execution(HEADLINE, Fraction(1), each=False))["layout"]
    assert "template" not in layout
    assert layout["meta"]["palette"]["#0b8ef2"] == "chart-2"


@pytest.mark.parametrize("body", [b"{}", b'{"data":[]}'])
def test_a_stored_figure_comes_back_whole_and_the_same_bytes_pack_the_same(body: bytes) -> None:
    assert figures.unpacked(figures.packed(body)) == body
    assert figures.packed(body) == figures.packed(body)
