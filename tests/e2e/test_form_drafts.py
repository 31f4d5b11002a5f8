"""Forms of every kind in bad weather: the session ends while one writes. Signed in again, every word is offered, comes back, is
saved, and the browser keeps nothing of it any more. (What the network and closed tabs do: test_plan_drafts.py.)"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import User
from tests.action_plans import citizens, stories
from tests.cast import assemble
from tests.diagnostics import factories
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
WORDS = 'Primera línea: «todo», 3 < 5 & "ñandú" 🌊\nSegunda, hasta la última letra.'
# One more, as of 61 days ago.
LONG_AGO = """async (person) => {
  const [kept] = await Drafts.of(person, "form");
  const start = kept.key.slice(0, -kept.client.length);
  await Drafts.put({ ...kept, key: start + "a1b2c3d4", client: "a1b2c3d4", at: Date.now() - 61 * 24 * 60 * 60 * 1000 });
}"""
NOTHING_KEPT = "(person) => Drafts.of(person, 'form').then((found) => !found.length && !localStorage.length)"


@dataclass(frozen=True)
class Writing:
    """A form: who writes, at which address, in which field, and the button that sends it."""

    who: User
    address: str
    field: str
    button: str
    accepted: bool = False

    def open(self, page: Page, site: Site) -> None:
        site.sign_in(page.context, self.who)
        page.goto(site.url + self.address)

    def type(self, page: Page) -> None:
        page.locator(f"textarea[name={self.field}]").fill(WORDS)
        if self.accepted:
            page.get_by_label("Aceptado", exact=True).check()

    def stands(self, page: Page) -> None:
        expect(page.locator(f"textarea[name={self.field}]")).to_have_value(WORDS)
        if self.accepted:
            expect(page.get_by_label("Aceptado", exact=True)).to_be_checked()

    def press(self, page: Page) -> None:
        page.get_by_role("button", name=self.button, exact=True).last.click()


@pytest.fixture
def forms(site: Site) -> list[Writing]:
    """Of those who write in the plan and in a diagnostic, one form each."""
    cast = assemble()
    now, to = timezone.now(), stories.to
    plan = stories.carried_out(cast)
    beyond = stories.elsewhere(cast)
    heard = citizens.published(citizens.listening(beyond.here))
    begun = now - timedelta(days=2)
    held = citizens.meeting(cast.here, starts_at=begun, ends_at=begun + timedelta(hours=2), announced=now)
    asked = [cast.here.cut, cast.here.slug, factories.diagnostic(cast.here).pk, "t1"]
    answer = f"{to('contributions_work', beyond)}?que=responder&m={heard.pk}"
    return [
        Writing(beyond.coordinator, answer, "reasons", "Responder", accepted=True),
        Writing(cast.coordinator, to("meeting_minutes_edit", cast, held.key), "minutes", "Publicar"),
        Writing(cast.officer, to("commitment_progress", cast, stories.only(plan).key), "text", "Publicar"),
        Writing(cast.adviser, to("advice_recommend", cast), "text", "Enviar"),
        Writing(cast.officer, reverse("diagnostics:comments", args=asked), "text", "Comentar"),
    ]


def test_a_session_that_ends_while_one_writes_loses_nothing(
    site: Site, forms: list[Writing], page: Page, accessible: Accessible
) -> None:
    for writing in forms:
        writing.open(page, site)
        writing.type(page)
        page.context.clear_cookies(name="sesion")
        writing.press(page)
        expect(page).to_have_url(re.compile("next="))

        writing.open(page, site)
        expect(page.locator("[data-draft-offer]")).to_be_visible()
        accessible(page)
        page.get_by_role("button", name="Recuperarlas").click()
        writing.stands(page)
        writing.press(page)
        page.wait_for_url(lambda address: "next=" not in address)
        expect(page.locator("[data-draft-offer]")).to_have_count(0)
        page.wait_for_function(NOTHING_KEPT, arg=writing.who.pk)
        assert not [name for name in map(str, page.context.cookies()) if "guardado_" in name]


def test_what_the_portal_refuses_stays_a_draft_and_a_file_is_asked_for_again(
    site: Site, forms: list[Writing], page: Page, accessible: Accessible
) -> None:
    minutes = forms[1]
    minutes.open(page, site)
    minutes.type(page)
    file: FilePayload = {"name": "acta.pdf", "mimeType": "application/pdf", "buffer": b"MZ is no PDF"}
    page.locator("[name=file]").set_input_files([file])
    minutes.press(page)
    expect(page.get_by_role("alert").first).to_be_visible()
    minutes.stands(page)
    expect(page.locator("[data-draft-offer]")).to_have_count(0)  # they stand in the form
    page.locator("[name=file]").set_input_files([file])
    page.locator("textarea[name=agreements]").fill("Uno")

    minutes.open(page, site)
    offer = page.locator("[data-draft-offer]")
    expect(offer).to_contain_text("Los archivos no se conservan")
    expect(offer).to_contain_text("acta.pdf")
    accessible(page)
    page.get_by_role("button", name="Recuperarlas").click()
    minutes.stands(page)
    expect(page.locator("textarea[name=agreements]")).to_have_value("Uno")
    expect(offer).to_contain_text("acta.pdf")


def test_drafts_of_one_form_are_offered_in_turn_and_old_ones_are_thrown_away(
    site: Site, forms: list[Writing], page: Page
) -> None:
    progress = forms[2]
    text = page.locator(f"textarea[name={progress.field}]")
    for words in ("La primera pestaña", "La segunda pestaña"):
        progress.open(page, site)
        text.fill(words)
    page.evaluate(LONG_AGO, progress.who.pk)

    progress.open(page, site)
    kept = page.evaluate("(person) => Drafts.of(person, 'form').then((found) => found.length)", progress.who.pk)
    assert kept == 2
    page.get_by_role("button", name="Descartarlas").click()  # the newest
    page.get_by_role("button", name="Recuperarlas").click()
    expect(text).to_have_value("La primera pestaña")
    expect(page.locator("[data-draft-offer]")).to_have_count(0)


def test_what_was_taken_and_saved_is_not_offered_again_though_the_page_went_before_removing_it(
    site: Site, forms: list[Writing], page: Page
) -> None:
    progress = forms[2]
    progress.open(page, site)
    progress.type(page)
    progress.open(page, site)
    page.evaluate("() => { Drafts.remove = () => new Promise(() => {}); }")
    page.get_by_role("button", name="Recuperarlas").click()
    progress.stands(page)
    progress.press(page)
    progress.open(page, site)
    page.wait_for_function(NOTHING_KEPT, arg=progress.who.pk)
    expect(page.locator("[data-draft-offer]")).to_have_count(0)
