"""The plans of the country: a neighbour reads and narrows them; the council publishes a report of a year, and corrects it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.choices import CouncilRole
from action_plans.models import YearlyReport
from config.page_cache import forget_public_pages
from tests.action_plans.countries import country, heard, noon
from tests.cast import Cast, assemble, person
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
PAGE = "/planes/pais/"
DESK = "/consejo/planes/"
LAST = timezone.localdate().year - 1


@pytest.fixture
def cast(site: Site) -> Cast:
    """Plans of last October that go on."""
    made = assemble()
    here, _there = country(made, many=4, now=noon(LAST, 10, 20))
    heard(here, made.officer, published=noon(LAST, 10, 1), after=4)
    forget_public_pages()
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_a_neighbour_reads_the_country_and_the_charts_say_what_the_tables_say(
    site: Site, cast: Cast, page: Page, accessible: Accessible, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site.url}{PAGE}?anio={LAST}")
    charts = [chart for chart in page.locator(".chart").all() if chart.is_visible()]
    assert len(charts) == (3 if width == 320 else 4)  # a phone has no room for the labels of one
    for chart in charts:
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-drawn", "")
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    told = page.locator("section[aria-labelledby=etapas]")
    drawn = told.locator(".chart .bartext").all_text_contents()
    cells = told.locator("tbody td").all_text_contents()
    assert sorted(drawn) == sorted(cell.strip() for cell in cells)


@pytest.mark.parametrize("width", [320, 1280])
def test_a_phone_reads_the_answer_and_an_index_first_and_opens_the_tables_that_it_wants(
    site: Site, cast: Cast, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site.url}{PAGE}?anio={LAST}")
    told = page.locator("section[aria-labelledby=participacion]")
    page.get_by_role("navigation", name="En esta página").get_by_role("link", name="Participación").click()
    expect(told).to_be_in_viewport()
    if width == 320:
        expect(told.get_by_role("table")).to_have_count(0)
        told.get_by_text("La tabla").click()
    expect(told.get_by_role("table")).to_be_visible()


def test_a_neighbour_narrows_by_keyboard_and_takes_what_is_shown(
    site: Site, cast: Cast, page: Page, accessible: Accessible
) -> None:
    page.goto(f"{site.url}{PAGE}?anio={LAST}")
    page.get_by_role("link", name="Participación ciudadana", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Solo los compromisos de:")).to_be_visible()
    expect(page.get_by_role("heading", name="2 compromisos")).to_be_visible()
    accessible(page)
    page.get_by_role("complementary", name="Filtros").get_by_role("link", name="Sustancial").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 compromiso")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX", exact=True).click()
    assert download.value.suggested_filename == f"planes-pais-{LAST}.xlsx"
    page.get_by_role("link", name="Ver todos").first.click()
    expect(page.get_by_role("heading", name="8 compromisos")).to_be_visible()


def test_without_scripts_the_tables_stand_alone(site: Site, cast: Cast, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-CL")
    page = context.new_page()
    page.goto(f"{site.url}{PAGE}?anio={LAST}")
    for number in range(page.locator(".chart").count()):
        expect(page.locator(".chart").nth(number)).to_be_hidden()
    expect(page.get_by_role("table", name="Cumplimiento: lo que dice cada uno")).to_be_visible()
    page.get_by_role("link", name="Los Lagos", exact=True).first.click()
    expect(page.get_by_role("heading", name="1 compromiso")).to_be_visible()
    context.close()


def test_the_council_publishes_the_report_of_a_year_and_corrects_it(
    site: Site, cast: Cast, page: Page, browser: Browser, accessible: Accessible
) -> None:
    site.sign_in(page.context, person("jefa", council=CouncilRole.ADMINISTRATOR))
    page.goto(site.url + DESK)
    accessible(page)
    page.get_by_role("link", name=f"Publicar el informe de {LAST}").click()
    accessible(page)
    page.get_by_role("button", name="Publicar").click()
    expect(page.get_by_text("se está preparando")).to_be_visible()
    site.has_finished_its_work()
    page.reload()
    page.get_by_role("link", name=f"Publicar una corrección de {LAST}").click()
    page.get_by_label("¿Qué corrige esta edición?").fill("Se agregó la región de un plan.")
    accessible(page)
    page.get_by_role("button", name="Publicar").click()
    site.has_finished_its_work()
    assert YearlyReport.objects.published().count() == 2

    neighbour = browser.new_context(locale="es-CL").new_page()
    neighbour.goto(site.url + "/planes/informes/")
    accessible(neighbour)
    expect(neighbour.get_by_text("Qué corrige: Se agregó la región de un plan.")).to_be_visible()
    expect(neighbour.get_by_text("Vigente")).to_have_count(1)
    answer = neighbour.request.get(f"{site.url}/planes/informe-{LAST}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    neighbour.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_and_the_reports_fit_a_phone(
    site: Site, cast: Cast, page: Page, accessible: Accessible, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 700})
    site.sign_in(page.context, person("analista.dos", council=CouncilRole.ANALYST))
    for address in (DESK, f"{DESK}?ver=en-marcha", "/planes/informes/", PAGE):
        page.goto(site.url + address)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
