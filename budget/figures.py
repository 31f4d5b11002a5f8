"""Plotly figures of the budget page, as JSON. Each stands beside a table with the same numbers; the table is complete.

Colours are those of a light page. `layout.meta.palette` names the token of each, so that the page's script can put the colours of
a dark one in their place. A treemap's `ids` are the page's `?ver=` values; `customdata` holds the value to
open on a click, empty where there is nothing below.
"""

from __future__ import annotations

import gzip
import textwrap
from fractions import Fraction
from typing import Any

import plotly.graph_objects as go
from django.utils.translation import gettext as _

from budget.rules.constant_pesos import scaled
from budget.rules.summary import Node, children, drawable, share, stages, whole_of
from config.charts import FONT, PALETTE, as_json
from config.numbers import MILLION, percent, pesos, pesos_short

# The JSON of each figure, by name.
Drawn = dict[str, bytes]

WORDS = dict(PALETTE.values())
REST = PALETTE["chart-7"][0]
BOXES = tuple(colour for colour, _words in PALETTE.values() if colour != REST)
BARS = {"initial": REST, "current": PALETTE["chart-2"][0], "accrued": PALETTE["chart-3"][0]}
LABEL_WIDTH = 22
# Amounts: as published, in pesos of the base year, or for each inhabitant.
NOMINAL, REAL, EACH = "nominal", "real", "each"


def factors(payload: dict[str, Any]) -> dict[str, Fraction]:
    """What the year's amounts are multiplied by for each way of showing them; without those that cannot be known."""
    found = {NOMINAL: Fraction(1)}
    if payload["price"]:
        found[REAL] = Fraction(*payload["price"]["factor"])
    if payload["population"] and payload["population"][0]:
        found[EACH] = Fraction(1, payload["population"][0])
    return found


def of_year(payload: dict[str, Any], year: int) -> dict[str, Drawn]:
    """The figures of a year's payload, by amounts and name. Trees without amounts have none."""
    trees = {name: [Node(*node) for node in nodes] for name, nodes in payload["trees"].items()}
    rests = {
        "areas": _("Not assigned to an area"),
        "propios": _("Other own income"),
        "": _("Not itemised by the source"),
    }
    roots = {"area": _("Total spent"), "nature": _("Total spent"), "origin": _("Total received")}
    found: dict[str, Drawn] = {}
    for amounts, factor in factors(payload).items():
        named = {
            name: treemap(nodes, factor, root=roots[name], rests=rests)
            for name, nodes in trees.items()
            if len(nodes) > 1
        }
        bars = execution(payload["headline"], factor, each=amounts == EACH)
        if bars:
            named["execution"] = bars
        found[amounts] = {name: body for name, body in named.items() if body}
    return found


def treemap(nodes: list[Node], factor: Fraction, root: str, rests: dict[str, str]) -> bytes:
    """Boxes in proportion to the amounts; empty if none is positive. `rests` names what is left, by the whole it is left of."""
    kept = drawable(nodes)
    if not kept:
        return b""
    amounts = {node.id: node.amount for node in nodes}
    opens = {node.parent for node in nodes}
    top = kept[0].id
    names = {node.id: node.name or (root if node.id == top else rests.get(node.parent, rests[""])) for node in kept}
    # Measured as the table beside it measures them: where the parts exceed their whole, against their sum.
    wholes = {node.id: whole_of(node, children(nodes, node.id))[0] for node in nodes if node.id in opens}
    shares = {node.id: share(amounts[node.id], wholes.get(node.parent)) for node in kept}
    written = {node.id: pesos_short(scaled(amounts[node.id], factor)) for node in kept}
    boxes = colours(kept, top)
    trace = go.Treemap(
        ids=[node.id for node in kept],
        parents=[node.parent for node in kept],
        labels=["<br>".join(textwrap.wrap(names[node.id], LABEL_WIDTH)) for node in kept],
        values=[node.amount for node in kept],
        text=[
            written[node.id] + (f"<br>{percent(found)}" if (found := rounded(shares[node.id])) is not None else "")
            for node in kept
        ],
        customdata=[node.id if node.id in opens else node.also for node in kept],
        hovertext=[f"{names[node.id]}<br>{written[node.id]}" for node in kept],
        hoverinfo="text",
        branchvalues="total",
        textinfo="label+text",
        textfont={"color": [WORDS.get(colour, WORDS[REST]) for colour in boxes]},
        marker={"colors": boxes, "line": {"width": 1, "color": "#ffffff"}, "pad": {"t": 0, "r": 0, "b": 0, "l": 0}},
        maxdepth=2,
        pathbar={"visible": False},
        tiling={"pad": 2},
        sort=True,
    )
    layout = go.Layout(
        font=FONT,
        margin={"t": 0, "r": 0, "b": 0, "l": 0},
        uniformtext={"minsize": 12, "mode": "hide"},
        paper_bgcolor="rgba(0,0,0,0)",
    )
    return as_json(trace, layout=layout)


