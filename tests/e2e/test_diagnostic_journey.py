"""A diagnostic from its first words to the citizen who reads it: two officers at once, one without network, a conflict joined,
coordinator, adviser, a correction, the document. No character that anyone typed is lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from diagnostics.choices import DiagnosticState
from diagnostics.models import Answer, AnswerRevision, Diagnostic, Round
from tests.cast import Cast, assemble
from tests.diagnostics.test_submission import complete
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
# Typed by people, with everything that gets lost elsewhere.
ANA = "Ana: las actas están «en línea» desde 2024; 3 < 5 & 7 > 2 — ¿verdad? 🌊\n"
LUIS = 'Luis: "se publican" cada viernes, ñandú y çedilla incluidos.'
OFFLINE = "Sin red: 95 de cada 100 respuestas salen a tiempo. Línea dos.\n\nLínea cuatro."
CORRECTED = "Es el informe de 2025, página 12: 95,5 de cada 100."


@dataclass
class People:
    """A window for each person, all in front of the same diagnostic."""

    site: Site
    cast: Cast
    diagnostic: Diagnostic
    officer: Page
    coordinator: Page
    adviser: Page
    citizen: Page

    def go(self, page: Page, part: str) -> Page:
        page.goto(f"{self.site.url}/municipios/12201-cabo-de-hornos/diagnosticos/{self.diagnostic.pk}/{part}")
        return page

    def review(self, part: str = "") -> Page:
        self.adviser.goto(f"{self.site.url}/consejo/revisiones/{self.diagnostic.pk}/{part}")
        return self.adviser


@pytest.fixture
def people(site: Site, page: Page, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[People]:
    cast = assemble()
    held = complete(cast)
    today = timezone.localdate()
    Round.objects.update(opens=today, closes=today + timedelta(days=60), public_from=today)
    with ExitStack() as stack:

        def window(user: Any = None) -> Page:
            context = browser.new_context(**browser_context_args)
            stack.callback(context.close)
            if user:
                site.sign_in(context, user)
            return context.new_page()

        site.sign_in(page.context, cast.officer)
        yield People(site, cast, held, page, window(cast.coordinator), window(cast.adviser), window())


def saving(page: Page, state: str) -> None:
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", state)


def judge(page: Page, question: str, opinion: str, **words: str) -> None:
    answer = page.locator(f"#{question}")
    answer.get_by_label(opinion, exact=True).check()
    if "reason" in words:
        answer.get_by_label("Motivo de la corrección").select_option(words["reason"])
    if "note" in words:
        answer.get_by_label("En palabras").fill(words["note"])
    answer.get_by_role("button", name="Guardar la opinión").click()
    saving(page, "saved")


def test_from_two_officers_to_the_citizen_who_reads_it(people: People, accessible: Accessible) -> None:
    fill_in_at_once(people, accessible)
    submit(people, accessible)
    return_two_answers(people, accessible)
    correct(people, accessible)
    validate(people, accessible)
    read(people, accessible)
    kept = set(AnswerRevision.objects.values_list("text", flat=True))
    assert {ANA, LUIS, OFFLINE, CORRECTED} <= kept


def fill_in_at_once(people: People, accessible: Accessible) -> None:
    ana, luis = (people.go(page, "seccion/transparencia/") for page in (people.officer, people.coordinator))
    saving(ana, "idle")
    saving(luis, "idle")
    ana.locator("#t1-text").fill(ANA)
    saving(ana, "saved")
    ana.context.set_offline(True)
    ana.locator("#t4-text").fill(OFFLINE)
    saving(ana, "failed")
    luis.locator("#t1-text").fill(LUIS)
    saving(luis, "conflict")
    panel = luis.locator("[data-conflict] .conflict")
    expect(panel).to_contain_text("Ana: las actas")
    accessible(luis)
    panel.get_by_role("button", name="Unir los dos textos").click()
    saving(luis, "saved")
    ana.context.set_offline(False)
    saving(ana, "saved")
    present = dict(Answer.objects.filter(diagnostic=people.diagnostic).values_list("question", "text"))
    assert ANA.strip() in present["t1"]
    assert LUIS in present["t1"]
    assert present["t4"] == OFFLINE


def submit(people: People, accessible: Accessible) -> None:
    page = people.go(people.coordinator, "enviar/")
    accessible(page)
    page.get_by_role("button", name="Enviar al Consejo").click()
    expect(page.locator(".alert--success").first).to_contain_text("enviado")
    people.site.has_finished_its_work()
    subjects = {(str(mail["To"]), str(mail["Subject"])) for mail in people.site.mails()}
    assert any("alcaldesa@ejemplo.cl" in to and "se envió el diagnóstico" in subject for to, subject in subjects)


def return_two_answers(people: People, accessible: Accessible) -> None:
    page = people.review()
    page.get_by_role("button", name="Tomar la revisión").click()
    page = people.review("seccion/transparencia/")
    accessible(page)
    judge(page, "t1", "Pedir una corrección", reason="unclear", note="¿Desde qué mes?")
    judge(page, "t4", "Pedir una corrección", reason="weak_evidence", note="¿De qué año es el informe?")
    for question in ("t2", "t5"):
        judge(page, question, "Aceptar")
    page = people.review("seccion/participacion/")
    for question in ("p1", "p2", "p3"):
        judge(page, question, "Aceptar")
    people.review().get_by_role("link", name="Devolver para corrección").click()
    page.get_by_label("Lo que le dice a la municipalidad").fill("Falta poco: vea dos respuestas.")
    page.get_by_role("button", name="Devolver el diagnóstico").click()
    expect(page.locator(".alert--success").first).to_contain_text("devuelto")


def correct(people: People, accessible: Accessible) -> None:
    page = people.go(people.coordinator, "")
    expect(page.get_by_text("Falta poco: vea dos respuestas.")).to_be_visible()
    accessible(page)
    page = people.go(people.coordinator, "seccion/transparencia/")
    page.locator("#t4-text").fill(CORRECTED)
    saving(page, "saved")
    page.locator("#t1-text").press_sequentially(" Desde enero.")
    saving(page, "saved")
    people.go(page, "enviar/").get_by_role("button", name="Enviar al Consejo").click()
    expect(page.locator(".alert--success").first).to_contain_text("enviado")
    people.site.has_finished_its_work()
    assert any(
        "asesora@ejemplo.cl" in str(mail["To"]) and "corrigió su diagnóstico" in str(mail["Subject"])
        for mail in people.site.mails()
    )


def validate(people: People, accessible: Accessible) -> None:
    page = people.review()
    page.get_by_role("button", name="Retomar la revisión").click()
    page = people.review("seccion/transparencia/")
    for question in ("t1", "t4"):
        judge(page, question, "Aceptar")
    people.review().get_by_role("link", name="Validar el diagnóstico").click()
    accessible(page)
    page.get_by_role("button", name="Validar").click()
    expect(page.get_by_text("DGAM-").first).to_be_visible()
    people.diagnostic.refresh_from_db()
    assert people.diagnostic.state == DiagnosticState.VALIDATED
    people.site.has_finished_its_work()


def read(people: People, accessible: Accessible) -> None:
    page = people.citizen
    page.goto(f"{people.site.url}/municipios/12201-cabo-de-hornos/")
    page.locator("main").get_by_role("link", name="Ver más del diagnóstico").or_(
        page.locator(f'main a[href*="/diagnosticos/publicos/{people.diagnostic.folio}/"]')
    ).first.click()
    accessible(page)
    expect(page.locator("main")).to_contain_text(people.diagnostic.folio or "no folio")
    for summary in page.locator("main details > summary").all():
        summary.click()
    expect(page.locator("main")).to_contain_text(CORRECTED)
    expect(page.locator("main")).to_contain_text(LUIS)
    accessible(page)
    document = page.locator('main a[href$=".pdf"]').first.get_attribute("href")
    answer = page.request.get(f"{people.site.url}{document}")
    assert answer.body().startswith(b"%PDF-1.7")
