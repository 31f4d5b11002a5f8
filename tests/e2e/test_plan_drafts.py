"""Writing a plan in bad weather: the network goes, tabs close, sessions end. No character is lost, neither of the texts of the
plan nor of a commitment: what was typed is compared with what the browser and the database hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Page, expect

from accounts.choices import MunicipalRole
from accounts.models import User
from action_plans.models import Commitment, Plan, PlanEdition
from municipalities.models import Municipality
from tests.action_plans import stories
from tests.cast import assemble, person
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
# As a browser sends lines, and as the portal keeps them.
LONG = (
    'La municipalidad publica «todo» cada mes:\nñandú, çedilla, 3 < 5 & 7 > 2, "comillas" — ¿verdad? 🌊 ' * 12
).strip()
REASON = "Lo pidió el foro: 3 < 5 & «todo» 🌊"
IN_THE_BROWSER = """() => new Promise((resolve) => {
  const opening = indexedDB.open("diagnostics", 1);
  opening.onsuccess = () => {
    const all = opening.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result.map((draft) => Object.fromEntries(draft.fields))); };
  };
})"""
NOTHING_IS_WRITTEN = """() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...values) {
    const request = put.apply(this, values);
    this.transaction.abort();
    return request;
  };
}"""


@dataclass(frozen=True)
class Writing:
    """A form of the plan, and two of its long fields; `kept` reads them from the database."""

    site: Site
    address: str
    fields: tuple[str, str]
    kept: Callable[[], tuple[str, str]]
    person: User
    needs_reason: bool = False

    def open(self, page: Page) -> Page:
        page.goto(self.site.url + self.address)
        return page

    def type(self, page: Page) -> None:
        first, second = self.fields
        page.locator(f"[name={first}]").fill(LONG)
        page.locator(f"[name={second}]").press_sequentially("Hasta la última letra.", delay=5)
        if self.needs_reason:
            page.locator("[name=reason]").fill(REASON)

    def typed(self) -> dict[str, str]:
        first, second = self.fields
        return {first: LONG, second: "Hasta la última letra.", **({"reason": REASON} if self.needs_reason else {})}

    def stands(self, page: Page) -> dict[str, str]:
        """What the form holds of the fields that were typed."""
        return {name: page.locator(f"[name={name}]").input_value() for name in self.typed()}

    def has_drafted(self, page: Page) -> None:
        """The browser holds every letter."""
        for _time in range(100):
            found = page.evaluate(IN_THE_BROWSER)
            if any(self.typed().items() <= draft.items() for draft in found):
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"the browser holds {found}")

    def comes_back_and_is_saved(self, page: Page, accessible: Accessible) -> None:
        """The words are offered, brought back whole, and saved; afterwards nothing is offered any more."""
        offer = page.locator("[data-draft-offer]")
        expect(offer).to_be_visible()
        accessible(page)
        page.get_by_role("button", name="Recuperarlas").click()
        assert self.stands(page) == self.typed()
        page.get_by_role("button", name="Guardar", exact=True).last.click()
        assert tuple(each.replace("\r\n", "\n") for each in self.kept()) == (LONG, "Hasta la última letra.")
        self.holds_nothing(self.open(page))
        expect(offer).to_be_hidden()

    def holds_nothing(self, page: Page) -> None:
        """The browser has forgotten what the portal has."""
        for _time in range(100):
            if page.evaluate(IN_THE_BROWSER) == [] and not page.evaluate("Object.keys(localStorage)"):
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"the browser holds {page.evaluate(IN_THE_BROWSER)}")


def _texts(site: Site, plan: Plan, by: User) -> Writing:
    def kept() -> tuple[str, str]:
        held = Plan.objects.get(pk=plan.pk)
        return held.foreword, held.vision

    return Writing(site, f"{DESK}textos/", ("foreword", "vision"), kept, by)


def _commitment(site: Site, plan: Plan, by: User) -> Writing:
    def kept() -> tuple[str, str]:
        held = Commitment.objects.get(plan=plan)
        return held.problem, held.status_quo

    address = f"{DESK}compromisos/{stories.only(plan).key}/"
    return Writing(site, address, ("problem", "status_quo"), kept, by)


DESK = "/municipios/12201-cabo-de-hornos/plan/gestion/"
FORMS = {"texts": _texts, "commitment": _commitment}


@pytest.fixture(params=["texts", "commitment", "texts after the approval", "commitment after the approval"])
def writing(request: pytest.FixtureRequest, site: Site, page: Page) -> Writing:
    """A form that an officer has open; after the approval it asks for a reason, which is typed too."""
    cast = assemble()
    name, _after, approved = str(request.param).partition(" after")
    plan = stories.carried_out(cast) if approved else stories.drafted(cast)
    made = FORMS[name](site, plan, cast.officer)
    site.sign_in(page.context, cast.officer)
    return replace(made, needs_reason=bool(approved))


def test_a_save_without_network_loses_nothing(writing: Writing, page: Page, accessible: Accessible) -> None:
    writing.open(page)
    writing.type(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    page.wait_for_timeout(500)  # the browser says that there is no network
    page.context.set_offline(False)
    writing.open(page)
    writing.comes_back_and_is_saved(page, accessible)


def test_a_closed_tab_loses_nothing(writing: Writing, page: Page, accessible: Accessible) -> None:
    writing.open(page)
    writing.type(page)
    writing.has_drafted(page)
    context = page.context
    page.close()
    writing.comes_back_and_is_saved(writing.open(context.new_page()), accessible)


def test_leaving_right_after_the_last_letter_loses_nothing(
    writing: Writing, page: Page, accessible: Accessible
) -> None:
    writing.open(page)
    writing.type(page)
    page.goto(writing.site.url + "/acerca/")
    writing.comes_back_and_is_saved(writing.open(page), accessible)


def test_what_the_browser_had_no_time_to_write_is_not_lost(
    writing: Writing, page: Page, accessible: Accessible
) -> None:
    writing.open(page)
    page.evaluate(NOTHING_IS_WRITTEN)
    writing.type(page)
    assert page.evaluate(IN_THE_BROWSER) == []
    page.goto(writing.site.url + "/acerca/")
    writing.comes_back_and_is_saved(writing.open(page), accessible)


def test_a_session_that_ended_loses_nothing_and_shows_nothing_to_others(
    writing: Writing, page: Page, accessible: Accessible
) -> None:
    writing.open(page)
    writing.type(page)
    page.context.clear_cookies(name="sesion")
    editions = PlanEdition.objects.count()
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page).to_have_url(re.compile("next="))
    assert PlanEdition.objects.count() == editions
    # Somebody else signs in on the same computer: nothing of it is theirs.
    other = person("otra", of=Municipality.objects.get(pk="12201"), role=MunicipalRole.OFFICER)
    writing.site.sign_in(page.context, other)
    writing.open(page)
    page.wait_for_timeout(300)
    expect(page.locator("[data-draft-offer]")).to_be_hidden()
    assert writing.stands(page) != writing.typed()
    writing.site.sign_in(page.context, writing.person)
    writing.comes_back_and_is_saved(writing.open(page), accessible)