def colours(nodes: list[Node], top: str) -> list[str]:
    """One colour for each part of the root, kept by what lies inside it; grey for what is left."""
    first = [node for node in nodes if node.parent == top and not node.rest]
    by_id = {node.id: BOXES[place % len(BOXES)] for place, node in enumerate(sorted(first, key=lambda node: node.id))}
    by_id[top] = "rgba(0,0,0,0)"
    for node in nodes:
        if node.id not in by_id:
            by_id[node.id] = REST if node.rest else by_id.get(node.parent, REST)
    return [by_id[node.id] for node in nodes]


def execution(headline: dict[str, int | None], factor: Fraction, *, each: bool) -> bytes:
    """What was planned at first, what was allowed in the end, and what was done, of expense and of income."""
    names = {"initial": _("Planned at first"), "current": _("Planned after changes"), "accrued": _("Spent or received")}
    if headline["accrued"] is None and headline["current"] is None:
        return b""
    traces = []
    for place, (stage, colour) in enumerate(BARS.items()):
        amounts = [scaled(side[place], factor) for side in stages(headline)]
        traces.append(
            go.Bar(
                name=names[stage],
                y=[_("Expense"), _("Income")],
                x=[in_unit(amount, each=each) for amount in amounts],
                orientation="h",
                marker={"color": colour},
                text=[pesos_short(amount) if amount is not None else "" for amount in amounts],
                textposition="auto",
                insidetextfont={"color": WORDS[colour]},
                hovertext=[f"{names[stage]}: {pesos(amount)}" for amount in amounts],
                hoverinfo="text",
            )
        )
    return as_json(*traces, layout=bars_layout("x", each=each, yaxis={"autorange": "reversed"}))


def of_series(payload: dict[str, Any]) -> Drawn:
    """Expense of each year: in nominal and constant pesos (`pesos`), and for each inhabitant of the projections (`each`)."""
    years = [row for row in payload["years"] if row["accrued"] is not None]
    if len(years) < 2:
        return {}
    found = {"pesos": side_by_side(years, payload["base"], [Fraction(1) for _row in years], each=False)}
    people = [row for row in years if row["projection"]]
    if len(people) > 1:
        ones = [Fraction(1, row["projection"]) for row in people]
        found["each"] = side_by_side(people, payload["base"], ones, each=True)
    return found


def side_by_side(rows: list[dict[str, Any]], base: int | None, ones: list[Fraction], *, each: bool) -> bytes:
    labels = [str(row["year"]) for row in rows]
    nominal = [scaled(row["accrued"], one) for row, one in zip(rows, ones, strict=True)]
    real = [
        scaled(row["accrued"], one * Fraction(*row["factor"])) if row["factor"] else None
        for row, one in zip(rows, ones, strict=True)
    ]
    said = {"x": labels, "hoverinfo": "text"}
    bars = go.Bar(
        name=_("Pesos of each year"),
        y=[in_unit(amount, each=each) for amount in nominal],
        marker={"color": BARS["current"]},
        hovertext=[f"{label}: {pesos(amount)}" for label, amount in zip(labels, nominal, strict=True)],
        **said,
    )
    traces = [bars]
    if base is not None and any(amount is not None for amount in real):
        name = _("Pesos of %(base)s, without inflation") % {"base": base}
        line = go.Scatter(
            name=name,
            y=[in_unit(amount, each=each) for amount in real],
            mode="lines+markers",
            line={"color": BARS["accrued"], "width": 3},
            marker={"size": 9, "symbol": "diamond"},
            hovertext=[f"{label}: {pesos(amount)}. {name}" for label, amount in zip(labels, real, strict=True)],
            **said,
        )
        traces.append(line)
    return as_json(*traces, layout=bars_layout("y", each=each, xaxis={"type": "category", "autotickangles": [0, 90]}))


def bars_layout(amounts_on: str, *, each: bool, **axes: dict[str, Any]) -> go.Layout:
    """A quiet layout; `amounts_on` is the axis (`x`, `y`) of the amounts, which says its unit."""
    unit = _("pesos for each inhabitant") if each else _("millions of pesos")
    axes[f"{amounts_on}axis"] = {"title": {"text": unit}, "rangemode": "tozero", "tickformat": ",d"}
    return go.Layout(
        font=FONT,
        margin={"t": 32, "r": 16, "b": 56, "l": 80},
        separators=",.",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        bargap=0.25,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
        **axes,
    )


def in_unit(amount: int | None, *, each: bool) -> float | int | None:
    """Pesos for each inhabitant as they are, other amounts in millions with one decimal."""
    if amount is None or each:
        return amount
    return round(amount / MILLION, 1)


def rounded(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def packed(body: bytes) -> bytes:
    """As it is stored and sent: gzip, the same bytes for the same figure."""
    return gzip.compress(body, mtime=0)


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body)
