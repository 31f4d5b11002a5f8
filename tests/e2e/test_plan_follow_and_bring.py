"""A neighbour follows a commitment and leaves everything; a monitor finds what is asked; a coordinator brings a plan that was
approved before the portal. On any screen."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import xlsxwriter
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from action_plans.actions import assessments, following
from action_plans.models import Follower, Plan
from action_plans.rules.plan_workbook import COMMITMENTS, MILESTONES
from config.page_cache import forget_public_pages
from municipalities.choices import MailKind
from municipalities.notifications.recipients import Recipient
from municipalities.notifications.words import leave_address
from tests.action_plans import stories
from tests.cast import assemble
from tests.e2e.site import Site
from tests.signing_stage import pdf

Accessible = Callable[[Page], None]
PLACE = "/municipios/12201-cabo-de-hornos/plan/"


def fits(page: Page) -> None:
    """Nothing is wider than a small telephone."""
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 800})


def test_a_neighbour_follows_a_commitment_and_leaves_everything(site: Site, page: Page, accessible: Accessible) -> None:
    cast = assemble()
    plan = stories.carried_out(cast)
    one = stories.only(plan)
    forget_public_pages()
    page.goto(f"{site.url}{PLACE}{plan.pk}/compromisos/{one.key}/")
    accessible(page)
    page.get_by_role("link", name="Seguir este compromiso").click()
    expect(page.get_by_label("¿Qué quiere seguir?")).to_have_value(str(one.key))
    now, email = timezone.now(), "vecina@ejemplo.cl"
    for about in (None, one):
        made = following.follow(plan=plan, commitment=about, email=email, now=now)
        following.confirm(token=made.token, now=now)
    leave = leave_address(MailKind.PLAN_NEWS, Recipient(email, "")).split("/participa/")[1]
    page.goto(f"{site.url}/participa/{leave}")
    accessible(page)
    fits(page)
    page.get_by_role("link", name="Dejar solo esto Actas a la vista").click()
    accessible(page)
    page.get_by_role("button", name="Ya no quiero recibirlo").click()
    expect(page.get_by_role("heading", name="Usted ya no recibe novedades de este compromiso")).to_be_visible()
    accessible(page)
    page.goto(f"{site.url}/participa/{leave}")
    page.get_by_role("button", name="No recibir nada más").click()
    expect(page.get_by_role("heading", name="Usted ya no recibe novedades")).to_be_visible()
    accessible(page)
    assert not Follower.objects.exists()


def test_a_monitor_finds_on_the_desk_what_is_asked(site: Site, page: Page, accessible: Accessible) -> None:
    cast = assemble()
    plan = stories.carried_out(cast)
    today = timezone.localdate()
    plan.commitments.update(ends=today - timedelta(days=40))
    assessments.appoint(
        by=cast.adviser,
        plan=plan,
        user=cast.citizen,
        organisation="Universidad de Magallanes",
        basis="Resolución 12",
        starts=today,
        ends=today + timedelta(days=400),
        now=timezone.now(),
    )
    site.sign_in(page.context, cast.citizen)
    for address in ("/inicio/", "/monitoreo/", f"/monitoreo/{plan.pk}/"):
        page.goto(site.url + address)
        expect(page.get_by_text("Evaluación inicial del monitor: hasta el")).to_be_visible()
        accessible(page)
        fits(page)


@pytest.fixture
def workbook() -> bytes:
    """A plan of 2021 to 2024, as a municipality types it."""
    out = io.BytesIO()
    plan = [
        ["Título", "Plan de acción 2021-2024"],
        ["Desde", "01-01-2021"],
        ["Hasta", "31-12-2027"],
        ["Etapa", "En ejecución"],
        ["Aprobado por", "Concejo Municipal"],
        ["Fecha de aprobación", "12-05-2021"],
    ]
    sheets = {
        "Plan": plan,
        "Compromisos": [[each.heading for each in COMMITMENTS], ["1", "Actas a la vista"]],
        "Hitos": [
            [each.heading for each in MILESTONES],
            ["1", "Página", "", "30-06-2021", "", "La página", "1", "Cumplido", "", "28-06-2021"],
        ],
    }
    with xlsxwriter.Workbook(out) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(rows):
                sheet.write_row(line, 0, cells)
    return out.getvalue()


def test_a_plan_of_before_the_portal_comes_in_with_its_act(
    site: Site, page: Page, accessible: Accessible, workbook: bytes
) -> None:
    cast = assemble()
    site.sign_in(page.context, cast.coordinator)
    page.goto(f"{site.url}{PLACE}gestion/importar/")
    accessible(page)
    fits(page)
    page.locator("input[type=file]").set_input_files(
        {"name": "plan.xlsx", "mimeType": "application/octet-stream", "buffer": workbook}
    )
    page.get_by_role("button", name="Ver qué dice").click()
    expect(page.get_by_text("Etapa del plan: en ejecución.")).to_be_visible()
    accessible(page)
    fits(page)
    page.locator("input[type=file]").set_input_files(
        FilePayload(name="acuerdo.pdf", mimeType="application/pdf", buffer=b"nada")
    )
    page.get_by_role("button", name="Traer todo").click()
    expect(page.get_by_text("no es un PDF")).to_be_visible()
    accessible(page)
    assert not Plan.objects.exists()
    page.locator("input[type=file]").set_input_files(
        FilePayload(name="acuerdo.pdf", mimeType="application/pdf", buffer=pdf())
    )
    page.get_by_role("button", name="Traer todo").click()
    expect(
        page.get_by_text("Se trajo todo lo que dice la planilla.").or_(page.get_by_text("En ejecución").first).first
    ).to_be_visible()
    accessible(page)
    plan = Plan.objects.get()
    page.goto(f"{site.url}{PLACE}{plan.pk}/ediciones/")
    expect(page.get_by_text("antes de que el plan llegara al portal")).to_be_visible()
    page.goto(f"{site.url}{PLACE}{plan.pk}/")
    accessible(page)
