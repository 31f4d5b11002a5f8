"""The council's table of contributions that wait, and what the officers' own desk says of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from action_plans.actions import moderation
from action_plans.choices import HideReason, PlanStage
from action_plans.models import Appeal, Contribution
from tests.action_plans.citizens import confirmed, listening, published
from tests.action_plans.stories import carried_out, drafted, go
from tests.action_plans.test_plans import contribution
from tests.cast import Cast, sign_in

HERE = "/consejo/aportes/"


def waits(made: Contribution, days: int) -> None:
    """It has been public for so many days."""
    Contribution.objects.filter(pk=made.pk).update(published_at=timezone.now() - timedelta(days=days))


def body(client: Client, query: str = "") -> str:
    return client.get(HERE + query).content.decode().partition("<tbody>")[2].partition("</tbody>")[0]


def test_the_council_sees_where_contributions_wait_those_beyond_their_time_first(client: Client, cast: Cast) -> None:
    here, elsewhere = listening(cast.here), listening(cast.elsewhere)
    confirmed(here, email="a@ejemplo.cl")
    waits(published(here, email="b@ejemplo.cl"), 3)
    waits(published(elsewhere, email="c@ejemplo.cl"), 61)
    sign_in(client, cast.analyst)
    rows = body(client)
    assert rows.index("Queilen") < rows.index("Cabo de Hornos")
    late = body(client, "?cola=atrasados")
    assert "Queilen" in late
    assert "Cabo de Hornos" not in late
    assert "Queilen" not in body(client, "?cola=nuevos")
    assert "Queilen" not in body(client, "?buscar=cabo de hornos")
    assert "aporte de la ciudadanía sin respuesta a tiempo" in client.get("/consejo/").content.decode()
    assert HERE + "?cola=atrasados" in client.get("/consejo/").content.decode()


def appealed(made: Contribution, by: User) -> None:
    """It was hidden, and its author disagrees; a former appeal was decided."""
    why: dict[str, Any] = {"reason": HideReason.OFFENCE, "note": "", "now": timezone.now()}
    moderation.hide(by=by, plan=made.plan, contributions=[made.pk], **why)
    Appeal.objects.create(
        contribution=made, text="x", at=why["now"], state="denied", decided_at=why["now"], reasons="x"
    )
    moderation.appeal(contribution=made, author=made.authors.get().key, text="No ofende", now=why["now"])


def test_an_appeal_that_waits_is_shown_to_the_council_and_to_the_municipality(client: Client, cast: Cast) -> None:
    plan = listening(cast.here)
    appealed(published(plan, email="a@ejemplo.cl"), cast.coordinator)
    rows = body(sign_in(client, cast.adviser), "?cola=reclamos")
    assert "Cabo de Hornos" in rows
    assert f"?plan={plan.pk}&amp;cola=reclamos" in rows
    asked = "decida el reclamo de una persona a quien le ocultaron un aporte"
    assert asked in client.get("/consejo/").content.decode()
    assert asked not in sign_in(client, cast.analyst).get("/consejo/").content.decode()  # who does not advise
    page = sign_in(client, cast.officer).get("/inicio/").content.decode()
    assert "1 reclamo espera una decisión." in page


def test_an_adviser_sees_the_own_regions_and_nobody_else_opens_it(client: Client, cast: Cast) -> None:
    published(listening(cast.here), email="a@ejemplo.cl")
    published(listening(cast.elsewhere), email="b@ejemplo.cl")
    rows = body(sign_in(client, cast.adviser))
    assert "Cabo de Hornos" in rows
    assert "Queilen" not in rows
    assert sign_in(client, cast.coordinator).get(HERE).status_code == 403


def test_when_nothing_waits_it_says_so(client: Client, cast: Cast) -> None:
    listening(cast.here)
    sign_in(client, cast.analyst)
    assert "Ningún aporte espera" in client.get(HERE).content.decode()
    assert "Ningún plan cumple todo esto" in client.get(HERE + "?cola=nuevos").content.decode()


@pytest.mark.parametrize("query", ["?cola=x", "?orden=zzz", "?orden=-desde", "?region=99", "?pagina=9", "?buscar=%00"])
def test_no_address_of_the_table_fails(client: Client, cast: Cast, query: str) -> None:
    published(listening(cast.here))
    assert sign_in(client, cast.analyst).get(HERE + query).status_code == 200


def test_the_table_costs_few_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in (cast.here, cast.elsewhere):
        for number in range(4):
            published(listening(place) if not number else place.plans.get(), email=f"{place.pk}{number}@ejemplo.cl")
    sign_in(client, cast.analyst)
    client.get(HERE)
    with django_assert_max_num_queries(7):
        assert client.get(HERE).status_code == 200


def test_the_queue_of_a_municipality_opens_on_what_waits(client: Client, cast: Cast) -> None:
    plan = listening(cast.here)
    old, new = (
        published(plan, email="a@ejemplo.cl", title="Ya se vio"),
        published(plan, email="b@ejemplo.cl", title="Falta"),
    )
    Contribution.objects.filter(pk=old.pk).update(state="hidden", hidden_for="off_topic")
    sign_in(client, cast.coordinator)
    here = reverse("action_plans:contributions_desk", args=[cast.here.cut, cast.here.slug])
    page = client.get(here).content.decode()
    assert page.index("Falta") < page.index("Ya se vio")
    page = client.get(here + "?orden=-dias").content.decode()
    assert page.index("Ya se vio") < page.index("Falta")
    assert new.title in page


def test_the_desk_of_officers_says_what_citizens_wait_for(client: Client, cast: Cast) -> None:
    plan = listening(cast.here)
    confirmed(plan, email="a@ejemplo.cl")
    published(plan, email="b@ejemplo.cl")
    page = sign_in(client, cast.officer).get("/inicio/").content.decode()
    assert "1 aporte espera ser leído." in page
    assert "1 aporte espera su respuesta." in page
    assert "Lo que pide el plan" not in sign_in(client, cast.reader).get("/inicio/").content.decode()


def test_the_desk_of_officers_says_what_is_late(client: Client, cast: Cast) -> None:
    carried_out(cast)
    page = sign_in(client, cast.officer).get("/inicio/").content.decode()
    assert "1 hito está atrasado: cuente cómo va." in page


def test_who_approves_is_asked_to_when_nothing_waits(client: Client, cast: Cast) -> None:
    plan = drafted(cast)
    for stage in (PlanStage.CO_CREATION, PlanStage.CONSULTATION, PlanStage.ANSWERING):
        go(plan, stage, cast)
    sign_in(client, cast.mayor)
    assert "Registre la aprobación del plan." in client.get("/inicio/").content.decode()
    contribution(plan)
    page = client.get("/inicio/").content.decode()
    assert "Registre la aprobación" not in page
    assert "aporte espera" not in page  # those who write answer it
