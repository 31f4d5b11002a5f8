"""What somebody who means harm, or clicks twice, tries with the adhesions."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.models import Event
from municipalities.actions import RefusedError, campaigns, contact_log, contacts, filters
from municipalities.actions.adhesions import move
from municipalities.actions.contact_log import Noted
from municipalities.choices import AdhesionState as S
from municipalities.choices import MailKind
from municipalities.imports.act_templates import load_act_template
from municipalities.models import Authority, Campaign, Contact, ContactNote, Invitation, Membership
from municipalities.notifications.outbox import queue
from municipalities.notifications.recipients import Recipient
from municipalities.views.form_page import way_back
from tests.at_once import at_once
from tests.cast import Cast, assemble, sign_in
from tests.municipalities.adhesions import adhesion, mayor

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
SCRIPT = "</textarea>'\"><script>alert(1)</script>"
FORMULA = '=HYPERLINK("https://otro.example","x")'
HERE = "/municipios/12201-cabo-de-hornos/"
ELSEWHERE = "/municipios/10207-queilen/"


def note_of(cast: Cast, **said: Any) -> Noted:
    words = {"kind": "call", "on": TODAY, "with_whom": "Ana", "notes": "Sí", "next_step": "Llamar", "next_on": TODAY}
    return Noted(**{**words, "responsible": cast.adviser, **said})


def campaign_of(cast: Cast, name: str = "Sur", **said: Any) -> Campaign:
    dates = {"starts": TODAY, "ends": TODAY + timedelta(days=30)}
    given = {"description": "", "goals": {}, "now": NOW, "campaign": None, **dates, **said}
    return campaigns.save_campaign(**{"by": cast.administrator, "name": name, **given})


# Where one is led afterwards


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://otro.example/", "//otro.example/", "///otro.example/", "/\\otro.example", "\\\\otro.example"),
        *("javascript:alert(1)", "http:///otro.example", "portal:desk", "consejo", ""),
        *("2026-99-99", "\x00/consejo/", " /consejo/"),
    ],
)
def test_an_address_that_is_no_path_of_this_site_leads_nowhere(client: Client, cast: Cast, wanted: str) -> None:
    assert way_back(wanted, "/inicio/") == "/inicio/"
    note = contact_log.add_note(by=cast.adviser, municipality=cast.here, noted=note_of(cast), now=NOW)
    answer = sign_in(client, cast.adviser).post(f"/consejo/bitacora/notas/{note.pk}/hecho/", {"volver": wanted})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/consejo/bitacora/12201/")


def test_a_line_break_in_an_address_makes_no_header(client: Client, cast: Cast) -> None:
    note = contact_log.add_note(by=cast.adviser, municipality=cast.here, noted=note_of(cast), now=NOW)
    wanted = "/consejo/tareas/?ver=hoy\r\nSet-Cookie: a=b"
    answer = sign_in(client, cast.adviser).post(f"/consejo/bitacora/notas/{note.pk}/hecho/", {"volver": wanted})
    assert answer.headers["Location"].startswith("/consejo/tareas/?ver=hoy%0D%0ASet-Cookie")
    assert "a" not in answer.cookies


# What is typed


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1900-01-01", "3000-05-05"])
def test_a_year_that_nobody_means_is_refused_in_words(client: Client, cast: Cast, day: str) -> None:
    authority = mayor(cast.here)
    sign_in(client, cast.administrator)
    for address, field in (
        (f"{HERE}autoridades/{authority.pk}/terminar/", "last_day"),
        (f"{HERE}autoridades/agregar/", "starts"),
        ("/consejo/campanas/nueva/", "ends"),
        ("/consejo/bitacora/12201/anotar/", "next_on"),
        ("/consejo/confianza/agregar/", "trusted_from"),
    ):
        answer = client.post(address, {field: day})
        assert answer.status_code == 200, address
        assert "Revise el año." in answer.content.decode(), address


@pytest.mark.parametrize("junk", ["\x00", "12\x0001", "9" * 5000, "²", "=1", "🙂" * 200])
def test_junk_in_place_of_a_number_or_a_code_is_no_fault_of_the_portal(client: Client, cast: Cast, junk: str) -> None:
    campaign = campaign_of(cast)
    load_act_template()
    mail = queue(MailKind.ACT_ISSUED, to=Recipient("x@ejemplo.cl", ""), now=NOW, adhesion=adhesion(cast.here))
    assert mail
    sign_in(client, cast.administrator)
    for address, sent in (
        ("/consejo/actas/textos/", {"source": junk}),
        (f"/consejo/campanas/{campaign.pk}/municipios/", {"m": junk}),
        ("/consejo/adhesiones/accion/", {"kind": "invite", "m": junk, "token": junk, "visto": f"{junk}:{junk}"}),
        (f"/consejo/correos/{mail.pk}/devuelto/", {"seen": junk, "reason": junk}),
    ):
        assert client.post(address, sent).status_code < 500, address
    for address in ("/consejo/actas/textos/1/vista/", "/consejo/correos/textos/act_issued/", "/consejo/calendario/"):
        answer = client.get(address, {"municipio": junk, "mes": junk})
        assert answer.status_code < 500, address
    assert not campaign.targets.exists()


def test_what_people_typed_never_runs_in_a_page(client: Client, cast: Cast) -> None:
    made = adhesion(cast.here, S.CONVERSING)
    move(by=cast.administrator, adhesion=made, to=S.WITHDRAWN, now=NOW, reason=SCRIPT)
    again = adhesion(cast.here, S.INVITED, term=2024, since=NOW - timedelta(days=3), previous=made)
    campaign = campaign_of(cast, SCRIPT, description=SCRIPT)
    filters.save_filter(by=cast.administrator, table="adhesions", name=SCRIPT[:60], query="orden=x", is_shared=True)
    contact_log.add_note(
        by=cast.adviser,
        municipality=cast.here,
        noted=note_of(cast, with_whom=SCRIPT, notes=SCRIPT, next_step=SCRIPT),
        now=NOW,
    )
    contacts.add_contact(
        by=cast.coordinator,
        municipality=cast.here,
        name=SCRIPT,
        position=SCRIPT,
        email="",
        phone="+56 2 2222",
        source=SCRIPT,
        is_main=True,
        now=NOW,
    )
    Authority.objects.filter(pk=mayor(cast.here).pk).update(name=SCRIPT, decree=SCRIPT)
    sign_in(client, cast.administrator)
    seen = 0
    for address in (
        *(f"/consejo/adhesiones/{made.pk}/", f"/consejo/adhesiones/{again.pk}/", "/consejo/adhesiones/"),
        *("/consejo/adhesiones/?vista=tablero", "/consejo/campanas/", campaign.get_absolute_url()),
        *("/consejo/bitacora/12201/", "/consejo/tareas/", "/consejo/calendario/", f"{HERE}contactos/"),
        *(f"{HERE}autoridades/", f"{HERE}adhesion/gestion/", f"{HERE}adhesion/", "/adhesiones/"),
        *(f"/consejo/adhesiones/{again.pk}/paso/withdrawn/", f"/consejo/campanas/{campaign.pk}/municipios/"),
        "/consejo/adhesiones/?" + "buscar=" + SCRIPT,
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        seen += page.count("&lt;script&gt;alert")
    assert seen >= 10


def test_a_formula_that_was_typed_stays_text_in_the_workbook(client: Client, cast: Cast) -> None:
    adhesion(cast.here, S.INVITED)
    contact_log.add_note(by=cast.adviser, municipality=cast.here, noted=note_of(cast, next_step=FORMULA), now=NOW)
    body = sign_in(client, cast.administrator).get("/consejo/adhesiones/planilla.xlsx").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    assert any(FORMULA in str(cell) for row in rows for cell in row)
    sheet = zipfile.ZipFile(io.BytesIO(body)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet


# What belongs to others


def test_an_own_address_does_not_open_what_is_anothers(client: Client, cast: Cast) -> None:
    authority = mayor(cast.here)
    contact = Contact.objects.create(municipality=cast.here, name="Ana", email="ana@ejemplo.cl", recorded_at=NOW)
    member = Membership.objects.get(user=cast.officer)
    invited = Invitation.objects.create(
        municipality=cast.here,
        email="x@ejemplo.cl",
        role="reader",
        basis="x",
        secret_hash="x",
        invited_by=cast.coordinator,
        invited_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    made = adhesion(cast.here, S.INVITED)
    told = Event.objects.count()
    sign_in(client, cast.coordinator_elsewhere)
    for path in (
        *(f"autoridades/{authority.pk}/corregir/", f"autoridades/{authority.pk}/terminar/"),
        *(f"contactos/{contact.pk}/", f"contactos/{contact.pk}/quitar/", f"contactos/{contact.pk}/principal/"),
        *(f"personas/{member.pk}/terminar/", f"personas/{member.pk}/rol/"),
        f"personas/invitaciones/{invited.pk}/retirar/",
    ):
        # Through the own municipality with another's number, and through the other municipality.
        assert client.post(ELSEWHERE + path, {"reason": "x", "role": "reader"}).status_code == 404, path
        assert client.post(HERE + path, {"reason": "x", "role": "reader"}).status_code in {403, 404}, path
    assert client.post(f"{ELSEWHERE}adhesion/gestion/responder/", {"adhesion": made.pk}).status_code == 404
    assert Event.objects.count() == told
    assert Authority.objects.get(pk=authority.pk).ends is None
    assert Contact.objects.filter(pk=contact.pk).exists()


# Twice


def test_two_clicks_make_one_campaign_and_keep_one_note(transactional_db: None) -> None:
    cast = assemble()
    assert at_once(*[lambda: campaign_of(cast)] * 2) == []
    assert Campaign.objects.count() == 1

    def keep() -> None:
        contact_log.add_note(by=cast.adviser, municipality=cast.here, noted=note_of(cast), now=NOW)

    assert at_once(keep, keep) == []
    assert ContactNote.objects.count() == 1


def test_the_same_words_later_are_another_note_and_a_taken_name_is_refused(cast: Cast) -> None:
    for minutes in (0, 2):
        later = NOW + timedelta(minutes=minutes)
        contact_log.add_note(by=cast.adviser, municipality=cast.here, noted=note_of(cast), now=later)
    assert ContactNote.objects.count() == 2
    first = campaign_of(cast)
    assert campaign_of(cast) == first
    for said in ({"now": NOW + timedelta(minutes=2)}, {"ends": date(2030, 1, 1)}):
        with pytest.raises(RefusedError, match="nombre"):
            campaign_of(cast, **said)
