"""Plotly figures of a diagnostic's result, as JSON. Each stands beside a table with the same numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import plotly.graph_objects as go
from django.utils.translation import gettext as _

from config.charts import FONT, PALETTE, as_json
from diagnostics.reports.comparison import Group
from diagnostics.reports.results import Part, Result
from diagnostics.rules.explanations import hundred

REACHED, PEERS, POTENTIAL = (PALETTE[name][0] for name in ("chart-2", "chart-3", "chart-7"))
LABEL_WIDTH, BAR_LABEL_WIDTH = 18, 30
ANGLES: Final = 3


def has_radar(result: Result) -> bool:
    """Whether enough dimensions count: a radar of two is a line."""
    return sum(part.reached is not None for part in result.dimensions) >= ANGLES


def radar(result: Result, alike: Group | None = None) -> bytes:
    """The dimensions round a centre: what was reached, what could be, and the median of the municipalities alike. Empty if none
    counts."""
    parts = [part for part in result.dimensions if part.reached is not None]
    if not parts:
        return b""
    traces = [_round(_("Reached"), parts, [part.reached for part in parts], REACHED, "circle", "solid")]
    if any(part.may_rise for part in parts):
        traces.append(_round(_("Potential"), parts, [part.potential for part in parts], POTENTIAL, "square", "dot"))
    medians = [spread.median if alike and (spread := alike.spreads.get(part.key)) else None for part in parts]
    exact = [None if median is None else Decimal(median.numerator) / median.denominator for median in medians]
    if all(median is not None for median in exact):
        traces.append(_round(_("Half of those alike reach"), parts, exact, PEERS, "diamond", "dash"))
    layout = go.Layout(
        font=FONT,
        # Without a legend nothing but the margin keeps room for the label at the bottom, which may have three lines.
        margin={"t": 48, "r": 72, "b": 72 if len(traces) > 1 else 96, "l": 72},
        separators=",.",
        showlegend=len(traces) > 1,
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        polar={
            "bgcolor": "rgba(0,0,0,0)",
            "radialaxis": {"range": [0, 100], "tickvals": [20, 40, 60, 80, 100], "angle": 45, "tickangle": 45},
            "angularaxis": {"direction": "clockwise", "rotation": 90},
        },
        dragmode=False,
    )
    return as_json(*traces, layout=layout)


def _round(
    name: str, parts: Sequence[Part], values: Sequence[Decimal | None], colour: str, symbol: str, dash: str
) -> go.Scatterpolar:
    """A closed line: the first point comes again at the end."""
    labels = [_wrapped(part.name) for part in parts]
    said = [f"{part.name}: {hundred(value, part.levels)}. {name}" for part, value in zip(parts, values, strict=True)]
    return go.Scatterpolar(
        name=name,
        theta=[*labels, labels[0]],
        r=[*map(_of_hundred, values), _of_hundred(values[0])],
        mode="lines+markers",
        line={"color": colour, "width": 3, "dash": dash},
        marker={"color": colour, "size": 9, "symbol": symbol},
        hovertext=[*said, said[0]],
        hoverinfo="text",
    )


def descriptors(dimension: Part) -> bytes:
    """The descriptors of a dimension as bars: what each reached, and what it could. Empty if none counts."""
    parts = [part for part in dimension.children if part.reached is not None]
    if not parts:
        return b""
    labels = [_wrapped(part.name, BAR_LABEL_WIDTH) for part in parts]
    common: dict[str, Any] = {"y": labels, "orientation": "h", "hoverinfo": "text"}
    reached = go.Bar(
        name=_("Reached"),
        x=[_of_hundred(part.reached) for part in parts],
        marker={"color": REACHED},
        text=[part.points for part in parts],
        textposition="auto",
        insidetextfont={"color": PALETTE["chart-2"][1]},
        hovertext=[f"{part.name}: {part.points}" for part in parts],
        **common,
    )
    more = go.Bar(
        name=_("Potential"),
        x=[_of_hundred((part.potential or Decimal(0)) - (part.reached or Decimal(0))) for part in parts],
        marker={"color": POTENTIAL},
        hovertext=[f"{part.name}: {part.potential_points}. {_('Potential')}" for part in parts],
        **common,
    )
    traces = [reached, more] if any(part.may_rise for part in parts) else [reached]
    layout = go.Layout(
        font=FONT,
        barmode="stack",
        bargap=0.3,
        margin={"t": 32, "r": 16, "b": 40, "l": 8},
        separators=",.",
        showlegend=len(traces) > 1,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
        xaxis={"range": [0, 100], "tickvals": [0, 20, 40, 60, 80, 100]},
        yaxis={"autorange": "reversed", "automargin": True, "ticks": ""},
    )
    return as_json(*traces, layout=layout)


def _of_hundred(value: Decimal | None) -> float:
    return round(float(value or 0) * 100, 4)


def _wrapped(name: str, width: int = LABEL_WIDTH) -> str:
    return "<br>".join(textwrap.wrap(name, width))
