"""The council's desk with the whole country on it: as many queries as with one municipality, and quick."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from municipalities.actions import bulk
from municipalities.actions.bulk_undo import undo
from municipalities.actions.campaigns import add_targets, save_campaign
from municipalities.actions.many import open_many
from municipalities.choices import AdhesionState as S
from municipalities.choices import BulkKind, MailState
from municipalities.models import Adhesion, Contact, Mail, Municipality
from municipalities.reports.desk import CARDS
from tests.cast import Cast, sign_in
from tests.municipalities.test_desk import NOW, TABLE, adhesion


def test_the_board_counts_each_state_and_shows_the_first_of_it(
    client: Client, cast: Cast, whole_register: None
) -> None:
    for place in Municipality.objects.exclude(pk__in=[cast.here.pk, cast.elsewhere.pk])[: CARDS + 5]:
        adhesion(place, S.CONVERSING, days=2)
    adhesion(cast.here, S.CONVERSING, days=40)
    page = sign_in(client, cast.analyst).get(TABLE + "?vista=tablero").content.decode()
    column = page.partition('id="column-conversing"')[2].partition("</section>")[0]
    assert column.count("board__card") == CARDS
    assert "Ver las 26 en la tabla" in column
    assert column.index("Cabo de Hornos") < column.index("2 días sin movimiento")
    assert f'href="?estado={S.CONVERSING.value}"' in column


@pytest.mark.parametrize("address", [TABLE, TABLE + "?vista=tablero", TABLE + "planilla.xlsx"])
def test_one_row_costs_as_many_queries_as_all(
    client: Client,
    cast: Cast,
    whole_register: None,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    address: str,
) -> None:
    sign_in(client, cast.analyst)
    for place in Municipality.objects.all():
        adhesion(place, S.INVITED, days=3, adviser=cast.adviser)
    with django_assert_max_num_queries(15):
        assert client.get(address).status_code == 200


def contacts(places: list[Municipality]) -> None:
    """An address to write to in each municipality."""
    Contact.objects.bulk_create(
        Contact(
            municipality=place, name="Oficina de partes", email=f"p{place.pk}@ejemplo.cl", is_main=True, recorded_at=NOW
        )
        for place in places
    )


def test_inviting_the_whole_country_takes_as_few_queries_as_inviting_one(
    cast: Cast, whole_register: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    places = list(Municipality.objects.all())
    contacts(places)
    order = bulk.Order(BulkKind.INVITE)
    with django_assert_max_num_queries(60):
        made = bulk.change(
            by=cast.administrator, order=order, seen={place.pk: "" for place in places}, token=uuid4(), now=NOW
        )
    assert sum("adhesion" in row for row in made.rows) == len(places) == 345
    assert Adhesion.objects.filter(state=S.INVITED).count() == 345
    assert Mail.objects.values("adhesion").distinct().count() == 345
    with django_assert_max_num_queries(30):
        undo(by=cast.administrator, bulk=made, now=NOW)
    assert Adhesion.objects.filter(state=S.PROSPECT).count() == 345
    assert not Mail.objects.exclude(state=MailState.CANCELLED).exists()


def test_a_campaign_for_the_whole_country_opens_each_adhesion_in_few_queries(
    cast: Cast, whole_register: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    campaign = save_campaign(
        by=cast.administrator,
        campaign=None,
        name="Todo Chile",
        description="",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        goals={"12": 5},
        now=NOW,
    )
    cuts = list(Municipality.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(20):
        assert add_targets(by=cast.administrator, campaign=campaign, municipalities=cuts, now=NOW) == 345
    assert Adhesion.objects.filter(campaign=campaign, state=S.PROSPECT).count() == 345
    with django_assert_max_num_queries(10):
        assert len(open_many(by=cast.administrator, municipalities=cuts, now=NOW)) == 345
    assert Adhesion.objects.count() == 345
