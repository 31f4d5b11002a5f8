"""Filling in a diagnostic in bad weather: the network goes, tabs close, sessions end, others write. No character is lost: what
was typed is compared with what the database and the browser hold."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from accounts.choices import MunicipalRole
from accounts.models import User
from diagnostics.models import Answer, AnswerRevision, Diagnostic
from municipalities.models import Municipality
from tests.cast import person
from tests.diagnostics import factories
from tests.e2e.site import Site

Accessible = Callable[[Page], None]
LONG = 'La municipalidad publica «todo» cada mes:\nñandú, çedilla, 3 < 5 & 7 > 2, "comillas" — ¿verdad? 🌊 ' * 8
IN_THE_BROWSER = """(field) => new Promise((resolve) => {
  const opening = indexedDB.open("diagnostics", 1);
  opening.onsuccess = () => {
    const all = opening.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result.map((draft) => draft.fields[field])); };
  };
})"""


@dataclass
class Desk:
    """A diagnostic, two officers, and a browser for each."""

    site: Site
    diagnostic: Diagnostic
    ana: User
    luis: User
    page: Page
    other: BrowserContext

    def open(self, page: Page, section: str = "transparencia") -> Page:
        place = f"{self.site.url}/municipios/12201-cabo-de-hornos/diagnosticos/{self.diagnostic.pk}/"
        page.goto(f"{place}seccion/{section}/")
        expect(page.locator("[data-saving]")).to_have_attribute("data-saving", "idle")
        return page

    def kept(self, question: str = "t1") -> list[str]:
        """Every text of a question that the portal holds, the present one last."""
        of = {"answer__diagnostic": self.diagnostic, "answer__question": question}
        texts = list(AnswerRevision.objects.filter(**of).order_by("pk").values_list("text", flat=True))
        return [
            *texts,
            *Answer.objects.filter(diagnostic=self.diagnostic, question=question).values_list("text", flat=True),
        ]

    def present(self, question: str = "t1") -> str:
        return Answer.objects.get(diagnostic=self.diagnostic, question=question).text


@pytest.fixture
def desk(site: Site, page: Page, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Desk]:
    here = Municipality.objects.get(cut="12201")
    ana, luis = (person(name, of=here, role=MunicipalRole.OFFICER) for name in ("ana", "luis"))
    context = browser.new_context(**browser_context_args)
    site.sign_in(page.context, ana)
    site.sign_in(context, luis)
    yield Desk(site, factories.diagnostic(here), ana, luis, page, context)
    context.close()


def words(page: Page, question: str = "t1") -> Any:
    return page.locator(f"#{question}-text")


def state(page: Page, name: str) -> None:
    expect(page.locator("[data-saving]")).to_have_attribute("data-saving", name)


def drafts(page: Page, field: str = "text") -> list[Any]:
    found: list[Any] = page.evaluate(IN_THE_BROWSER, field)
    return found


def test_what_is_typed_without_network_is_sent_when_it_returns(desk: Desk, accessible: Accessible) -> None:
    page = desk.open(desk.page)
    accessible(page)
    words(page).press_sequentially("Antes del corte. ")
    state(page, "saved")
    page.context.set_offline(True)
    words(page).press_sequentially("Durante el corte. ")
    words(page).fill(words(page).input_value() + LONG)
    typed = words(page).input_value()
    state(page, "failed")
    expect(page.locator("[data-state]")).to_have_text("Sin guardar, reintentando")
    assert drafts(page) == [typed]
    page.context.set_offline(False)
    state(page, "saved")
    assert (desk.present(), drafts(page)) == (typed, [])
    assert page.reload()
    assert words(page).input_value() == typed


def test_a_browser_of_some_years_ago_saves_too(desk: Desk) -> None:
    desk.page.add_init_script("delete AbortSignal.timeout; delete Navigator.prototype.locks")
    page = desk.open(desk.page)
    words(page).fill(LONG)
    state(page, "saved")
    assert (desk.present(), drafts(page)) == (LONG, [])


def test_a_tab_closed_without_network_is_taken_up_by_the_next(desk: Desk) -> None:
    page = desk.open(desk.page)
    context = page.context
    context.set_offline(True)
    words(page).fill(LONG)
    page.get_by_label("Nivel 3 de 5: en desarrollo").check()
    state(page, "failed")
    wait_for(page, lambda: drafts(page, "value") == [["3"]])
    page.close()
    context.set_offline(False)
    assert not Answer.objects.exists()
    again = context.new_page()
    place = f"{desk.site.url}/municipios/12201-cabo-de-hornos/diagnosticos/{desk.diagnostic.pk}/"
    again.goto(f"{place}seccion/participacion/")
    # Another section sends it too.
    expect(again.locator("[data-progress=whole]")).to_be_visible()
    wait_for(again, lambda: Answer.objects.filter(value=3, text=LONG).exists())
    wait_for(again, lambda: drafts(again) == [])


def test_two_officers_write_at_once_and_join_their_texts(desk: Desk, accessible: Accessible) -> None:
    ana, luis = desk.open(desk.page), desk.open(desk.other.new_page())
    words(ana).fill("Lo de Ana")
    state(ana, "saved")
    words(luis).fill("Lo de Luis")
    state(luis, "conflict")
    panel = luis.locator("[data-conflict] .conflict")
    expect(panel).to_contain_text("Lo de Ana")
    accessible(luis)
    words(luis).press_sequentially(", que sigue escribiendo")
    panel.get_by_role("button", name="Unir los dos textos").click()
    state(luis, "saved")
    assert desk.present() == "Lo de Luis, que sigue escribiendo\n\nLo de Ana"
    assert {"Lo de Ana", "Lo de Luis"} <= set(desk.kept())
    assert drafts(luis) == []


def test_in_two_tabs_of_one_person_the_text_that_leaves_is_kept(desk: Desk) -> None:
    first, second = desk.open(desk.page), desk.open(desk.page.context.new_page())
    words(first).fill("De la primera pestaña")
    state(first, "saved")
    words(second).fill("De la segunda")
    state(second, "conflict")
    words(second).press_sequentially(" pestaña, hasta aquí")
    second.get_by_role("button", name="Conservar el otro").click()
    expect(words(second)).to_have_value("De la primera pestaña")
    assert desk.present() == "De la primera pestaña"
    assert "De la segunda pestaña, hasta aquí" in desk.kept()


def test_a_session_that_ends_while_typing_leaves_the_text_where_it_is(desk: Desk) -> None:
    page = desk.open(desk.page)
    page.context.clear_cookies(name="sesion")
    words(page).fill(LONG)
    state(page, "signed_out")
    expect(page.get_by_role("link", name="Volver a entrar")).to_be_visible()
    assert (drafts(page), Answer.objects.count()) == ([LONG], 0)
    # Somebody else signs in on the same computer: nothing of it is theirs, neither in the open page nor in a new one.
    desk.site.sign_in(page.context, desk.luis)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    theirs = desk.open(page.context.new_page())
    assert words(theirs).input_value() == ""
    theirs.wait_for_timeout(2500)
    assert (drafts(theirs), Answer.objects.count()) == ([LONG], 0)
    state(page, "signed_out")
    # The person comes back, and loads the page again.
    desk.site.sign_in(page.context, desk.ana)
    page.reload()
    state(page, "saved")
    assert (desk.present(), words(page).input_value(), drafts(page)) == (LONG, LONG, [])


def test_a_save_whose_answer_got_lost_counts_once_and_is_no_conflict(desk: Desk) -> None:
    page = desk.open(desk.page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        lost.append(route.request.url)
        if len(lost) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/respuestas/t1/", lose)
    words(page).press_sequentially("Primero", delay=10)
    state(page, "failed")
    words(page).press_sequentially(" y después", delay=10)
    state(page, "saved")
    assert desk.present() == "Primero y después"
    assert desk.kept().count("Primero") == 1
    assert drafts(page) == []


def test_a_save_that_arrives_after_a_newer_one_does_not_undo_it(desk: Desk) -> None:
    page = desk.open(desk.page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)
        if len(held) > 1:
            route.continue_()
        else:
            route.abort()  # for the page it is lost; on its way it still is

    page.route("**/respuestas/t1/", hold)
    words(page).fill("Lo primero")
    wait_for(page, lambda: bool(held))
    words(page).fill("Lo primero, y lo que siguió")
    state(page, "saved")
    late = held[0].request
    answer = page.request.post(late.url, data=late.post_data or "", headers=late.all_headers())
    assert (answer.status, answer.json()["state"]) == (200, "superseded")
    assert desk.present() == "Lo primero, y lo que siguió"
    assert "Lo primero" in desk.kept()


def test_a_web_process_killed_between_the_save_and_its_answer_loses_nothing(desk: Desk) -> None:
    page = desk.open(desk.page)
    with transaction.atomic(), connection.cursor() as cursor:
        # The save is committed; the answer to it waits for this table.
        cursor.execute("LOCK TABLE diagnostics_evidenceuse IN ACCESS EXCLUSIVE MODE")
        words(page).fill(LONG)
        wait_for(page, lambda: AnswerRevision.objects.filter(text=LONG).exists())
        for pid in web_workers():
            os.kill(pid, signal.SIGKILL)
    state(page, "saved")
    assert (desk.present(), desk.kept().count(LONG), drafts(page)) == (LONG, 2, [])


def test_without_scripts_the_button_saves_and_a_conflict_shows_both_texts(
    desk: Desk, browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    desk.site.sign_in(context, desk.luis)
    plain = context.new_page()
    plain.goto(
        f"{desk.site.url}/municipios/12201-cabo-de-hornos/diagnosticos/{desk.diagnostic.pk}/seccion/transparencia/"
    )
    ana = desk.open(desk.page)
    words(ana).fill("Lo de Ana")
    state(ana, "saved")
    words(plain).fill("Lo de Luis")
    plain.locator("#t4-value").fill("95,5")
    plain.get_by_role("button", name="Guardar", exact=True).click()
    expect(plain.locator(".conflict")).to_contain_text("Lo de Ana")
    assert words(plain).input_value() == "Lo de Luis"
    words(plain).fill("Lo de Luis y lo de Ana")
    plain.get_by_role("button", name="Guardar", exact=True).click()
    expect(plain.locator(".alert--success")).to_contain_text("Guardado")
    assert desk.present() == "Lo de Luis y lo de Ana"
    assert Answer.objects.get(question="t4").value == "95.5"
    assert "Lo de Luis" in desk.kept()
    context.close()


def wait_for(page: Page, condition: Callable[[], bool]) -> None:
    for _time in range(600):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came to that")


def web_workers() -> list[int]:
    """The processes that answer requests of the site this test runs: children of the gunicorn that is our child."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it ended meanwhile
    heads = [
        pid
        for pid, parent in parents.items()
        if parent == os.getpid() and b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    return [pid for pid, parent in parents.items() if parent in heads]
