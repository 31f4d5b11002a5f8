"""An administrator writes a new text of the act, sees it as it is written, publishes it; an adviser issues an act with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.choices import CouncilRole
from municipalities.actions.adhesions import open_adhesion
from municipalities.models import Act, Authority, Municipality
from tests.cast import person
from tests.e2e.site import Site
from tests.municipalities.acting import MAYOR, RUN


@pytest.fixture
def place(site: Site) -> Municipality:
    found = Municipality.objects.get(pk="11201")
    Authority.objects.create(
        municipality=found,
        office="mayor",
        name=MAYOR,
        run=RUN,
        starts=date(2024, 12, 6),
        decree="Proclamación 2024",
        recorded_at=timezone.now(),
    )
    return found


def test_a_text_is_written_published_and_issued(
    site: Site, page: Page, place: Municipality, accessible: Callable[[Page], None]
) -> None:
    administrator = person("jefatura", council=CouncilRole.ADMINISTRATOR)
    site.sign_in(page.context, administrator)
    page.goto(f"{site.url}/consejo/actas/textos/")
    accessible(page)
    page.get_by_role("button", name="Empezar con esta").click()
    page.get_by_label("Municipio de la vista previa").select_option(label=place.name)
    expect(page.get_by_role("heading", name=f"Cómo queda para {place.name}")).to_be_visible()
    page.get_by_label("Cierre").fill("Firma {autoridad}. Vea {foliio}.")
    preview = page.locator("#preview")
    expect(preview.get_by_text(f"Firma {MAYOR}. Vea {{foliio}}.")).to_be_visible()
    expect(preview.get_by_text("¿Es {folio}?")).to_be_visible()
    accessible(page)
    page.get_by_label("Cierre").fill("Acta {folio}, del {fecha}.")
    page.get_by_label("Qué cambia").fill("Un cierre más corto")
    page.get_by_role("button", name="Guardar el borrador").click()
    expect(page.get_by_text("Se guardó el borrador.")).to_be_visible()
    page.get_by_role("link", name="Comparar y publicar").click()
    accessible(page)
    page.get_by_role("button", name="Publicar la edición 2").click()
    expect(page.get_by_text("Una edición publicada no se puede cambiar")).to_be_visible()
    accessible(page)

    adhesion = open_adhesion(by=None, municipality=place, now=timezone.now())
    page.goto(f"{site.url}/consejo/adhesiones/{adhesion.pk}/acta/")
    expect(page.get_by_text(f"La Municipalidad de {place.name}, Región de Aysén")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Emitir acta").click()
    expect(page.get_by_text("Se emitió el acta MGAM-")).to_be_visible()
    accessible(page)
    assert Act.objects.get().fields["closing"][0][1][0].startswith("Acta MGAM-")
