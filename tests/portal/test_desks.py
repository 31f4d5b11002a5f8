"""Where people land after signing in."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.choices import MunicipalRole
from budget.choices import DatasetState, ImportState, Sector, Severity, Source, SourceUnit
from budget.models import Dataset, Finding, Import, SourceFile
from municipalities.models import Invitation, Membership, Municipality
from tests.cast import Cast, sign_in

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def text(client: Client, address: str) -> str:
    page = client.get(address, follow=True).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")]))


def edition(place: Municipality, year: int = 2024) -> Dataset:
    file, _ = SourceFile.objects.get_or_create(sha256="0" * 64, defaults={"name": "x", "size": 1, "received_at": NOW})
    job, _ = Import.objects.get_or_create(
        file=file, source=Source.SINIM, defaults={"state": ImportState.READY, "created_at": NOW}
    )
    return Dataset.objects.create(
        municipality=place,
        year=year,
        sector=Sector.MUNICIPAL,
        cut_off=date(year, 12, 31),
        source=Source.SINIM,
        source_unit=SourceUnit.THOUSANDS,
        edition=1,
        state=DatasetState.PUBLISHED,
        published_at=NOW,
        file=file,
        brought_by=job,
        content_hash="0" * 64,
        created_at=NOW,
    )


def test_council_staff_go_on_to_the_councils_desk(client: Client, cast: Cast) -> None:
    answer = sign_in(client, cast.administrator).get("/inicio/")
    assert (answer.status_code, answer["Location"]) == (302, "/consejo/")


def test_a_citizen_is_told_what_can_be_done(client: Client, cast: Cast) -> None:
    assert "Su cuenta es de vecino o vecina" in text(sign_in(client, cast.citizen), "/inicio/")


def test_a_member_sees_the_own_municipality_and_the_own_role(client: Client, cast: Cast) -> None:
    page = text(sign_in(client, cast.officer), "/inicio/")
    assert "Municipalidad de Cabo de Hornos" in page
    assert "Queilen" not in page
    assert "Invite a quienes" not in page


def test_a_coordinator_who_is_alone_is_asked_to_invite_others(client: Client, cast: Cast) -> None:
    page = text(sign_in(client, cast.coordinator_elsewhere), "/inicio/")
    assert "Invite a quienes trabajarán con usted" in page
    assert "Invite a quienes" not in text(sign_in(client, cast.coordinator), "/inicio/")


def test_an_ended_membership_is_no_desk_any_more(client: Client, cast: Cast) -> None:
    Membership.objects.filter(user=cast.officer).update(ends=timezone.localdate())
    assert "Cabo de Hornos" not in text(sign_in(client, cast.officer), "/inicio/")


def test_a_reader_is_not_led_to_the_people_page_that_would_refuse(client: Client, cast: Cast) -> None:
    assert "/personas/" not in sign_in(client, cast.reader).get("/inicio/").content.decode()


def test_the_councils_desk_counts_what_needs_a_decision(client: Client, cast: Cast) -> None:
    Finding.objects.create(dataset=edition(cast.here), code="areas", severity=Severity.SERIOUS)
    Invitation.objects.create(
        email="alguien@ejemplo.cl",
        municipality=cast.elsewhere,
        role=MunicipalRole.OFFICER,
        basis="Decreto 2",
        secret_hash="0" * 64,
        invited_by=cast.coordinator_elsewhere,
        invited_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=7),
    )
    page = text(sign_in(client, cast.analyst), "/consejo/")
    assert "1 importación lista para publicar" in page
    assert "1 municipalidad sin presupuesto 2024" in page
    assert "1 municipalidad con observaciones graves en 2024" in page
    assert "1 municipalidad con invitaciones abiertas" in page


def test_findings_of_demonstration_data_do_not_count_beside_real_data(client: Client, cast: Cast) -> None:
    demonstration = edition(cast.here)
    Dataset.objects.filter(pk=demonstration.pk).update(source=Source.DEMONSTRATION)
    Finding.objects.create(dataset=demonstration, code="areas", severity=Severity.SERIOUS)
    sign_in(client, cast.analyst)
    assert "1 municipalidad con observaciones graves en 2024" in text(client, "/consejo/")
    edition(cast.here)
    assert "0 municipalidades con observaciones graves en 2024" in text(client, "/consejo/")
    assert "No hay nada aquí" in text(client, "/consejo/municipios/?ver=observaciones")


def test_each_number_of_the_councils_desk_leads_to_the_table_behind_it(client: Client, cast: Cast) -> None:
    edition(cast.here)
    page = sign_in(client, cast.analyst).get("/consejo/").content.decode()
    links = set(re.findall(r'href="([^"]*)"', page.partition("<main")[2].partition("</main")[0]))
    tables = {f"/consejo/municipios/?ver={only}" for only in ("sin-presupuesto", "observaciones", "invitaciones")}
    assert links >= tables | {"/consejo/municipios/", "/consejo/importaciones/?estado=ready", "/cuenta/"}
    assert not {link for link in links if not link.startswith("/")}


@pytest.mark.parametrize(
    ("shown", "kept", "left"),
    [
        ("sin-presupuesto", "Queilen", "Cabo de Hornos"),
        ("observaciones", "Cabo de Hornos", "Queilen"),
    ],
)
def test_each_number_leads_to_the_rows_behind_it(client: Client, cast: Cast, shown: str, kept: str, left: str) -> None:
    Finding.objects.create(dataset=edition(cast.here), code="areas", severity=Severity.SERIOUS)
    page = text(sign_in(client, cast.analyst), f"/consejo/municipios/?ver={shown}")
    assert kept in page
    assert left not in page


@pytest.mark.parametrize("who", ["administrator", "adviser", "analyst"])
def test_every_link_of_the_councils_desk_opens_for_who_sees_it(client: Client, cast: Cast, who: str) -> None:
    sign_in(client, getattr(cast, who))
    page = client.get("/consejo/").content.decode()
    links = set(re.findall(r'href="(/[^"#]*)"', page[page.index("<main") : page.index("</main>")]))
    assert len(links) > 15
    assert {link: status for link in links if (status := client.get(link).status_code) != 200} == {}


def test_an_expired_invitation_waits_for_nobody(client: Client, cast: Cast) -> None:
    Invitation.objects.create(
        email="alguien@ejemplo.cl",
        municipality=cast.elsewhere,
        role=MunicipalRole.OFFICER,
        basis="Decreto 2",
        secret_hash="0" * 64,
        invited_by=cast.coordinator_elsewhere,
        invited_at=timezone.now() - timedelta(days=8),
        expires_at=timezone.now() - timedelta(days=1),
    )
    assert "No hay nada aquí" in text(sign_in(client, cast.analyst), "/consejo/municipios/?ver=invitaciones")


def test_an_adviser_sees_the_own_scope_only(client: Client, cast: Cast) -> None:
    page = text(sign_in(client, cast.adviser), "/consejo/municipios/")
    assert "Cabo de Hornos" in page
    assert "Queilen" not in page


def test_the_councils_table_asks_the_same_for_one_row_as_for_many(
    client: Client, cast: Cast, whole_register: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, cast.analyst)
    with django_assert_max_num_queries(15):
        assert client.get("/consejo/municipios/").status_code == 200


@pytest.mark.parametrize("address", ["/consejo/", "/consejo/municipios/"])
def test_nobody_outside_the_council_opens_its_desk(client: Client, cast: Cast, address: str) -> None:
    assert client.get(address).status_code == 302
    for person in (cast.citizen, cast.mayor, cast.coordinator):
        answer = sign_in(client, person).get(address)
        assert answer.status_code == 403
        assert "Su cuenta no abre esta página" in answer.content.decode()
