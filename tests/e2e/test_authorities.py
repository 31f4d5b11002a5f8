"""The people of a municipality: a coordinator records who follows the mayor, the council imports, notes and follows up."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.choices import CouncilRole, MunicipalRole
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Authority, Contact, Municipality
from tests.cast import person
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
HERE = "12201-cabo-de-hornos"
ROWS = (
    "municipio;tipo;nombre;run;desde;hasta;decreto;cargo;correo;telefono;principal\n"
    "Cabo de Hornos;alcalde;Ana Pérez Soto;12.345.678-5;06-12-2024;;Decreto 1.234 del 06-12-2024;;;;\n"
    "Aysén del General Carlos Ibáñez;alcalde;Eva Rojas;11111111-1;06-12-2024;;Decreto 1;;;;\n"
    "12201;contacto;Luis Soto;;;;;Encargado de transparencia;luis.soto.transparencia@ejemplo.cl;;sí\n"
)


def look(page: Page, name: str, accessible: Accessible) -> None:
    """Nothing against WCAG, and nothing beyond the edge of a narrow telephone."""
    accessible(page)
    before = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    page.set_viewport_size(before or {"width": 1280, "height": 720})


def test_a_coordinator_records_who_follows_the_mayor(site: Site, page: Page, accessible: Accessible) -> None:
    here = Municipality.objects.get(cut="12201")
    site.sign_in(page.context, person("coordinadora", of=here, role=MunicipalRole.COORDINATOR))
    now = timezone.now()
    Adhesion.objects.create(
        municipality=here,
        term_year=2021,
        state=AdhesionState.IN_FORCE,
        state_since=now,
        created_at=now,
        in_force_from=date(2022, 1, 1),
    )
    page.goto(f"{site.url}/municipios/{HERE}/autoridades/")
    expect(page.get_by_text("La adhesión debe firmarse de nuevo")).to_be_visible()
    look(page, "authorities-empty", accessible)
    page.get_by_role("link", name="Registrar Alcaldía", exact=True).click()
    page.get_by_label("Nombre completo").fill("Ana Pérez")
    page.get_by_label("RUN").fill("12.345.678-6")
    page.get_by_label("Primer día en el cargo").fill("2024-12-06")
    page.get_by_label("Decreto", exact=True).fill("Decreto 1")
    page.get_by_role("button", name="Registrar").click()
    expect(page.get_by_role("alert")).to_contain_text("dígito verificador")
    look(page, "authority-form-error", accessible)
    page.get_by_label("RUN").fill("12.345.678-5")
    page.get_by_role("button", name="Registrar").click()
    page.get_by_role("link", name="Registrar quién sigue").click()
    expect(page.get_by_label("Nombre completo")).to_have_value("")
    look(page, "authority-replace", accessible)
    page.get_by_label("Nombre completo").fill("Luis Soto")
    page.get_by_label("RUN").fill("11.111.111-1")
    page.get_by_label("Primer día en el cargo").fill("2026-03-01")
    page.get_by_label("Decreto", exact=True).fill("Decreto 2")
    page.get_by_role("button", name="Registrar").click()
    expect(page.get_by_role("row", name="Ana Pérez")).to_contain_text("28-02-2026")
    look(page, "authorities", accessible)
    assert [held.name for held in Authority.objects.filter(ends__isnull=True)] == ["Luis Soto"]
    page.get_by_role("link", name="Contactos", exact=True).click()
    expect(page.get_by_role("link", name="Agregar un contacto")).to_be_visible()
    look(page, "contacts-empty", accessible)
    page.get_by_role("link", name="Agregar un contacto").click()
    page.get_by_label("Nombre completo").fill("Eva Rojas")
    page.get_by_label("Correo electrónico").or_(page.get_by_label("Correo", exact=False)).first.fill("eva@ejemplo.cl")
    page.get_by_role("button", name="Agregar").click()
    expect(page.get_by_role("row", name="Eva Rojas")).to_contain_text("Principal")
    look(page, "contacts", accessible)


def test_the_council_imports_notes_and_follows_up(site: Site, page: Page, accessible: Accessible) -> None:
    site.sign_in(page.context, person("administradora", council=CouncilRole.ADMINISTRATOR))
    page.goto(f"{site.url}/consejo/autoridades/importar/")
    look(page, "import", accessible)
    page.locator("input[type=file]").set_input_files(
        {"name": "autoridades.csv", "mimeType": "text/csv", "buffer": ROWS.encode()}
    )
    page.get_by_role("button", name="Leer el archivo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("autoridades.csv")
    look(page, "import-rows", accessible)
    assert not Authority.objects.exists()
    page.get_by_label("Dejar fuera las filas con error").check()
    page.get_by_role("button", name="Aplicar los cambios").click()
    expect(page.get_by_text("Se aplicó el archivo")).to_be_visible()
    look(page, "import-applied", accessible)
    assert Contact.objects.get().is_main
    page.goto(f"{site.url}/consejo/bitacora/12201/")
    page.get_by_role("link", name="Anotar un contacto").click()
    expect(page.get_by_label("Con quién")).to_be_visible()
    look(page, "note-form", accessible)
    page.get_by_label("Con quién").fill("Ana Pérez Soto")
    page.get_by_label("Próximo paso").fill("Enviar el texto del acta")
    page.get_by_label("Para cuándo").fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_role("button", name="Guardar la anotación").click()
    expect(page.get_by_text("Enviar el texto del acta").first).to_be_visible()
    look(page, "log", accessible)
    page.goto(f"{site.url}/consejo/tareas/")
    look(page, "tasks", accessible)
    page.get_by_role("button", name="Hecho").click()
    expect(page.get_by_text("Nada que hacer aquí")).to_be_visible()
    page.get_by_role("button", name="Deshacer").click()
    page.goto(f"{site.url}/consejo/calendario/")
    expect(page.get_by_text("Enviar el texto del acta")).to_be_visible()
    page.get_by_role("button", name="Crear una dirección").click()
    address = page.locator("code").inner_text()
    look(page, "calendar", accessible)
    feed = page.request.get(address)
    assert "Cabo de Hornos: Enviar el texto del acta" in feed.text()
