"""The council's pages of the text of the act, and of issuing one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from municipalities.actions import acts as actions
from municipalities.choices import AdhesionState, EditionState, Office
from municipalities.imports.act_templates import load_act_template
from municipalities.models import Act, ActTemplate, Adhesion
from tests.cast import Cast, sign_in
from tests.municipalities.acting import MAYOR, NOW, RUN, adhesion_in, authority

LIST = "/consejo/actas/textos/"
DRAFT = "/consejo/actas/textos/2/"


@pytest.fixture
def text(cast: Cast) -> ActTemplate:
    load_act_template()
    return ActTemplate.objects.get()


@pytest.fixture
def draft(cast: Cast, text: ActTemplate) -> ActTemplate:
    return actions.new_draft(by=cast.administrator, source=text, now=NOW)


def words(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def form_of(page: Any) -> dict[str, str]:
    """What the form of a page sends when nothing is changed."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def test_staff_begin_save_and_publish_an_edition(client: Client, cast: Cast, text: ActTemplate) -> None:
    sign_in(client, cast.administrator)
    assert client.post(LIST, {"source": "1"}).headers["Location"] == DRAFT
    told = form_of(client.get(DRAFT))
    assert client.post(DRAFT, {**told, "closing": "Otro cierre", "do": "save"}).headers["Location"] == DRAFT
    page = client.get(DRAFT + "publicar/")
    assert "Otro cierre" in words(page)
    answer = client.post(DRAFT + "publicar/", form_of(page))
    assert answer.headers["Location"] == DRAFT
    assert actions.published_template() == ActTemplate.objects.get(number=2)
    assert "Una edición publicada no se puede cambiar" in words(client.get(DRAFT))


def test_the_preview_shows_what_is_written_without_saving_it(client: Client, cast: Cast, draft: ActTemplate) -> None:
    authority(cast.here)
    sign_in(client, cast.administrator)
    told = form_of(client.get(DRAFT))
    asked = {**told, "closing": "Cierre para {autoridad}. {municipo}", "do": "look", "municipio": cast.here.cut}
    page = client.post(DRAFT, asked)
    assert page.status_code == 200
    assert f"Cierre para {MAYOR}. {{municipo}}" in words(page)
    assert "¿Es {municipio}?" in words(page)
    draft.refresh_from_db()
    assert "Cierre para" not in draft.closing


def test_browsers_line_ends_are_not_a_change(client: Client, cast: Cast, draft: ActTemplate) -> None:
    sign_in(client, cast.administrator)
    told = form_of(client.get(DRAFT))
    client.post(DRAFT, {**told, "body": told["body"].replace("\n", "\r\n"), "do": "save"})
    body = draft.body
    draft.refresh_from_db()
    assert draft.body == body


def test_who_is_overtaken_sees_both_texts_and_may_save_over(client: Client, cast: Cast, draft: ActTemplate) -> None:
    sign_in(client, cast.administrator)
    told = form_of(client.get(DRAFT))
    client.post(DRAFT, {**told, "closing": "Lo de la otra persona", "do": "save"})
    page = client.post(DRAFT, {**told, "closing": "Lo mío", "note": "mi nota", "do": "save"})
    assert page.status_code == 409
    assert "Lo de la otra persona" in words(page)
    again = form_of(page)
    assert (again["closing"], again["note"]) == ("Lo mío", "mi nota")
    assert client.post(DRAFT, {**again, "do": "save"}).status_code == 302
    draft.refresh_from_db()
    assert draft.closing == "Lo mío"


def test_a_text_written_for_a_draft_that_is_gone_is_given_back(client: Client, cast: Cast, draft: ActTemplate) -> None:
    sign_in(client, cast.administrator)
    told = form_of(client.get(DRAFT))
    page = client.get(DRAFT + "descartar/")
    assert client.post(DRAFT + "descartar/", form_of_hidden(page)).headers["Location"] == LIST
    page = client.post(DRAFT, {**told, "closing": "Mucho trabajo", "do": "save"})
    assert page.status_code == 409
    assert "Mucho trabajo" in page.content.decode()


def form_of_hidden(page: Any) -> dict[str, str]:
    return {"seen": str(page.context["form"]["seen"].value())}


def test_a_published_edition_is_not_changed_by_a_request(client: Client, cast: Cast, draft: ActTemplate) -> None:
    sign_in(client, cast.administrator)
    told = form_of(client.get(DRAFT))
    actions.publish_template(by=cast.administrator, draft=draft, seen=draft.updated_at, now=NOW)
    page = client.post(DRAFT, {**told, "closing": "Otra cosa", "do": "save"})
    assert page.status_code == 409
    assert "ya no cambia" in words(page)
    assert "Otra cosa" in page.content.decode()
    draft.refresh_from_db()
    assert "Otra cosa" not in draft.closing


def test_a_text_with_faults_offers_no_publication(client: Client, cast: Cast, draft: ActTemplate) -> None:
    sign_in(client, cast.administrator)
    told = form_of(client.get(DRAFT))
    client.post(DRAFT, {**told, "body": "Sin campos", "do": "save"})
    page = client.get(DRAFT + "publicar/")
    assert "Falta el campo {municipio}" in words(page)
    assert b'<form method="post">' not in page.content.split(b"<main")[1]
    draft.refresh_from_db()
    answer = client.post(DRAFT + "publicar/", {"seen": draft.updated_at.isoformat()})
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert draft.state == EditionState.DRAFT


