"""An administrator brings SINIM's file, from the sign-in to what a neighbour reads, in Chromium and with a real worker."""

import os
import re
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.choices import CouncilRole
from budget.choices import ImportState
from budget.models import Dataset, Import
from tests.cast import PASSWORD, TOTP_SECRET, person
from tests.e2e.site import Site
from tests.sinim_files import AREAS, NAMES, Value, table, year_of

PICHILEMU = "/municipios/06201-pichilemu/presupuesto/2024/"
QUEILEN = "/municipios/10207-queilen/presupuesto/2024/"
PUBLISHED = re.compile("Publicad")


def enter_with_code(site: Site, page: Page) -> None:
    """Through the real forms: password, then the code of the application."""
    user = person("administradora", council=CouncilRole.ADMINISTRATOR)
    user.set_password(PASSWORD)
    user.save()
    page.goto(f"{site.url}/cuenta/ingresar/?next=/consejo/importaciones/")
    page.get_by_label("Correo electrónico").fill(user.email)
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Ingresar", exact=True).click()
    page.get_by_label("Código").fill(pyotp.TOTP(TOTP_SECRET).now())
    page.get_by_role("button", name="Ingresar", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Importaciones de presupuestos")


def bring(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/xml", "buffer": content})
    page.get_by_role("button", name="Leer el archivo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def small_file() -> bytes:
    """Three municipalities: one in order, one that informed nothing, one whose areas add up to 31 % too much."""
    in_order = year_of(81_200)
    nothing: dict[str, Value] = dict.fromkeys(in_order, "No Recepcionado")
    too_much = year_of(81_000) | dict.fromkeys(AREAS, 81_000 * 131 // 600)
    values = {"13120": in_order, "10207": nothing, "06201": too_much}
    return table(values, names=NAMES | {"06201": "PICHILEMU"})


def test_a_file_goes_from_the_staff_page_to_what_neighbours_read(site: Site, page: Page, browser: Browser) -> None:
    journey(site, page, browser, "finanzas.xls", small_file())
    neighbour = browser.new_page(locale="es-CL")
    neighbour.goto(f"{site.url}/municipios/13120-nunoa/presupuesto/2024/")
    expect(neighbour.get_by_role("main")).to_contain_text("81.200.000")
    # The same file again says nothing new.
    page.goto(f"{site.url}/consejo/importaciones/")
    bring(page, "finanzas.xls", small_file())
    expect(page.get_by_text("Este archivo no cambia nada")).to_be_visible()
    assert Dataset.objects.count() == 3


@pytest.mark.realdata
@pytest.mark.skipif("REAL_DATA_DIR" not in os.environ, reason="REAL_DATA_DIR is not set")
def test_the_national_file_goes_from_the_staff_page_to_what_neighbours_read(
    site: Site, page: Page, browser: Browser
) -> None:
    file = Path(os.environ["REAL_DATA_DIR"]) / "sinim/finanzas_2024.xlsx"
    journey(site, page, browser, file.name, file.read_bytes(), seconds=180)
    assert Dataset.objects.published().count() == 345


def journey(site: Site, page: Page, browser: Browser, name: str, content: bytes, *, seconds: int = 60) -> None:
    """Sign in, bring, follow, decide against what a second tab wants, and read as a neighbour without account."""
    enter_with_code(site, page)
    bring(page, name, content)
    # Nobody touches the page meanwhile: it follows by itself until there is something to decide.
    expect(page.get_by_role("button", name="Publicar")).to_be_visible(timeout=seconds * 1000)
    expect(page.get_by_role("row", name=re.compile("Pichilemu"))).to_contain_text("31 %")
    neighbour = browser.new_page(locale="es-CL")
    assert not Dataset.objects.public().exists()
    other_tab = page.context.new_page()
    other_tab.goto(page.url)
    page.get_by_role("button", name="Publicar").click()
    expect(page.get_by_text("La importación se está publicando.")).to_be_visible()
    other_tab.get_by_role("button", name="Descartar").click()
    expect(other_tab.get_by_text("Otra persona se adelantó")).to_be_visible()
    expect(page.locator("#progress")).to_have_text(PUBLISHED, timeout=seconds * 1000)
    site.has_finished_its_work(seconds)
    assert Import.objects.get().state == ImportState.PUBLISHED
    neighbour.goto(site.url + QUEILEN)
    main = neighbour.get_by_role("main")
    expect(neighbour.get_by_role("heading", level=1)).to_contain_text("sin dato")
    assert not re.search(r"\$\s*0\b", main.inner_text())
    neighbour.goto(site.url + PICHILEMU)
    expect(main).to_contain_text("Las áreas no suman el total: 31 %")
