"""The pages on which an adhesion moves, in each of their states, in Chromium on a narrow screen and under axe."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.models import User
from municipalities.actions.adhesions import move
from municipalities.actions.signatures import return_signature, submit_signature, take_up_review
from municipalities.choices import AdhesionState as S
from municipalities.choices import DocumentState, ReturnReason, SignatureMethod, SignatureState
from municipalities.models import Act, Document, Signature
from tests.cast import assemble
from tests.e2e.site import Site
from tests.municipalities.adhesions import adhesion
from tests.municipalities.test_review_pages import REPORT
from tests.signing_stage import pdf

HERE = "/municipios/12201-cabo-de-hornos/adhesion/gestion/"


def test_every_state_of_the_pages_of_an_adhesion_is_accessible(
    site: Site, browser: Browser, accessible: Callable[[Page], None]
) -> None:
    cast, now = assemble(), timezone.now()

    def look(name: str, who: User, address: str) -> None:
        """The page fits a phone and satisfies axe; `SCREENSHOTS` names a folder to keep what it looks like."""
        context = browser.new_context(viewport={"width": 320, "height": 800}, locale="es-CL", reduced_motion="reduce")
        site.sign_in(context, who)
        page = context.new_page()
        page.goto(site.url + address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        accessible(page)
        if folder := os.environ.get("SCREENSHOTS"):
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        context.close()

    made = adhesion(cast.here, S.UNDER_REVIEW, by=cast.coordinator)
    file = f"/consejo/adhesiones/{made.pk}/"
    sent = Signature.objects.get(act__adhesion=made)
    Signature.objects.filter(pk=sent.pk).update(report=REPORT, is_trusted="unknown")
    look("signature", cast.adviser, f"{file}firmas/{sent.pk}/")
    look("file", cast.administrator, file)
    return_signature(
        by=cast.adviser, signature=sent, reason=ReturnReason.NOT_TRUSTED, note="Venció ayer.", now=now, seen=None
    )
    look("returned", cast.coordinator, HERE)
    look("upload", cast.coordinator, f"{HERE}firma/?camino=scan")
    look("step", cast.administrator, f"{file}paso/withdrawn/")
    scan = submit_signature(
        by=cast.coordinator,
        act=Act.objects.current().get(adhesion=made),
        method=SignatureMethod.SCAN,
        upload=BytesIO(pdf("escaneada")),
        name="acta escaneada.pdf",
        now=now,
        seen=None,
        declared_signed_on=timezone.localdate(now),
    )
    look("judging", cast.reader, HERE)
    take_up_review(by=cast.adviser, adhesion=made, now=now, seen=None)
    Document.objects.filter(pk=scan.document_id).update(state=DocumentState.CLEAN)
    Signature.objects.filter(pk=scan.pk).update(state=SignatureState.JUDGED, is_mayor="yes")
    look("scan", cast.analyst, f"{file}firmas/{scan.pk}/")
    other = adhesion(cast.elsewhere, S.INVITED, by=cast.coordinator_elsewhere)
    look("invited", cast.coordinator_elsewhere, "/municipios/10207-queilen/adhesion/gestion/")
    move(by=cast.administrator, adhesion=other, to=S.CONVERSING, now=now)
    look("undo", cast.administrator, f"/consejo/adhesiones/{other.pk}/")
