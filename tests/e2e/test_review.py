"""A review in the browser: an adviser returns two answers, the municipality corrects one and agrees with the other, it is
validated, and its document comes down. Every page on the way is looked at by axe."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from diagnostics.actions.submission import submit
from diagnostics.choices import DiagnosticState, RoundKind
from diagnostics.models import Answer, Diagnostic, ReviewEntry, Reviewer, Round
from tests.cast import Cast, assemble
from tests.diagnostics import factories
from tests.diagnostics.reviews import second_adviser
from tests.diagnostics.test_submission import complete
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
TOO_WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth).map((one) => one.outerHTML.slice(0, 150))"""


@dataclass
class Desks:
    """A submitted diagnostic, with a browser for the council and one for the municipality."""

    site: Site
    cast: Cast
    diagnostic: Diagnostic
    council: Page
    town: Page

    def at(self, page: Page, part: str = "") -> Page:
        page.goto(f"{self.site.url}/consejo/revisiones/{self.diagnostic.pk}/{part}")
        return page

    def in_town(self, part: str = "") -> Page:
        self.town.goto(f"{self.site.url}/municipios/12201-cabo-de-hornos/diagnosticos/{self.diagnostic.pk}/{part}")
        return self.town


@pytest.fixture
def desks(site: Site, page: Page, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Desks]:
    cast = assemble()
    held = complete(cast)
    Round.objects.update(opens=timezone.localdate(), closes=timezone.localdate() + timedelta(days=60))
    earlier = factories.diagnostic(cast.here, factories.a_round("Ronda anterior", RoundKind.BASELINE))
    Answer.objects.create(
        diagnostic=earlier, question="t1", value=1, text="Antes no se publicaba.", version=1, updated_at=factories.NOW
    )
    Diagnostic.objects.filter(pk=earlier.pk).update(
        state=DiagnosticState.VALIDATED, validated_at=factories.NOW, folio="DGAM-2024-0001"
    )
    submit(by=cast.coordinator, diagnostic=held, now=timezone.now(), seen=DiagnosticState.OPEN)
    context = browser.new_context(**browser_context_args)
    site.sign_in(page.context, cast.adviser)
    site.sign_in(context, cast.coordinator)
    yield Desks(site, cast, held, page, context.new_page())
    context.close()


def judge(page: Page, question: str, opinion: str, **words: str) -> None:
    """Say something of an answer, as a person does, and wait until it is saved."""
    answer = page.locator(f"#{question}")
    answer.get_by_label(opinion, exact=True).check()
    if "reason" in words:
        answer.get_by_label("Motivo de la corrección").select_option(words["reason"])
    if "level" in words:
        answer.get_by_label("Nivel que propone").select_option(label=words["level"])
    if "note" in words:
        answer.get_by_label("En palabras").fill(words["note"])
    answer.get_by_role("button", name="Guardar la opinión").click()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "saved")


