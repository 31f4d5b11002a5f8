"""The workbook goes out and comes back: downloaded, filled in, uploaded, a conflict joined, applied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.choices import MunicipalRole
from diagnostics.actions.answers import Content, save_answer
from diagnostics.choices import AnswerOrigin
from diagnostics.models import Answer, AnswerRevision, Diagnostic
from municipalities.models import Municipality
from tests.cast import person
from tests.diagnostics import factories
from tests.diagnostics.workbooks import Cells, filled_in
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
HERE = "municipios/12201-cabo-de-hornos"
CELLS: Cells = {
    ("t1", "answer"): "3 - en desarrollo",
    ("t1", "text"): "Sin conexión escribí esto.",
    ("t2", "answer"): "No",
    ("t4", "answer"): "muchos",
    ("p3", "text"): "=Acordó\nsesionar cada mes.",
}


@pytest.fixture
def held(site: Site, page: Page) -> Diagnostic:
    here = Municipality.objects.get(cut="12201")
    ana = person("ana", of=here, role=MunicipalRole.OFFICER)
    site.sign_in(page.context, ana)
    return factories.diagnostic(here)


def download(site: Site, page: Page, held: Diagnostic) -> bytes:
    page.goto(f"{site.url}/{HERE}/diagnosticos/{held.pk}/")
    page.get_by_role("link", name="Trabajar sin conexión").click()
    with page.expect_download() as waited:
        page.get_by_role("link", name="Descargar la planilla (XLSX)").click()
    return waited.value.path().read_bytes()


def upload(page: Page, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    page.get_by_label("Planilla que llenó").set_input_files(file)
    page.get_by_role("button", name="Subir y ver qué cambiaría").click()


def test_a_workbook_goes_out_and_comes_back_and_no_text_is_lost(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible, tmp_path: Path
) -> None:
    content = download(site, page, held)
    accessible(page)
    rosa = person("rosa", of=held.municipality, role=MunicipalRole.COORDINATOR)
    save_answer(
        by=rosa,
        diagnostic=held,
        question="t1",
        content=Content(2, text="Rosa lo vio distinto."),
        base_version=0,
        client_id=uuid4(),
        now=timezone.now(),
    )
    upload(page, tmp_path / "respuestas.xlsx", filled_in(content, CELLS))
    # The scanner's answer and the reading come by themselves.
    expect(page.locator(".lead")).to_contain_text("Cambiarían 3 respuestas. Todavía no se escribe nada.")
    accessible(page)
    conflict = page.locator("fieldset.conflict")
    expect(conflict).to_contain_text("Rosa lo vio distinto.")
    conflict.get_by_label("Dejar la respuesta de la planilla con esta explicación").check()
    joined = conflict.get_by_role("textbox")
    expect(joined).to_have_value("Rosa lo vio distinto.\n\nSin conexión escribí esto.")
    page.get_by_role("link", name="Con error (1)").click()
    expect(page.locator("#rows")).to_contain_text("«muchos» no es un número")
    # What was decided is not lost by looking at other rows.
    expect(conflict.get_by_label("Dejar la respuesta de la planilla con esta explicación")).to_be_checked()
    assert Answer.objects.count() == 1
    page.get_by_role("button", name="Aplicar 3 cambios").click()
    expect(page.locator(".lead")).to_contain_text("Se escribieron 3 respuestas.")
    accessible(page)
    answers = {row.question: (row.value, row.text, row.origin) for row in Answer.objects.all()}
    assert answers == {
        "t1": (3, "Rosa lo vio distinto.\n\nSin conexión escribí esto.", AnswerOrigin.WORKBOOK),
        "t2": (False, "", AnswerOrigin.WORKBOOK),
        "p3": (None, "=Acordó\nsesionar cada mes.", AnswerOrigin.WORKBOOK),
    }
    assert AnswerRevision.objects.filter(text="Rosa lo vio distinto.").exists()


def test_what_is_no_workbook_of_the_diagnostic_says_why_and_a_good_one_may_be_discarded(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible, tmp_path: Path
) -> None:
    content = download(site, page, held)
    upload(page, tmp_path / "notas.xlsx", b"esto no es una planilla")
    expect(page.locator(".field--wrong")).to_contain_text("no es una planilla")
    accessible(page)
    changed = filled_in(content, {}, about={"diagnostic": str(held.pk + 1)})
    upload(page, tmp_path / "de_otro.xlsx", changed)
    expect(page.locator(".alert--danger")).to_contain_text("Esta es la planilla de otro diagnóstico.")
    accessible(page)
    page.get_by_role("link", name="Subir otra").click()
    upload(page, tmp_path / "bien.xlsx", filled_in(content, CELLS))
    page.get_by_role("button", name="Descartar sin escribir nada").click()
    expect(page.locator(".alert--success")).to_contain_text("No se escribió nada de ella.")
    accessible(page)
    assert not Answer.objects.exists()
