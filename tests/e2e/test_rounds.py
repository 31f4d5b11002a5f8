"""An administrator makes a round, opens it for the municipalities in force, gives one more time and looks at the reminders; its
coordinator finds the diagnostic on the own desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from diagnostics.models import Diagnostic, Round
from municipalities.choices import AdhesionState, MailKind
from municipalities.models import Adhesion, Mail, Municipality
from tests.cast import person
from tests.diagnostics import factories
from tests.e2e.site import Site

Accessible = Callable[[Page], None]

HERE = "12201"


def people() -> tuple[User, User]:
    """An administrator, and the coordinator of Cabo de Hornos; it and two others have their adhesion in force."""
    now = timezone.now()
    for place in Municipality.objects.filter(pk__in=[HERE, "10207", "13101"]):
        Adhesion.objects.create(
            municipality=place,
            term_year=2024,
            state=AdhesionState.IN_FORCE,
            state_since=now,
            created_at=now,
            in_force_from=date(2026, 1, 1),
        )
    here = Municipality.objects.get(pk=HERE)
    return (
        person("administradora", council=CouncilRole.ADMINISTRATOR),
        person("coordinadora", of=here, role=MunicipalRole.COORDINATOR),
    )


def test_a_round_from_its_making_to_the_desk_of_a_coordinator(site: Site, page: Page, accessible: Accessible) -> None:
    administrator, coordinator = people()
    factories.version()
    today = timezone.localdate()
    closes, until = today + timedelta(days=40), today + timedelta(days=61)
    site.sign_in(page.context, administrator)

    page.goto(f"{site.url}/consejo/")
    page.get_by_role("link", name="Rondas de diagnósticos").click()
    accessible(page)
    page.get_by_role("link", name="Nueva ronda").click()
    accessible(page)
    page.get_by_label("Nombre").fill("Línea de base")
    page.get_by_label("Abre").fill(today.isoformat())
    page.get_by_label("Cierra").fill((today - timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("alert")).to_contain_text("Cierra antes de abrir.")
    accessible(page)
    page.get_by_label("Cierra").fill(closes.isoformat())
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Quedan 40 días.")).to_be_visible()
    accessible(page)

    page.get_by_role("link", name="Elegir municipalidades y abrir").click()
    accessible(page)
    page.get_by_label(re.compile("municipalidades de este filtro")).check()
    expect(page.locator("[data-chosen]")).to_contain_text("Elegidas: 3")
    page.get_by_role("button", name="Ver a quiénes alcanza").click()
    expect(page.get_by_text("3 municipalidades reciben un diagnóstico.")).to_be_visible()
    expect(page.get_by_text("2 no tienen a quién escribirles")).to_be_visible()
    accessible(page)
    assert not Diagnostic.objects.exists()
    page.get_by_role("button", name="Abrir 3 diagnósticos").click()
    expect(page.get_by_text("Se abrieron 3 diagnósticos.")).to_be_visible()
    accessible(page)
    mail = Mail.objects.get(kind=MailKind.DIAGNOSTIC_OPENED)
    assert mail.to == coordinator.email
    assert f"a más tardar el {closes:%d-%m-%Y}" in mail.body

    page.get_by_role("link", name=re.compile("sin comenzar")).click()
    accessible(page)
    page.get_by_label("Elegir Cabo de Hornos").check()
    page.get_by_role("button", name="Dar más plazo").click()
    accessible(page)
    page.get_by_label("Nuevo último día").fill(until.isoformat())
    page.get_by_label("Motivo").fill("Cambió la persona encargada.")
    page.get_by_role("button", name="Ver a quiénes alcanza").click()
    expect(page.get_by_text("Alcanza a 1 municipalidad.")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Darlo a 1 municipalidad").click()
    expect(page.get_by_text(f"tiene plazo hasta el {until:%d-%m-%Y}")).to_be_visible()
    assert Mail.objects.filter(kind=MailKind.DIAGNOSTIC_EXTENDED, to=coordinator.email).count() == 1

    page.goto(f"{site.url}/consejo/diagnosticos/rondas/{Round.objects.get().pk}/recordatorios/")
    expect(page.get_by_role("heading", level=2)).to_have_count(4)
    # The two that wait together, and the one with more time on a day of its own.
    section = page.get_by_role("region").filter(has_text="7 días antes del último")
    expect(section).to_contain_text("3 municipalidades, 1 dirección.")
    for each in section.locator("summary").all():
        each.click()
    expect(section.get_by_role("row", name=re.compile("Cabo de Hornos"))).to_contain_text(f"{until:%d-%m-%Y}")
    accessible(page)

    page.context.clear_cookies()
    site.sign_in(page.context, coordinator)
    page.goto(f"{site.url}/inicio/")
    task = page.locator(".task").filter(has_text="Responda el diagnóstico: Línea de base")
    expect(task).to_contain_text(f"Faltan 7 de 7. Se envía a más tardar el {until:%d-%m-%Y}.")
    accessible(page)
    task.get_by_role("link", name="Ir al diagnóstico").click()
    expect(page.get_by_text(f"El último día es el {until:%d-%m-%Y}")).to_be_visible()
    page.goto(f"{site.url}/municipios/12201-cabo-de-hornos/diagnosticos/")
    accessible(page)


def test_the_pages_of_rounds_fit_a_phone(site: Site, page: Page, accessible: Accessible) -> None:
    administrator, coordinator = people()
    made = factories.a_round()
    for place in Municipality.objects.filter(pk__in=[HERE, "10207", "13101"]):
        held = factories.diagnostic(place, made)
        Diagnostic.objects.filter(pk=held.pk).update(asked=48, answered=12)
    one = Diagnostic.objects.get(municipality=HERE)
    page.set_viewport_size({"width": 320, "height": 640})
    desk, round_ = "/consejo/diagnosticos/", f"/consejo/diagnosticos/rondas/{made.pk}/"
    of_the_council = (desk, round_, f"{round_}editar/", f"{round_}borrar/", f"{round_}recordatorios/")
    chosen = (f"{round_}municipios/?buscar=", f"{desk}tabla/", f"{desk}plazo/?m={one.pk}", f"{desk}{one.pk}/cancelar/")
    of_the_municipality = ("/inicio/", "/municipios/12201-cabo-de-hornos/diagnosticos/")
    for user, addresses in ((administrator, (*of_the_council, *chosen)), (coordinator, of_the_municipality)):
        page.context.clear_cookies()
        site.sign_in(page.context, user)
        for address in addresses:
            page.goto(site.url + address)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), address
            accessible(page)


def test_the_table_of_diagnostics_fits_a_tablet_and_paper(site: Site, page: Page, accessible: Accessible) -> None:
    administrator, _coordinator = people()
    factories.diagnostic(Municipality.objects.get(pk=HERE), factories.a_round())
    page.set_viewport_size({"width": 768, "height": 900})
    site.sign_in(page.context, administrator)
    page.goto(f"{site.url}/consejo/diagnosticos/tabla/")
    table = page.locator("form .table")
    assert not table.evaluate("table => table.scrollWidth > table.clientWidth")
    # The box beside the name is what a pointer reaches there.
    table.get_by_role("checkbox", name="Elegir Cabo de Hornos").check()
    accessible(page)
    page.emulate_media(media="print")
    expect(table).to_be_visible()
    expect(table.get_by_role("checkbox", name="Elegir Cabo de Hornos")).to_be_hidden()
    expect(page.get_by_role("button", name="Dar más plazo")).to_be_hidden()
