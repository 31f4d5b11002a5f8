"""A mayor signs the act in Chromium: with ClaveÚnica, whose page is of another origin, and with FirmaGob."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.actions import confirm_run
from accounts.choices import MunicipalRole
from accounts.models import User
from municipalities.models import Act, Municipality, Signature
from tests import signing_stage
from tests.cast import PASSWORD, person
from tests.claveunica_server import MAYOR, FakeClaveUnica
from tests.e2e.site import Site
from tests.firmagob_server import CODE, FakeFirmaGob

Accessible = Callable[[Page], None]
SIGN = "/municipios/12201-cabo-de-hornos/adhesion/firmar/"


def stage() -> tuple[User, Act]:
    place = Municipality.objects.get(pk="12201")
    mayor = person("alcaldesa", of=place, role=MunicipalRole.MAYOR)
    return mayor, signing_stage.act_issued(place, signing_stage.mayor_in_office(place))


@pytest.fixture(autouse=True)
def nobody_is_signed_in_there(claveunica: FakeClaveUnica) -> None:
    claveunica.sessions.clear()


def test_a_mayor_signs_with_claveunica(
    site: Site, page: Page, accessible: Accessible, claveunica: FakeClaveUnica
) -> None:
    mayor, act = stage()
    site.sign_in(page.context, mayor)
    page.goto(site.url + SIGN)
    accessible(page)
    expect(page.get_by_text("Esta es una firma electrónica simple")).to_be_visible()
    page.get_by_role("button", name="Continuar con ClaveÚnica").click()
    expect(page).to_have_title("ClaveÚnica")
    assert page.url.startswith(claveunica.url)
    page.get_by_role("button", name="María Carmen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirme su firma")
    assert "44444444" not in page.url
    accessible(page)
    page.get_by_label("Leí el acta").check()
    page.get_by_role("button", name=f"Firmar el acta {act.folio}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("El acta está firmada")
    accessible(page)
    assert Signature.objects.get().signer_run == MAYOR.run
    page.get_by_role("link", name="Cerrar mi sesión en ClaveÚnica").click()
    expect(page).to_have_url(f"{site.url}/")
    assert not claveunica.sessions


def test_a_mayor_signs_with_firmagob_after_a_wrong_code(
    site: Site, page: Page, accessible: Accessible, firmagob: FakeFirmaGob
) -> None:
    mayor, act = stage()
    User.objects.filter(pk=mayor.pk).update(run=MAYOR.run)
    site.sign_in(page.context, mayor)
    page.goto(site.url + SIGN)
    page.get_by_label("Código de seis dígitos").fill("654321")
    page.get_by_role("button", name="Firmar con FirmaGob").click()
    expect(page.get_by_text("FirmaGob no aceptó el código").first).to_be_visible()
    accessible(page)
    page.get_by_label("Código de seis dígitos").fill(CODE)
    page.get_by_role("button", name="Firmar con FirmaGob").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("El acta está firmada")
    assert Signature.objects.get().act_id == act.pk


def test_a_person_links_enters_and_leaves_with_claveunica(
    site: Site, page: Page, accessible: Accessible, claveunica: FakeClaveUnica
) -> None:
    mayor, _act = stage()
    mayor.set_password(PASSWORD)
    mayor.save()
    site.sign_in(page.context, mayor)
    page.goto(f"{site.url}/cuenta/externas/")
    accessible(page)
    page.get_by_role("button", name="Continuar con ClaveÚnica").click()
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Confirmar").click()
    page.get_by_role("button", name="María Carmen").click()
    expect(page.get_by_text("ClaveÚnica confirmó su RUN")).to_be_visible()
    accessible(page)
    page.goto(f"{site.url}/cuenta/salir/")
    page.get_by_role("main").get_by_role("button", name="Cerrar sesión").click()
    page.goto(f"{site.url}/cuenta/ingresar/")
    accessible(page)
    page.get_by_role("button", name="Iniciar sesión con ClaveÚnica").click()
    expect(page).to_have_url(f"{site.url}/inicio/")
    page.goto(f"{site.url}/cuenta/salir/")
    page.get_by_role("main").get_by_role("button", name="Cerrar sesión").click()
    expect(page).to_have_url(f"{site.url}/")
    assert not claveunica.sessions


def test_who_has_no_account_is_told_so(
    site: Site, page: Page, accessible: Accessible, claveunica: FakeClaveUnica
) -> None:
    confirm_run(by=person("otra"), run=MAYOR.run, now=timezone.now())
    page.goto(f"{site.url}/cuenta/ingresar/")
    page.get_by_role("button", name="Iniciar sesión con ClaveÚnica").click()
    page.get_by_role("button", name="José").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ninguna cuenta está vinculada con esta ClaveÚnica")
    accessible(page)
    assert not claveunica.sessions
