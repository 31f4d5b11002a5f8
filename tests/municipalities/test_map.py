"""The maps: complete, closed, small, and usable as links."""

import csv
import gzip
import json
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string

from municipalities.figures import (
    MAP_FILE,
    MAP_FOLDER,
    MapFigure,
    country_by_commune,
    country_by_region,
    region_by_commune,
)
from municipalities.imports.boundaries import drawing
from municipalities.imports.register import DATA

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Place:
    pk: str
    name: str


def places(file: str, key: str) -> list[Place]:
    with (DATA / file).open(newline="", encoding="utf-8") as rows:
        return [Place(row[key], row["name"]) for row in csv.DictReader(rows)]


MUNICIPALITIES = places("municipalities.csv", "cut")
REGIONS = places("regions.csv", "code")
REGION_CODES = [region.pk for region in REGIONS]


def href(place: Place) -> str:
    return f"/municipios/{place.pk}-nombre-de-la-comuna/"


def of_region(code: str) -> list[Place]:
    return [place for place in MUNICIPALITIES if place.pk[:2] == code]


def render(figure: MapFigure) -> str:
    return render_to_string("components/map.html", {"map": figure, "map_id": "mapa", "map_title": "Mapa"})


def rings(path: str) -> list[list[tuple[int, int]]]:
    """The corners of each ring of a path of our own kind."""
    found = []
    for start_x, start_y, steps in re.findall(r"M(-?\d+) (-?\d+)l([-\d ]+)z", path):
        numbers = [int(number) for number in re.findall(r"-?\d+", steps)]
        corners = [(int(start_x), int(start_y))]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            corners.append((corners[-1][0] + dx, corners[-1][1] + dy))
        found.append(corners)
    return found


def area(corners: list[tuple[int, int]]) -> float:
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*corners, corners[0]]))) / 2


def drawn(name: str) -> dict[str, str]:
    """The paths of a drawing by the codes of what they show, without borders."""
    shapes = ElementTree.parse(MAP_FOLDER / name).findall(f"{SVG}path")
    return {shape.get("id", "")[1:]: shape.get("d", "") for shape in shapes if shape.get("id") != "borders"}


def sheets() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(MAP_FILE.read_text(encoding="utf-8"))
    return found


def drawings_of(name: str) -> list[str]:
    return ["country-communes.svg", "country-regions.svg"] if name == "country" else [f"region-{name}.svg"]


def test_the_country_shows_every_municipality_once_with_its_name() -> None:
    figure = country_by_commune(MUNICIPALITIES, href=href)
    assert [shape.code for shape in figure.shapes] == [place.pk for place in MUNICIPALITIES]
    assert [shape.title for shape in figure.shapes] == [place.name for place in MUNICIPALITIES]
    assert figure.left_out == ()


def test_the_country_shows_sixteen_regions() -> None:
    figure = country_by_region(REGIONS, href=href)
    assert [shape.code for shape in figure.shapes] == REGION_CODES
    assert not figure.has_borders
    assert [inset.caption for inset in figure.insets] == ["Isla de Pascua", "Juan Fernández", ""]


@pytest.mark.parametrize("code", REGION_CODES)
def test_a_region_shows_all_its_municipalities_and_no_other(code: str) -> None:
    shown = {place.pk for place in of_region(code)}
    assert set(drawn(f"region-{code}.svg")) == set(sheets()[code]["communes"].split()) == shown


def test_every_shape_is_made_of_whole_rings_with_an_area_inside_its_sheet() -> None:
    for name, sheet in sheets().items():
        left, top, width, height = map(int, sheet["viewBox"].split())
        for cut, path in drawn(drawings_of(name)[0]).items():
            corners = rings(path)
            assert re.sub(r"M-?\d+ -?\d+l[-\d ]+z", "", path) == "", cut
            assert max(map(area, corners)) > 3, cut
            for x, y in (corner for ring in corners for corner in ring):
                assert left <= x <= left + width, cut
                assert top <= y <= top + height, cut


