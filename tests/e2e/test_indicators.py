"""The indicators of adhesion with their charts drawn, the maps in both schemes, and the pages of an adhesion on paper."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.choices import CouncilRole
from config.page_cache import forget_public_pages
from municipalities.choices import AdhesionState as S
from municipalities.models import Municipality
from tests.cast import assemble, person
from tests.e2e.site import Site
from tests.municipalities.adhesions import adhesion

Accessible = Callable[[Page], None]
INDICATORS = "/consejo/adhesiones/indicadores/"


def municipality(cut: str) -> Municipality:
    return Municipality.objects.get(pk=cut)


@pytest.fixture
def adhered(site: Site) -> str:
    """Natales adhered, Punta Arenas is suspended, Ñuñoa's is returned; the folio of the first."""
    made = adhesion(municipality("12401"))
    adhesion(municipality("12101"), S.SUSPENDED)
    adhesion(municipality("13120"), S.RETURNED)
    forget_public_pages()
    return made.acts.get().folio


def in_scheme(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_indicators_draw_their_charts_beside_tables_that_say_the_same(
    site: Site, adhered: str, page: Page, accessible: Accessible, scheme: str, width: int
) -> None:
    site.sign_in(page.context, person("analista", council=CouncilRole.ANALYST))
    in_scheme(page, scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.url + INDICATORS)
    charts = page.locator(".chart")
    for number in range(2):
        charts.nth(number).scroll_into_view_if_needed()
        expect(charts.nth(number)).to_have_attribute("data-drawn", "")
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for section, column in (("distance", 4), ("funnel", 2)):
        told = page.locator(f"section[aria-labelledby={section}]")
        drawn = told.locator(".chart .bartext").all_text_contents()
        cells = told.locator(f"tbody tr > :nth-child({column})").all_text_contents()
        assert sorted(drawn) == sorted(cell.strip() for cell in cells)
    # The lines of a chart take the colour of the page, in either scheme.
    line, grid = page.evaluate(
        """() => {
          const probe = document.body.appendChild(document.createElement("i"));
          probe.style.color = "var(--line)";
          const wanted = getComputedStyle(probe).color;
          probe.remove();
          return [wanted, getComputedStyle(document.querySelector(".chart .gridlayer path")).stroke];
        }"""
    )
    assert grid == line


def test_without_scripts_the_tables_stand_alone(site: Site, adhered: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-CL")
    site.sign_in(context, person("analista", council=CouncilRole.ANALYST))
    page = context.new_page()
    page.goto(site.url + INDICATORS)
    for number in range(2):
        expect(page.locator(".chart").nth(number)).to_be_hidden()
    expect(page.get_by_role("table", name="Por distancia a Santiago")).to_be_visible()
    expect(page.get_by_role("row", name="Vigente 2 1")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/adhesiones/", "/adhesiones/?region=12", "/adhesiones/mapa/", INDICATORS])
def test_each_map_is_drawn_from_its_file_and_its_shapes_are_links(
    site: Site, adhered: str, page: Page, accessible: Accessible, address: str, scheme: str
) -> None:
    site.sign_in(page.context, person("analista", council=CouncilRole.ANALYST))
    in_scheme(page, scheme)
    page.goto(site.url + address)
    shapes = page.locator("#map svg a")
    assert shapes.count() >= 10
    expect(shapes.first.locator("use")).to_be_visible()
    empty = shapes.locator("use").evaluate_all("uses => uses.filter(use => !use.getBBox().width).length")
    assert empty == 0
    assert all(shape.get_attribute("aria-label") for shape in shapes.all()[:20])
    accessible(page)
    # What is asked for by colour is told by words too: the fill of a shape is one of the legend's.
    fills = set(shapes.locator("use").evaluate_all("uses => uses.map(use => getComputedStyle(use).fill)"))
    legend = set(page.locator(".legend rect").evaluate_all("rects => rects.map(rect => getComputedStyle(rect).fill)"))
    assert fills <= legend


def test_the_public_page_of_an_adhesion_on_paper_keeps_facts_and_addresses(
    site: Site, adhered: str, page: Page
) -> None:
    page.goto(f"{site.url}/municipios/12401-natales/adhesion/")
    page.emulate_media(media="print")
    for chrome in (".site-header nav", ".breadcrumbs", ".site-footer ul", ".search"):
        expect(page.locator(chrome).first).to_be_hidden()
    expect(page.locator("main .facts")).to_be_visible()
    expect(page.locator("main")).to_contain_text(adhered)
    act = page.get_by_role("link", name="Ver el acta (PDF)")
    expect(act).to_have_css("border-top-width", "0px")
    assert act.evaluate("link => getComputedStyle(link, '::after').content") == f'" (/adhesiones/actas/{adhered}.pdf)"'
    expect(page.locator(".sha256").first).to_be_visible()  # folded on the screen
    expect(page.locator(".site-footer")).to_contain_text(f"Las direcciones que comienzan con «/» son de {site.url}.")
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_municipalitys_page_of_its_adhesion_on_paper_has_no_buttons(site: Site, page: Page) -> None:
    cast = assemble()
    made = adhesion(cast.here, S.ACT_ISSUED)
    site.sign_in(page.context, cast.coordinator)
    page.goto(f"{site.url}/municipios/12201-cabo-de-hornos/adhesion/gestion/")
    expect(page.locator("main .button").first).to_be_visible()
    page.emulate_media(media="print")
    for button in page.locator("main button, main .button").all():
        expect(button).to_be_hidden()
    expect(page.locator("main")).to_contain_text(made.acts.get().folio)
    expect(page.locator(".stages")).to_be_visible()
    document = page.locator("main a[download]").first
    assert str(document.get_attribute("href")) in document.evaluate("link => getComputedStyle(link, '::after').content")
