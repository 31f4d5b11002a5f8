"""Evidence on the form of a section: dropped, pasted, chosen again, closed by the scanner, cut off on the way. What is typed
beside it stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.choices import MunicipalRole
from budget.choices import Unit
from budget.models import Indicator
from diagnostics.choices import AnswerOrigin
from diagnostics.models import Answer, Diagnostic, Evidence, EvidenceUse, EvidenceVersion, InstrumentVersion
from diagnostics.rules import instrument_file
from municipalities.choices import DocumentState
from municipalities.models import Document, Municipality
from municipalities.rules.uploads import malware
from tests.budget import factories as budget
from tests.cast import person
from tests.diagnostics import factories
from tests.e2e.site import Site
from tests.municipalities.test_documents import JPEG, PNG

Accessible = Callable[[Page], None]
HERE = "municipios/12201-cabo-de-hornos"
DROP = """(question, [name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name));
  for (const type of ["dragenter", "dragover", "drop"])
    question.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def held(site: Site, page: Page) -> Diagnostic:
    here = Municipality.objects.get(cut="12201")
    ana = person("ana", of=here, role=MunicipalRole.OFFICER)
    site.sign_in(page.context, ana)
    return factories.diagnostic(here)


def open_section(site: Site, page: Page, held: Diagnostic) -> Page:
    page.goto(f"{site.url}/{HERE}/diagnosticos/{held.pk}/seccion/transparencia/")
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "idle")
    return page


def drop(page: Page, question: str, name: str = "acta_de_mayo.png", content: bytes = PNG) -> None:
    page.locator(f"#{question}").evaluate(DROP, [name, list(content)])


def test_a_file_dropped_on_a_question_is_its_evidence_and_serves_another(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible
) -> None:
    open_section(site, page, held)
    accessible(page)
    page.locator("#t1-text").press_sequentially("Cada mes, en la página.")
    drop(page, "t1")
    list_of = page.locator("#t1 [data-evidence-list]")
    expect(list_of).to_contain_text("«acta de mayo» quedó como evidencia de esta respuesta.")
    # The scanner's answer comes by itself.
    expect(list_of.get_by_role("link", name="acta_de_mayo.png")).to_be_visible()
    expect(list_of).not_to_contain_text("En revisión")
    expect(page.locator("#t1-text")).to_have_value("Cada mes, en la página.")
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    assert Answer.objects.get().text == "Cada mes, en la página."
    accessible(page)
    # The same piece, found by a word without its accents, on another question.
    page.locator("#t4 summary", has_text="Elegir de la biblioteca").click()
    page.locator("#t4-seek").fill("ACTÁ mayo")
    page.locator("#t4").get_by_role("button", name="Usarla aquí acta de mayo").click()
    expect(page.locator("#t4 [data-evidence-list]")).to_contain_text("acta_de_mayo.png")
    accessible(page)
    assert sorted(EvidenceUse.objects.values_list("question", flat=True)) == ["t1", "t4"]
    assert (Evidence.objects.count(), Document.objects.count()) == (1, 1)
    page.locator("#t1").get_by_role("button", name="Desenlazar acta de mayo").click()
    expect(list_of).to_contain_text("Sigue en la biblioteca.")
    assert EvidenceUse.objects.get().question == "t4"
    # Only the answer was saved by the form, and once.
    assert Answer.objects.get().version == 1


def test_an_address_is_pasted_without_its_scheme_and_a_wrong_one_stays_to_be_mended(
    site: Site, page: Page, held: Diagnostic
) -> None:
    open_section(site, page, held)
    address = page.locator("#t1-link")
    address.fill("http://192.168.0.1/acta")
    address.press("Enter")
    expect(page.locator("#t1 [data-evidence-list]")).to_contain_text("red privada")
    expect(address).to_have_value("http://192.168.0.1/acta")
    address.fill("www.comuna.cl/acta")
    page.locator("#t1").get_by_role("button", name="Agregar la dirección").click()
    expect(page.locator("#t1 [data-evidence-list]")).to_contain_text("https://www.comuna.cl/acta")
    expect(address).to_have_value("")
    assert EvidenceVersion.objects.get().url == "https://www.comuna.cl/acta"
    assert not Answer.objects.exists()


def test_a_file_cut_off_on_the_way_is_sent_again_and_counts_once(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible
) -> None:
    open_section(site, page, held)
    page.context.set_offline(True)
    page.locator("#t1-text").fill("Lo que escribí sin conexión.")
    page.locator("#t1-link").fill("https://www.comuna.cl/pegada")
    drop(page, "t1", "foto.jpg", JPEG)
    failed = page.locator("#t1 [data-evidence-failed]")
    expect(failed).to_contain_text("no hay conexión")
    accessible(page)
    page.context.set_offline(False)
    expect(page.locator("#t1 [data-evidence-list]")).to_contain_text("foto.jpg")
    expect(failed).to_be_hidden()
    expect(page.locator("#t1-link")).to_have_value("https://www.comuna.cl/pegada")
    expect(page.locator("#t1-text")).to_have_value("Lo que escribí sin conexión.")
    # Now the portal has it, and only its answer is lost.
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost or route.request.method != "POST":
            route.continue_()
        else:
            lost.append(route.request.url)
            route.fetch()
            route.abort()

    page.route("**/evidencia/**", lose)
    drop(page, "t2", "acta.png", PNG)
    page.locator("#t2").get_by_role("button", name="Intentar de nuevo").click()
    expect(page.locator("#t2 [data-evidence-list]")).to_contain_text("acta.png")
    assert (Evidence.objects.count(), EvidenceUse.objects.count(), len(lost)) == (2, 2, 1)


