"""The public register of adhesions: what it shows, what it never shows, and what it costs."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event
from config.page_cache import forget_public_pages
from municipalities import figures
from municipalities.actions.adhesions import move
from municipalities.choices import AdhesionState, Fact, SignatureMethod
from municipalities.exports import adhesion_register as exports
from municipalities.models import Act, Adhesion, Municipality, Signature
from municipalities.reports.adhesion_register import answer, entries, happenings, published, timeline
from municipalities.rules.adhesion_states import TABLE
from municipalities.rules.verification import standing
from tests.municipalities.adhesions import RUN, SINCE, adhesion, pdf

S = AdhesionState
ATOM = "{http://www.w3.org/2005/Atom}"
PRIVATE = (S.PROSPECT, S.INVITED, S.CONVERSING, S.ACT_ISSUED, S.SIGNED, S.UNDER_REVIEW, S.RETURNED, S.VERIFIED)
REGISTER = "/adhesiones/"

pytestmark = pytest.mark.usefixtures("register")


@pytest.fixture
def register(whole_register: None, db: None) -> None:
    """The 345 municipalities, with nothing kept of other tests' pages."""
    cache.clear()


def place(cut: str) -> Municipality:
    return Municipality.objects.get(pk=cut)


def text(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


def rows(client: Client, query: str = "") -> list[str]:
    """The names in the list, in their order."""
    return re.findall(
        r'<th scope="row"><a href="[^"]+/adhesion/">([^<]+)<', client.get(REGISTER + query).content.decode()
    )


def ours(client: Client, query: str, word: str) -> str:
    """The count beside a link of a filter."""
    found = re.search(rf">{re.escape(word)} <span>(\d+)</span>", client.get(REGISTER + query).content.decode())
    assert found, word
    return found[1]


# What the register says


def test_the_register_answers_first_how_many_adhered_and_how_many_of_the_remote_ones(client: Client) -> None:
    adhesion(place("12401"))  # Natales
    adhesion(place("13120"))  # Ñuñoa
    adhesion(place("11201"), S.SUSPENDED)  # Aysén
    page = text(client, REGISTER)
    assert "2 de 345 municipalidades tienen una adhesión vigente." in page
    assert re.search(r"De las \d+ que están a 300 km o más de Santiago, hay 1 con adhesión vigente\.", page)
    assert "Hay 1 adhesión suspendida." in page


def test_the_register_works_before_anyone_adhered(client: Client) -> None:
    page = text(client, REGISTER)
    assert "0 de 345 municipalidades" in page
    assert "Todavía no hay actas firmadas." in page


@pytest.mark.parametrize("state", PRIVATE)
def test_what_is_not_yet_in_force_shows_nowhere(client: Client, state: AdhesionState) -> None:
    made = adhesion(place("13120"), state)
    folio = Act.objects.filter(adhesion=made).values_list("folio", flat=True).first() or "MGAM-2026-0001"
    assert "La Municipalidad de Ñuñoa no ha adherido" in text(client, "/municipios/13120-nunoa/adhesion/")
    assert client.get(f"/adhesiones/actas/{folio}.pdf").status_code == 404
    assert client.get(f"/verificar/{folio}/").status_code == 404
    for address in (REGISTER, "/adhesiones/datos.csv", "/adhesiones/novedades.atom", "/api/v1/adhesions/"):
        assert folio not in client.get(address).content.decode()
    assert published() == []
    assert happenings() == []


def test_a_withdrawal_before_it_was_in_force_stays_between_the_council_and_the_municipality(client: Client) -> None:
    adhesion(place("13120"), S.WITHDRAWN, was_in_force=False)
    assert "no ha adherido" in text(client, "/municipios/13120-nunoa/adhesion/")
    assert happenings() == []


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (S.IN_FORCE, "Su adhesión está vigente desde el 02-03-2026."),
        (S.SUSPENDED, "Su adhesión está suspendida."),
        (S.WITHDRAWN, "estuvo vigente del 20-02-2026 al 02-03-2026."),
        (S.CONCLUDED, "estuvo vigente del 20-02-2026 al 02-03-2026."),
    ],
)
def test_the_page_of_a_municipality_says_first_where_it_stands(client: Client, state: AdhesionState, said: str) -> None:
    adhesion(place("13120"), state)
    assert said in text(client, "/municipios/13120-nunoa/adhesion/")


