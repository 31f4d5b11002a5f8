"""The charts of a result: figures that Plotly takes, with the numbers of their tables."""

import json
from fractions import Fraction
from typing import Any

import plotly.graph_objects as go
import pytest

from diagnostics import figures
from diagnostics.models import Answer
from diagnostics.reports.comparison import Group
from diagnostics.reports.results import result_of
from diagnostics.rules.comparison import Spread
from tests.cast import Cast
from tests.diagnostics.test_submission import complete

pytestmark = pytest.mark.django_db


def drawn(body: bytes) -> dict[str, Any]:
    """The figure, once Plotly itself has taken it."""
    read: dict[str, Any] = json.loads(body)
    go.Figure(read)
    return read


def test_a_radar_closes_and_says_what_the_table_says(cast: Cast) -> None:
    result = result_of(complete(cast))
    [reached] = drawn(figures.radar(result))["data"]
    assert reached["theta"][0] == reached["theta"][-1] == "Transparencia"
    assert reached["r"][0] == reached["r"][-1]
    assert reached["hovertext"][0] == f"Transparencia: {result.dimensions[0].points}. Alcanzado"


def test_potential_is_drawn_only_where_something_may_still_rise(cast: Cast) -> None:
    held = complete(cast)
    Answer.objects.filter(question="p1").update(value=None)
    names = [trace["name"] for trace in drawn(figures.radar(result_of(held)))["data"]]
    assert names == ["Alcanzado", "Potencial"]


def test_the_median_of_those_alike_is_drawn_when_there_are_enough(cast: Cast) -> None:
    result = result_of(complete(cast))
    half = Spread(5, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4))
    few = Group("x", 5, {"transparencia": half})
    alike = Group("x", 5, {"transparencia": half, "participacion": half})
    assert len(drawn(figures.radar(result, few))["data"]) == 1
    assert drawn(figures.radar(result, alike))["data"][-1]["r"] == [50, 50, 50]


def test_bars_stack_what_could_be_on_what_was_reached(cast: Cast) -> None:
    held = complete(cast)
    Answer.objects.filter(question="t4").update(value=None)
    dimension = result_of(held).dimensions[0]
    reached, more = drawn(figures.descriptors(dimension))["data"]
    assert reached["y"] == ["Transparencia activa", "Solicitudes"]
    assert reached["x"][1] == 0
    assert more["x"] == [0, 100]
    assert reached["text"] == [part.points for part in dimension.children]


def test_what_does_not_count_is_left_to_the_table(cast: Cast) -> None:
    held = complete(cast)
    Answer.objects.filter(question="p1").update(value=None, is_na=True, text="No hay COSOC.")
    result = result_of(held)
    assert result.dimensions[1].reached is None
    assert figures.descriptors(result.dimensions[1]) == b""
    assert not figures.has_radar(result)


def test_a_radar_of_one_line_has_no_legend_and_room_for_its_lowest_label(cast: Cast) -> None:
    layout = drawn(figures.radar(result_of(complete(cast))))["layout"]
    assert (layout["showlegend"], layout["margin"]["b"]) == (False, 96)