def test_the_preview_as_pdf_opens_in_the_page_and_is_no_act(client: Client, cast: Cast, text: ActTemplate) -> None:
    sign_in(client, cast.adviser)
    answer = client.get("/consejo/actas/textos/1/vista/", {"municipio": cast.here.cut})
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/consejo/actas/textos/1/vista/", {"municipio": cast.elsewhere.cut}).status_code == 404
    assert not Act.objects.exists()


def test_an_adviser_reads_the_draft_but_gets_no_editor(client: Client, cast: Cast, draft: ActTemplate) -> None:
    page = sign_in(client, cast.adviser).get(DRAFT)
    assert page.status_code == 200
    assert b"<textarea" not in page.content


def test_hostile_words_stay_words_on_the_pages(client: Client, cast: Cast, draft: ActTemplate) -> None:
    sign_in(client, cast.administrator)
    told = form_of(client.get(DRAFT))
    bad = "<script>alert(1)</script> {{ 7|add:7 }}"
    page = client.post(DRAFT, {**told, "title": bad, "closing": bad, "do": "look"})
    assert b"<script>alert(1)" not in page.content


def test_the_act_is_read_whole_before_it_is_issued(client: Client, cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    adhesion = adhesion_in(cast.here)
    address = reverse("municipalities:issue_act", args=[adhesion.pk])
    page = sign_in(client, cast.adviser).get(address)
    assert f"La Municipalidad de {cast.here.name}, Región" in words(page)
    assert MAYOR in words(page)
    assert RUN.split("-")[0] not in page.content.decode()
    answer = client.post(address, form_of(page))
    assert answer.headers["Location"] == address
    act = Act.objects.get()
    assert act.folio in words(client.get(address))
    assert act.sha256 in words(client.get(address))


def test_what_is_missing_is_said_in_place_of_the_button(client: Client, cast: Cast, text: ActTemplate) -> None:
    adhesion = adhesion_in(cast.here)
    page = sign_in(client, cast.adviser).get(reverse("municipalities:issue_act", args=[adhesion.pk]))
    assert "Registre a quien ejerce el cargo" in words(page)
    assert "Emitir acta" not in words(page)


def test_what_does_not_forbid_it_is_a_warning(client: Client, cast: Cast, text: ActTemplate) -> None:
    authority(cast.elsewhere, office=Office.ACTING_MAYOR)
    cast.coordinator_elsewhere.is_active = False
    cast.coordinator_elsewhere.save()
    page = sign_in(client, cast.administrator).get(
        reverse("municipalities:issue_act", args=[adhesion_in(cast.elsewhere).pk])
    )
    assert "Firma quien subroga" in words(page)
    assert "Nadie de la municipalidad recibirá el correo" in words(page)


def test_the_acting_mayor_may_be_chosen_and_is_then_in_the_text(client: Client, cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    acting = authority(cast.here, office=Office.ACTING_MAYOR, name="Quien subroga")
    address = reverse("municipalities:issue_act", args=[adhesion_in(cast.here).pk])
    page = sign_in(client, cast.adviser).get(address, {"firma": acting.pk})
    client.post(address, form_of(page))
    assert Act.objects.get().authority == acting


def test_the_second_of_two_clicks_is_told_and_keeps_what_was_typed(
    client: Client, cast: Cast, text: ActTemplate
) -> None:
    authority(cast.here)
    adhesion = adhesion_in(cast.here)
    address = reverse("municipalities:issue_act", args=[adhesion.pk])
    told = form_of(sign_in(client, cast.administrator).get(address))
    assert client.post(address, told).status_code == 302
    page = client.post(address, told)
    assert page.status_code == 409
    assert cast.administrator.name in words(page)
    again = {**form_of(page), "reason": "El nombre estaba mal"}
    assert client.post(address, again).status_code == 302
    page = client.post(address, again)
    assert client.post(address, {**again, "seen": AdhesionState.RETURNED}).status_code == 409
    assert "El nombre estaba mal" in client.post(address, {**again, "seen": AdhesionState.RETURNED}).content.decode()


def test_a_new_act_without_its_reason_is_not_issued(client: Client, cast: Cast, text: ActTemplate) -> None:
    authority(cast.here)
    address = reverse("municipalities:issue_act", args=[adhesion_in(cast.here, AdhesionState.RETURNED).pk])
    page = sign_in(client, cast.adviser).get(address)
    answer = client.post(address, form_of(page))
    assert answer.status_code == 200
    assert "Motivo del acta nueva" in words(answer)
    assert not Act.objects.exists()


@pytest.mark.parametrize("state", [AdhesionState.IN_FORCE, AdhesionState.WITHDRAWN])
def test_a_state_that_knows_no_act_says_so(state: AdhesionState, client: Client, cast: Cast, text: ActTemplate) -> None:
    adhesion = adhesion_in(cast.here)
    Adhesion.objects.filter(pk=adhesion.pk).update(state=state, in_force_from=NOW.date())
    page = sign_in(client, cast.adviser).get(reverse("municipalities:issue_act", args=[adhesion.pk]))
    assert "no se emite un acta" in words(page)
    assert page.context["form"] is None


def test_the_pages_ask_the_database_little(
    client: Client, cast: Cast, draft: ActTemplate, django_assert_max_num_queries: Any
) -> None:
    authority(cast.here)
    adhesion = adhesion_in(cast.here)
    sign_in(client, cast.administrator)
    for address in (LIST, DRAFT, LIST + "1/", reverse("municipalities:issue_act", args=[adhesion.pk])):
        client.get(address)
        with django_assert_max_num_queries(20):
            client.get(address)
