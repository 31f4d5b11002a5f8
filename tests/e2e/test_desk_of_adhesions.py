"""An administrator opens a campaign for remote municipalities and invites forty in one step."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.choices import CouncilRole
from municipalities.choices import AdhesionState
from municipalities.models import Adhesion, Contact, Mail, Municipality
from municipalities.rules.working_days import working_moment
from tests.cast import person
from tests.e2e.site import Site

Accessible = Callable[[Page], None]


def test_forty_remote_municipalities_are_invited_in_one_step(site: Site, page: Page, accessible: Accessible) -> None:
    administrator = person("administradora", council=CouncilRole.ADMINISTRATOR)
    remote = list(Municipality.objects.filter(distance_km__gte=300).order_by("-distance_km")[:40])
    Contact.objects.bulk_create(
        Contact(municipality=place, name="x", email=f"{place.pk}@ejemplo.cl", is_main=True, recorded_at=timezone.now())
        for place in remote
    )
    site.sign_in(page.context, administrator)

    page.goto(f"{site.url}/consejo/campanas/nueva/")
    accessible(page)
    page.get_by_label("Nombre").fill("Los más lejanos")
    page.get_by_label("Desde").fill("2026-03-01")
    page.get_by_label("Hasta").fill("2026-12-31")
    page.get_by_label("Magallanes").fill("5")
    page.get_by_role("button", name="Guardar y elegir").click()

    page.get_by_label("Distancia a Santiago").select_option("alejados")
    page.get_by_role("button", name="Filtrar").last.click()
    accessible(page)
    page.get_by_label(re.compile("municipalidades de este filtro")).check()
    expect(page.locator("[data-chosen]")).to_contain_text("Elegidas: 1")
    page.get_by_role("button", name="Sumar a la campaña").click()

    expect(page.get_by_role("heading", name="Los más lejanos")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name=re.compile("por contactar")).click()
    expect(page.get_by_text(re.compile("Alcanza a 40 de las"))).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Hacerlo con 40 municipalidades").click()
    expect(page.get_by_text("Hecho en 40 municipalidades.")).to_be_visible()
    accessible(page)
    assert Mail.objects.count() == 40
    assert Adhesion.objects.filter(state=AdhesionState.INVITED).count() == 40

    # In office hours the mails leave at once, and nobody can take them back; at other times they wait.
    now = timezone.now()
    waits = working_moment(now) > now
    site.has_finished_its_work()
    page.get_by_role("button", name="Deshacer").click()
    undone = 40 if waits else 0
    expect(page.get_by_text(f"{undone} municipalidades quedaron como estaban.")).to_be_visible()
    expect(page.get_by_text("Su correo ya salió.")).to_have_count(40 - undone)


def test_the_table_is_worked_with_the_keyboard(site: Site, page: Page, accessible: Accessible) -> None:
    site.sign_in(page.context, person("analista", council=CouncilRole.ANALYST))
    page.goto(f"{site.url}/consejo/adhesiones/")
    accessible(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    chosen = page.locator("tbody input:checked")
    expect(chosen).to_have_count(2)
    expect(page.locator("[data-chosen]")).to_have_text("Elegidas: 2")
    page.get_by_label("Elegir todas las de esta página").check()
    expect(chosen).to_have_count(50)
    page.keyboard.press("/")
    expect(page.get_by_label("Municipalidad", exact=True)).to_be_focused()
    page.keyboard.type("jx")
    expect(page.get_by_label("Municipalidad", exact=True)).to_have_value("jx")
    page.get_by_role("button", name="Teclas de esta página").click()
    accessible(page)
    page.get_by_label("Usar estas teclas").uncheck()
    page.get_by_role("button", name="Cerrar", exact=True).click()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).not_to_be_visible()


def test_the_desk_fits_a_phone(site: Site, page: Page, accessible: Accessible) -> None:
    site.sign_in(page.context, person("analista", council=CouncilRole.ANALYST))
    page.set_viewport_size({"width": 320, "height": 640})
    for address in ("/consejo/adhesiones/", "/consejo/adhesiones/?vista=tablero", "/consejo/campanas/"):
        page.goto(site.url + address)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), address
        accessible(page)