def test_what_cannot_be_kept_says_why_before_it_is_sent_and_after(site: Site, page: Page, held: Diagnostic) -> None:
    open_section(site, page, held)
    expect(page.locator("#t1-file-hint")).to_contain_text("Hasta 20 MB")
    page.locator("#t1").evaluate(
        "(question) => { const data = new DataTransfer(); data.items.add(new File([new ArrayBuffer(21 * 2 ** 20)], 'x.pdf'));"
        " question.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); }"
    )
    expect(page.locator("#t1 [data-evidence-failed]")).to_contain_text("20 MB")
    drop(page, "t1", "animado.gif", b"GIF89a")
    expect(page.locator("#t1 [data-evidence-list]")).to_contain_text("no es un PDF")
    page.context.clear_cookies(name="sesion")
    drop(page, "t1")
    expect(page.locator("#t1 [data-evidence-failed]")).to_contain_text("su sesión terminó")
    assert not Evidence.objects.exists()


def test_a_file_in_quarantine_says_so_everywhere(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible
) -> None:
    open_section(site, page, held)
    drop(page, "t1")
    expect(page.locator("#t1 [data-evidence-list]")).to_contain_text("acta_de_mayo.png")
    site.has_finished_its_work()
    Document.objects.update(state=DocumentState.QUARANTINED, state_reason=malware("Eicar"))
    open_section(site, page, held)
    expect(page.locator("#t1 [data-evidence-list]")).to_contain_text("En cuarentena")
    expect(page.locator("#t1 [data-evidence-list]").get_by_role("link", name="acta_de_mayo.png")).to_have_count(0)
    accessible(page)
    page.goto(f"{site.url}/{HERE}/evidencia/?estado=cuarentena")
    expect(page.get_by_role("table")).to_contain_text("acta de mayo")
    accessible(page)
    page.get_by_role("link", name="acta de mayo", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("acta de mayo")
    accessible(page)
    for step in ("Cambiar sus datos", "Agregar una versión", "Quitar"):
        page.get_by_role("link", name=step, exact=True).click()
        accessible(page)
        page.go_back()


def test_without_scripts_a_page_does_the_same(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible, tmp_path: Path
) -> None:
    address = f"{site.url}/{HERE}/diagnosticos/{held.pk}/respuestas/t1/evidencia/"
    page.goto(address)
    accessible(page)
    file = tmp_path / "acta.png"
    file.write_bytes(PNG)
    page.get_by_label("Archivo").set_input_files(file)
    page.get_by_role("button", name="Agregar", exact=True).click()
    expect(page.locator(".alert--success")).to_contain_text("«acta» quedó como evidencia")
    page.goto(address.replace("/t1/", "/t2/"))
    accessible(page)
    page.get_by_role("button", name="Usarla aquí acta").click()
    expect(page.locator(".alert--success")).to_contain_text("«acta» quedó como evidencia")
    assert EvidenceUse.objects.count() == 2


def test_what_the_portal_knows_is_taken_with_a_button_and_keeps_what_was_typed(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible
) -> None:
    Indicator.objects.get_or_create(code="MCOSOC", defaults={"name": "x", "plain_name": "x", "unit": Unit.YES_NO})
    budget.dataset(held.municipality, 2023, indicators={"MCOSOC": 1})
    data = instrument_file.to_data(factories.instrument())
    data["dimensions"][0]["descriptors"][0]["questions"][1]["known_as"] = "sinim_cosoc"
    changed = instrument_file.from_data(data)
    version = InstrumentVersion.objects.get(pk=held.version_id)
    version.pk, version.version, version.state = None, "2026.2", "retired"
    version.content, version.checksum = instrument_file.to_data(changed), instrument_file.checksum(changed)
    version.save(force_insert=True)
    Diagnostic.objects.update(version=version)
    open_section(site, page, held)
    offer = page.locator("#t2 [data-known]")
    expect(offer).to_contain_text("El portal ya sabe: Sí. Fuente: SINIM 2023, variable 4327.")
    accessible(page)
    page.locator("#t2").get_by_label("No", exact=True).check()
    expect(offer).to_contain_text("difiere de lo que sabe el portal")
    page.locator("#t2-text").fill("Lo confirmó la secretaría.")
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    offer.get_by_role("button", name="Usar esta respuesta").click()
    expect(offer).to_be_hidden()
    expect(page.locator("#t2").get_by_label("Sí", exact=True)).to_be_checked()
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "saved")
    for _time in range(50):
        if Answer.objects.get(question="t2").origin == AnswerOrigin.PORTAL:
            break
        page.wait_for_timeout(100)
    answer = Answer.objects.get(question="t2")
    assert (answer.value, answer.text, answer.origin) == (True, "Lo confirmó la secretaría.", AnswerOrigin.PORTAL)
