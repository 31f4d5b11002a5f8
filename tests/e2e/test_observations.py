"""A citizen observes an assessment from a phone and reads the answer beside the text; whoever writes one loses no word."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from action_plans.actions import assessments
from action_plans.choices import AssessmentKind, PlanStage
from action_plans.models import Assessment, AssessmentAnswer, Contribution
from config.page_cache import forget_public_pages
from tests.action_plans import assessed
from tests.action_plans.stories import carried_out, go, only
from tests.cast import Cast, assemble
from tests.e2e.heard import Accessible, accept, link_of, publish, say, send
from tests.e2e.site import Site

PLACE = "/municipios/12201-cabo-de-hornos/plan/"
SAID = "El inventario que se dice publicado no se abre desde la biblioteca del pueblo."
LONG = "Primera línea, con «comillas» y ñandúes.\n\nSegunda línea: " + "palabra " * 1_500 + "fin."


@pytest.fixture
def cast(site: Site) -> Cast:
    return assemble()


@pytest.fixture
def published(cast: Cast) -> Assessment:
    made = assessed.assessed(cast)
    forget_public_pages()
    return made


@pytest.fixture
def draft(cast: Cast) -> Assessment:
    assessed.load()
    plan = carried_out(cast)
    go(plan, PlanStage.MIDTERM, cast)
    plan.refresh_from_db()
    return assessments.begin(by=cast.officer, plan=plan, kind=AssessmentKind.MIDTERM, now=plan.stage_since)


def address(site: Site, one: Assessment) -> str:
    return f"{site.url}{PLACE}{one.plan_id}/evaluaciones/{one.pk}/"


def part(site: Site, one: Assessment) -> str:
    return f"{site.url}/evaluaciones/{one.pk}/{only(one.plan).key}/"


def fits(page: Page, width: int) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{page.url} is {wide} px wide"


# --- Citizens ---------------------------------------------------------------------------------------------------------


def test_a_citizen_without_an_account_observes_and_reads_the_answer_beside_the_text(
    site: Site, published: Assessment, cast: Cast, browser: Browser, page: Page, accessible: Accessible
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{site.url}{PLACE}{published.plan_id}/evaluaciones/")
    accessible(page)
    page.get_by_role("link", name="Autoevaluación de medio término").click()
    accessible(page)
    fits(page, 320)
    page.get_by_role("link", name=re.compile("Escribir una observación.*Actas a la vista")).click()
    accessible(page)
    fits(page, 320)
    expect(page.get_by_label("¿Sobre qué trata?")).to_have_value(str(only(published.plan).key))
    say(
        site,
        page,
        accessible,
        question="¿Qué observa usted?",
        nothing_said="Escriba lo que observa",
        text=SAID,
        name="Vecina de la costa",
    )

    with browser.new_context(locale="es-CL", viewport={"width": 1280, "height": 1200}) as desk:
        site.sign_in(desk, cast.coordinator)
        answer(site, desk.new_page(), accessible)

    page.goto(link_of(site, "Respuesta a su aporte", "planes/"))
    accessible(page)
    page.get_by_role("link", name="Leerla junto al texto del que habla").click()
    accessible(page)
    fits(page, 320)
    said, reply = page.get_by_text(SAID), page.get_by_text("Se corrigió hoy mismo")
    expect(said).to_be_visible()
    expect(reply).to_be_visible()
    assert "vecina@ejemplo.cl" not in page.content()
    text = page.get_by_text("Lo dice la municipalidad").first
    below, above = said.bounding_box(), text.bounding_box()
    assert below
    assert above
    assert below["y"] > above["y"], "on a phone below the text"
    page.set_viewport_size({"width": 1280, "height": 900})
    accessible(page)
    beside, text_box = said.bounding_box(), text.bounding_box()
    assert beside
    assert text_box
    assert beside["x"] > text_box["x"] + 300, "where there is room beside it"


def answer(site: Site, inside: Page, accessible: Accessible) -> None:
    """The coordinator finds it from the desk of the plan, publishes it and answers."""
    inside.goto(f"{site.url}{PLACE}gestion/")
    inside.get_by_role("link", name="1 observación a una evaluación espera ser leída.").click()
    row = inside.get_by_role("row").filter(has_text="El inventario que se dice")
    expect(row).to_contain_text("Autoevaluación de medio término, Compromiso 1: Actas a la vista")
    publish(inside, accessible, "El inventario")
    inside.goto(f"{site.url}{PLACE}gestion/aportes/?sobre=evaluacion")
    accept(inside, accessible, "El inventario", "Se corrigió hoy mismo: el archivo estaba dañado.")


def test_without_script_an_observation_is_sent_too(site: Site, published: Assessment, browser: Browser) -> None:
    with browser.new_context(locale="es-CL", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(address(site, published))
        page.get_by_role("link", name=re.compile("Escribir una observación.*El plan completo")).click()
        page.get_by_label("¿Qué observa usted?").fill(SAID)
        page.get_by_label("Su correo").fill("vecina@ejemplo.cl")
        send(page, "Enviar")
        expect(page.locator(".alert")).to_contain_text("Revise su correo")
    made = Contribution.objects.get()
    assert (made.text, made.assessment, made.commitment) == (SAID, published, None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_every_page_with_observations_is_accessible_and_fits(
    site: Site, published: Assessment, page: Page, accessible: Accessible, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    made = assessed.shown(published, only(published.plan))
    forget_public_pages()
    here = address(site, published)
    for where in (
        "",
        "observar/",
        f"observar/?sobre={made.commitment.key if made.commitment else ''}",
        "observaciones/",
    ):
        page.goto(here + where)
        accessible(page)
        fits(page, width)
    page.goto(f"{site.url}/planes/{published.plan_id}/aportes/{made.key}/")
    accessible(page)
    fits(page, width)


# --- Whoever writes an assessment -------------------------------------------------------------------------------------


def write(page: Page, words: str = LONG) -> None:
    page.get_by_label("¿Con qué se comprueba?").fill(words)
    page.get_by_role("radio", name=re.compile("^Sustancial")).check()


def brought_back(page: Page, words: str = LONG) -> None:
    """The words are offered, and come back to the last character."""
    page.get_by_role("button", name="Recuperarlas").click()
    expect(page.get_by_label("¿Con qué se comprueba?")).to_have_value(words)
    expect(page.get_by_role("radio", name=re.compile("^Sustancial"))).to_be_checked()


def kept(page: Page) -> None:
    """The browser has written down what was typed."""
    person, until = page.locator("script[data-person]").get_attribute("data-person"), time.monotonic() + 10
    while not page.evaluate("(person) => Drafts.of(person, 'form').then((found) => found.length)", person):
        assert time.monotonic() < until


def test_no_character_is_lost_when_the_network_fails_while_saving(
    site: Site, draft: Assessment, cast: Cast, page: Page
) -> None:
    site.sign_in(page.context, cast.officer)
    page.goto(part(site, draft))
    write(page)
    kept(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Guardar").click(no_wait_after=True)
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    assert not AssessmentAnswer.objects.exists()
    page.goto(part(site, draft))
    brought_back(page)
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text(re.compile("Guardado"))).to_be_visible()
    saved_whole()
    page.goto(part(site, draft))
    expect(page.get_by_role("button", name="Recuperarlas")).to_be_hidden()


def saved_whole(words: str = LONG) -> None:
    text = AssessmentAnswer.objects.get(question="evidencia").text
    assert text.replace("\r\n", "\n") == words


def test_no_character_is_lost_when_the_session_is_over(site: Site, draft: Assessment, cast: Cast, page: Page) -> None:
    site.sign_in(page.context, cast.officer)
    page.goto(part(site, draft))
    write(page)
    kept(page)
    page.context.clear_cookies()
    page.get_by_role("button", name="Guardar").click()
    assert not AssessmentAnswer.objects.exists()
    site.sign_in(page.context, cast.officer)
    page.goto(part(site, draft))
    brought_back(page)
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text(re.compile("Guardado"))).to_be_visible()
    saved_whole()


def test_two_tabs_of_one_person_keep_both_texts(
    site: Site, draft: Assessment, cast: Cast, context: BrowserContext
) -> None:
    site.sign_in(context, cast.officer)
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(part(site, draft))
    write(first, "Lo de la primera pestaña")
    write(second, LONG)
    kept(second)
    first.get_by_role("button", name="Guardar").click()
    expect(first.get_by_text(re.compile("Guardado"))).to_be_visible()
    second.get_by_role("button", name="Guardar").click()
    expect(second.get_by_text("Lo de la primera pestaña")).to_be_visible()
    expect(second.get_by_label("¿Con qué se comprueba?")).to_have_value(LONG)
    second.close()
    second = context.new_page()
    second.goto(part(site, draft))
    brought_back(second)
    second.get_by_role("button", name="Guardar").click()
    expect(second.get_by_text(re.compile("Guardado"))).to_be_visible()
    saved_whole()


def test_what_another_person_saved_since_is_not_called_unsaved_words_of_mine(
    site: Site, draft: Assessment, cast: Cast, page: Page
) -> None:
    site.sign_in(page.context, cast.officer)
    page.goto(part(site, draft))
    write(page, "Lo mío")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text(re.compile("Guardado"))).to_be_visible()
    AssessmentAnswer.objects.filter(question="evidencia").update(text="De otra persona", version=2)
    page.goto(part(site, draft))
    expect(page.get_by_label("¿Con qué se comprueba?")).to_have_value("De otra persona")
    expect(page.get_by_role("button", name="Recuperarlas")).to_be_hidden()


def test_a_file_becomes_the_evidence_of_a_part_that_everyone_reads(
    site: Site, draft: Assessment, cast: Cast, page: Page, accessible: Accessible
) -> None:
    site.sign_in(page.context, cast.coordinator)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(part(site, draft))
    accessible(page)
    fits(page, 320)
    page.get_by_role("checkbox", name="Inventario").check()
    page.get_by_label("O la dirección de una página").fill("https://ejemplo.cl/informe")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text(re.compile("Guardado"))).to_be_visible()
    page.goto(part(site, draft))
    expect(page.get_by_role("checkbox", name="Inventario")).to_be_checked()
    expect(page.get_by_role("link", name="ejemplo.cl/informe")).to_be_visible()
    accessible(page)
    assessed.answer(draft, by=cast.officer)
    assessments.publish(by=cast.coordinator, assessment=draft, now=draft.created_at)
    forget_public_pages()
    page.goto(address(site, draft))
    expect(page.get_by_role("link", name="Inventario")).to_be_visible()
    expect(page.get_by_role("link", name="ejemplo.cl/informe")).to_be_visible()
    accessible(page)
