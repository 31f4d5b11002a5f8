"""The people to whom the council writes, and the log of what was spoken with them."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, User
from municipalities.actions import OvertakenError, RefusedError, contact_log
from municipalities.actions import contacts as actions
from municipalities.actions.contact_log import Noted
from municipalities.models import Contact, ContactNote
from municipalities.reports.contact_log import people_for
from tests.cast import Cast, sign_in

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = "/municipios/12201-cabo-de-hornos/contactos/"
LOG = "/consejo/bitacora/12201/"
TASKS = "/consejo/tareas/"


def add(cast: Cast, name: str = "Ana Pérez", email: str = "ana@ejemplo.cl", **said: object) -> Contact:
    fields = {"position": "", "phone": "", "is_main": False, "source": "", **said}
    return actions.add_contact(
        by=cast.coordinator,
        municipality=cast.here,
        name=name,
        email=email,
        now=NOW,
        **fields,  # type: ignore[arg-type]
    )


def noted(responsible: User | None = None, **said: object) -> Noted:
    fields = {
        "kind": "call",
        "on": date(2026, 3, 1),
        "with_whom": "Ana",
        "notes": "Interesados",
        "next_step": "Enviar el acta" if responsible else "",
        "next_on": date(2026, 3, 10) if responsible else None,
        **said,
    }
    return Noted(responsible=responsible, **fields)  # type: ignore[arg-type]


def note(cast: Cast, responsible: User | None = None, **said: object) -> ContactNote:
    return contact_log.add_note(
        by=cast.administrator, municipality=cast.here, noted=noted(responsible or cast.adviser, **said), now=NOW
    )


def text(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


# Contacts


def test_while_there_is_anyone_exactly_one_is_the_main_contact(cast: Cast) -> None:
    ana = add(cast)
    assert ana.is_main
    luis = add(cast, "Luis", "luis@ejemplo.cl")
    assert not luis.is_main
    eva = add(cast, "Eva", "eva@ejemplo.cl", is_main=True)
    assert list(Contact.objects.filter(is_main=True)) == [eva]
    for _ in range(2):
        actions.make_main(by=cast.coordinator, contact=luis, now=NOW)
    assert list(Contact.objects.filter(is_main=True)) == [luis]
    assert Event.objects.filter(kind="contact.main").count() == 1
    with pytest.raises(RefusedError):
        actions.remove_contact(by=cast.coordinator, contact=luis, now=NOW)
    for contact in (ana, eva, luis):
        actions.remove_contact(by=cast.coordinator, contact=contact, now=NOW)
    assert not Contact.objects.exists()


def test_an_email_belongs_to_one_contact_whatever_its_letters(cast: Cast) -> None:
    add(cast)
    with pytest.raises(RefusedError, match="Ana Pérez"):
        add(cast, "Otra", "ANA@ejemplo.cl")


def test_a_contact_without_email_and_telephone_is_refused(cast: Cast) -> None:
    with pytest.raises(RefusedError):
        add(cast, email="")


def test_events_of_contacts_hold_no_email(cast: Cast) -> None:
    actions.remove_contact(by=cast.coordinator, contact=add(cast), now=NOW)
    assert "ana@ejemplo.cl" not in str(list(Event.objects.values()))


@pytest.mark.parametrize("who", ["officer", "mayor", "reader", "analyst", "coordinator_elsewhere", "adviser_elsewhere"])
def test_nobody_else_changes_contacts(cast: Cast, who: str) -> None:
    contact = add(cast)
    with pytest.raises(PermissionDenied):
        actions.remove_contact(by=getattr(cast, who), contact=contact, now=NOW)


def test_a_change_of_what_changed_meanwhile_does_nothing(cast: Cast) -> None:
    contact = add(cast)
    said = {"name": "Ana", "position": "", "email": "ana@ejemplo.cl", "phone": "1", "is_main": True, "source": ""}
    seen = contact.fingerprint
    actions.change_contact(by=cast.coordinator, contact=contact, seen=seen, now=NOW, **said)  # type: ignore[arg-type]
    with pytest.raises(OvertakenError):
        actions.change_contact(by=cast.adviser, contact=contact, seen=seen, now=NOW, **said)  # type: ignore[arg-type]


def test_the_pages_of_contacts_do_what_they_say(client: Client, cast: Cast) -> None:
    sign_in(client, cast.coordinator)
    assert "Todavía no hay contactos" in text(client, PAGE)
    assert "Escriba un correo o un teléfono" in client.post(PAGE + "agregar/", {"name": "Ana"}).content.decode()
    assert client.post(PAGE + "agregar/", {"name": "Ana", "email": "Ana@Ejemplo.cl"}).status_code == 302
    assert client.post(PAGE + "agregar/", {"name": "Luis", "phone": "+56 61 2 345 678"}).status_code == 302
    ana, luis = Contact.objects.get(name="Ana"), Contact.objects.get(name="Luis")
    client.post(f"{PAGE}{luis.pk}/principal/")
    changed = {"name": "Ana Soto", "email": ana.email, "seen": ana.fingerprint}
    assert client.post(f"{PAGE}{ana.pk}/", changed).status_code == 409  # it was the main contact when it was seen
    ana.refresh_from_db()
    assert client.post(f"{PAGE}{ana.pk}/", {**changed, "seen": ana.fingerprint}).status_code == 302
    assert "ya no escribirá" in text(client, f"{PAGE}{ana.pk}/quitar/")
    client.post(f"{PAGE}{ana.pk}/quitar/")
    shown = text(client, PAGE)
    assert "Ana Soto" not in shown
    assert "Principal" in shown


def test_a_reader_sees_contacts_and_changes_none(client: Client, cast: Cast) -> None:
    contact = add(cast)
    sign_in(client, cast.reader)
    assert "ana@ejemplo.cl" in text(client, PAGE)
    assert client.post(f"{PAGE}{contact.pk}/quitar/").status_code == 403
    assert sign_in(client, cast.citizen).get(PAGE).status_code == 404


# The log


def test_a_note_is_the_councils_alone(client: Client, cast: Cast) -> None:
    note(cast)
    assert "Enviar el acta" in text(sign_in(client, cast.analyst), LOG)
    for who in (cast.coordinator, cast.mayor):
        assert sign_in(client, who).get(LOG).status_code == 403
    assert sign_in(client, cast.adviser_elsewhere).get(LOG).status_code == 404


def test_who_is_asked_accompanies_the_municipality(cast: Cast) -> None:
    assert set(people_for(cast.here)) == {cast.adviser, cast.administrator, cast.unprotected_administrator}
    with pytest.raises(RefusedError):
        note(cast, cast.adviser_elsewhere)
    with pytest.raises(RefusedError):
        note(cast, cast.analyst)


def test_a_contact_is_noted_once_it_was_made(cast: Cast) -> None:
    with pytest.raises(RefusedError):
        note(cast, on=date(2026, 3, 3))


def test_done_keeps_who_did_it_first_and_is_taken_back(cast: Cast) -> None:
    step = note(cast)
    contact_log.set_done(by=cast.adviser, note=step, done=True, now=NOW)
    done = contact_log.set_done(by=cast.administrator, note=step, done=True, now=NOW + timedelta(hours=1))
    assert (done.done_by, done.done_at) == (cast.adviser, NOW)
    assert contact_log.set_done(by=cast.adviser, note=step, done=False, now=NOW).done_at is None
    with pytest.raises(PermissionDenied):
        contact_log.set_done(by=cast.analyst, note=step, done=True, now=NOW)


def test_a_note_is_kept_changed_and_done_in_the_pages(client: Client, cast: Cast) -> None:
    sign_in(client, cast.adviser)
    today = timezone.localdate()
    fields = {"kind": "visit", "on": f"{today:%Y-%m-%d}", "next_step": "Volver a llamar"}
    page = client.post(LOG + "anotar/", fields).content.decode()
    assert "El próximo paso lo necesita" in page
    fields |= {"next_on": f"{today:%d-%m-%Y}", "responsible": str(cast.adviser.pk)}
    assert client.post(LOG + "anotar/?volver=/consejo/tareas/", fields).headers["Location"] == TASKS
    step = ContactNote.objects.get()
    address = f"/consejo/bitacora/notas/{step.pk}/"
    assert client.post(address, {**fields, "seen": "other"}).status_code == 409
    changed = {**fields, "next_step": "Visitar", "seen": step.fingerprint}
    assert client.post(address, changed).headers["Location"] == LOG
    assert client.post(address + "hecho/", {"hecho": "1"}).status_code == 302
    assert "Hecho" in text(client, LOG)


def test_leaving_leads_to_no_other_site(client: Client, cast: Cast) -> None:
    step = note(cast)
    sign_in(client, cast.adviser)
    answer = client.post(f"/consejo/bitacora/notas/{step.pk}/hecho/", {"volver": "https://otro.example/"})
    assert answer.headers["Location"] == LOG


@pytest.mark.parametrize(
    ("days", "tabs"), [(-1, {"vencidas"}), (0, {"hoy"}), (1, {"semana"}), (7, {"semana"}), (8, set[str]())]
)
def test_each_task_stands_in_its_tab(client: Client, cast: Cast, days: int, tabs: set[str]) -> None:
    note(cast, next_on=timezone.localdate() + timedelta(days=days))
    sign_in(client, cast.adviser)
    shown = {tab for tab in ("vencidas", "hoy", "semana") if "Enviar el acta" in text(client, f"{TASKS}?cuando={tab}")}
    assert shown == tabs
    assert "Enviar el acta" in text(client, TASKS)


def test_tasks_are_mine_unless_everyones_are_asked(client: Client, cast: Cast) -> None:
    note(cast, cast.administrator)
    sign_in(client, cast.adviser)
    assert "Enviar el acta" not in text(client, TASKS)
    assert "Enviar el acta" in text(client, TASKS + "?de=todos")
    assert "Enviar el acta" not in text(sign_in(client, cast.adviser_elsewhere), TASKS + "?de=todos")
    assert sign_in(client, cast.coordinator).get(TASKS).status_code == 403


def test_the_tasks_cost_the_same_with_one_and_with_many(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, cast.adviser)
    for _ in range(20):
        note(cast)
    with django_assert_max_num_queries(20):
        client.get(TASKS)
