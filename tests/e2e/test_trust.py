"""An administrator decides whom the portal trusts; a closed document says why it is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.choices import CouncilRole
from municipalities.actions.documents import keep
from municipalities.choices import DocumentKind, DocumentState
from municipalities.models import Document, Municipality
from municipalities.rules.uploads import SCANNER_SILENT
from tests import signing
from tests.cast import person
from tests.e2e.site import Site

Accessible = Callable[[Page], None]


def test_a_root_and_its_list_are_added_and_its_trust_ends(site: Site, page: Page, accessible: Accessible) -> None:
    root = signing.authority("Raíz acreditada de prueba")
    listed = signing.revocation_list(root, this=datetime.now(UTC) - timedelta(days=90))
    site.sign_in(page.context, person("administradora", council=CouncilRole.ADMINISTRATOR))
    page.goto(f"{site.url}/consejo/confianza/")
    accessible(page)
    page.get_by_role("link", name="Agregar un certificado").click()
    accessible(page)
    page.get_by_label("Certificado", exact=True).set_input_files(
        {"name": "raiz.pem", "mimeType": "application/x-pem-file", "buffer": root.pem}
    )
    page.get_by_label("Fuente").fill("Sitio de la entidad; huella leída por teléfono")
    page.get_by_role("button", name="Leer el certificado").click()
    accessible(page)
    page.get_by_role("button", name="Confiar en este certificado").click()
    expect(page.get_by_role("rowheader", name="Raíz acreditada de prueba")).to_be_visible()

    page.get_by_role("link", name="Agregar una lista de revocados").click()
    accessible(page)
    page.get_by_label("Lista de revocados").set_input_files(
        {"name": "lista.crl", "mimeType": "application/pkix-crl", "buffer": listed}
    )
    page.get_by_role("button", name="Agregar la lista").click()
    expect(page.get_by_text("atrasada")).to_be_visible()

    page.get_by_role("link", name="Fechas").click()
    accessible(page)
    page.get_by_label("Motivo").fill("La entidad dejó de estar acreditada")
    page.get_by_role("button", name="Cambiar las fechas").click()
    expect(page.get_by_text("puso fin a la confianza")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 800})
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_closed_document_says_why(site: Site, page: Page, accessible: Accessible) -> None:
    site.sign_in(page.context, person("administradora", council=CouncilRole.ADMINISTRATOR))
    place = Municipality.objects.get(cut="12201")
    document = keep(
        municipality=place, kind=DocumentKind.DECREE, content=signing.act(), name="decreto.pdf", now=timezone.now()
    )
    found = Document.objects.filter(pk=document.pk)
    found.update(state=DocumentState.WAITING)
    page.goto(f"{site.url}{document.get_absolute_url()}")
    expect(page.get_by_role("heading", name="El documento está en revisión")).to_be_visible()
    accessible(page)
    found.update(state=DocumentState.QUARANTINED, state_reason=SCANNER_SILENT)
    page.get_by_role("link", name="Mirar de nuevo").click()
    expect(page.get_by_text("El antivirus no respondió")).to_be_visible()
    accessible(page)
