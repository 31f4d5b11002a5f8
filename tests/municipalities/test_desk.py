"""The council's table and board of adhesions."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from accounts.choices import CouncilRole
from accounts.models import User
from municipalities.choices import AdhesionState as S
from municipalities.choices import ContactKind
from municipalities.filters.adhesions import PRESETS, AdhesionFilter, desk_rows
from municipalities.models import Adhesion, Campaign, CampaignTarget, ContactNote, Municipality, SavedFilter
from tests.cast import Cast, person, sign_in

NOW = timezone.now()
TABLE = "/consejo/adhesiones/"


def adhesion(place: Municipality, state: S = S.INVITED, *, days: int = 0, **fields: object) -> Adhesion:
    """An adhesion that has stood in `state` for `days`."""
    since = NOW - timedelta(days=days)
    if state in {S.IN_FORCE, S.SUSPENDED}:
        fields.setdefault("in_force_from", date(2026, 3, 1))
    defaults = {"term_year": 2024, "state_since": since, "created_at": since}
    return Adhesion.objects.create(municipality=place, state=state, **{**defaults, **fields})


def words(client: Client, address: str) -> str:
    page = client.get(address, follow=True).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


def found(cast: Cast, query: str, by: object = None) -> list[str]:
    asked = AdhesionFilter(QueryDict(query), user=by or cast.administrator, now=NOW)  # type: ignore[arg-type]
    return [place.pk for place in asked.ordered()]


def test_a_municipality_without_adhesion_is_shown_to_be_contacted(client: Client, cast: Cast) -> None:
    page = words(sign_in(client, cast.analyst), TABLE)
    assert "2 municipalidades" in page
    assert "Cabo de Hornos" in page
    assert "sin iniciar" in page


def test_each_row_leads_to_the_file_of_its_adhesion(client: Client, cast: Cast) -> None:
    one = adhesion(cast.here)
    sign_in(client, cast.adviser)
    for address in (TABLE, TABLE + "?vista=tablero"):
        assert f'href="{TABLE}{one.pk}/"' in client.get(address).content.decode()
    assert client.get(f"{TABLE}{one.pk}/").status_code == 200


def test_a_municipality_without_an_adhesion_leads_to_its_log_of_contacts(client: Client, cast: Cast) -> None:
    sign_in(client, cast.adviser)
    for address in (TABLE, TABLE + "?vista=tablero"):
        assert f'href="/consejo/bitacora/{cast.here.pk}/"' in client.get(address).content.decode()
    assert client.get(f"/consejo/bitacora/{cast.here.pk}/").status_code == 200


def test_the_newest_adhesion_of_a_municipality_counts(cast: Cast) -> None:
    old = adhesion(cast.here, S.WITHDRAWN, days=400)
    adhesion(cast.here, S.CONVERSING, days=3, previous=old)
    row: Any = desk_rows(cast.administrator).get(pk=cast.here.pk)
    assert row.state == S.CONVERSING
    assert desk_rows(cast.administrator).count() == 2


@pytest.mark.parametrize(
    ("query", "here", "elsewhere"),
    [
        ("", True, True),
        ("estado=invited", True, False),
        ("estado=prospect", False, True),
        ("estado=invited&estado=prospect", True, True),
        ("region=12", True, False),
        ("clase=rural", True, True),
        ("clase=urbana", False, False),
        ("distancia=mas-de-1000", True, True),
        ("distancia=alejados", True, True),
        ("distancia=cercanos", False, False),
        ("dias=10", True, False),
        ("dias=11", False, False),
        ("asesor=sin", False, True),
        ("campana=sin", False, True),
        ("espera=municipio", True, False),
        ("espera=consejo", False, True),
        ("buscar=cabo+de+hornos", True, False),
        ("buscar=QUEILÉN", False, True),
        ("buscar=zzzzzz", False, False),
    ],
)
def test_each_filter_keeps_what_fulfils_it(cast: Cast, query: str, here: bool, elsewhere: bool) -> None:
    adhesion(cast.here, days=10, adviser=cast.adviser)
    campaign = Campaign.objects.create(name="Sur", starts=date(2026, 1, 1), ends=date(2026, 12, 31), created_at=NOW)
    CampaignTarget.objects.create(campaign=campaign, municipality=cast.here, added_at=NOW)
    expected = ([cast.elsewhere.pk] if elsewhere else []) + ([cast.here.pk] if here else [])
    assert found(cast, query) == expected


def test_mine_means_whoever_asks(cast: Cast) -> None:
    adhesion(cast.here, adviser=cast.adviser)
    assert found(cast, "asesor=yo", by=cast.adviser) == [cast.here.pk]
    assert found(cast, "asesor=yo") == []
    assert found(cast, f"asesor={cast.adviser.pk}") == [cast.here.pk]


def test_unknown_values_ask_for_nothing(cast: Cast) -> None:
    query = "region=99&estado=nada&dias=muchos&asesor=99999&campana=x&orden=precio&vista=cubo&columnas=run"
    assert len(found(cast, query)) == 2
    asked = AdhesionFilter(QueryDict(query), user=cast.administrator, now=NOW)
    assert asked.query == ""


def test_the_query_of_a_filter_asks_for_the_same_again(cast: Cast) -> None:
    query = "estado=invited&estado=prospect&region=12&dias=3&columnas=estado&orden=-dias"
    asked = AdhesionFilter(QueryDict("otra=1&" + query), user=cast.administrator, now=NOW)
    again = AdhesionFilter(QueryDict(asked.query), user=cast.administrator, now=NOW)
    assert asked.query == query
    assert (again.query, again.values, again.columns) == (asked.query, asked.values, asked.columns)


@pytest.mark.parametrize(
    ("order", "first_is_here"),
    [("nombre", True), ("-nombre", False), ("region", False), ("-dias", True), ("dias", True), ("estado", False)],
)
def test_what_is_missing_comes_last_in_either_order(cast: Cast, order: str, first_is_here: bool) -> None:
    adhesion(cast.here, days=5)
    assert (found(cast, f"orden={order}")[0] == cast.here.pk) is first_is_here


def test_the_filters_offered_to_everyone_are_understood_whole(cast: Cast) -> None:
    for preset in PRESETS:
        asked = AdhesionFilter(QueryDict(preset.query), user=cast.administrator, now=NOW)
        assert asked.query == preset.query


def test_the_next_step_shown_is_the_earliest_that_is_not_done(client: Client, cast: Cast) -> None:
    for day, done, text in [(1, NOW, "Hecho ya"), (2, None, "Llamar a la alcaldesa"), (9, None, "Visitar")]:
        ContactNote.objects.create(
            municipality=cast.here,
            kind=ContactKind.CALL,
            on=date(2026, 1, 1),
            next_step=text,
            next_on=date(2026, 1, day),
            done_at=done,
            recorded_at=NOW,
        )
    page = words(sign_in(client, cast.analyst), TABLE)
    assert "Llamar a la alcaldesa 02-01-2026 atrasado" in page
    assert "Hecho ya" not in page
    assert "Visitar" not in page


def test_only_the_chosen_columns_are_shown(client: Client, cast: Cast) -> None:
    page = sign_in(client, cast.analyst).get(TABLE + "?columnas=distancia").content.decode()
    head = page.partition("<thead>")[2].partition("</thead>")[0]
    assert "Km a Santiago" in head
    assert "Estado" not in head


def test_an_adviser_sees_the_own_scope_only(client: Client, cast: Cast) -> None:
    sign_in(client, cast.adviser)
    for address in (TABLE, TABLE + "?vista=tablero"):
        page = words(client, address)
        assert "Cabo de Hornos" in page
        assert "Queilen" not in page


def test_the_workbook_holds_exactly_what_is_shown(client: Client, cast: Cast) -> None:
    adhesion(cast.here, days=7, adviser=cast.adviser)
    cast.adviser.name = "=1+1"
    cast.adviser.save()
    sign_in(client, cast.analyst)
    answer = client.get(TABLE + "planilla.xlsx?region=12&columnas=estado&columnas=dias&columnas=asesor")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.get_sheet_by_index(0).to_python() == [
        ["CUT", "Municipalidad", "Estado", "Días sin movimiento", "Asesoría"],
        ["12201", "Cabo de Hornos", "Invitado", 7.0, "=1+1"],
    ]
    assert ["Filtro", "Región: 12"] in book.get_sheet_by_index(1).to_python()
    assert answer["Content-Disposition"].startswith('attachment; filename="adhesiones-')


def test_a_filter_is_saved_offered_and_deleted(client: Client, cast: Cast) -> None:
    sign_in(client, cast.analyst)
    save = {"name": "Sur", "query": "region=12&nada=1", "is_shared": "on"}
    answer = client.post("/consejo/adhesiones/filtros/", save)
    assert answer["Location"] == TABLE + "?region=12"
    saved = SavedFilter.objects.get()
    assert (saved.query, saved.user, saved.is_shared) == ("region=12", cast.analyst, True)
    assert 'href="?region=12"' in client.get(TABLE).content.decode()
    assert "Sur (Analista)" in words(sign_in(client, cast.administrator), TABLE)
    assert client.post(f"/consejo/adhesiones/filtros/{saved.pk}/quitar/").status_code == 302
    assert not SavedFilter.objects.exists()


def test_saving_under_the_same_name_replaces(client: Client, cast: Cast) -> None:
    sign_in(client, cast.analyst)
    for query in ("region=12", "region=10"):
        client.post("/consejo/adhesiones/filtros/", {"name": "Sur", "query": query})
    assert SavedFilter.objects.get().query == "region=10"


def test_what_is_not_shared_is_nobody_elses(client: Client, cast: Cast) -> None:
    saved = SavedFilter.objects.create(user=cast.analyst, table="adhesions", name="Secreto", query="dias=3")
    shared = SavedFilter.objects.create(user=cast.analyst, table="adhesions", name="De todos", is_shared=True)
    sign_in(client, cast.adviser)
    assert "Secreto" not in words(client, TABLE)
    assert client.post(f"/consejo/adhesiones/filtros/{saved.pk}/quitar/").status_code == 404
    assert client.post(f"/consejo/adhesiones/filtros/{shared.pk}/quitar/").status_code == 403
    assert SavedFilter.objects.count() == 2


def test_a_filter_without_a_name_is_not_saved(client: Client, cast: Cast) -> None:
    sign_in(client, cast.analyst).post("/consejo/adhesiones/filtros/", {"name": " ", "query": "region=12"})
    assert not SavedFilter.objects.exists()


def test_advisers_offered_are_those_who_may_promote(cast: Cast) -> None:
    closed = person("cerrada", council=CouncilRole.ADVISER)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    asked = AdhesionFilter(QueryDict(""), user=cast.administrator, now=NOW)
    assert cast.adviser in asked.people
    assert cast.analyst not in asked.people
    assert closed not in asked.people
