"""What a first visit to the budget page costs: bytes, requests, and whether the text comes before any chart script."""

import gzip
import os
import shutil
from pathlib import Path
from typing import Any, Final

from portal.bench.databases import inside
from portal.bench.rows import Row
from portal.bench.serving import Reader, server

HTML_BAR: Final = 60_000
REQUESTS_BAR: Final = 10
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The largest text painted so far, and when the chart script was asked for.
PAINT: Final = """() => new Promise(done => {
  new PerformanceObserver(list => {
    const painted = list.getEntries().at(-1);
    const script = performance.getEntriesByType("resource").find(entry => entry.name.includes("plotly"));
    done({painted: painted.renderTime || painted.startTime, script: script ? script.startTime : null});
  }).observe({type: "largest-contentful-paint", buffered: true});
})"""


def first_view(folder: Path) -> list[Row]:
    path = inside("all", folder, "addresses", count=3)[1]
    with server("all", folder, page_cache=True) as port:
        answer = Reader(port).get(path)
        size = len(answer.body) if answer.headers.get("Content-Encoding") == "gzip" else len(gzip.compress(answer.body))
        rows = [Row("first view: HTML, compressed", f"{size / 1000:.1f} kB", "<= 60 kB", size <= HTML_BAR)]
        return rows + visited(f"http://127.0.0.1:{port}{path}")


def visited(address: str) -> list[Row]:
    """A visit in Chromium, as long as nobody scrolls or clicks."""
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return [Row("first view: in a browser", "playwright is not installed", f"<= {REQUESTS_BAR} requests", None)]
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox"] if os.getuid() == 0 else []
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address, wait_until="networkidle")
        paint: dict[str, Any] = page.evaluate(PAINT)
        browser.close()
    script = paint["script"]
    when = "no chart script asked for" if script is None else f"script asked for at {script:.0f} ms"
    return [
        Row(
            "first view: requests before interaction", str(len(asked)), f"<= {REQUESTS_BAR}", len(asked) <= REQUESTS_BAR
        ),
        Row(
            "first view: largest text painted",
            f"at {paint['painted']:.0f} ms, {when}",
            "before any chart script",
            script is None or paint["painted"] <= script,
        ),
    ]