def test_the_page_tells_who_signed_by_name_and_office_and_the_four_facts(client: Client) -> None:
    adhesion(place("13120"), facts=(Fact.YES, Fact.NO, Fact.UNKNOWN, Fact.YES))
    page = text(client, "/municipios/13120-nunoa/adhesion/")
    assert "firmada por Alcaldesa de Ñuñoa (" in page
    assert "✓ ¿Está el archivo como se firmó? Sí Nadie cambió el archivo" in page
    assert "✗ ¿Se puede confiar en el certificado? No El Consejo no confía" in page
    assert "? ¿Firmó la alcaldesa o el alcalde en el cargo? No se sabe" in page


def test_the_page_names_whom_the_act_names_whatever_is_recorded_later(client: Client) -> None:
    found = adhesion(place("13120"))
    named = found.acts.get().authority
    named.name = "Otra Persona"
    named.save()
    page = text(client, "/municipios/13120-nunoa/adhesion/")
    assert "Otra Persona" not in page
    assert "firmada por Alcaldesa de Ñuñoa (titular de la alcaldía)" in page


@pytest.mark.parametrize(
    ("method", "said"),
    [(SignatureMethod.PORTAL, "firma electrónica simple"), (SignatureMethod.SCAN, "Se firmó en papel")],
)
def test_a_weaker_road_to_a_signature_is_called_by_its_name(client: Client, method: SignatureMethod, said: str) -> None:
    adhesion(place("13120"), method=method, facts=(Fact.UNKNOWN, Fact.UNKNOWN, Fact.UNKNOWN, Fact.UNKNOWN))
    assert said in text(client, "/municipios/13120-nunoa/adhesion/")


def test_the_timeline_holds_public_steps_without_who_took_them_or_why(client: Client, cast: object) -> None:
    made = adhesion(place("13120"), S.SUSPENDED)
    Event.objects.filter(subject_id=str(made.pk)).update(actor_name="Ana Funcionaria", reason="Un motivo interno")
    sentences = [one.sentence for one in timeline(published()[0])]
    assert sentences == [
        "La adhesión se suspendió.",
        "La adhesión entró en vigencia.",
        "El Consejo verificó el acta firmada.",
        "Se firmó el acta.",
        "Se emitió el acta.",
    ]
    page = text(client, "/municipios/13120-nunoa/adhesion/")
    assert "Ana Funcionaria" not in page
    assert "motivo interno" not in page


def test_every_public_step_of_the_table_has_its_sentence() -> None:
    made = adhesion(place("13120"))
    Event.objects.all().delete()
    public = [taken for taken in TABLE if taken.public]
    for taken in public:
        Event.objects.create(
            at=SINCE,
            kind="adhesion.moved",
            subject_type="municipalities.adhesion",
            subject_id=str(made.pk),
            municipality_cut="13120",
            data={"start": taken.start, "end": taken.end},
        )
    assert len(happenings(adhesion=made.pk)) == len(public)


def test_earlier_adhesions_stay_beside_the_new_one_by_their_terms(client: Client) -> None:
    old = adhesion(place("13120"), S.CONCLUDED, term=2021, since=datetime(2024, 12, 6, 15, tzinfo=UTC))
    adhesion(place("13120"), previous=old)
    page = text(client, "/municipios/13120-nunoa/adhesion/")
    assert "está vigente desde el 02-03-2026" in page
    assert re.search(r"Adhesiones anteriores .* 2021-2024 .* MGAM-2024-0001", page)


def test_a_wrong_name_in_the_address_moves_for_good(client: Client) -> None:
    moved = client.get("/municipios/13120-otra/adhesion/")
    assert (moved.status_code, moved["Location"]) == (301, "/municipios/13120-nunoa/adhesion/")
    assert client.get("/municipios/99999-nada/adhesion/").status_code == 404


