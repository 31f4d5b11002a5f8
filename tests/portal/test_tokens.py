"""Colours: what stands on what can be read, in the light and in the dark."""

import re
from pathlib import Path

import pytest

from config.staticfiles import joined

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
LIGHT, DARK, PRINT = (CSS / "tokens.css").read_text().split("@media")


def colours(*blocks: str) -> dict[str, str]:
    return {name: value for block in blocks for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)}


SCHEMES = {"light": colours(LIGHT), "dark": colours(LIGHT, DARK), "print": colours(LIGHT, PRINT)}

TEXT = [
    *(("text", ground) for ground in ("surface", "surface-soft", "surface-sunk", "warning-soft", "accent-soft")),
    *(("text", ground) for ground in ("danger-soft", "success-soft")),
    *(("text-soft", ground) for ground in ("surface", "surface-soft", "surface-sunk")),
    *(("accent", ground) for ground in ("surface", "surface-soft", "surface-sunk", "accent-soft")),
    *(("accent-strong", ground) for ground in ("surface", "surface-soft", "accent-soft")),
    ("text-on-deep", "surface-deep"),
    ("text-soft-on-deep", "surface-deep"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("warning", "warning-soft"),
    ("danger", "danger-soft"),
    ("danger", "surface"),
    ("success", "success-soft"),
    *((f"chart-label-{n}", f"chart-{n}") for n in range(1, 8)),
]
CONTROLS = [
    ("line-strong", "surface"),
    ("line-strong", "surface-soft"),
    ("warning-line", "surface"),
    *(("focus", ground) for ground in ("surface", "surface-soft", "surface-sunk")),
    *((f"chart-{n}", "surface") for n in range(1, 8)),
]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_has_the_contrast_that_the_guidelines_state() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_can_be_read_on_its_ground(scheme: str) -> None:
    found = SCHEMES[scheme]
    faint = [(a, b) for a, b in TEXT if contrast(found[a], found[b]) < 4.5]
    assert faint == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_controls_and_charts_stand_out_from_their_ground(scheme: str) -> None:
    found = SCHEMES[scheme]
    faint = [(a, b) for a, b in CONTROLS if contrast(found[a], found[b]) < 3]
    assert faint == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_quantities_grow_in_one_direction(scheme: str) -> None:
    steps = [luminance(SCHEMES[scheme][f"sequence-{n}"]) for n in range(1, 7)]
    assert steps == sorted(steps, reverse=scheme == "light")


def test_every_token_that_a_style_uses_exists() -> None:
    defined = set(re.findall(r"(--[\w-]+):", LIGHT))
    for path in CSS.rglob("*.css"):
        text = path.read_text()
        unknown = set(re.findall(r"var\((--[\w-]+)\)", text)) - defined - set(re.findall(r"(--[\w-]+):", text))
        assert not unknown, f"{path.name}: {sorted(unknown)}"


def test_the_collected_stylesheet_is_one_file_without_imports() -> None:
    text = joined(CSS / "site.css")
    assert "@import" not in text
    assert ".breadcrumbs" in text
    assert "--accent:" in text
