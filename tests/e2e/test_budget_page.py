"""The budget page as a neighbour uses it: reading, drilling, switching pesos, on a phone, with the keyboard, without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from budget.reports import compute_years
from tests.budget import factories as make
from tests.e2e.site import Site

YEAR = "/municipios/13120-nunoa/presupuesto/2024/"


@pytest.fixture
def budget(site: Site) -> Site:
    """Two years of a municipality, and one that reported nothing."""
    nunoa = make.municipality()
    make.prices({2023: ("100", 12), 2024: ("110", 12), 2025: ("121", 12)})
    make.dataset(nunoa, 2023, lines={"215": make.spent(70_000_000)})
    edition = make.dataset(nunoa, 2024, lines=make.full_lines(), indicators=make.FULL_INDICATORS)
    make.finding(edition)
    make.dataset(make.municipality("10207", "Queilén", "queilen"), indicators={"IADM01": None})
    compute_years([("13120", 2023), ("13120", 2024), ("10207", 2024)])
    return site


def wait_for_charts(page: Page) -> None:
    """Scroll to each chart until it is drawn."""
    for chart in page.locator("[data-figure]:visible").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-drawn", "")


def test_a_neighbour_drills_from_the_chart_and_changes_the_pesos(budget: Site, page: Page) -> None:
    page.goto(budget.url + YEAR)
    expect(page.locator("h1 + p")).to_contain_text("gastó $\u00a080 millones")
    wait_for_charts(page)
    page.locator("#gasto .slice", has_text="Servicios para la").locator("path").click()
    page.wait_for_url(re.compile(r"\?ver=area-02$"))
    expect(page.locator("h1")).to_have_text("Servicios para la comuna")
    wait_for_charts(page)
    page.get_by_role("link", name=re.compile("sin inflación")).click()
    page.wait_for_url(re.compile(r"ver=area-02&montos=reales$"))
    page.locator(".breadcrumbs").get_by_role("link", name="Presupuesto 2024").click()
    page.wait_for_url(re.compile(r"2024/\?montos=reales$"))


def test_the_text_comes_before_any_chart_script_and_with_few_requests(budget: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(budget.url + YEAR, wait_until="networkidle")
    assert len(asked) <= 10, asked
    moments = page.evaluate(
        """() => new Promise((resolve) => new PerformanceObserver((list) => {
            const painted = list.getEntries().at(-1).startTime;
            const library = performance.getEntriesByType("resource").find((entry) => entry.name.includes("/plotly"));
            resolve([painted, library ? library.startTime : Infinity]);
        }).observe({type: "largest-contentful-paint", buffered: true}))"""
    )
    assert moments[0] <= moments[1]


def test_without_scripts_the_page_is_complete(budget: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-CL")
    page = context.new_page()
    page.goto(budget.url + YEAR)
    expect(page.locator(".chart:visible")).to_have_count(0)
    page.get_by_role("link", name="Servicios para la comuna").click()
    expect(page.locator("h1")).to_have_text("Servicios para la comuna")
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_sticks_out_at_any_width(budget: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in (YEAR, f"{YEAR}?ver=area-02", "/glosario/", "/municipios/10207-queilen/presupuesto/2024/"):
        page.goto(budget.url + address)
        wait_for_charts(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_on_a_phone_bars_stand_in_for_the_boxes(budget: Site, page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto(budget.url + YEAR)
    expect(page.locator("[data-kind=treemap]:visible")).to_have_count(0)
    expect(page.locator("#gasto .bar").first).to_be_visible()


def test_a_meaning_opens_with_the_keyboard(budget: Site, page: Page) -> None:
    page.goto(budget.url + YEAR)
    summary = page.locator(".number .meaning summary").nth(1)
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".number .meaning p").nth(1)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_can_be_used_by_everyone(
    budget: Site, page: Page, accessible: Callable[[Page], None], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    addresses = (YEAR, f"{YEAR}?ver=215.22&montos=por-habitante", "/municipios/10207-queilen/presupuesto/2024/")
    for address in (*addresses, f"{YEAR}ediciones/1/", "/municipios/13120-nunoa/presupuesto/1999/", "/glosario/"):
        page.goto(budget.url + address)
        wait_for_charts(page)
        accessible(page)
