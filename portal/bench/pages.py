"""How fast the budget page is: computed, and from the page cache."""

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Final

from portal.bench.databases import inside
from portal.bench.rows import Row
from portal.bench.serving import Reader, server

SAMPLE: Final = 150
WARM_UP: Final = 30
ROUNDS: Final = 2
MILLISECONDS_BAR: Final = 15
GROWTH_BAR: Final = 1.2
QUERIES_BAR: Final = 12
RATE_BAR: Final = 0.5


def computed(folder: Path) -> list[Row]:
    """One client, no page cache; with all municipalities loaded and with one."""
    paths = inside("all", folder, "addresses", count=SAMPLE)
    few = inside("one", folder, "addresses", count=SAMPLE)
    with server("all", folder, page_cache=False) as many, server("one", folder, page_cache=False) as single:
        whole, beside, alone, hello = medians(
            {"all": (many, paths), "beside": (many, few), "alone": (single, few), "hello": (many, ["/hello/"])}
        )
    asked = inside("all", folder, "queries", paths=paths[:40])
    return [
        Row(
            "budget page, computed, 1 client, p50",
            f"{whole:.1f} ms (hello: {hello:.1f} ms)",
            f"<= {MILLISECONDS_BAR} ms",
            whole <= MILLISECONDS_BAR,
        ),
        Row(
            "pages of 1 municipality, all loaded against it alone",
            f"{beside / alone:.2f}x ({beside:.1f} ms against {alone:.1f} ms)",
            f"<= {GROWTH_BAR}x",
            beside / alone <= GROWTH_BAR,
        ),
        Row("the same, queries of the page that asks most", str(asked), f"<= {QUERIES_BAR}", asked <= QUERIES_BAR),
    ]


def medians(asked: Mapping[str, tuple[int, list[str]]]) -> list[float]:
    """Milliseconds of the middle answer of each (port, paths), asked in turns so that a busy moment falls on all alike."""
    readers = {name: Reader(port) for name, (port, _) in asked.items()}
    times: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(-WARM_UP, SAMPLE * ROUNDS):
        for name, (_, paths) in asked.items():
            seconds = readers[name].seconds(paths[number % len(paths)])
            if number >= 0:
                times[name].append(1000 * seconds)
    return [median(of) for of in times.values()]


def cached(folder: Path) -> list[Row]:
    """The same page again and again, beside the plain view, in turns; and whether its ETag does its work."""
    path = inside("all", folder, "addresses", count=1)[0]
    with server("all", folder, page_cache=True) as port:
        reader = Reader(port)
        for _ in range(WARM_UP):
            first = reader.get(path)
        pairs = [(reader.rate(path), reader.rate("/hello/")) for _ in range(5)]
        page, hello = median(rate for rate, _ in pairs), median(rate for _, rate in pairs)
        again = reader.get(path, **{"If-None-Match": first.headers.get("ETag", "")})
    right = again.status == 304 and not again.body and "ETag" in first.headers
    return [
        Row(
            "the same page from the page cache",
            f"{page:.0f}/s against {hello:.0f}/s of hello ({page / hello:.2f})",
            f">= {RATE_BAR} of hello",
            page / hello >= RATE_BAR,
        ),
        Row("the same with its ETag", f"{again.status}, {len(again.body)} bytes", "304, 0 bytes", right),
    ]
