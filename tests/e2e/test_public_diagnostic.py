"""A citizen and the published diagnostics: from the front page to an answer and its evidence, on any screen, with or without
JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from config.page_cache import forget_public_pages
from diagnostics.choices import RoundKind
from diagnostics.imports.instruments import load_instruments
from diagnostics.models import Diagnostic, InstrumentVersion, Round
from diagnostics.reports.answers import instrument_of
from diagnostics.rules.demonstration import first_answers, later_answers
from municipalities.models import Municipality
from municipalities.rules.demonstration import dice_of
from tests.cast import person
from tests.diagnostics.factories import NOW
from tests.diagnostics.published import answered, file_evidence, link_evidence, validate
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
LATER = datetime(2026, 9, 1, 15, tzinfo=UTC)


@pytest.fixture
def natales(site: Site) -> Diagnostic:
    """Natales published two diagnostics of the whole instrument, with evidence; five others of Magallanes one."""
    load_instruments()
    version = InstrumentVersion.objects.published().get()
    whole = instrument_of(version)
    place = Municipality.objects.get(pk="12401")
    owner = person("encargada", of=place, role="officer")
    rounds = [a_round(version, "Línea de base 2025", RoundKind.BASELINE, date(2025, 5, 1))]
    rounds.append(a_round(version, "Medio término 2026", RoundKind.MIDTERM, date(2026, 5, 1)))
    for cut in ("12101", "12301", "12302", "12303", "12402"):
        other = Municipality.objects.get(pk=cut)
        given = first_answers(whole, aim=0.4, on=NOW.date(), slug=other.slug, dice=dice_of(cut))
        validate(answered(other, round_=rounds[1], answers={key: one.value for key, one in given.items()}))
    first = first_answers(whole, aim=0.5, on=NOW.date(), slug=place.slug, dice=dice_of("natales"))
    validate(answered(place, round_=rounds[0], answers={key: one.value for key, one in first.items()}), at=NOW)
    second = later_answers(whole, first, on=LATER.date(), slug=place.slug, dice=dice_of("natales"))
    held = answered(place, round_=rounds[1], answers={key: one.value for key, one in second.items()})
    file_evidence(held, "ta-publicacion", owner=owner, title="Informe de transparencia")
    link_evidence(held, "cp-contenido", "https://ejemplo.cl/cuenta-publica", owner=owner)
    file_evidence(held, "og-registro", owner=owner, is_public=False, title="Lista de socios")
    validate(held, at=LATER)
    forget_public_pages()
    return held


def a_round(version: InstrumentVersion, name: str, kind: RoundKind, opens: date) -> Round:
    return Round.objects.create(
        name=name, kind=kind, version=version, opens=opens, closes=date(2027, 12, 31), created_at=NOW
    )


def page_of(held: Diagnostic) -> str:
    return f"/municipios/12401-natales/diagnosticos/publicos/{held.folio}/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_small_phone(
    site: Site, natales: Diagnostic, page: Page, accessible: Accessible, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    for address in (
        *("/diagnosticos/", "/diagnosticos/?region=12", "/diagnosticos/?buscar=zzzz", "/diagnosticos/mapa/"),
        *(page_of(natales), "/municipios/12401-natales/diagnosticos/publicos/", "/municipios/12401-natales/"),
        "/municipios/13101-santiago/diagnosticos/publicos/",
    ):
        page.goto(site.url + address)
        for summary in page.locator("main details > summary").all():
            summary.click()
        accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{address} is {wide} px wide"


def test_from_the_front_page_to_an_answer_and_its_evidence(
    site: Site, natales: Diagnostic, page: Page, accessible: Accessible
) -> None:
    page.goto(site.url)
    page.get_by_role("link", name="Vea los diagnósticos publicados de 6 municipios").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Qué tan abiertas son las municipalidades")
    page.get_by_role("link", name=re.compile("^Magallanes y .*: 6 de 10 municipalidades")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("row", name=re.compile("Natales")).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Qué tan abierto es Natales")
    expect(page.locator(".chart--radar .main-svg").first).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Transparencia", exact=True).click()
    page.get_by_text("Todas las respuestas (Transparencia)").click()
    question = page.locator("dt", has_text="¿Cómo publica la municipalidad la información")
    expect(question.locator("xpath=following-sibling::dd[1]")).to_contain_text("Lo revisa cada mes la secretaría.")
    with page.expect_download() as started:
        page.get_by_role("link", name="Informe de transparencia").first.click()
    assert started.value.path().read_bytes() == b"%PDF-1.7 Informe de transparencia"
    expect(page.get_by_text("Lista de socios")).to_have_count(0)
    page.get_by_text("Pregunta por pregunta").click()
    page.get_by_role("link", name="Ver el diagnóstico anterior").click()
    expect(page.get_by_text("Hay un diagnóstico más nuevo de este municipio.")).to_be_visible()


def test_without_javascript_the_same_is_read_in_tables(site: Site, natales: Diagnostic, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-CL")
    page = context.new_page()
    page.goto(site.url + page_of(natales))
    table = page.get_by_role("table", name="Nivel de cada dimensión")
    expect(table.get_by_role("row")).to_have_count(5)
    page.get_by_text("Todas las respuestas (Rendición de cuentas)").click()
    expect(page.locator("dt", has_text="¿Participan los vecinos en la cuenta pública?")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [768, 1280])
def test_tables_show_their_last_column_without_scrolling_sideways(
    site: Site, natales: Diagnostic, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/diagnosticos/", page_of(natales)):
        page.goto(site.url + address)
        hidden = page.locator(".table--cards").evaluate_all("all => all.map(t => t.scrollWidth - t.clientWidth)")
        assert max(hidden) <= 0, (address, hidden)
