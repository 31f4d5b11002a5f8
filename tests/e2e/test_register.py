"""Finding a municipality as people do: by typing, by the list, by the map, with the keyboard, without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.site import Site

ADDRESSES = [
    *("/", "/municipios/", "/municipios/?buscar=san", "/municipios/?buscar=zzzz", "/municipios/?region=11&clase=rural"),
    *("/municipios/mapa/", "/regiones/11-aysen/", "/municipios/parecidos/", "/municipios/13120-nunoa/"),
    *("/acerca/", "/estilo/", "/municipios/13120-nunua/otra/"),
]


def test_a_neighbour_types_the_beginning_and_opens_the_municipality(
    site: Site, page: Page, accessible: Callable[[Page], None]
) -> None:
    page.goto(f"{site.url}/")
    field = page.get_by_role("combobox", name="¿Cuál es su municipio?")
    field.press_sequentially("nuno")
    option = page.get_by_role("option", name="Ñuñoa")
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    accessible(page)
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(page).to_have_url(re.compile("/municipios/13120-nunoa/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Municipalidad de Ñuñoa")


def test_escape_closes_the_suggestions_and_enter_searches(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/")
    field = page.get_by_role("combobox", name="¿Cuál es su municipio?")
    field.press_sequentially("san p")
    expect(page.get_by_role("option").first).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/municipios/\?buscar=san\+p$"))
    expect(page.get_by_role("link", name="San Pedro de la Paz")).to_be_visible()


def test_everything_is_found_without_javascript(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-CL")
    page = context.new_page()
    page.goto(f"{site.url}/")
    page.get_by_label("¿Cuál es su municipio?").fill("OHIGGINS")
    page.get_by_role("button", name="Buscar").click()
    expect(page).to_have_url(re.compile("/municipios/11302-ohiggins/$"))
    page.get_by_role("link", name="Municipios").first.click()
    page.get_by_role("link", name=re.compile(r"^Aysén \d+$")).click()
    page.get_by_role("link", name=re.compile(r"^Rural \d+$")).click()
    expect(page.get_by_role("heading", level=2, name="9 municipalidades")).to_be_visible()
    context.close()


def test_the_map_is_walked_with_the_keyboard(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/municipios/")
    shape = page.get_by_role("link", name=re.compile("^Aysén del General Carlos Ibáñez del Campo: 10 municipalidades"))
    shape.focus()
    shape.press("Enter")
    expect(page).to_have_url(re.compile("region=11"))
    inside = page.get_by_role("group", name="Aysén del General Carlos Ibáñez del Campo").get_by_role(
        "link", name="Tortel"
    )
    inside.focus()
    inside.press("Enter")
    expect(page).to_have_url(re.compile("/municipios/11303-tortel/$"))


def test_the_first_tab_skips_to_the_content(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/municipios/13120-nunoa/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_register_is_accessible_and_fits_a_small_phone(
    site: Site, page: Page, accessible: Callable[[Page], None], scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    for address in ADDRESSES:
        page.goto(site.url + address)
        accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{address} is {wide} px wide"