def test_no_public_page_or_file_holds_a_run_or_an_e_mail(client: Client) -> None:
    made = adhesion(place("13120"), S.SUSPENDED)
    folio = made.acts.get().folio
    addresses = [
        *(
            REGISTER,
            "/adhesiones/mapa/",
            "/adhesiones/datos.csv",
            "/adhesiones/datos.json",
            "/adhesiones/novedades.atom",
        ),
        *("/municipios/13120-nunoa/adhesion/", f"/verificar/{folio}/", f"/adhesiones/actas/{folio}.pdf"),
        *("/api/v1/adhesions/", f"/api/v1/adhesions/{made.pk}/", "/municipios/13120-nunoa/"),
    ]
    for address in addresses:
        answered = client.get(address)
        assert answered.status_code == 200, address
        body = answered.content.decode()
        for secret in (RUN, "12.345.678", "@ejemplo.cl", "192.0.2.7"):
            assert secret not in body, (address, secret)


# Filters, list and map in step


def test_filters_leave_what_they_say_and_count_given_everything_else(client: Client) -> None:
    adhesion(place("12401"))
    adhesion(place("12101"), S.SUSPENDED)
    adhesion(place("13120"))
    assert rows(client, "?estado=vigente&region=12") == ["Natales"]
    assert rows(client, "?estado=suspendida") == ["Punta Arenas"]
    assert rows(client, "?estado=vigente&distancia=hasta-100") == ["Ñuñoa"]
    assert ours(client, "?region=12", "Adhesión vigente") == "1"
    assert ours(client, "?estado=vigente", "Metropolitana") == "1"
    assert ours(client, "?estado=vigente&region=12", "Metropolitana") == "1"
    assert ours(client, "", "No ha adherido") == "342"


def test_the_list_begins_with_who_adhered_last_and_can_be_put_in_other_orders(client: Client) -> None:
    adhesion(place("13120"), since=SINCE - timedelta(days=90))
    adhesion(place("12401"))
    adhesion(place("12101"), S.CONCLUDED, since=SINCE + timedelta(days=90))
    assert rows(client)[:3] == ["Natales", "Ñuñoa", "Punta Arenas"]
    assert rows(client, "?orden=fecha")[:2] == ["Ñuñoa", "Natales"]
    assert rows(client, "?orden=-distancia")[0] == "Isla de Pascua"


def test_the_year_is_that_in_which_the_adhesion_came_into_force(client: Client) -> None:
    adhesion(place("13120"), since=datetime(2025, 12, 31, 15, tzinfo=UTC))
    adhesion(place("12401"))
    assert rows(client, "?anio=2025") == ["Ñuñoa"]
    assert len(rows(client, "?anio=1999")) == 30  # an unknown value asks for nothing


def test_a_search_forgives_slips_and_finds_also_who_has_not_adhered(client: Client) -> None:
    assert rows(client, "?buscar=nunua") == ["Ñuñoa"]
    assert rows(client, "?buscar=qqqqq") == []
    assert client.get("/adhesiones/?buscar=qqqqq").status_code == 200


def test_the_map_follows_the_list(client: Client) -> None:
    adhesion(place("12401"))
    country = client.get(REGISTER).content.decode()
    assert re.search(r'aria-label="Magallanes[^"]*: 1 de 1\d municipalidades"', country)
    region = client.get(REGISTER + "?region=12").content.decode()
    assert 'aria-label="Natales: Adhesión vigente"' in region
    assert 'aria-label="Porvenir: No ha adherido"' in region
    assert "Natales: Adhesión vigente" in client.get("/adhesiones/mapa/").content.decode()


def test_a_share_is_of_the_whole_region_whatever_state_or_year_is_asked_for(client: Client) -> None:
    adhesion(place("12401"))
    adhesion(place("12301"), S.SUSPENDED)
    for query in ("?estado=vigente", "?estado=suspendida", "?estado=suspendida&anio=2026"):
        country = client.get(REGISTER + query).content.decode()
        assert re.search(r'aria-label="Magallanes[^"]*: 1 de 1\d municipalidades"', country), query
        assert "que cumplen los filtros" in country
    assert (
        'aria-label="Tarapacá: ninguna municipalidad en la lista"'
        in client.get(REGISTER + "?buscar=Natales").content.decode()
    )


def test_a_region_is_drawn_whole_where_its_list_is_empty(client: Client) -> None:
    region = client.get(REGISTER + "?region=12&estado=terminada").content.decode()
    assert "Ninguna municipalidad cumple todo esto" in region
    assert 'aria-label="Natales: No ha adherido"' in region
    assert "Fuera de la lista" in region
    assert "Fuera de la lista" not in client.get(REGISTER + "?region=12").content.decode()


