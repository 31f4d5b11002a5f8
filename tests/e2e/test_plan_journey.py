"""A plan from a gap of the diagnostic to progress with evidence, by its coordinator; and a citizen who reads it, compares its
editions and takes it away. On any screen, with or without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.choices import MunicipalRole
from accounts.models import User
from action_plans.actions import commitments, plans
from action_plans.actions.commitments import Draft
from action_plans.models import Commitment, Plan
from config.page_cache import forget_public_pages
from municipalities.models import Municipality
from tests.action_plans.stories import carried_out
from tests.cast import Cast, person
from tests.diagnostics import published
from tests.e2e.site import Site
from tests.signing_stage import pdf

Accessible = Callable[[Page], None]
DESK = "/municipios/12201-cabo-de-hornos/plan/gestion/"
PUBLIC = "/municipios/12201-cabo-de-hornos/plan/"


@pytest.fixture
def coordinator(site: Site) -> User:
    """Cabo de Hornos has a validated diagnostic; its coordinator begins."""
    here = Municipality.objects.get(pk="12201")
    published.validate(published.answered(here))
    return person("coordinadora", of=here, role=MunicipalRole.COORDINATOR)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def write_promise(page: Page, counterpart: str) -> None:
    """Fill in the sheet of a commitment, with its first milestone, and save it."""
    page.get_by_label("Problema público").fill("Las actas del concejo llegan con meses de atraso.")
    page.get_by_label("Contraparte de la sociedad civil").fill(counterpart)
    row = page.get_by_role("group", name="Hito 1")
    row.get_by_label("Hito", exact=False).first.fill("Página de actas")
    row.get_by_label("Hasta").fill((timezone.localdate() + timedelta(days=90)).isoformat())
    row.get_by_label("Qué se puede comprobar").fill("La página con las actas del año")
    press(page, "Guardar")
    expect(page.get_by_text(re.compile("^Guardado [0-9]"))).to_be_visible()


def step(page: Page, name: str, accessible: Accessible) -> None:
    """Go one stage on: the button of the desk, its page, its confirmation."""
    page.get_by_role("link", name=name).click()
    accessible(page)
    press(page, name)
    expect(page.get_by_text("El plan está ahora")).to_be_visible()


def test_from_a_gap_to_progress_with_evidence(
    site: Site, page: Page, accessible: Accessible, coordinator: User
) -> None:
    today = timezone.localdate()
    site.sign_in(page.context, coordinator)
    page.goto(site.url + DESK)
    accessible(page)
    page.get_by_role("link", name="Comenzar el plan").click()
    accessible(page)
    page.get_by_label("Título").fill("Plan de gobierno abierto")
    page.get_by_label("Desde").fill((today - timedelta(days=10)).isoformat())
    page.get_by_label("Hasta").fill((today + timedelta(days=700)).isoformat())
    press(page, "Comenzar")
    expect(page.get_by_role("heading", name="Brechas desde las que parte el plan")).to_be_visible()
    accessible(page)
    page.get_by_role("checkbox").first.check()
    press(page, "Comenzar compromisos desde estas brechas")
    accessible(page)

    commitment = Commitment.objects.get()
    assert commitment.gaps
    page.get_by_role("table").get_by_role("link", name=f"1. {commitment.title}").click()
    accessible(page)
    expect(page.get_by_text("Sin hitos nadie puede ver cómo va.")).to_be_visible()
    write_promise(page, "COSOC")
    accessible(page)
    expect(page.get_by_text("Este navegador conservó palabras")).to_be_hidden()
    assert commitment.milestones.get().title == "Página de actas"

    page.goto(site.url + DESK)
    for name in ("Comenzar la cocreación", "Publicar el borrador para consulta", "Cerrar la consulta y responder"):
        step(page, name, accessible)
    page.get_by_role("link", name="Registrar la aprobación").click()
    page.get_by_label("Acto que lo aprueba").set_input_files(
        {"name": "acuerdo.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    page.get_by_label("Quién lo aprobó").fill("Concejo Municipal")
    page.get_by_label("Día de la aprobación").fill(today.isoformat())
    accessible(page)
    press(page, "Registrar la aprobación")
    step(page, "Comenzar a ejecutarlo", accessible)
    accessible(page)

    page.get_by_role("link", name=re.compile("Contar el avance")).click()
    accessible(page)
    page.get_by_label("De qué se trata").select_option(label="Página de actas")
    page.get_by_label("Lo que se hizo").fill("La página está publicada.")
    page.get_by_label("Estado del hito").select_option(label="Cumplido")
    press(page, "Publicar")
    expect(page.get_by_role("alert")).to_contain_text("evidencia")
    accessible(page)
    page.get_by_label("O la dirección de una página").fill("https://ejemplo.cl/actas")
    press(page, "Publicar")
    expect(page.get_by_text("Lo que usted contó ya es público.")).to_be_visible()
    accessible(page)
    page.goto(site.url + PUBLIC)
    expect(page.get_by_text("Lleva un 100 % de avance.")).to_be_visible()
    accessible(page)


def test_words_that_were_not_saved_are_offered_again(
    site: Site, page: Page, accessible: Accessible, coordinator: User
) -> None:
    site.sign_in(page.context, coordinator)
    plan = begun(coordinator)
    here = f"{site.url}{DESK}compromisos/{plan.commitments.get().key}/"
    page.goto(here)
    page.get_by_label("Problema público").press_sequentially("Palabras que nadie guardó")
    page.wait_for_timeout(700)
    page.goto(site.url + DESK)
    page.goto(here)
    expect(page.get_by_text("Este navegador conservó palabras que no se guardaron")).to_be_visible()
    accessible(page)
    press(page, "Recuperarlas")
    expect(page.get_by_label("Problema público")).to_have_value("Palabras que nadie guardó")
    press(page, "Guardar")
    expect(page.get_by_text(re.compile("^Guardado [0-9]"))).to_be_visible()
    page.goto(here)
    expect(page.get_by_text("Este navegador conservó palabras")).to_be_hidden()


def begun(coordinator: User) -> Plan:
    now, today = timezone.now(), timezone.localdate()
    place = Municipality.objects.get(pk="12201")
    period = {"starts": today, "ends": today + timedelta(days=700)}
    plan = plans.open_plan(by=coordinator, municipality=place, title="Plan", now=now, **period)
    commitments.add(by=coordinator, plan=plan, draft=Draft({"title": "Actas a la vista"}), now=now)
    return plan


@pytest.fixture
def told(site: Site) -> Plan:
    """A plan that is carried out, with an edition that changed it after its approval."""
    here = Municipality.objects.get(pk="12201")
    coordinator = person("coordinadora", of=here, role=MunicipalRole.COORDINATOR)
    officer = person("funcionario", of=here, role=MunicipalRole.OFFICER)
    people = {each.name: coordinator for each in fields(Cast)}
    plan = carried_out(Cast(**(people | {"here": here, "elsewhere": here, "officer": officer})))  # type: ignore[arg-type]
    plan.refresh_from_db()
    plans.edit(
        by=officer,
        plan=plan,
        texts={"vision": "Un municipio que escucha a su gente"},
        starts=plan.starts,
        ends=plan.ends,
        now=timezone.now(),
        reason="Lo pidió el foro",
    )
    forget_public_pages()
    return plan


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_public_page_is_accessible_and_fits_a_small_phone(
    site: Site, told: Plan, page: Page, accessible: Accessible, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    one = f"{PUBLIC}{told.pk}/"
    for address in (
        *("/planes/", "/planes/?region=12", "/planes/?plan=cerrado", PUBLIC, f"{one}cronograma/"),
        *(f"{one}compromisos/{told.commitments.get().key}/", f"{one}ediciones/", f"{one}ediciones/2/"),
        *(f"{one}ediciones/comparar/", "/municipios/13101-santiago/plan/"),
    ):
        page.goto(site.url + address)
        accessible(page)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{address} is {width} wide"


def test_a_citizen_reads_compares_and_takes_away_without_javascript(site: Site, told: Plan, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="es-CL")
    page = context.new_page()
    page.goto(site.url + "/planes/")
    page.get_by_role("table").get_by_role("link", name="Cabo de Hornos").click()
    expect(page.get_by_role("heading", name="Qué está atrasado")).to_be_visible()
    page.get_by_role("link", name="1. Actas a la vista").click()
    expect(page.get_by_role("link", name="Inventario")).to_have_attribute("href", "https://ejemplo.cl/actas")
    page.get_by_role("link", name="Ediciones del plan").click()
    page.get_by_role("link", name=re.compile("con la anterior")).first.click()
    expect(page.get_by_text("Un municipio que escucha a su gente")).to_be_visible()
    page.get_by_label("De la edición").select_option("1")
    press(page, "Comparar")
    expect(page.get_by_role("heading", name="Qué cambió de la edición 1 a la edición 3")).to_be_visible()
    page.goto(site.url + PUBLIC)
    for name, start in (("PDF", b"%PDF"), ("CSV", "\ufeffcut".encode()), ("JSON", b"{")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        assert download.value.path().read_bytes().startswith(start)
    context.close()