def look(page: Page, name: str, accessible: Accessible) -> None:
    """axe at the width of a desk and of a phone, where nothing may be wider than the screen."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        accessible(page)
        assert page.evaluate(TOO_WIDE) == [], f"{name} at {width}"
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"review-{name}-{width}.png", full_page=True, caret="initial")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_returned_corrected_agreed_and_validated(desks: Desks, accessible: Accessible) -> None:
    page = desks.council
    page.goto(f"{desks.site.url}/consejo/revisiones/")
    look(page, "queue", accessible)
    page.get_by_role("link", name="Cabo de Hornos").click()
    page.get_by_role("button", name="Tomar la revisión").click()
    look(page, "taken-up", accessible)

    page.get_by_role("link", name="Transparencia", exact=True).click()
    expect(page.locator("#t1")).to_contain_text("Antes no se publicaba.")
    look(page, "section", accessible)
    judge(
        page, "t1", "Proponer otro nivel", level="nivel 2 de 5: inicial", note="La página no tiene las actas del año."
    )
    judge(page, "t4", "Pedir una corrección", reason="weak_evidence", note="¿De qué año es?")
    page.locator("#t5").get_by_label("Pedir una corrección").check()
    page.locator("#t5").get_by_role("button", name="Guardar la opinión").click()
    expect(page.locator("#t5 .errorlist")).to_be_visible()
    look(page, "refused", accessible)
    judge(page, "t5", "Aceptar")
    judge(page, "t2", "Aceptar")
    expect(page.locator("#review-count")).to_have_text("Revisadas 4 de 7")
    page.get_by_role("link", name="Participación ciudadana").last.click()
    for question in ("p1", "p2"):
        judge(page, question, "Aceptar")
    judge(page, "p3", "Aceptar con un comentario", note="Un buen ejemplo.")

    page.get_by_role("link", name="Volver a la revisión").click()
    page.get_by_role("link", name="Devolver para corrección").click()
    look(page, "return", accessible)
    page.get_by_label("Lo que le dice a la municipalidad").fill("Falta poco: vea dos respuestas.")
    page.get_by_role("button", name="Devolver el diagnóstico").click()
    expect(page.locator(".alert--success").first).to_contain_text("devuelto")

    town = desks.in_town()
    expect(town.get_by_text("Falta poco: vea dos respuestas.")).to_be_visible()
    look(town, "returned", accessible)
    town.get_by_role("link", name="Decir si están de acuerdo").first.click()
    look(town, "reply", accessible)
    town.get_by_role("button", name="De acuerdo: la respuesta es nivel 2 de 5: inicial").click()
    expect(town.locator(".alert--success").first).to_contain_text("anotada")
    expect(town.get_by_label("Nivel 2 de 5: inicial").first).to_be_checked()
    town.locator("#t4-text").fill("Es el informe del año pasado.")
    expect(town.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    look(town, "corrected", accessible)
    desks.in_town("enviar/").get_by_role("button", name="Enviar al Consejo").click()
    expect(town.locator(".alert--success").first).to_contain_text("enviado")

    desks.at(page)
    page.get_by_role("button", name="Retomar la revisión").click()
    expect(page.get_by_text("6 de 7").first).to_be_visible()
    desks.at(page, "seccion/transparencia/")
    expect(page.locator("#t4")).to_contain_text("Cambió: léala de nuevo")
    expect(page.locator("#t1")).to_contain_text("Nivel acordado")
    look(page, "second-turn", accessible)
    judge(page, "t4", "Aceptar")
    desks.at(page).get_by_role("link", name="Validar el diagnóstico").click()
    look(page, "validate", accessible)
    page.get_by_role("button", name="Validar").click()
    expect(page.get_by_text("DGAM-").first).to_be_visible()
    look(page, "validated", accessible)
    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar el documento (PDF)").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF-1.7")
    if folder := os.environ.get("PICTURES"):
        (Path(folder) / "review-document.pdf").write_bytes(content)
    assert Diagnostic.objects.get(pk=desks.diagnostic.pk).state == DiagnosticState.VALIDATED
    corrected_afterwards(desks, accessible)


def corrected_afterwards(desks: Desks, accessible: Accessible) -> None:
    """An error is found in what is validated: its correction is opened, made and validated, and takes its place."""
    page, former = desks.council, Diagnostic.objects.get(pk=desks.diagnostic.pk)
    desks.at(page).get_by_role("link", name="Tiene un error: abrir una corrección").click()
    look(page, "correct", accessible)
    page.get_by_label("Qué está mal en él").fill("La ordenanza es de 2019.")
    page.get_by_role("button", name="Abrir la corrección").click()
    expect(page.locator(".alert--success").first).to_contain_text("La corrección está abierta")
    look(page, "being-corrected", accessible)

    made = former.corrections.get()
    desks.diagnostic = made
    town = desks.in_town()
    expect(town.get_by_text("La ordenanza es de 2019.")).to_be_visible()
    look(town, "correction", accessible)
    desks.in_town("seccion/transparencia/").locator("#t4-text").fill("Es la ordenanza de 2019.")
    expect(town.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    desks.in_town("enviar/").get_by_role("button", name="Enviar al Consejo").click()
    expect(town.locator(".alert--success").first).to_contain_text("enviado")

    desks.at(page).get_by_role("button", name="Retomar la revisión").click()
    desks.at(page, "seccion/transparencia/")
    judge(page, "t1", "Aceptar")
    judge(page, "t4", "Aceptar")
    desks.at(page).get_by_role("link", name="Validar el diagnóstico").click()
    page.get_by_role("button", name="Validar").click()
    expect(page.get_by_text("DGAM-").first).to_be_visible()
    look(page, "corrected-validated", accessible)
    town.goto(f"{desks.site.url}/municipios/12201-cabo-de-hornos/diagnosticos/publicos/{former.folio}/")
    expect(town.get_by_text("fue reemplazado por su corrección")).to_be_visible()
    look(town, "replaced", accessible)


def test_words_stay_when_the_session_ends_or_the_portal_does_not_answer(desks: Desks) -> None:
    page = desks.council
    desks.at(page).get_by_role("button", name="Tomar la revisión").click()
    desks.at(page, "seccion/transparencia/")
    answer = page.locator("#t2")
    answer.get_by_label("Aceptar con un comentario").check()
    answer.get_by_label("En palabras").fill("Palabras que no se pierden.")
    page.context.set_offline(True)
    answer.get_by_role("button", name="Guardar la opinión").click()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "failed")
    page.context.set_offline(False)
    cookies = page.context.cookies()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    answer.get_by_role("button", name="Guardar la opinión").click()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "signed_out")
    expect(answer.get_by_label("En palabras")).to_have_value("Palabras que no se pierden.")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    answer.get_by_role("button", name="Guardar la opinión").click()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    assert ReviewEntry.objects.get().note == "Palabras que no se pierden."


def test_an_opinion_that_was_not_saved_comes_back_after_a_reload(desks: Desks, accessible: Accessible) -> None:
    page = desks.council
    desks.at(page).get_by_role("button", name="Tomar la revisión").click()
    desks.at(page, "seccion/transparencia/")
    answer = page.locator("#t1")
    answer.get_by_label("Proponer otro nivel").check()
    answer.get_by_label("Nivel que propone").select_option(label="nivel 2 de 5: inicial")
    answer.get_by_label("En palabras").fill("Faltan las actas\nde todo el año.")
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "kept")
    page.locator("#t2").get_by_label("En palabras").fill("Se descarta.")
    Answer.objects.filter(diagnostic=desks.diagnostic, question="t2").update(version=2)
    page.reload()
    expect(answer.get_by_text("Usted escribió esto y no lo guardó.")).to_be_visible()
    expect(answer.get_by_label("Proponer otro nivel")).to_be_checked()
    expect(answer.get_by_label("Nivel que propone").locator("option:checked")).to_have_text("nivel 2 de 5: inicial")
    expect(answer.get_by_label("En palabras")).to_have_value("Faltan las actas\nde todo el año.")
    expect(answer.get_by_text("La respuesta cambió desde entonces")).to_be_hidden()
    expect(page.locator("#t2").get_by_text("La respuesta cambió desde entonces")).to_be_visible()
    look(page, "draft", accessible)
    page.locator("#t2").get_by_role("button", name="Descartar lo no guardado").click()
    expect(page.locator("#t2").get_by_label("En palabras")).to_have_value("")
    answer.get_by_role("button", name="Guardar la opinión").click()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    page.reload()
    expect(answer.get_by_label("En palabras")).to_have_value("Faltan las actas\nde todo el año.")
    expect(page.locator("[data-draft]")).to_have_count(0)
    assert ReviewEntry.objects.get().note == "Faltan las actas\nde todo el año."


def test_an_opinion_that_was_not_saved_waits_for_its_own_writer_to_sign_in_again(desks: Desks) -> None:
    page = desks.council
    desks.at(page).get_by_role("button", name="Tomar la revisión").click()
    desks.at(page, "seccion/transparencia/").locator("#t2").get_by_label("En palabras").fill(
        "Solo de quien lo escribió."
    )
    page.context.clear_cookies()
    other = second_adviser(desks.cast)
    Reviewer.objects.create(diagnostic=desks.diagnostic, user=other, seat=2, assigned_at=timezone.now())
    Diagnostic.objects.filter(pk=desks.diagnostic.pk).update(needs_second_review=True)
    desks.site.sign_in(page.context, other)
    desks.at(page, "seccion/transparencia/")
    expect(page.locator("#t2").get_by_label("En palabras")).to_have_value("")
    page.context.clear_cookies()
    desks.site.sign_in(page.context, desks.cast.adviser)
    desks.at(page, "seccion/transparencia/")
    expect(page.locator("#t2").get_by_label("En palabras")).to_have_value("Solo de quien lo escribió.")


def test_what_is_typed_while_an_opinion_is_on_its_way_stays(desks: Desks) -> None:
    page = desks.council
    desks.at(page).get_by_role("button", name="Tomar la revisión").click()
    desks.at(page, "seccion/transparencia/")
    answer = page.locator("#t2")
    answer.get_by_label("Aceptar con un comentario").check()
    answer.get_by_label("En palabras").fill("Lo primero.")

    def slowly(route: Route) -> None:
        answer.get_by_label("En palabras").fill("Lo primero y lo segundo.")
        route.continue_()

    page.route("**/seccion/transparencia/", slowly, times=1)
    answer.get_by_role("button", name="Guardar la opinión").click()
    expect(answer.get_by_text("Usted escribió esto y no lo guardó.")).to_be_visible()
    expect(answer.get_by_label("En palabras")).to_have_value("Lo primero y lo segundo.")
    assert ReviewEntry.objects.get().note == "Lo primero."


def test_a_review_goes_by_keyboard(desks: Desks) -> None:
    page = desks.council
    desks.at(page).get_by_role("button", name="Tomar la revisión").click()
    desks.at(page, "seccion/participacion/")
    page.keyboard.press("j")
    expect(page.locator("#p1")).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    expect(page.locator("#p1")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#p2")).to_be_focused()
    assert ReviewEntry.objects.get().question == "p1"