def test_the_page_changes_as_soon_as_an_adhesion_does(
    client: Client, django_capture_on_commit_callbacks: object
) -> None:
    made = adhesion(place("13120"), S.VERIFIED)
    assert "0 de 345" in text(client, REGISTER)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        move(by=None, adhesion=made, to=S.IN_FORCE, now=timezone.now())
    assert "1 de 345" in text(client, REGISTER)


def test_a_share_has_four_steps_and_none_is_not_little() -> None:
    shares = [figures.share_class(part, 8) for part in range(9)]
    assert "".join(share[-1] for share in shares) == "012233444"
    assert figures.share_class(0, 0) == "share-none"


def test_a_time_line_has_a_bar_for_each_month_also_for_the_empty_ones() -> None:
    bars = figures.month_bars({date(2025, 11, 1): 2, date(2026, 2, 1): 4})
    assert [(bar.month, bar.count, bar.total, bar.height) for bar in bars] == [
        (date(2025, 11, 1), 2, 2, 100),
        (date(2025, 12, 1), 0, 2, 0),
        (date(2026, 1, 1), 0, 2, 0),
        (date(2026, 2, 1), 4, 6, 200),
    ]
    assert figures.month_bars({}) == ()


def test_an_act_signed_in_the_last_evening_of_a_month_counts_for_that_month(client: Client) -> None:
    made = adhesion(place("13120"))
    Signature.objects.filter(act__adhesion=made).update(signed_at=datetime(2026, 2, 1, 1, tzinfo=UTC))  # 31-01 in Chile
    page = text(client, REGISTER)
    assert "Enero 2026" in page.replace("enero", "Enero")


# The act


def test_the_public_copy_of_an_act_is_served_and_never_the_signed_file(client: Client) -> None:
    made = adhesion(place("13120"))
    folio = made.acts.get().folio
    answered = client.get(f"/adhesiones/actas/{folio}.pdf")
    assert answered.content == pdf(f"copia {folio}".encode())
    assert answered["Content-Type"] == "application/pdf"
    assert answered["Content-Disposition"] == f'inline; filename="{folio}.pdf"'
    assert answered["X-Content-Type-Options"] == "nosniff"
    assert "public" in answered["Cache-Control"]
    again = client.get(f"/adhesiones/actas/{folio}.pdf", headers={"If-None-Match": answered["ETag"]})
    assert again.status_code == 304


def test_the_act_of_an_ended_adhesion_stays(client: Client) -> None:
    folio = adhesion(place("13120"), S.CONCLUDED).acts.get().folio
    assert client.get(f"/adhesiones/actas/{folio}.pdf").status_code == 200


def test_an_act_without_a_public_copy_is_not_there(client: Client) -> None:
    made = adhesion(place("13120"))
    Signature.objects.filter(act__adhesion=made).update(public_document=None)
    assert client.get(f"/adhesiones/actas/{made.acts.get().folio}.pdf").status_code == 404
    assert "Ver el acta (PDF)" not in text(client, "/municipios/13120-nunoa/adhesion/")


# Open data


def test_the_csv_has_a_row_for_each_adhesion_and_each_municipality_without(client: Client) -> None:
    old = adhesion(place("13120"), S.CONCLUDED, term=2021, since=datetime(2024, 12, 6, 15, tzinfo=UTC))
    adhesion(place("13120"), previous=old, facts=(Fact.YES, Fact.YES, Fact.UNKNOWN, Fact.YES))
    answered = client.get("/adhesiones/datos.csv?separador=coma")
    found = list(csv.DictReader(io.StringIO(answered.content.decode())))
    assert len(found) == 346
    assert list(found[0]) == [column.name for column in exports.columns()]
    now, before = (row for row in found if row["cut"] == "13120")
    assert (now["estado"], before["estado"]) == ("vigente", "terminada")
    assert now["vigente_desde"] == "2026-03-02"
    assert now["firmo_la_autoridad"] == "no_se_sabe"
    assert now["acta"].endswith("/adhesiones/actas/MGAM-2026-0001.pdf")
    assert before["periodo"] == "2021-2024"
    other = next(row for row in found if row["cut"] == "12401")
    assert (other["estado"], other["folio"], other["vigente_desde"]) == ("sin-adhesion", "", "")


