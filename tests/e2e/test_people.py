"""Entering, enrolling a factor, inviting: as a person does it, in Chromium."""

import re
from collections.abc import Callable

import pyotp
from playwright.sync_api import Page, expect

from accounts.choices import CouncilRole, MunicipalRole
from accounts.models import User
from municipalities.models import Membership, Municipality
from tests.cast import PASSWORD, person
from tests.e2e.site import Site

Accessible = Callable[[Page], None]


def newcomer(role: str = CouncilRole.ADMINISTRATOR) -> User:
    user = person("administradora.nueva", council=role, protected=False)
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(site: Site, page: Page, user: User) -> None:
    page.goto(f"{site.url}/cuenta/ingresar/")
    page.get_by_label("Correo electrónico").fill(user.email)
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Ingresar", exact=True).click()


def test_a_new_administrator_enrols_an_application_and_enters(site: Site, page: Page, accessible: Accessible) -> None:
    enter(site, page, newcomer())
    expect(page.get_by_role("heading", level=1)).to_have_text("Un paso más antes de entrar")
    accessible(page)
    page.get_by_role("link", name="Usar una aplicación").click()
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Confirmar").click()
    accessible(page)
    secret = page.get_by_label("Clave, si no puede escanear").input_value()
    page.get_by_label("Código del autenticador").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Activar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Códigos de recuperación")
    accessible(page)
    page.goto(f"{site.url}/administracion/")
    expect(page).to_have_url(f"{site.url}/administracion/")


def test_a_passkey_is_added_and_opens_the_account(site: Site, page: Page, accessible: Accessible) -> None:
    user = newcomer()
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True}})
    enter(site, page, user)
    page.get_by_role("link", name="Usar una llave de acceso").click()
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Confirmar").click()
    page.get_by_label("Nombre de la llave").fill("Mi teléfono")
    page.get_by_label("Ingresar solo con esta llave").check()
    accessible(page)
    page.get_by_role("button", name="Agregar la llave").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Códigos de recuperación")
    page.goto(f"{site.url}/cuenta/salir/")
    page.get_by_role("main").get_by_role("button", name="Cerrar sesión").click()
    page.goto(f"{site.url}/cuenta/ingresar/?next=/cuenta/segundo-factor/llaves/")
    accessible(page)
    page.get_by_role("button", name="Ingresar con una llave de acceso").click()
    expect(page.get_by_role("row", name=re.compile("Mi teléfono"))).to_be_visible()
    accessible(page)


def test_a_coordinator_invites_and_the_invited_person_joins(site: Site, page: Page, accessible: Accessible) -> None:
    place = Municipality.objects.get(pk="12201")
    site.sign_in(page.context, person("coordinadora", of=place, role=MunicipalRole.COORDINATOR))
    page.goto(f"{site.url}/municipios/12201-cabo-de-hornos/personas/")
    accessible(page)
    page.get_by_label("Correo electrónico").fill("nueva@ejemplo.cl")
    page.get_by_label("Rol").select_option("officer")
    page.get_by_label("Fundamento").fill("Decreto 15 del 5-1-2026")
    page.get_by_role("button", name="Enviar la invitación").click()
    expect(page.get_by_text("La invitación va en camino a nueva@ejemplo.cl.")).to_be_visible()
    site.has_finished_its_work()
    (letter,) = site.mails()
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(r"/invitaciones/\S+/", body.get_content())
    assert found
    page.context.clear_cookies()
    page.goto(site.url + found[0])
    assert "invitaciones/responder" in page.url
    accessible(page)
    page.get_by_role("main").get_by_role("link", name="Crear una cuenta").click()
    expect(page.get_by_label("Correo electrónico")).to_have_value("nueva@ejemplo.cl")
    page.get_by_label("Nombre y apellido").fill("Nueva Funcionaria")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_label("Contraseña (de nuevo)").fill(PASSWORD)
    accessible(page)
    page.get_by_role("button", name="Crear mi cuenta").click()
    page.get_by_role("button", name="Aceptar").click()
    expect(page.get_by_text("Usted ya participa en Cabo de Hornos.")).to_be_visible()
    assert Membership.objects.current().get(user__email="nueva@ejemplo.cl").role == MunicipalRole.OFFICER
