"""A citizen and the register of adhesions: finds who adhered, verifies an act without sending it, asks that one adhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from config.page_cache import forget_public_pages
from municipalities.choices import AdhesionState, Fact
from municipalities.models import Adhesion, AdhesionRequest, Municipality
from tests.e2e.site import Site
from tests.municipalities.adhesions import adhesion, pdf

Accessible = Callable[[Page], None]


@pytest.fixture
def natales(site: Site) -> Adhesion:
    """Natales adhered; Punta Arenas did and is suspended; Ñuñoa's adhesion ended."""
    made = adhesion(Municipality.objects.get(pk="12401"), facts=(Fact.YES, Fact.YES, Fact.UNKNOWN, Fact.NO))
    adhesion(Municipality.objects.get(pk="12101"), AdhesionState.SUSPENDED)
    adhesion(Municipality.objects.get(pk="13120"), AdhesionState.CONCLUDED)
    forget_public_pages()
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_small_phone(
    site: Site, natales: Adhesion, page: Page, accessible: Accessible, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    folio = natales.acts.get().folio
    for address in (
        *("/adhesiones/", "/adhesiones/?region=12&estado=vigente", "/adhesiones/?buscar=zzzz", "/adhesiones/mapa/"),
        *("/municipios/12401-natales/adhesion/", "/municipios/13120-nunoa/adhesion/"),
        *("/municipios/13101-santiago/adhesion/", "/municipios/13101-santiago/adhesion/pedir/"),
        *("/verificar/", f"/verificar/{folio}/", "/verificar/?sha256=" + "0" * 64, "/verificar/?folio=nada"),
        "/municipios/12401-natales/",
    ):
        page.goto(site.url + address)
        accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{address} is {wide} px wide"


def test_from_the_register_to_the_act(site: Site, natales: Adhesion, page: Page) -> None:
    page.goto(f"{site.url}/")
    page.get_by_role("link", name="Adhesiones").first.click()
    page.get_by_role("link", name=re.compile("^Magallanes y .*: 1 de ")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile(r"^Adhesión vigente \d+$")).click()
    page.get_by_role("row", name=re.compile("Natales")).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Adhesión de Natales")
    expect(page.locator(".verdict li:has(.verdict__no)")).to_contain_text("Lo firmado no es el acta completa")
    assert (
        page.request.get(site.url + str(page.get_by_role("link", name="Ver el acta (PDF)").get_attribute("href")))
        .body()
        .startswith(b"%PDF")
    )


def test_a_file_is_verified_without_leaving_the_browser_and_one_byte_changed_is_refused(
    site: Site, natales: Adhesion, page: Page, accessible: Accessible, tmp_path: Path
) -> None:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method != "GET" else None)
    folio = natales.acts.get().folio
    content = pdf(f"firmada {folio}".encode())
    good, bad = tmp_path / "acta.pdf", tmp_path / "cambiada.pdf"
    good.write_bytes(content)
    bad.write_bytes(content.replace(b"firmada", b"firmadA"))
    page.goto(f"{site.url}/verificar/")
    expect(page.get_by_text("el archivo no sale de su equipo")).to_be_visible()
    page.get_by_label("PDF del acta").set_input_files(good)
    expect(page.locator("#veredicto")).to_contain_text(
        "exactamente el acta de adhesión firmada de la Municipalidad de Natales"
    )
    accessible(page)
    page.get_by_label("PDF del acta").set_input_files(bad)
    expect(page.locator("#veredicto")).to_contain_text("El registro no conoce este archivo.")
    assert sent == []
    page.get_by_label("Folio del acta").fill(folio.lower().replace("-", " "))
    page.get_by_role("button", name="Buscar").last.click()
    expect(page).to_have_url(f"{site.url}/verificar/{folio}/")


def test_without_javascript_the_file_is_sent_and_judged_alike(
    site: Site, natales: Adhesion, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-CL")
    page = context.new_page()
    file = tmp_path / "acta.pdf"
    file.write_bytes(pdf(f"copia {natales.acts.get().folio}".encode()))
    page.goto(f"{site.url}/verificar/")
    expect(page.get_by_role("button", name="Enviarlo al portal")).to_be_hidden()
    page.get_by_label("PDF del acta").set_input_files(file)
    page.get_by_role("button", name="Verificar", exact=True).click()
    expect(page.locator("#veredicto")).to_contain_text("exactamente la copia pública del acta")
    context.close()


@pytest.mark.parametrize("width", [768, 1024, 1280])
def test_the_register_shows_its_last_column_without_scrolling_sideways(
    site: Site, natales: Adhesion, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.url}/adhesiones/")
    hidden = page.locator(".table--cards").evaluate("table => table.scrollWidth - table.clientWidth")
    assert hidden <= 0


def test_a_neighbour_asks_that_the_own_municipality_adhere(site: Site, page: Page, accessible: Accessible) -> None:
    page.goto(f"{site.url}/municipios/13101-santiago/")
    page.get_by_role("link", name="Pedir que adhiera").click()
    page.get_by_role("link", name="Pedir que adhiera").click()
    page.get_by_label("¿Por qué le importa?").fill("Queremos saber en qué se gasta.")
    page.get_by_role("button", name="Enviar la solicitud").click()
    expect(page.get_by_text("Lea una vez más lo que escribió").first).to_be_visible()
    accessible(page)
    page.wait_for_timeout(3_100)
    page.get_by_role("button", name="Enviar la solicitud").click()
    expect(page.get_by_text("El Consejo recibió su solicitud.")).to_be_visible()
    assert AdhesionRequest.objects.get().message == "Queremos saber en qué se gasta."