def test_the_csv_for_spreadsheets_has_its_mark_and_semicolons(client: Client) -> None:
    body = client.get("/adhesiones/datos.csv").content
    assert body.startswith(b"\xef\xbb\xbfcut;municipio;")
    assert client.get("/adhesiones/datos.csv?separador=x").status_code == 400


@pytest.mark.parametrize(("demonstration", "said"), [(True, "si"), (False, "no")])
def test_every_row_says_whether_it_is_invented(
    client: Client, settings: Any, *, demonstration: bool, said: str
) -> None:
    settings.DEMONSTRATION = demonstration
    rows = csv.DictReader(io.StringIO(client.get("/adhesiones/datos.csv?separador=coma").content.decode()))
    assert {row["demostracion"] for row in rows} == {said}


def test_the_json_holds_the_same_rows_with_null_for_what_is_not_known(client: Client) -> None:
    adhesion(place("13120"))
    document = json.loads(client.get("/adhesiones/datos.json").content)
    row = next(row for row in document["adhesiones"] if row["cut"] == "13120")
    assert row["folio"] == "MGAM-2026-0001"
    assert row["vigente_hasta"] is None
    assert set(document["diccionario"]) == set(row)


def test_a_name_that_begins_like_a_formula_is_harmless_in_a_spreadsheet(client: Client) -> None:
    Municipality.objects.filter(pk="13120").update(name="=1+1")
    assert ";'=1+1;" in client.get("/adhesiones/datos.csv").content.decode()


def test_every_column_is_in_the_documentation_word_for_word() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "open-data.md").read_text()
    for column in exports.columns():
        assert f"| `{column.name}` | {column.type} | {column.unit} | {column.description} |" in document


def test_the_feed_tells_what_changed_with_ids_that_stay(client: Client) -> None:
    made = adhesion(place("13120"), S.SUSPENDED)
    first = client.get("/adhesiones/novedades.atom")
    assert first["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(first.content)
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Consejo para la Transparencia"
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["Ñuñoa: La adhesión se suspendió.", "Ñuñoa: La adhesión entró en vigencia."]
    before = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    move(by=None, adhesion=made, to=S.CONCLUDED, now=SINCE + timedelta(days=400))
    forget_public_pages()
    feed = ElementTree.fromstring(client.get("/adhesiones/novedades.atom").content)
    after = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert after[1:] == before
    assert len(set(after)) == 3
    assert feed.findtext(f"{ATOM}updated") == "2027-04-06T15:00:00+00:00"


def test_an_empty_feed_is_a_feed(client: Client) -> None:
    assert ElementTree.fromstring(client.get("/adhesiones/novedades.atom").content).tag == f"{ATOM}feed"


# Profile


def test_the_profile_says_the_state_with_its_date_and_leads_to_the_act(client: Client) -> None:
    assert "No ha adherido" in text(client, "/municipios/13120-nunoa/")
    adhesion(place("13120"))
    forget_public_pages()
    page = client.get("/municipios/13120-nunoa/").content.decode()
    assert "Adhesión vigente" in page
    assert "desde el 02-03-2026" in page
    assert 'href="/municipios/13120-nunoa/adhesion/">ver el acta' in page


# What it costs


def test_the_register_asks_as_few_questions_with_345_adhesions_as_with_none(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(4):
        client.get(REGISTER)
    for one in Municipality.objects.all():
        adhesion(one)
    forget_public_pages()
    with django_assert_num_queries(4):
        assert "345 de 345" in text(client, REGISTER)
    forget_public_pages()
    with django_assert_num_queries(4):
        client.get(REGISTER + "?region=12&estado=vigente&buscar=punta")
    assert answer(entries()).adhered == Adhesion.objects.filter(state=S.IN_FORCE).count() == 345
    with django_assert_num_queries(5):
        exports.rows()


def test_the_page_of_a_municipality_asks_few_questions(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    adhesion(place("13120"))
    with django_assert_max_num_queries(8):
        client.get("/municipios/13120-nunoa/adhesion/")


def test_what_the_register_calls_a_state() -> None:
    assert [standing(state) for state in (S.IN_FORCE, S.SUSPENDED, S.WITHDRAWN, S.CONCLUDED)] == [
        "vigente",
        "suspendida",
        "terminada",
        "terminada",
    ]
