"""What a citizen without an account does with a form and its mail, and what the desk does with what came of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from action_plans.choices import ContributionState
from action_plans.models import Contribution
from tests.e2e.site import Site

Accessible = Callable[[Page], None]


def send(page: Page, button: str) -> None:
    """Press a button of a form that anyone may send; whoever is too quick is asked to press it once more."""
    page.get_by_role("button", name=button, exact=True).click()
    while page.get_by_text("envíelo de nuevo. Así").is_visible():
        page.wait_for_timeout(1_000)
        page.get_by_role("button", name=button, exact=True).click()


def link_of(site: Site, subject: str, part: str, seconds: float = 60) -> str:
    """The address with `part` in the latest mail with such a subject, once the worker has sent it."""
    deadline = time.monotonic() + seconds
    while True:
        site.has_finished_its_work()
        found = [mail for mail in site.mails() if subject in " ".join(str(mail["Subject"]).split())]
        if found or time.monotonic() > deadline:
            break
    body = found[-1].get_body(("plain",))
    address = re.search(rf"\S*{part}\S*", body.get_content()) if body else None
    assert address
    return address.group()


def say(
    site: Site, page: Page, accessible: Accessible, *, question: str, nothing_said: str, text: str, name: str
) -> None:
    """Send the form that stands open, first with nothing said; then confirm with the link of the mail."""
    send(page, "Enviar")
    expect(page.get_by_role("alert")).to_contain_text(nothing_said)
    accessible(page)
    page.get_by_label(question).fill(text)
    page.get_by_label("El nombre que se muestra").fill(name)
    page.get_by_label("Su correo").fill("vecina@ejemplo.cl")
    send(page, "Enviar")
    expect(page.locator(".alert")).to_contain_text("Revise su correo")

    page.goto(link_of(site, "Confirme su aporte", "participa/confirmar"))
    accessible(page)
    page.get_by_role("button", name="Sí, fui yo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Su correo está confirmado")
    accessible(page)
    assert Contribution.objects.get().state == ContributionState.WAITING


def publish(inside: Page, accessible: Accessible, begins: str) -> None:
    """At the desk: choose what begins so, see what is reached, publish it."""
    accessible(inside)
    inside.get_by_role("checkbox", name=re.compile(f"^Elegir {begins}")).check()
    inside.get_by_role("button", name="Publicar").click()
    accessible(inside)
    inside.get_by_role("button", name="Publicar").click()
    expect(inside.locator(".alert")).to_contain_text("1 aporte es público")


def accept(inside: Page, accessible: Accessible, begins: str, reasons: str) -> None:
    """At the desk: open what begins so, and answer that it is accepted."""
    inside.get_by_role("link", name=re.compile(begins)).click()
    accessible(inside)
    inside.get_by_role("link", name="Responder").click()
    accessible(inside)
    inside.get_by_label("Aceptado", exact=True).check()
    inside.get_by_label("Razones").fill(reasons)
    inside.get_by_role("button", name="Responder").click()
    expect(inside.locator(".alert")).to_contain_text("tiene su respuesta")
