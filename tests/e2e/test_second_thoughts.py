"""What was decided and can still be changed, in the browser: a submission taken back, a round planned and called off."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from diagnostics.actions.submission import submit
from diagnostics.choices import DiagnosticState
from diagnostics.models import Diagnostic, PlannedOpening, Round
from tests.cast import assemble
from tests.diagnostics.factories import a_round
from tests.diagnostics.test_submission import complete
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"


def look(page: Page, name: str, accessible: Accessible) -> None:
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        accessible(page)
        assert page.evaluate(FITS), f"{name} at {width}"
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"second-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_coordinator_takes_a_submission_back(site: Site, page: Page, accessible: Accessible) -> None:
    cast = assemble()
    held = complete(cast)
    today = timezone.localdate()
    Round.objects.update(opens=today, closes=today + timedelta(days=60))
    submit(by=cast.coordinator, diagnostic=held, now=timezone.now(), seen=DiagnosticState.OPEN)
    site.sign_in(page.context, cast.coordinator)
    page.goto(f"{site.url}/municipios/12201-cabo-de-hornos/diagnosticos/{held.pk}/")
    look(page, "submitted", accessible)
    page.get_by_role("link", name="Retirar el diagnóstico").click()
    look(page, "take-back", accessible)
    page.get_by_label("Motivo").fill("Falta un decreto.")
    page.get_by_role("button", name="Retirarlo").click()
    expect(page.locator(".alert--success").first).to_contain_text("Usted retiró el diagnóstico")
    expect(page.get_by_role("link", name="Revisar y enviar")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("no hay nada que retirar").first).to_be_visible()
    look(page, "nothing-to-take-back", accessible)
    assert Diagnostic.objects.get().state == DiagnosticState.OPEN


def test_the_council_plans_a_round_and_calls_it_off(site: Site, page: Page, accessible: Accessible) -> None:
    cast = assemble()
    made, today = a_round("Medio término"), timezone.localdate()
    Round.objects.filter(pk=made.pk).update(opens=today + timedelta(days=5), closes=today + timedelta(days=60))
    site.sign_in(page.context, cast.administrator)
    page.goto(f"{site.url}/consejo/diagnosticos/rondas/{made.pk}/")
    page.get_by_role("link", name="Elegir municipalidades y programar").click()
    page.goto(f"{page.url.split('?')[0]}?buscar=")
    page.locator("[data-all]").check()
    page.get_by_role("button", name="Ver a quiénes alcanza").click()
    look(page, "plan", accessible)
    page.get_by_role("button", name="Programar").click()
    look(page, "round", accessible)
    page.get_by_role("link", name="Lo programado").click()
    look(page, "planned", accessible)
    before = PlannedOpening.objects.count()
    page.get_by_label("Cabo de Hornos").check()
    page.get_by_role("button", name="Sacar las elegidas").click()
    expect(page.locator(".alert--success").first).to_contain_text("1 municipalidad ya no está programada.")
    assert PlannedOpening.objects.count() == before - 1
    page.get_by_role("button", name="Cancelar toda la apertura").click()
    expect(page.get_by_text("No hay nada programado")).to_be_visible()
    look(page, "called-off", accessible)
    assert not PlannedOpening.objects.exists()
