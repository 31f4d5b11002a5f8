"""What a template needs to draw the maps of the register: shapes that are links, borders, insets; and the charts of adhesion.
Pure but for one file read.

The drawings are files in `static/maps/`, of which a page shows what it needs (`<use>`): a browser fetches them once, and the page
stays small. Which file holds what stands in `data/map.json`; `manage.py build_map` writes both. Names, addresses, titles and
classes come from the caller, so that the same map is a directory today and a choropleth tomorrow.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import plotly.graph_objects as go
from django.utils.translation import gettext as _

from config.charts import FONT, PALETTE, as_json
from config.numbers import grouped, percent

_EDGE: Final = 20
MAP_FILE: Final = Path(__file__).parent / "data" / "map.json"
MAP_FOLDER: Final = Path(__file__).parent.parent / "static" / "maps"


class Place(Protocol):
    """A municipality or a region as the maps see it: `pk` is its code, five digits or two."""

    @property
    def pk(self) -> str: ...
    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=Place)


@dataclass(frozen=True, slots=True)
class Shape:
    """One link of a map: `title` is what a pointer, a screen reader and a keyboard user are told; `fill` a CSS class."""

    code: str
    title: str
    href: str
    fill: str


@dataclass(frozen=True, slots=True)
class Inset:
    """A framed part of a map drawn at another scale or place; sizes in units of the sheet, the frame's edge included.

    `enlarges` tells an inset that shows again what the main map holds in small.
    """

    caption: str
    x: int
    y: int
    width: int
    height: int
    enlarges: bool

    @property
    def caption_y(self) -> int:
        """Height of the line on which the caption stands, above the frame."""
        return self.y - 16


@dataclass(frozen=True, slots=True)
class MapFigure:
    """A whole map from the static file `drawing`, in which `p` and a shape's code is its name, and `borders` that of the lines
    between regions. `left_out` holds codes asked for but not drawn.
    """

    drawing: str
    view_box: str
    width: int
    height: int
    shapes: tuple[Shape, ...]
    has_borders: bool
    insets: tuple[Inset, ...]
    left_out: tuple[str, ...]


def country_by_commune(
    places: Iterable[P],
    *,
    href: Callable[[P], str],
    title: Callable[[P], str] | None = None,
    fill: Mapping[str, str] | None = None,
) -> MapFigure:
    """Chile with a link for each municipality in `places`, in their order, under the borders of the regions.

    `title` defaults to the name; `fill` maps a CUT to a CSS class. A municipality that is not passed is not drawn.
    """
    return _figure("country", "communes", places, href, title, fill)


def country_by_region(
    places: Iterable[P],
    *,
    href: Callable[[P], str],
    title: Callable[[P], str] | None = None,
    fill: Mapping[str, str] | None = None,
) -> MapFigure:
    """Chile with a link for each region in `places`, whose `pk` has two digits."""
    figure = _figure("country", "regions", places, href, title, fill)
    return replace(figure, insets=tuple(inset for inset in figure.insets if not inset.enlarges))


def region_by_commune(
    region: str,
    places: Iterable[P],
    *,
    href: Callable[[P], str],
    title: Callable[[P], str] | None = None,
    fill: Mapping[str, str] | None = None,
) -> MapFigure:
    """One region (code of two digits) with a link for each of its municipalities in `places`.

    Raises KeyError for a code that is no region.
    """
    return _figure(region, "communes", places, href, title, fill)


def _figure(
    name: str,
    kind: str,
    places: Iterable[P],
    href: Callable[[P], str],
    title: Callable[[P], str] | None,
    fill: Mapping[str, str] | None,
) -> MapFigure:
    sheet, asked, fills = _sheets()[name], list(places), fill or {}
    drawn: frozenset[str] = sheet[kind]
    shapes = tuple(
        Shape(place.pk, title(place) if title else place.name, href(place), fills.get(place.pk, ""))
        for place in asked
        if place.pk in drawn
    )
    whole_country = name == "country"
    return MapFigure(
        drawing=f"maps/country-{kind}.svg" if whole_country else f"maps/region-{name}.svg",
        view_box=sheet["viewBox"],
        width=sheet["width"],
        height=sheet["height"],
        shapes=shapes,
        has_borders=whole_country and kind == "communes",
        insets=sheet["insets"],
        left_out=tuple(place.pk for place in asked if place.pk not in drawn),
    )


def _inset(caption: str, x: int, y: int, width: int, height: int, *, enlarges: bool) -> Inset:
    return Inset(caption, x - _EDGE, y - _EDGE, width + 2 * _EDGE, height + 2 * _EDGE, enlarges)


@cache
def _sheets() -> dict[str, dict[str, Any]]:
    """What is drawn where, read once a process: it never changes while the code does not."""
    sheets: dict[str, dict[str, Any]] = json.loads(MAP_FILE.read_text(encoding="utf-8"))
    for sheet in sheets.values():
        _, _, sheet["width"], sheet["height"] = map(int, sheet["viewBox"].split())
        sheet["insets"] = tuple(_inset(**inset) for inset in sheet["insets"])
        for kind in ("communes", "regions"):
            sheet[kind] = frozenset(sheet.get(kind, "").split())
    return sheets


# --- Adhesions --------------------------------------------------------------------------------------------------------

# The bars of a time line stand on a sheet of this size, whatever its size on the screen.
SHEET_WIDTH: Final = 1000
SHEET_HEIGHT: Final = 200


def share_class(part: int, whole: int) -> str:
    """The CSS class of a region of which `part` of `whole` municipalities adhered; four steps from few to all, and none."""
    if not whole:
        return "share-none"
    return f"share-{min(4, 1 + 4 * part // whole) if part else 0}"


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A month on a time line: `total` counts what came until its end. Sizes in units of the sheet."""

    month: date
    count: int
    total: int
    x: int
    y: int
    width: int
    height: int


