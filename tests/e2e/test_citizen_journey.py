"""A neighbour's whole way, from the front page to a file whose rows add up to the number that was read."""

import csv
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from budget.models import PriceIndex
from budget.reports import compute_years
from municipalities.models import Municipality
from tests.budget import factories as make
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
YEAR = "/municipios/13120-nunoa/presupuesto/2024/"


@pytest.fixture
def published(site: Site) -> Site:
    """Ñuñoa with a year whose areas and kinds of spending are known, in a portal that knows the prices of 2025."""
    place = Municipality.objects.get(pk="13120")
    PriceIndex.objects.all().delete()
    make.prices({2024: ("110", 12), 2025: ("121", 12)})
    make.dataset(place, 2024, lines=make.full_lines(), indicators=make.FULL_INDICATORS)
    compute_years([(place.cut, 2024)])
    return site


def amount_of(page: Page, label: str) -> int:
    """The exact pesos of one of the page's four numbers."""
    card = page.locator(".number", has_text=label)
    return int(re.sub(r"\D", "", card.locator(".number__exact").inner_text()))


def test_from_the_front_page_to_a_file_that_adds_up(published: Site, page: Page, accessible: Accessible) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(published.url)
    accessible(page)
    page.get_by_role("combobox", name="¿Cuál es su municipio?").fill("nunoa")
    page.get_by_role("option", name="Ñuñoa").click()
    expect(page).to_have_url(f"{published.url}/municipios/13120-nunoa/")
    accessible(page)
    answer = page.locator("#budget ~ .lead").inner_text()
    page.get_by_role("link", name="Ver el presupuesto completo").click()
    expect(page).to_have_url(published.url + YEAR)
    expect(page.locator("h1 + .lead")).to_have_text(answer)
    spent = amount_of(page, "Gastado")
    accessible(page)

    page.get_by_role("link", name="Servicios para la comuna").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Servicios para la comuna")
    expect(page.get_by_role("row", name=re.compile("^Luz"))).to_contain_text("3.000.000")
    accessible(page)

    page.get_by_role("link", name="Pesos de 2025, sin inflación").click()
    expect(page).to_have_url(re.compile("montos=reales"))
    expect(page.get_by_role("row", name=re.compile("^Luz"))).to_contain_text("3.300.000")
    accessible(page)

    page.get_by_role("link", name="Volver al presupuesto completo de 2024").click()
    expect(page.locator("h1 + .lead")).to_contain_text("en pesos de 2025")
    assert amount_of(page, "Gastado") == spent * 121 // 110
    expect(page.locator("#descargas")).to_contain_text("en pesos de 2024")
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert download.value.suggested_filename == "presupuesto-13120-nunoa-2024.csv"
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["suma"] == "si" and row["tipo"] == "gasto"]
    for view in ("cuenta", "area"):
        assert sum(int(row["devengado"]) for row in rows if row["vista"] == view and row["devengado"]) == spent, view
