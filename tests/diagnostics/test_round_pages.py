"""The pages of rounds: the council's list, form, opening, table, more time, reminders; the municipality's list and desk."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from python_calamine import CalamineWorkbook

from diagnostics.actions import opening
from diagnostics.choices import DiagnosticState, EditionState, RoundKind
from diagnostics.models import (
    AnswerMigration,
    Diagnostic,
    Extension,
    InstrumentVersion,
    ReminderRule,
    Round,
    SectionAssignment,
)
from diagnostics.reports.rounds import round_rows
from municipalities.choices import AdhesionState, MailKind
from municipalities.models import Adhesion, Mail, Municipality
from tests.cast import Cast, sign_in
from tests.diagnostics.factories import NOW, a_round, diagnostic, version

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def text(page: bytes) -> str:
    body = page.decode()
    body = body[body.index("<main") : body.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def told(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    return text(answer.content)


def running(name: str = "Línea de base 2026", *, days: int = 30) -> Round:
    made = a_round(name)
    today = timezone.localdate()
    Round.objects.filter(pk=made.pk).update(opens=today - 10 * DAY, closes=today + days * DAY)
    made.refresh_from_db()
    return made


def opened(place: Municipality, round_: Round, *, answered: int = 0, state: str = DiagnosticState.OPEN) -> Diagnostic:
    held = diagnostic(place, round_)
    Diagnostic.objects.filter(pk=held.pk).update(asked=10, answered=answered, state=state)
    held.refresh_from_db()
    return held


# --- Rounds -----------------------------------------------------------------------------------------------------------


def sent(**changed: object) -> dict[str, object]:
    today = timezone.localdate()
    words: dict[str, object] = {
        "name": "Medio término",
        "kind": RoundKind.MIDTERM,
        "version": version().pk,
        "previous": "",
        "opens": today.isoformat(),
        "closes": (today + 60 * DAY).isoformat(),
        "public_from": "",
    }
    return words | changed


def test_a_round_is_made_and_its_page_says_what_to_do_next(client: Client, cast: Cast) -> None:
    version()
    sign_in(client, cast.administrator)
    assert "Todavía no hay rondas" in told(client, "/consejo/diagnosticos/")
    page = text(client.post("/consejo/diagnosticos/rondas/nueva/", sent(), follow=True).content)
    assert "Todavía no hay nada abierto en esta ronda. Quedan 60 días." in page
    assert "Elegir municipalidades y abrir" in page
    assert "creó la ronda “Medio término”" in page
    assert "Medio término" in told(client, "/consejo/diagnosticos/")


def test_rounds_are_listed_the_latest_first(cast: Cast) -> None:
    today = timezone.localdate()
    for days in (40, 0, 400, 20):
        Round.objects.filter(pk=running(f"hace {days}").pk).update(opens=today - days * DAY)
    names = [row.round_.name for row in round_rows(cast.administrator, today=today)]
    assert names == ["hace 0", "hace 20", "hace 40", "hace 400"]


def test_without_a_published_version_there_is_nothing_to_ask(client: Client, cast: Cast) -> None:
    version(EditionState.DRAFT)
    page = told(sign_in(client, cast.administrator), "/consejo/diagnosticos/")
    assert "Primero publique una versión" in page
    assert "Nueva ronda" not in page


def test_wrong_dates_are_told_at_their_field_and_nothing_is_made(client: Client, cast: Cast) -> None:
    today = timezone.localdate()
    sign_in(client, cast.administrator)
    answer = client.post("/consejo/diagnosticos/rondas/nueva/", sent(closes=(today - DAY).isoformat()))
    assert "Cierra: Cierra antes de abrir." in text(answer.content)
    answer = client.post("/consejo/diagnosticos/rondas/nueva/", sent(opens="31-31-2026", kind="x", version=0))
    assert answer.status_code == 200
    assert not Round.objects.exists()


def test_closing_before_today_is_asked_again(client: Client, cast: Cast) -> None:
    made = running()
    sign_in(client, cast.administrator)
    words = {"name": made.name, "kind": made.kind, "opens": made.opens.isoformat()}
    words["closes"] = (timezone.localdate() - DAY).isoformat()
    address = f"/consejo/diagnosticos/rondas/{made.pk}/editar/"
    answer = client.post(address, sent(**words))
    assert "Con este día nadie podría escribir más." in text(answer.content)
    assert 'type="checkbox" name="confirmed"' in answer.content.decode()
    made.refresh_from_db()
    assert made.closes > timezone.localdate()
    assert client.post(address, sent(confirmed="on", **words)).status_code == 302


def test_a_round_with_diagnostics_cannot_be_deleted_from_its_page(client: Client, cast: Cast) -> None:
    made = running()
    address = f"/consejo/diagnosticos/rondas/{made.pk}/borrar/"
    sign_in(client, cast.administrator)
    assert "Borrar la ronda “Línea de base 2026”" in told(client, address)
    opened(cast.here, made)
    assert "no se borra" in text(client.post(address, follow=True).content)
    Diagnostic.objects.all().delete()
    assert "se borró" in text(client.post(address, follow=True).content)
    assert not Round.objects.exists()


def test_the_numbers_of_a_round_lead_to_the_rows_behind_them(client: Client, cast: Cast) -> None:
    made = running(days=-1)
    opened(cast.here, made)
    opened(cast.elsewhere, made, answered=10, state=DiagnosticState.UNDER_REVIEW)
    sign_in(client, cast.analyst)
    answer = client.get(f"/consejo/diagnosticos/rondas/{made.pk}/")
    page = text(answer.content)
    assert "Se enviaron 1 de 2 diagnósticos. Está cerrada." in page
    assert "1 sin comenzar 1 con menos de la mitad respondida 1 vencido, sin enviar 0 enviados" in page
    links = set(re.findall(r'href="(/consejo/diagnosticos/tabla/\?[^"]*)"', answer.content.decode()))
    by_row = {"avance=sin-comenzar": "Cabo", "plazo=vencido": "Cabo", "estado=under_review": "Queilen"}
    for query, kept in by_row.items():
        (link,) = (link.replace("&amp;", "&") for link in links if query in link)
        rows = told(client, link)
        assert kept in rows
        assert ({"Cabo", "Queilen"} - {kept}).pop() not in rows


def test_an_adviser_counts_the_own_scope_and_changes_nothing(client: Client, cast: Cast) -> None:
    made = running()
    held = opened(cast.here, made)
    opened(cast.elsewhere, made)
    sign_in(client, cast.adviser)
    page = told(client, f"/consejo/diagnosticos/rondas/{made.pk}/")
    assert "Se envió 0 de 1 diagnóstico." in page
    assert "Abrir para más" not in page
    assert "Queilen" not in told(client, "/consejo/diagnosticos/tabla/")
    changes = ("rondas/nueva/", f"rondas/{made.pk}/abrir/", "plazo/", f"{held.pk}/cancelar/")
    for address in (*changes, f"rondas/{made.pk}/recordatorios/"):
        assert client.post(f"/consejo/diagnosticos/{address}").status_code == 403, address


# --- Opening ----------------------------------------------------------------------------------------------------------


def in_force(place: Municipality) -> None:
    Adhesion.objects.create(
        municipality=place, term_year=2024, state=AdhesionState.IN_FORCE, state_since=NOW, created_at=NOW,
        in_force_from=date(2026, 1, 1),
    )  # fmt: skip


def test_a_round_is_opened_for_those_in_force_unless_others_are_chosen(client: Client, cast: Cast) -> None:
    made = running()
    in_force(cast.here)
    sign_in(client, cast.administrator)
    targets = f"/consejo/diagnosticos/rondas/{made.pk}/municipios/"
    page = told(client, targets)
    assert "Cabo de Hornos" in page
    assert "Queilen" not in page
    assert "Queilen" in told(client, f"{targets}?buscar=")
    preview = client.post(f"/consejo/diagnosticos/rondas/{made.pk}/abrir/", {"todas": "1", "filtro": "estado=in_force"})
    assert "1 municipalidad recibe un diagnóstico." in text(preview.content)
    assert not Diagnostic.objects.exists()
    confirmed = {"elegidos": cast.here.cut, "filtro": "estado=in_force", "confirmar": "1"}
    address = f"/consejo/diagnosticos/rondas/{made.pk}/abrir/"
    assert "Se abrió 1 diagnóstico." in text(client.post(address, confirmed, follow=True).content)
    # Sent again, as by a double click.
    assert "Se abrieron 0 diagnósticos. 1 ya estaba abierto." in text(
        client.post(address, confirmed, follow=True).content
    )
    assert Diagnostic.objects.count() == 1
    assert "1 municipalidad ya tiene su diagnóstico." in told(client, targets)


def test_the_preview_warns_of_what_is_missing(client: Client, cast: Cast) -> None:
    made = running()
    sign_in(client, cast.administrator)
    cast.coordinator_elsewhere.memberships.update(ends=date(2026, 1, 6))
    page = text(client.post(f"/consejo/diagnosticos/rondas/{made.pk}/abrir/", {"m": [cast.elsewhere.cut]}).content)
    assert "1 no tiene a quién escribirle" in page
    assert "1 no tiene una adhesión vigente" in page


def test_outside_its_days_a_round_says_why_it_does_not_open(client: Client, cast: Cast) -> None:
    made = running(days=-1)
    sign_in(client, cast.administrator)
    sent_again = {"elegidos": cast.here.cut, "confirmar": "1"}
    address = f"/consejo/diagnosticos/rondas/{made.pk}/abrir/"
    assert "La ronda cerró el" in text(client.post(address, sent_again, follow=True).content)
    assert "Elija al menos una municipalidad" in text(client.post(address, {"m": "x"}, follow=True).content)


def test_a_round_that_follows_one_of_another_version_leads_to_the_mapping(client: Client, cast: Cast) -> None:
    before = running()
    other = version()
    later = InstrumentVersion.objects.create(
        family=other.family, version="2027.1", title="x", content=other.content, checksum="x", created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    made = Round.objects.create(
        name="x",
        kind="final",
        version=later,
        previous=before,
        opens=NOW.date(),
        closes=date(2026, 12, 1),
        created_at=NOW,
    )
    answer = sign_in(client, cast.administrator).get(f"/consejo/diagnosticos/rondas/{made.pk}/")
    assert f"/consejo/instrumentos/{later.pk}/correspondencia/{other.pk}/" in answer.content.decode()


# --- Table ------------------------------------------------------------------------------------------------------------


def test_the_workbook_holds_exactly_what_the_table_shows(client: Client, cast: Cast) -> None:
    made = running(days=-1)
    opened(cast.here, made, answered=4)
    opened(cast.elsewhere, made, state=DiagnosticState.SUBMITTED)
    answer = sign_in(client, cast.analyst).get("/consejo/diagnosticos/tabla/planilla/?plazo=vencido&nada=x")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 2
    assert rows[1][:8] == ["12201", "Cabo de Hornos", "Región 12", made.name, "En llenado", 4, 10, 40]
    assert rows[1][9] == made.closes
    assert ["Filtro", "Plazo: Vencidos"] in book.get_sheet_by_index(1).to_python()


def test_cancelled_ones_show_when_they_are_asked_for(client: Client, cast: Cast) -> None:
    opened(cast.here, running(), state=DiagnosticState.CANCELLED)
    sign_in(client, cast.analyst)
    assert "Ningún diagnóstico cumple" in told(client, "/consejo/diagnosticos/tabla/")
    assert "Cabo de Hornos" in told(client, "/consejo/diagnosticos/tabla/?estado=cancelled")


@pytest.mark.parametrize("order", ["nombre", "region", "ronda", "estado", "avance", "movimiento", "plazo", "zzz"])
def test_the_table_sorts_both_ways(client: Client, cast: Cast, order: str) -> None:
    made = running()
    opened(cast.here, made, answered=4)
    opened(cast.elsewhere, made)
    sign_in(client, cast.analyst)
    ways = [told(client, f"/consejo/diagnosticos/tabla/?orden={sign}{order}") for sign in ("", "-")]
    places = [page.index("Cabo de Hornos") < page.index("Queilen") for page in ways]
    assert places[0] is not places[1] or order in {"ronda", "estado", "movimiento", "plazo", "zzz"}


@pytest.mark.parametrize(
    "query", ["ronda=x", "avance=x&plazo=9", "region=99", "estado=nada", "pagina=-4", "buscar=%00"]
)
def test_no_address_of_the_table_fails(client: Client, cast: Cast, query: str) -> None:
    opened(cast.here, running())
    assert sign_in(client, cast.analyst).get(f"/consejo/diagnosticos/tabla/?{query}").status_code == 200


# --- More time, cancelling --------------------------------------------------------------------------------------------


def test_more_time_is_previewed_then_given(client: Client, cast: Cast) -> None:
    made = running()
    one = opened(cast.here, made)
    two = opened(cast.elsewhere, made, state=DiagnosticState.SUBMITTED)
    sign_in(client, cast.administrator)
    address, until = "/consejo/diagnosticos/plazo/", made.closes + 20 * DAY
    assert "1 diagnóstico elegido." in text(client.get(f"{address}?m={one.pk}").content)
    words = {"elegidos": f"{one.pk},{two.pk}", "until": until.isoformat(), "reason": "Hubo aluviones.", "ver": "1"}
    page = text(client.post(address, words).content)
    assert "Alcanza a 1 municipalidad." in page
    assert f"{made.closes:%d-%m-%Y} {until:%d-%m-%Y}" in page
    assert "Queilen No se está respondiendo ahora." in page
    assert not Extension.objects.exists()
    del words["ver"]
    page = text(client.post(address, words | {"confirmar": "1"}, follow=True).content)
    assert f"1 municipalidad tiene plazo hasta el {until:%d-%m-%Y}." in page
    assert Extension.objects.get().reason == "Hubo aluviones."
    assert Mail.objects.filter(kind=MailKind.DIAGNOSTIC_EXTENDED).count() == 2


@pytest.mark.parametrize("until", ["", "ayer", "2026-01-01", "2999-01-01"])
def test_a_day_that_cannot_be_is_told_and_gives_nothing(client: Client, cast: Cast, until: str) -> None:
    held = opened(cast.here, running())
    words = {"elegidos": str(held.pk), "until": until, "reason": "x", "confirmar": "1"}
    answer = sign_in(client, cast.administrator).post("/consejo/diagnosticos/plazo/", words)
    assert answer.status_code == 200
    assert "Nuevo último día" in text(answer.content)
    assert 'class="errorlist"' in answer.content.decode()
    assert not Extension.objects.exists()


def test_a_diagnostic_is_cancelled_with_its_reason_once(client: Client, cast: Cast) -> None:
    held = opened(cast.here, running())
    address = f"/consejo/diagnosticos/{held.pk}/cancelar/"
    sign_in(client, cast.administrator)
    assert client.post(address, {"reason": "", "seen": "open"}).status_code == 200
    page = text(client.post(address, {"reason": "Por error.", "seen": "open"}, follow=True).content)
    assert "El diagnóstico de Cabo de Hornos se canceló." in page
    again = client.post(address, {"reason": "Por error.", "seen": "open"})
    assert again.status_code == 409
    assert "no hay nada que cancelar" in told(client, address)


# --- Reminders --------------------------------------------------------------------------------------------------------


def test_the_rules_of_reminders_are_edited_with_their_preview(client: Client, cast: Cast) -> None:
    made = running(days=40)
    opened(cast.here, made)
    Diagnostic.objects.update(created_at=timezone.now() - 5 * DAY)
    address = f"/consejo/diagnosticos/rondas/{made.pk}/recordatorios/"
    sign_in(client, cast.administrator)
    assert "El portal no le recuerda esta ronda a nadie." in told(client, address)
    page = text(client.post(address, {"days_before": "7", "below_percent": "50"}, follow=True).content)
    assert "7 días antes del último" in page
    assert "A las que tienen respondido menos del 50 %. 1 municipalidad, 2 direcciones." in page
    # The same day again changes whom it reaches.
    client.post(address, {"days_before": "7", "below_percent": "100"})
    assert [rule.below_percent for rule in ReminderRule.objects.all()] == [100]
    assert client.post(address, {"days_before": "-1", "below_percent": "400"}).status_code == 200
    for number in ("x", "999999", str(ReminderRule.objects.get().pk)):
        client.post(address, {"quitar": number})
    assert not ReminderRule.objects.exists()


# --- What a municipality sees -----------------------------------------------------------------------------------------


def test_the_municipality_sees_the_current_one_first_and_the_history_below(client: Client, cast: Cast) -> None:
    before, now = running("Primera"), running("Segunda")
    opened(cast.here, before, answered=10, state=DiagnosticState.SUBMITTED)
    opened(cast.here, now)
    page = told(sign_in(client, cast.reader), "/municipios/12201-cabo-de-hornos/diagnosticos/")
    assert page.index("Responda el diagnóstico: Segunda") < page.index("Antes") < page.index("Primera")
    assert f"Se envía a más tardar el {now.closes:%d-%m-%Y}." in page
    assert client.get("/municipios/10207-queilen/diagnosticos/").status_code == 404
    assert "Todavía no hay diagnósticos" in told(
        sign_in(client, cast.coordinator_elsewhere), "/municipios/10207-queilen/diagnosticos/"
    )


def test_the_desk_asks_a_coordinator_for_the_diagnostic_and_an_officer_for_their_section(
    client: Client, cast: Cast
) -> None:
    held = opened(cast.here, running())
    due = timezone.localdate() + 3 * DAY
    assert "Responda el diagnóstico" not in told(sign_in(client, cast.officer), "/inicio/")
    SectionAssignment.objects.create(
        diagnostic=held, dimension="transparencia", user=cast.officer, due=due, assigned_by=cast.coordinator,
        assigned_at=NOW,
    )  # fmt: skip
    page = told(client, "/inicio/")
    assert f"A su cargo: Transparencia : Faltan 4 de 4, hasta el {due:%d-%m-%Y}" in page
    page = told(sign_in(client, cast.coordinator), "/inicio/")
    assert "Responda el diagnóstico: Línea de base 2026" in page
    assert "Faltan 7 de 7" in page
    for person in (cast.mayor, cast.reader):
        assert "Responda el diagnóstico" not in told(sign_in(client, person), "/inicio/")


def test_the_desks_ask_a_few_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    opened(cast.here, running())
    sign_in(client, cast.coordinator).get("/inicio/")
    with django_assert_max_num_queries(16):
        client.get("/inicio/")
    with django_assert_max_num_queries(15):
        client.get("/municipios/12201-cabo-de-hornos/diagnosticos/")


def test_the_councils_desk_counts_what_waits_and_leads_there(client: Client, cast: Cast) -> None:
    made = running(days=-1)
    opened(cast.here, made)
    opened(cast.elsewhere, made, state=DiagnosticState.SUBMITTED)
    sign_in(client, cast.analyst)
    answer = client.get("/consejo/")
    assert "1 diagnóstico por revisar 1 diagnóstico vencido, sin enviar" in text(answer.content)
    table = "/consejo/diagnosticos/tabla/?plazo=vencido"
    for link, kept in (("/consejo/revisiones/", "Queilen"), (table, "Cabo de Hornos")):
        assert f'<a class="number" href="{link}"' in answer.content.decode()
        assert kept in told(client, link)


def test_answers_of_the_round_before_are_carried_by_a_task_of_their_own(client: Client, cast: Cast) -> None:
    before = running("Primera")
    opened(cast.here, before)
    made = running("Segunda")
    Round.objects.filter(pk=made.pk).update(previous=before)
    sign_in(client, cast.administrator)
    confirmed = {"elegidos": cast.here.cut, "confirmar": "1"}
    client.post(f"/consejo/diagnosticos/rondas/{made.pk}/abrir/", confirmed)
    migration = AnswerMigration.objects.get()
    assert (migration.source, migration.target, migration.mapping) == (before, made, None)
    assert client.get(f"/consejo/instrumentos/migraciones/{migration.pk}/").status_code == 200
    assert client.post(f"/consejo/instrumentos/migraciones/{migration.pk}/").status_code == 302
    assert "se pusieron en 0 de 0 diagnósticos" in told(client, f"/consejo/diagnosticos/rondas/{made.pk}/")


# --- Speed: last, for the register stays loaded ---------------------------------------------------------------------


def whole_country(cast: Cast) -> Round:
    made = running()
    every = list(Municipality.objects.values_list("pk", flat=True))
    opening.open_many(by=cast.administrator, round_=made, municipalities=every, now=timezone.now())
    return made


def test_the_pages_of_a_round_ask_a_few_queries_for_the_whole_country(
    client: Client, cast: Cast, whole_register: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = whole_country(cast)
    sign_in(client, cast.administrator)
    addresses = (
        "",
        f"rondas/{made.pk}/",
        f"tabla/?ronda={made.pk}",
        "tabla/planilla/",
        f"rondas/{made.pk}/recordatorios/",
    )
    for address in addresses:
        client.get(f"/consejo/diagnosticos/{address}")
        with django_assert_max_num_queries(15):
            assert client.get(f"/consejo/diagnosticos/{address}").status_code == 200, address
    with django_assert_max_num_queries(15):
        answer = client.post(
            "/consejo/diagnosticos/plazo/", {"todas": "1", "ver": "1", "until": "2027-06-01", "reason": "x"}
        )
    assert "Alcanza a 345 municipalidades" in text(answer.content)