def month_bars(counts: Mapping[date, int]) -> tuple[MonthBar, ...]:
    """A bar for each month from the first to the last of `counts`, given by first days; months without any have height 0."""
    if not counts:
        return ()
    first, last = min(counts), max(counts)
    months = [
        date(number // 12, number % 12 + 1, 1)
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ]
    most, step, total = max(counts.values()), SHEET_WIDTH / max(len(months), 12), 0
    bars = []
    for place, month in enumerate(months):
        count = counts.get(month, 0)
        total += count
        height = round(count * SHEET_HEIGHT / most)
        x = round(place * step)
        bars.append(MonthBar(month, count, total, x, SHEET_HEIGHT - height, max(1, round(step * 0.8)), height))
    return tuple(bars)


def bars_path(bars: Iterable[MonthBar]) -> str:
    """The outline of all bars as one SVG path."""
    return "".join(f"M{bar.x} {SHEET_HEIGHT}v-{bar.height}h{bar.width}v{bar.height}z" for bar in bars if bar.count)


# --- Charts, each beside a table with the same numbers -----------------------------------------------------------------

NEAR, REMOTE = (PALETTE[name][0] for name in ("chart-3", "chart-2"))
# A number stands beside the end of its bar, as large as every other word of the chart.
_BESIDE: Final = {"textposition": "outside", "cliponaxis": False, "textangle": 0}


def share_bars(parts: Iterable[tuple[str, bool, int, int]]) -> bytes:
    """The share of municipalities that adhered, a bar for each (label, is remote, municipalities, adhered). Empty without any."""
    rows = [row for row in parts if row[2]]
    if not rows:
        return b""
    traces = []
    for name, is_remote, colour in ((_("Near"), False, NEAR), (_("Remote"), True, REMOTE)):
        chosen = [row for row in rows if row[1] == is_remote]
        shares = [100 * adhered / of for _label, _remote, of, adhered in chosen]
        traces.append(
            go.Bar(
                name=name,
                orientation="h",
                x=shares,
                y=[row[0] for row in chosen],
                text=[percent(share) for share in shares],
                **_BESIDE,
                marker={"color": colour},
                hovertext=[
                    _("%(place)s: %(adhered)s of %(all)s")
                    % {"place": label, "adhered": grouped(adhered), "all": grouped(of)}
                    for label, _remote, of, adhered in chosen
                ],
                hoverinfo="text",
            )
        )
    order = [row[0] for row in rows]
    whole = {"range": [0, 100], "dtick": 50, "tickangle": 0, "ticksuffix": " %"}
    return as_json(*traces, layout=bars_layout(order, showlegend=True, xaxis=whole))


def stage_bars(stages: Iterable[tuple[str, int]]) -> bytes:
    """How many adhesions came to each state, a bar for each (label, number). Empty when none did."""
    rows = list(stages)
    if not any(number for _label, number in rows):
        return b""
    bars = go.Bar(
        orientation="h",
        x=[number for _label, number in rows],
        y=[label for label, _number in rows],
        text=[grouped(number) for _label, number in rows],
        **_BESIDE,
        marker={"color": REMOTE},
        hoverinfo="text",
    )
    return as_json(
        bars,
        layout=bars_layout(
            [label for label, _number in rows], showlegend=False, xaxis={"showgrid": False, "showticklabels": False}
        ),
    )


def bars_layout(order: list[str], *, showlegend: bool, xaxis: dict[str, Any]) -> go.Layout:
    """Bars that lie, in the order of their labels."""
    return go.Layout(
        font=FONT,
        bargap=0.3,
        margin={"t": 32, "r": 56, "b": 40, "l": 8},
        separators=",.",
        showlegend=showlegend,
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "itemclick": False,
            "itemdoubleclick": False,
        },
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
        xaxis=xaxis,
        yaxis={
            "autorange": "reversed",
            "automargin": True,
            "ticks": "",
            "ticklabelstandoff": 6,
            "showgrid": False,
            "categoryorder": "array",
            "categoryarray": order,
        },
    )
