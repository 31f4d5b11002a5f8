"""A plan is watched: an officer assesses it at midterm, an adviser recommends and is answered, a monitor writes, a citizen reads
the minimums, follows the plan and leaves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from action_plans.actions import assessments
from action_plans.choices import AssessmentKind, AssessmentState, PlanStage
from action_plans.models import Assessment, Follower, Plan
from config.page_cache import forget_public_pages
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from tests.action_plans.stories import carried_out, go
from tests.cast import Cast, assemble
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
DESK = "/municipios/12201-cabo-de-hornos/plan/gestion/"
PUBLIC = "/municipios/12201-cabo-de-hornos/plan/"


@pytest.fixture
def cast(site: Site) -> Cast:
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    return assemble()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    made = carried_out(cast)
    go(made, PlanStage.MIDTERM, cast)
    forget_public_pages()
    made.refresh_from_db()
    return made


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def answer_all(page: Page) -> None:
    """Choose the first option of each question, and write in each field of words."""
    page.wait_for_load_state()  # a click returns when the next page's answer begins
    for group in page.locator("form.sheet fieldset").filter(has=page.locator("input[type=radio]")).all():
        group.locator("input[type=radio]").first.check()
    for words in page.locator("form.sheet textarea").all():
        words.fill("Se revisó con la comunidad")
    press(page, "Guardar")
    expect(page.get_by_text(re.compile("Guardado"))).to_be_visible()


def test_an_officer_assesses_the_plan_at_midterm_and_the_coordinator_publishes(
    site: Site, page: Page, accessible: Accessible, plan: Plan, cast: Cast
) -> None:
    site.sign_in(page.context, cast.coordinator)
    page.goto(site.url + DESK)
    accessible(page)
    press(page, "Comenzar la autoevaluación")
    accessible(page)
    page.get_by_role("link", name="1. Actas a la vista").click()
    accessible(page)
    answer_all(page)
    page.get_by_role("link", name="El plan completo").click()
    answer_all(page)
    page.get_by_role("link", name="Publicar").click()
    accessible(page)
    press(page, "Publicar")
    page.get_by_role("link", name="Como la lee cualquiera").click()
    accessible(page)
    expect(page.get_by_text("Se revisó con la comunidad").first).to_be_visible()


def test_an_adviser_recommends_and_is_answered(
    site: Site, page: Page, browser: Browser, accessible: Accessible, plan: Plan, cast: Cast
) -> None:
    site.sign_in(page.context, cast.adviser)
    page.goto(site.url + DESK + "asesoria/")
    accessible(page)
    page.get_by_role("link", name="Recomendar algo").click()
    accessible(page)
    page.get_by_label("Qué recomienda y por qué").fill("Publique las actas como datos abiertos")
    press(page, "Enviar")
    accessible(page)
    with browser.new_context(locale="es-CL") as context:
        site.sign_in(context, cast.officer)
        desk = context.new_page()
        desk.goto(site.url + DESK + "asesoria/")
        desk.get_by_role("link", name=re.compile("^Responder")).click()
        accessible(desk)
        desk.get_by_label("Aceptada").check()
        desk.get_by_label("Respuesta de la municipalidad").fill("Lo haremos en mayo")
        press(desk, "Responder")
        expect(desk.get_by_text("Lo haremos en mayo")).to_be_visible()
    page.reload()
    page.get_by_role("link", name=re.compile("^Hacer seguimiento")).click()
    accessible(page)
    page.get_by_label("Qué supo").fill("Ya se publicó la primera")
    press(page, "Guardar")
    expect(page.get_by_text("Su seguimiento quedó guardado")).to_be_visible()


def test_a_monitor_writes_the_inception_assessment(
    site: Site, page: Page, accessible: Accessible, plan: Plan, cast: Cast
) -> None:
    today = timezone.localdate()
    more: dict[str, Any] = {"organisation": "Universidad", "basis": "Resolución 12", "starts": today, "ends": None}
    assessments.appoint(by=cast.adviser, plan=plan, user=cast.citizen, now=timezone.now(), **more)
    site.sign_in(page.context, cast.citizen)
    page.goto(site.url + "/monitoreo/")
    accessible(page)
    page.get_by_role("link", name="Cabo de Hornos").click()
    accessible(page)
    press(page, "Comenzar la evaluación inicial")
    page.get_by_role("link", name="El plan completo").click()
    accessible(page)
    page.get_by_label("O la dirección de una página").fill("https://ejemplo.cl/ficha-de-juana")
    answer_all(page)
    page.get_by_role("link", name="1. Actas a la vista").click()
    answer_all(page)
    page.get_by_role("link", name="Publicar").click()
    press(page, "Publicar")
    made = Assessment.objects.get()
    assert (made.kind, made.state) == (AssessmentKind.INCEPTION, AssessmentState.PUBLISHED)
    # The page shows somebody who is no authority: it is shown no more, and its place says why.
    page.get_by_role("link", name="El plan completo").click()
    page.get_by_role("link", name=re.compile("^Dejar de mostrarla")).click()
    accessible(page)
    page.get_by_label("Muestra datos personales de alguien").check()
    press(page, "Dejar de mostrarla")
    expect(page.get_by_text("Evidencia que el monitor dejó de mostrar")).to_be_visible()
    accessible(page)
    page.goto(f"{site.url}{PUBLIC}{plan.pk}/evaluaciones/{made.pk}/")
    expect(page.get_by_text("Evidencia que el monitor dejó de mostrar")).to_be_visible()
    expect(page.get_by_text("ficha-de-juana")).to_have_count(0)
    accessible(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_a_citizen_reads_the_minimums_follows_the_plan_and_leaves_it(
    site: Site, browser: Browser, accessible: Accessible, plan: Plan, width: int
) -> None:
    with browser.new_context(locale="es-CL", viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto(site.url + PUBLIC)
        page.get_by_role("link", name="¿Cumple los requisitos mínimos?").click()
        accessible(page)
        expect(page.get_by_text("El foro se reúne al menos cada seis meses").first).to_be_visible()
        page.get_by_role("link", name="Los requisitos en todo el país").click()
        accessible(page)
        page.goto(f"{site.url}/planes/{plan.pk}/seguir/")
        accessible(page)
        page.get_by_label("Su correo electrónico").fill("vecina@ejemplo.cl")
        page.wait_for_timeout(3100)
        press(page, "Seguir")
        expect(page.get_by_text("Revise su correo")).to_be_visible()
        follower = Follower.objects.get()
        page.goto(f"{site.url}/participa/seguir/{follower.token}/")
        accessible(page)
        press(page, "Sí, fui yo")
        expect(page.get_by_text("Usted sigue este plan")).to_be_visible()
        page.goto(f"{site.url}/participa/seguir/{follower.token}/dejar/")
        accessible(page)
        press(page, "Ya no quiero recibirlo")
        expect(page.get_by_text("Usted ya no recibe novedades de este plan")).to_be_visible()
        assert not Follower.objects.exists()