def test_neighbours_share_their_border_to_the_unit() -> None:
    """Where communes meet inland, each step of one border is a step of the other: nothing can show between them."""
    edges: dict[frozenset[tuple[int, int]], int] = {}
    for path in drawn("region-06.svg").values():
        for ring in rings(path):
            for edge in pairwise([*ring, ring[0]]):
                edges[frozenset(edge)] = edges.get(frozenset(edge), 0) + 1
    assert max(edges.values()) == 2
    outside = {corner for edge, count in edges.items() if count == 1 for corner in edge}
    # The edges that only one commune has close into the outline of the region: every corner of it has two of them.
    single = [edge for edge, count in edges.items() if count == 1]
    ends = [corner for edge in single for corner in edge]
    assert all(ends.count(corner) % 2 == 0 for corner in outside)
    assert 0.1 < len(single) / len(edges) < 0.5


@pytest.mark.parametrize("code", REGION_CODES)
def test_the_map_of_a_region_stays_under_40_kilobytes(code: str) -> None:
    assert weight(region_by_commune(code, of_region(code), href=href)) < 40_000


def test_the_map_of_the_country_stays_under_150_kilobytes() -> None:
    assert weight(country_by_commune(MUNICIPALITIES, href=href)) < 150_000
    assert weight(country_by_region(REGIONS, href=href)) < 150_000


def test_the_country_by_region_weighs_little_in_the_page_itself() -> None:
    assert len(gzip.compress(render(country_by_region(REGIONS, href=href)).encode())) < 2_000


def weight(figure: MapFigure) -> int:
    """Bytes on the way to a reader: what stands in the page, and the drawing."""
    file = (MAP_FOLDER / figure.drawing.removeprefix("maps/")).read_bytes()
    return len(gzip.compress(render(figure).encode())) + len(gzip.compress(file))


def test_the_rendered_map_is_well_formed_and_every_shape_is_a_named_link() -> None:
    html = render(country_by_commune(MUNICIPALITIES, href=href, fill={"13120": "level-3"}))
    svg = ElementTree.fromstring(
        html[html.index("<svg") : html.index("</svg>") + 6].replace("<svg", f'<svg xmlns="{SVG[1:-1]}"')
    )
    links = svg.findall(f"{SVG}a")
    assert len(links) == 345
    for link in links:
        assert link.get("href")
        assert link.findtext(f"{SVG}title") == link.get("aria-label")
    filled = [link.get("aria-label") for link in links if link.find(f"{SVG}use[@class='level-3']") is not None]
    assert filled == ["Ñuñoa"]
    assert [text.text for text in svg.findall(f"{SVG}text")] == ["Gran Santiago", "Isla de Pascua", "Juan Fernández"]


def test_a_title_may_say_more_than_the_name() -> None:
    figure = region_by_commune("13", of_region("13"), href=href, title=lambda place: f"{place.name}: sin dato")
    assert "Ñuñoa: sin dato" in [shape.title for shape in figure.shapes]


def test_a_place_without_a_drawing_is_left_out_and_named() -> None:
    figure = country_by_commune([Place("12202", "Antártica"), Place("12201", "Cabo de Hornos")], href=href)
    assert figure.left_out == ("12202",)
    assert len(figure.shapes) == 1


def test_an_unknown_region_is_an_error() -> None:
    with pytest.raises(KeyError):
        region_by_commune("17", [], href=href)


def test_the_committed_files_are_written_as_the_command_writes_them() -> None:
    text = MAP_FILE.read_text(encoding="utf-8")
    assert json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n" == text
    names = [name for sheet in sheets() for name in drawings_of(sheet)]
    assert {file.name for file in MAP_FOLDER.iterdir()} == set(names)
    for name in names:
        svg = ElementTree.parse(MAP_FOLDER / name).getroot()
        borders = svg.find(f"{SVG}path[@id='borders']")
        lines = "" if borders is None else borders.get("d", "")
        assert drawing(svg.get("viewBox", ""), drawn(name), lines) == (MAP_FOLDER / name).read_text(encoding="utf-8")
