"""The result of a diagnostic in the browser: on a phone and on a desk, with its charts, while scores are computed again."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.choices import MunicipalRole
from diagnostics.choices import DiagnosticState, RoundKind
from diagnostics.models import Answer, Diagnostic, InstrumentVersion, Round
from diagnostics.reports.answers import instrument_of
from diagnostics.reports.scores import store_scores
from diagnostics.rules.instrument import Question, QuestionKind
from municipalities.models import Municipality
from tests.cast import person
from tests.diagnostics.factories import NOW
from tests.e2e.site import Site

Accessible = Callable[[Page], None]


def value_of(question: Question, random: Random) -> Any:
    match question.kind:
        case QuestionKind.LEVEL:
            return random.randint(1, len(question.levels))
        case QuestionKind.YES_NO:
            return random.random() < 0.5
        case QuestionKind.ONE:
            return random.choice(question.options).id
        case QuestionKind.SEVERAL:
            return [random.choice(question.options).id]
        case QuestionKind.NUMBER:
            return str(random.randint(0, 100))
        case QuestionKind.DATE:
            return "2026-04-01"
        case QuestionKind.LINK:
            return "https://ejemplo.cl/"
    return None


def a_diagnostic(place: Municipality, round_: Round, seed: int, *, state: DiagnosticState) -> Diagnostic:
    """Answers to nine of ten questions, the same for the same seed, with their scores."""
    random = Random(seed)
    held = Diagnostic.objects.create(
        round=round_,
        municipality=place,
        version=round_.version,
        state_since=NOW,
        created_at=NOW,
        answers_changed_at=NOW,
    )
    Answer.objects.bulk_create(
        Answer(
            diagnostic=held,
            question=question.id,
            value=value_of(question, random),
            text="Se explica aquí.",
            version=1,
            updated_at=NOW,
        )
        for question in instrument_of(round_.version).questions()
        if random.random() < 0.9
    )
    if state == DiagnosticState.VALIDATED:
        Diagnostic.objects.filter(pk=held.pk).update(state=state, validated_at=NOW, folio=f"DGA-{held.pk}")
    store_scores(held.pk, now=timezone.now())
    return held


def a_round(name: str, kind: RoundKind, opens: date) -> Round:
    return Round.objects.create(
        name=name,
        kind=kind,
        version=InstrumentVersion.objects.published().get(),
        opens=opens,
        closes=opens.replace(year=opens.year + 1),
        created_at=NOW,
    )


@pytest.fixture
def held(site: Site, page: Page) -> Diagnostic:
    """A diagnostic in its second round, with peers in it, and its coordinator signed in."""
    call_command("load_instruments", verbosity=0)
    here = Municipality.objects.get(cut="12201")
    first = a_round("Línea de base 2026", RoundKind.BASELINE, date(2026, 5, 1))
    second = a_round("Medio término 2027", RoundKind.MIDTERM, date(2027, 5, 1))
    a_diagnostic(here, first, 1, state=DiagnosticState.VALIDATED)
    alike = Municipality.objects.filter(peer_group=here.peer_group).exclude(pk=here.pk)[:6]
    for seed, place in enumerate(alike, 10):
        a_diagnostic(place, second, seed, state=DiagnosticState.VALIDATED)
    site.sign_in(page.context, person("ana", of=here, role=MunicipalRole.COORDINATOR))
    return a_diagnostic(here, second, 3, state=DiagnosticState.OPEN)


def address(site: Site, held: Diagnostic) -> str:
    return f"{site.url}/municipios/12201-cabo-de-hornos/diagnosticos/{held.pk}/resultado/"


def draw(page: Page) -> None:
    """Scroll to each chart until it is drawn."""
    for chart in page.locator("[data-figure]:visible").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-drawn", "")


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_result_reads_on_any_screen(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address(site, held))
    expect(page.locator(".score__level").first).to_contain_text("Nivel")
    expect(page.get_by_text("provisional", exact=True)).to_be_visible()
    draw(page)
    expect(page.locator(".chart:visible")).to_have_count(0 if width == 320 else 5)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for summary in page.locator("main summary").all():
        summary.click()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="Ver la lista completa").click()
    expect(page.locator("h1")).to_contain_text("Lo que más subiría el índice")
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_page_comes_anew_when_the_scores_are_computed(
    site: Site, page: Page, held: Diagnostic, accessible: Accessible
) -> None:
    Answer.objects.filter(diagnostic=held).delete()
    Diagnostic.objects.filter(pk=held.pk).update(answers_changed_at=timezone.now())
    page.goto(address(site, held))
    expect(page.get_by_text("Los puntajes se están calculando de nuevo")).to_be_visible()
    accessible(page)
    store_scores(held.pk, now=timezone.now())
    expect(page.get_by_text("Los puntajes se están calculando de nuevo")).to_have_count(0)
    expect(page.get_by_text("Todavía no hay puntajes")).to_be_visible()
    accessible(page)


def test_without_scripts_the_tables_say_everything(site: Site, held: Diagnostic, page: Page, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(address(site, held))
    expect(plain.locator(".chart:visible")).to_have_count(0)
    expect(plain.locator("caption", has_text="Las dimensiones")).to_be_visible()
    expect(plain.locator("caption", has_text="Descriptores").first).to_be_visible()
    context.close()
