"""One plan from the gap of a diagnostic to its close, and to the gap that the next diagnostic shows as closed, by everybody who
has a part in it. The three weeks until the meeting pass by moving it: nobody waits for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from action_plans.choices import ContributionState, PlanStage, Verdict
from action_plans.models import Commitment, Contribution, Meeting, Plan
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from diagnostics.models import Answer, Diagnostic
from diagnostics.reports.gaps import gaps_of
from diagnostics.reports.scores import store_scores
from tests.cast import Cast, assemble, person
from tests.diagnostics import factories, published
from tests.e2e.heard import link_of, send
from tests.e2e.site import Site
from tests.e2e.test_monitoring import answer_all
from tests.e2e.test_plan_journey import press, write_promise
from tests.signing_stage import pdf

Accessible = Callable[[Page], None]
HERE = "/municipios/12201-cabo-de-hornos/"
DESK = f"{HERE}plan/gestion/"
TITLE = "Actas del concejo a la vista"
PROPOSAL = "Que las actas del concejo se publiquen en la semana, con un resumen que se entienda."
COMMENT = "Diez días es mucho: la organización pide que sean cinco, y que se avise por correo."
ANSWER = "Se acoge: el plazo queda en cinco días y el aviso se incluye como hito."


@dataclass
class Story:
    """A window for each person, all round one plan."""

    site: Site
    cast: Cast
    coordinator: Page
    officer: Page
    adviser: Page
    mayor: Page
    member: Page
    monitor: Page
    citizen: Page
    accessible: Accessible

    def go(self, page: Page, address: str) -> Page:
        """Go to an address of the site."""
        page.goto(self.site.url + address)
        return page

    def open(self, page: Page, address: str) -> Page:
        """Go there for the first time in the story, and ask axe."""
        self.accessible(self.go(page, address))
        return page

    def step(self, page: Page, name: str) -> None:
        """Go one stage on, over the button of the desk and its confirmation."""
        self.go(page, DESK).get_by_role("link", name=name, exact=True).click()
        press(page, name)
        expect(page.get_by_text("El plan está ahora")).to_be_visible()

    @property
    def plan(self) -> Plan:
        return Plan.objects.get()

    @property
    def promise(self) -> Commitment:
        return Commitment.objects.get()

    @property
    def public(self) -> str:
        return f"{HERE}plan/{self.plan.pk}/"


@pytest.fixture
def story(
    site: Site, browser: Browser, page: Page, browser_context_args: dict[str, Any], accessible: Accessible
) -> Iterator[Story]:
    """A validated diagnostic, and everybody at their screen; the citizen on a phone."""
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    cast = assemble()
    published.publish(cast.here)
    with ExitStack() as stack:

        def window(user: User) -> Page:
            context = browser.new_context(**browser_context_args)
            stack.callback(context.close)
            site.sign_in(context, user)
            return context.new_page()

        page.set_viewport_size({"width": 360, "height": 740})
        people: dict[str, User] = {
            **{name: getattr(cast, name) for name in ("coordinator", "officer", "adviser", "mayor")},
            **{name: person(who) for name, who in (("member", "junta.de.vecinos"), ("monitor", "monitora"))},
        }
        windows = {name: window(user) for name, user in people.items()}
        yield Story(site=site, cast=cast, citizen=page, accessible=accessible, **windows)


def test_from_a_gap_to_a_closed_plan_and_to_the_gap_that_it_closed(story: Story) -> None:
    gap = begin_from_the_first_gap(story)
    call_the_community(story)
    a_citizen_proposes(story)
    write_and_publish_the_draft(story)
    a_member_comments_on_the_draft(story)
    answer_before_approving(story)
    approve(story)
    hold_the_meeting(story)
    carry_out(story)
    advise(story)
    a_monitor_assesses_the_design(story)
    assess(story, "medio término", "limitado")
    amend_while_everyone_reads_what_was_approved(story)
    finish(story)
    assess(story, "final", "completo")
    a_monitor_assesses_what_was_done(story)
    close(story)
    the_next_diagnostic_names_what_closed_the_gap(story, gap)


def begin_from_the_first_gap(story: Story) -> str:
    """The coordinator begins the plan from the gap that is worth most."""
    page, today = story.coordinator, timezone.localdate()
    story.open(page, DESK).get_by_role("link", name="Comenzar el plan").click()
    page.get_by_label("Título").fill("Plan de gobierno abierto")
    page.get_by_label("Desde").fill((today - timedelta(days=10)).isoformat())
    page.get_by_label("Hasta").fill((today + timedelta(days=700)).isoformat())
    press(page, "Comenzar")
    expect(page.get_by_role("heading", name="Brechas desde las que parte el plan")).to_be_visible()
    story.accessible(page)
    page.get_by_role("checkbox").first.check()
    press(page, "Comenzar compromisos desde estas brechas")
    expect(page.get_by_text("Comienza 1 compromiso.")).to_be_visible()
    diagnostic = story.plan.diagnostic
    assert diagnostic
    first = gaps_of(diagnostic)[0].key
    assert story.promise.gaps == [first]
    return first


def call_the_community(story: Story) -> None:
    """A forum with public rules and a seat for civil society, and a meeting in the calendar; then the co-creation opens."""
    page, day = story.coordinator, timezone.localdate() + timedelta(days=21)
    story.go(page, f"{DESK}foro/reglas/")
    page.get_by_label("Sus reglas").fill("Se reúne cada tres meses. Cualquier organización puede pedir un puesto.")
    press(page, "Publicar las reglas")
    story.go(page, f"{DESK}foro/integrantes/agregar/")
    page.get_by_label("Lado de la mesa").select_option(label="Sociedad civil")
    page.get_by_label("Organización").fill("Junta de vecinos Puerto Williams")
    press(page, "Dar el puesto")
    page.get_by_role("link", name="Planificar una reunión").click()
    page.get_by_label("Título").fill("Taller de prioridades")
    page.get_by_label("Tabla").fill("Qué poner primero en el plan")
    page.get_by_label("Día").fill(day.isoformat())
    page.get_by_label("Comienza a las").fill("18:00")
    page.get_by_label("Termina a las").fill("20:00")
    page.get_by_label("Lugar").fill("Gimnasio municipal")
    press(page, "Anunciarla")
    expect(page.locator(".alert")).to_contain_text("está en el calendario público")
    story.step(page, "Comenzar la cocreación")


def a_citizen_proposes(story: Story) -> None:
    """Without an account: found in the calendar of the country, sent, confirmed by the link of the mail."""
    page = story.citizen
    story.open(page, "/participa/")
    expect(page.get_by_text("Taller de prioridades")).to_be_visible()
    story.open(page, f"{HERE}foro/")
    expect(page.get_by_text("Junta de vecinos Puerto Williams")).to_be_visible()
    page.get_by_role("link", name="Cabo de Hornos", exact=True).last.click()
    page.get_by_role("link", name="Aportar").first.click()
    page.get_by_label("¿Qué propone y por qué?").fill(PROPOSAL)
    page.get_by_label("El nombre que se muestra").fill("Vecina del puerto")
    page.get_by_label("Su correo").fill("vecina@ejemplo.org")
    send(page, "Enviar")
    expect(page.locator(".alert")).to_contain_text("Revise su correo")
    page.goto(link_of(story.site, "Confirme su aporte", "participa/confirmar"))
    press(page, "Sí, fui yo")
    expect(page.get_by_role("heading", level=1)).to_have_text("Su correo está confirmado")
    assert Contribution.objects.get().state == ContributionState.WAITING
    moderate(story, "Que las actas")


def moderate(story: Story, words: str) -> None:
    """The coordinator reads what a new author wrote, and publishes it."""
    page = story.go(story.coordinator, f"{DESK}aportes/")
    page.get_by_role("checkbox", name=re.compile(f"^Elegir .*{words}")).check()
    press(page, "Publicar")
    press(page, "Publicar")
    expect(page.locator(".alert")).to_contain_text("1 aporte es público")


def write_and_publish_the_draft(story: Story) -> None:
    """The officer completes the commitment; the coordinator publishes the draft."""
    page = story.officer
    story.open(page, f"{DESK}compromisos/{story.promise.key}/")
    page.get_by_label("Título", exact=True).fill(TITLE)
    write_promise(page, "Junta de vecinos Puerto Williams")
    story.step(story.coordinator, "Publicar el borrador para consulta")


def a_member_comments_on_the_draft(story: Story) -> None:
    """The member of civil society, with an account, quotes a passage."""
    page = story.member
    story.go(page, f"/planes/{story.plan.pk}/aportes/nuevo/")
    story.accessible(page)
    page.get_by_label("Comentario").check()
    page.get_by_label("¿Sobre qué trata?").select_option(index=1)
    page.get_by_label("¿Qué propone y por qué?").fill(COMMENT)
    page.get_by_label("Habla como").select_option(label="Una organización de la sociedad civil")
    send(page, "Enviar")
    expect(page.locator(".alert")).to_contain_text("Gracias")
    moderate(story, "Diez días")


def answer_before_approving(story: Story) -> None:
    """While a contribution is unanswered the plan cannot be approved; each gets its reasons, and its author a mail."""
    page = story.coordinator
    story.step(page, "Cerrar la consulta y responder")
    story.open(story.mayor, f"{DESK}paso/approved/")
    send_the_act(story.mayor)
    expect(story.mayor.get_by_role("alert")).to_contain_text("2 aportes esperan su respuesta")
    story.accessible(story.mayor)
    assert story.plan.stage == PlanStage.ANSWERING
    for each in Contribution.objects.order_by("pk"):
        story.go(page, f"{DESK}aportes/{each.key}/").get_by_role("link", name="Responder").click()
        page.get_by_label("Aceptado", exact=True).check()
        page.get_by_label("Razones").fill(ANSWER)
        page.get_by_label("Condujo al compromiso").select_option(label=str(story.promise))
        press(page, "Responder")
        expect(page.locator(".alert")).to_contain_text("tiene su respuesta")
        assert each.response.verdict == Verdict.ACCEPTED
    page = story.citizen
    page.goto(link_of(story.site, "Respuesta a su aporte", "planes/"))
    expect(page.get_by_text(ANSWER)).to_be_visible()
    story.accessible(page)
    told = {str(mail["To"]) for mail in story.site.mails() if "Respuesta a su aporte" in str(mail["Subject"])}
    assert len(told) == 2


def send_the_act(page: Page) -> None:
    page.get_by_label("Acto que lo aprueba").set_input_files(
        {"name": "acuerdo.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    page.get_by_label("Quién lo aprobó").fill("Concejo Municipal")
    page.get_by_label("Día de la aprobación").fill(timezone.localdate().isoformat())
    press(page, "Registrar la aprobación")


def approve(story: Story) -> None:
    """The mayor records the approval with its act, which a worker checks and everyone may open."""
    story.go(story.mayor, f"{DESK}paso/approved/")
    send_the_act(story.mayor)
    expect(story.mayor.get_by_text("El plan está ahora: Aprobado")).to_be_visible()
    story.site.has_finished_its_work()
    page = story.open(story.citizen, story.public)
    expect(page.get_by_text("Aprobado por Concejo Municipal")).to_be_visible()
    with page.expect_download() as act:
        page.get_by_role("link", name="Ver el acto").click()
    assert act.value.path().read_bytes().startswith(b"%PDF")
    story.step(story.coordinator, "Comenzar a ejecutarlo")


def hold_the_meeting(story: Story) -> None:
    """Three weeks later the meeting was held, and its minutes are public."""
    held = Meeting.objects.get()
    Meeting.objects.update(starts_at=held.starts_at - timedelta(days=30), ends_at=held.ends_at - timedelta(days=30))
    page = story.open(story.officer, f"{DESK}foro/reuniones/{held.key}/acta/")
    page.get_by_label("Acta", exact=True).fill("Se conversó qué poner primero.")
    page.get_by_label("Acuerdos").fill("Publicar las actas primero")
    page.get_by_label("Personas que asistieron: Sociedad civil").fill("7")
    press(page, "Publicar")
    story.open(story.citizen, f"{HERE}foro/reuniones/{held.key}/")
    expect(story.citizen.get_by_text("Publicar las actas primero")).to_be_visible()


def tell(story: Story, words: str, state: str) -> None:
    """The officer tells how the milestone goes, with a page as evidence."""
    page = story.officer
    story.go(page, f"{DESK}compromisos/{story.promise.key}/avance/")
    page.get_by_label("De qué se trata").select_option(label="Página de actas")
    page.get_by_label("Lo que se hizo").fill(words)
    page.get_by_label("Estado del hito").select_option(label=state)
    page.get_by_label("O la dirección de una página").fill("https://ejemplo.cl/actas")
    press(page, "Publicar")
    expect(page.get_by_text("Lo que usted contó ya es público.")).to_be_visible()


def carry_out(story: Story) -> None:
    tell(story, "La página existe; faltan las actas de enero.", "En curso")
    story.accessible(story.officer)
    story.open(story.citizen, f"{story.public}compromisos/{story.promise.key}/")
    expect(story.citizen.get_by_text("faltan las actas de enero")).to_be_visible()
    expect(story.citizen.get_by_role("link", name="ejemplo.cl/actas")).to_be_visible()


def advise(story: Story) -> None:
    """The adviser recommends, the officer answers, and the adviser reads it."""
    page = story.adviser
    story.go(page, f"{DESK}asesoria/recomendar/")
    page.get_by_label("Qué recomienda y por qué").fill("Publique las actas también como datos abiertos")
    press(page, "Enviar")
    page = story.go(story.officer, f"{DESK}asesoria/")
    page.get_by_role("link", name=re.compile("^Responder")).click()
    page.get_by_label("Aceptada").check()
    page.get_by_label("Respuesta de la municipalidad").fill("Lo haremos en mayo")
    press(page, "Responder")
    story.adviser.reload()
    expect(story.adviser.get_by_text("Lo haremos en mayo")).to_be_visible()


def a_monitor_assesses_the_design(story: Story) -> None:
    """Appointed by the adviser, the monitor writes and publishes the inception assessment."""
    page = story.open(story.adviser, f"{DESK}asesoria/monitor/")
    page.get_by_label("Correo de su cuenta").fill("monitora@ejemplo.cl")
    page.get_by_label("Organización").fill("Universidad de Magallanes")
    page.get_by_label("Decisión que designa al monitor").fill("Resolución 12")
    page.get_by_label("Desde").fill(timezone.localdate().isoformat())
    press(page, "Designar")
    page = story.open(story.monitor, "/monitoreo/")
    page.get_by_role("link", name="Cabo de Hornos").click()
    press(page, "Comenzar la evaluación inicial")
    answer_parts(story, page)
    publish_assessment(story, page)


def answer_parts(story: Story, page: Page, completion: str = "") -> None:
    """Answer every part of the assessment that is open; `completion` is what is said of the commitment."""
    # A click returns when the next page's answer begins, and what is counted below must have arrived.
    page.wait_for_load_state()
    overview = page.url
    for part in ("El plan completo", f"1. {TITLE}"):
        link = page.get_by_role("link", name=part, exact=True)
        if not link.count():
            continue
        link.click()
        story.accessible(page)
        answer_all(page)
        if completion and part != "El plan completo":
            page.get_by_role("link", name=part, exact=True).click()
            page.get_by_role("radio", name=re.compile(completion, re.IGNORECASE)).first.check()
            press(page, "Guardar")
        page.goto(overview)


def publish_assessment(story: Story, page: Page) -> None:
    page.get_by_role("link", name="Publicar", exact=True).click()
    press(page, "Publicar")
    page.get_by_role("link", name="Como la lee cualquiera").click()
    story.accessible(page)


def assess(story: Story, which: str, completion: str) -> None:
    """The stage of a self-assessment: the officer writes, the coordinator publishes; without it the plan does not go on."""
    coordinator, officer = story.coordinator, story.officer
    ahead = {"final": "Cerrar el plan"}.get(which, f"Terminar la autoevaluación de {which}")
    story.step(coordinator, f"Comenzar la autoevaluación {'' if which == 'final' else 'de '}{which}")
    coordinator.get_by_role("link", name=ahead, exact=True).click()
    press(coordinator, ahead)
    expect(coordinator.get_by_role("alert")).to_contain_text("Su autoevaluación aún no está publicada")
    story.go(officer, DESK)
    press(officer, "Comenzar la autoevaluación")
    answer_parts(story, officer, completion)
    coordinator.goto(officer.url)
    publish_assessment(story, coordinator)
    expect(coordinator.get_by_text(re.compile(completion, re.IGNORECASE)).first).to_be_visible()
    if which != "final":
        story.step(coordinator, ahead)


def amend_while_everyone_reads_what_was_approved(story: Story) -> None:
    """A change is written: without its reason nothing of it is public; with it, it is an edition that can be compared."""
    page, vision = story.officer, "Un municipio que escucha a su gente"
    story.open(page, f"{DESK}textos/")
    page.get_by_label("Visión de largo plazo").fill(vision)
    press(page, "Guardar")
    assert story.plan.editions.count() == 2
    story.go(story.citizen, f"{story.public}ediciones/")
    expect(story.citizen.get_by_text(re.compile("^3\\."))).to_have_count(0)
    page.get_by_label("Por qué cambia").fill("Lo pidió el foro")
    press(page, "Guardar")
    expect(page.get_by_text("Los textos se guardaron.")).to_be_visible()
    story.open(story.citizen, f"{story.public}ediciones/")
    expect(story.citizen.get_by_text("Lo pidió el foro")).to_be_visible()
    story.citizen.get_by_role("link", name=re.compile("con la anterior")).first.click()
    expect(story.citizen.get_by_text(vision)).to_be_visible()
    story.accessible(story.citizen)


def finish(story: Story) -> None:
    tell(story, "La página tiene las actas del año.", "Cumplido")
    story.go(story.citizen, story.public)
    expect(story.citizen.get_by_text("Lleva un 100 % de avance.")).to_be_visible()


def a_monitor_assesses_what_was_done(story: Story) -> None:
    page = story.open(story.monitor, f"/monitoreo/{story.plan.pk}/")
    page.get_by_role("button", name=re.compile("^Evaluar este compromiso")).click()
    answer_parts(story, page)
    publish_assessment(story, page)


def close(story: Story) -> None:
    """The plan is closed; its page says so, and goes on to be what everyone reads while the next one is prepared."""
    story.step(story.coordinator, "Cerrar el plan")
    story.accessible(story.coordinator)
    page = story.open(story.citizen, f"{HERE}plan/")
    expect(page.get_by_text("El plan terminó. Lo que se hizo queda aquí.")).to_be_visible()
    story.open(page, f"{story.public}evaluaciones/")
    for name in (
        "Autoevaluación de medio término",
        "Autoevaluación final",
        "Evaluación inicial",
        "al término de un compromiso",
    ):
        expect(page.get_by_role("link", name=re.compile(name))).to_be_visible()


def the_next_diagnostic_names_what_closed_the_gap(story: Story, gap: str) -> None:
    """The next one answers the question at its best: its gap is closed, by the commitment."""
    later = factories.diagnostic(story.cast.here, factories.a_round(name="Siguiente"))
    best = {"t1": 5, "t3": ["actas", "datos"], "t4": "95", "p1": "trimestral"}[gap]
    Answer.objects.create(diagnostic=later, question=gap, value=best, version=1, updated_at=timezone.now())
    Diagnostic.objects.filter(pk=later.pk).update(created_at=timezone.now())
    store_scores(later.pk, now=timezone.now())
    page = story.open(story.officer, reverse("diagnostics:gaps", args=["12201", "cabo-de-hornos", later.pk]))
    expect(page.get_by_text(re.compile(f"brecha cerrada por {TITLE}"))).to_be_visible()
