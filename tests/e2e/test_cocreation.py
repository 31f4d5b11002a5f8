"""Co-creation, from the citizen's phone to the coordinator's desk and back by mail."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from action_plans.actions import forum as forums
from action_plans.actions import meetings
from action_plans.actions.forum import Seat
from action_plans.actions.meetings import Details
from action_plans.choices import MeetingKind, PlanStage, Sector
from action_plans.models import Author, Contribution, Meeting, Plan, SignUp
from config.page_cache import forget_public_pages
from municipalities.models import Municipality
from tests.action_plans.citizens import listening, published
from tests.cast import person
from tests.e2e.heard import Accessible, accept, link_of, publish, say, send
from tests.e2e.site import Site

PLACE = "/municipios/12401-natales/"
# How many pixels of the table are out of sight.
CUT = "(table => table.scrollWidth - table.clientWidth)(document.querySelector('.table'))"
PROPOSAL = "Que el concejo municipal transmita sus sesiones y guarde las grabaciones en su sitio."


@pytest.fixture
def natales(site: Site) -> Municipality:
    return Municipality.objects.get(pk="12401")


@pytest.fixture
def coordinator(natales: Municipality) -> User:
    return person("coordinadora", of=natales, role=MunicipalRole.COORDINATOR)


@pytest.fixture
def plan(natales: Municipality) -> Plan:
    made = listening(natales, PlanStage.CO_CREATION)
    forget_public_pages()
    return made


@pytest.fixture
def meeting(natales: Municipality, coordinator: User, plan: Plan) -> Meeting:
    """A workshop with two places, and a forum with members."""
    now = timezone.now()
    starts = now + timedelta(days=21)
    forum = forums.publish_rules(
        by=coordinator, municipality=natales, name="Foro de Natales", rules="Se reúne cada tres meses.", now=now
    )
    for seat in (
        Seat(Sector.CIVIL_SOCIETY, "Junta de vecinos Cerro Dorotea", "Ana Soto", True, timezone.localdate(now)),
        Seat(Sector.MUNICIPALITY, "Secretaría Comunal de Planificación", "Luis Vera", False, timezone.localdate(now)),
    ):
        forums.add_member(by=coordinator, forum=forum, seat=seat, now=now)
    said = Details(
        MeetingKind.WORKSHOP, "Taller de prioridades", "Qué priorizar", starts, starts + timedelta(hours=2), "Gimnasio"
    )
    return meetings.plan_meeting(
        by=coordinator, municipality=natales, key=UUID(int=7), details=said, announce=True, now=now
    )


def test_a_citizen_without_an_account_is_heard_answered_and_told(
    site: Site, plan: Plan, coordinator: User, browser: Browser, page: Page, accessible: Accessible
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site.url}/participa/")
    accessible(page)
    page.get_by_role("link", name="Natales").click()
    page.get_by_role("link", name="Aportar").click()
    accessible(page)
    say(
        site,
        page,
        accessible,
        question="¿Qué propone y por qué?",
        nothing_said="Escriba qué propone",
        text=PROPOSAL,
        name="Vecina de Natales",
    )

    desk = browser.new_context(locale="es-CL")
    site.sign_in(desk, coordinator)
    inside = desk.new_page()
    inside.goto(f"{site.url}{PLACE}plan/gestion/aportes/")
    publish(inside, accessible, "Que el concejo")
    accept(inside, accessible, "Que el concejo", "Las sesiones se transmitirán desde marzo; se incluye en el plan.")
    desk.close()

    page.goto(link_of(site, "Respuesta a su aporte", "planes/"))
    expect(page.get_by_text("Las sesiones se transmitirán desde marzo")).to_be_visible()
    expect(page.get_by_text("Vecina de Natales")).to_be_visible()
    assert "vecina@ejemplo.cl" not in page.content()
    accessible(page)

    page.goto(link_of(site, "Respuesta a su aporte", "mis-datos"))
    accessible(page)
    page.get_by_role("button", name="Borrar mis datos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sus datos se borraron")
    accessible(page)
    assert not Author.objects.exclude(email="").exists()


def test_without_script_a_form_whose_token_is_gone_keeps_its_words_and_is_sent_with_the_next_press(
    site: Site, plan: Plan, browser: Browser
) -> None:
    with browser.new_context(
        locale="es-CL", java_script_enabled=False, viewport={"width": 320, "height": 640}
    ) as context:
        page = context.new_page()
        page.goto(f"{site.url}/planes/{plan.pk}/aportes/nuevo/")
        page.get_by_label("¿Qué propone y por qué?").fill(PROPOSAL)
        page.get_by_label("Su correo").fill("vecina@ejemplo.cl")
        page.wait_for_timeout(3_200)  # whoever is too quick is asked once more, with a new token
        context.clear_cookies()
        page.get_by_role("button", name="Enviar").click()
        expect(page.get_by_role("alert")).to_contain_text("Lo que escribió sigue aquí")
        expect(page.get_by_label("¿Qué propone y por qué?")).to_have_value(PROPOSAL)
        page.get_by_role("button", name="Enviar").click()
        expect(page.locator(".alert")).to_contain_text("Revise su correo")
    assert Contribution.objects.get().text == PROPOSAL


def test_a_citizen_signs_up_for_a_meeting_and_gives_the_place_back(
    site: Site, meeting: Meeting, page: Page, accessible: Accessible
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{site.url}{PLACE}foro/")
    accessible(page)
    expect(page.get_by_text("Junta de vecinos Cerro Dorotea")).to_be_visible()
    expect(page.get_by_text("Ana Soto")).to_be_visible()
    expect(page.get_by_text("Luis Vera")).to_have_count(0)
    page.get_by_role("link", name="Taller de prioridades").click()
    accessible(page)
    page.get_by_label("Su nombre").fill("Rosa Díaz")
    page.get_by_label("Su correo").fill("rosa@ejemplo.cl")
    send(page, "Inscribirse")
    expect(page.locator(".alert")).to_contain_text("Revise su correo")
    page.goto(link_of(site, "Confirme su inscripción", "participa/inscripcion"))
    accessible(page)
    page.get_by_role("button", name="Sí, inscribirme").click()
    expect(page.get_by_text("Usted tiene un cupo.")).to_be_visible()
    page.goto(link_of(site, "Su inscripción", "participa/inscripcion"))
    page.get_by_role("button", name="Liberar mi cupo").click()
    expect(page.get_by_text("Usted liberó su cupo.")).to_be_visible()
    accessible(page)
    assert not SignUp.objects.coming().exists()


def test_the_coordinator_prepares_a_meeting_and_publishes_its_minutes(
    site: Site, meeting: Meeting, coordinator: User, page: Page, accessible: Accessible
) -> None:
    site.sign_in(page.context, coordinator)
    page.goto(f"{site.url}{PLACE}plan/gestion/foro/")
    accessible(page)
    page.get_by_role("link", name="Planificar una reunión").click()
    accessible(page)
    page.get_by_label("Título").fill("Reunión del foro")
    page.get_by_label("Tabla").fill("Avance del plan")
    day = timezone.localdate() + timedelta(days=20)
    page.get_by_label("Día").fill(day.isoformat())
    page.get_by_label("Comienza a las").fill("18:00")
    page.get_by_label("Termina a las").fill("20:00")
    page.get_by_label("Lugar").fill("Salón municipal")
    page.get_by_role("button", name="Anunciarla").click()
    expect(page.locator(".alert")).to_contain_text("está en el calendario público")
    page.get_by_role("link", name="Reunión del foro").click()
    accessible(page)
    held = Meeting.objects.get(title="Reunión del foro")
    Meeting.objects.filter(pk=held.pk).update(
        starts_at=timezone.now() - timedelta(days=2), ends_at=timezone.now() - timedelta(days=1)
    )
    page.reload()
    accessible(page)
    page.get_by_role("link", name="Escribir el acta").click()
    accessible(page)
    page.get_by_label("Acta", exact=True).fill("Se conversó el avance.")
    page.get_by_label("Acuerdos").fill("Publicar el avance cada mes\nReunirse en agosto")
    page.get_by_label("Personas que asistieron: Municipalidad").fill("3")
    page.get_by_role("button", name="Publicar").click()
    expect(page.get_by_text("El acta es pública.")).to_be_visible()
    page.goto(f"{site.url}{PLACE}foro/reuniones/{held.key}/")
    expect(page.get_by_text("Reunirse en agosto")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_small_phone(
    site: Site, plan: Plan, meeting: Meeting, coordinator: User, page: Page, accessible: Accessible, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    made = published(plan, text=PROPOSAL)
    author = made.authors.get().key
    site.sign_in(page.context, coordinator)
    desk = f"{PLACE}plan/gestion/"
    for address in (
        *("/participa/", "/participa/?region=12", "/participa/?buscar=zzzz", f"{PLACE}foro/"),
        *(f"/planes/{plan.pk}/aportes/", f"/planes/{plan.pk}/aportes/nuevo/", f"/planes/{plan.pk}/aportes/{made.key}/"),
        *(f"{PLACE}foro/reuniones/{meeting.key}/", f"/participa/mis-datos/{author}/"),
        *(f"{desk}aportes/", f"{desk}aportes/{made.key}/", f"{desk}aportes/hacer/?que=ocultar&m={made.pk}"),
        *(f"{desk}aportes/hacer/?que=responder&m={made.pk}", f"{desk}aportes/{made.key}/dividir/", f"{desk}foro/"),
        *(f"{desk}foro/reglas/", f"{desk}foro/integrantes/agregar/", f"{desk}foro/reuniones/{meeting.key}/"),
        *(f"{desk}foro/reuniones/nueva/", "/inicio/", PLACE, f"/participa/confirmar/{UUID(int=8)}/"),
    ):
        fits_and_is_accessible(site, page, address, accessible)
    site.sign_in(page.context, person("analista", council=CouncilRole.ANALYST))
    for address in ("/consejo/aportes/", "/consejo/aportes/?cola=atrasados"):
        fits_and_is_accessible(site, page, address, accessible)


def test_no_column_of_the_tables_of_contributions_is_cut_on_a_tablet(
    site: Site, plan: Plan, coordinator: User, page: Page
) -> None:
    published(plan, text=PROPOSAL)
    page.set_viewport_size({"width": 768, "height": 900})
    site.sign_in(page.context, coordinator)
    page.goto(f"{site.url}{PLACE}plan/gestion/aportes/")
    assert page.evaluate(CUT) == 0
    site.sign_in(page.context, person("analista", council=CouncilRole.ANALYST))
    page.goto(f"{site.url}/consejo/aportes/")
    assert page.evaluate(CUT) == 0


def fits_and_is_accessible(site: Site, page: Page, address: str, accessible: Accessible) -> None:
    page.goto(site.url + address)
    accessible(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"{address} is {wide} px wide"
