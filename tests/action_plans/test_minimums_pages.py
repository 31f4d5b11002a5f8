"""OGP's minimums as anyone reads them, and in one table of the country."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from action_plans.choices import MeetingKind, MeetingState, PlanStage
from action_plans.models import Plan
from config.page_cache import forget_public_pages
from tests.action_plans import citizens, stories
from tests.action_plans.factories import plan as a_plan
from tests.action_plans.stories import to
from tests.cast import Cast


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    """Pages of the test before, whose database is gone."""
    forget_public_pages()


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_each_requirement_says_its_state_its_day_its_records_and_its_rule(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    held = timezone.now() - timedelta(days=9)
    meeting = citizens.meeting(
        cast.here,
        plan=plan,
        title="Sesión de agosto",
        kind=MeetingKind.FORUM,
        state=MeetingState.HELD,
        starts_at=held,
        ends_at=held + timedelta(hours=1),
        announced=held - timedelta(days=20),
    )
    page = read(client, to("plan_minimums", cast, plan.pk))
    assert "El foro se reúne al menos cada seis meses" in page
    assert to("meeting", cast, meeting.key) in page
    assert "Sesión de agosto: 20 días de aviso" in page
    assert to("plan_edition", cast, plan.pk, 2) in page
    assert "Estándar 1, requisito mínimo 1.1" in page
    assert "Versión de estas reglas en el portal: 2026.1" in page


def test_the_plan_leads_to_its_requirements(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    assert to("plan_minimums", cast, plan.pk) in read(client, to("plan_public", cast))


def test_a_meeting_that_nobody_announced_yet_is_not_shown(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    citizens.meeting(cast.here, plan=plan, days=400, announced=None, title="Todavía en secreto")
    assert "Todavía en secreto" not in read(client, to("plan_minimums", cast, plan.pk))


def test_a_plan_that_closed_is_judged_by_the_day_on_which_it_did(client: Client, cast: Cast) -> None:
    plan = stories.carried_out(cast)
    before = read(client, to("plan_minimums", cast, plan.pk))
    Plan.objects.filter(pk=plan.pk).update(
        stage=PlanStage.CLOSED, created_at=timezone.now() - timedelta(days=900), stage_since=timezone.now()
    )
    Plan.objects.filter(pk=plan.pk).update(stage_since=timezone.now() - timedelta(days=800))
    after = read(client, to("plan_minimums", cast, plan.pk))
    assert "No cumplido" in before
    assert after.count("tag--danger") == before.count("tag--danger")


def test_the_country_lists_first_who_breaks_most_and_narrows(client: Client, cast: Cast) -> None:
    late = a_plan(cast.elsewhere)
    Plan.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(days=900))
    stories.carried_out(cast)
    address = reverse("action_plans:minimums_country")
    page = read(client, address)
    assert page.index("Queilen") < page.index("Cabo de Hornos")
    assert "Cabo de Hornos" not in read(client, f"{address}?region={cast.elsewhere.region_id}")
    narrowed = read(client, f"{address}?region={cast.elsewhere.region_id}&estado=por-incumplirse")
    assert "Queilen" not in narrowed
    assert read(client, f"{address}?region=../x&estado=%00&pagina=zz")


def test_the_country_is_read_with_few_queries(
    client: Client, cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_plan(cast.elsewhere)
    stories.carried_out(cast)
    with django_assert_max_num_queries(9):
        read(client, reverse("action_plans:minimums_country"))


def test_a_plan_that_was_given_up_has_no_page(client: Client, cast: Cast) -> None:
    plan = a_plan(cast.here, stage=PlanStage.CANCELLED)
    assert client.get(to("plan_minimums", cast, plan.pk)).status_code == 404


@pytest.mark.parametrize("many", [1, 40])
def test_the_page_of_a_plan_is_read_with_few_queries(
    client: Client, cast: Cast, many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    plan = stories.carried_out(cast)
    for number in range(many):
        citizens.meeting(cast.here, plan=plan, days=-number - 1, kind=MeetingKind.FORUM, state=MeetingState.HELD)
    with django_assert_max_num_queries(9):
        read(client, to("plan_minimums", cast, plan.pk))
