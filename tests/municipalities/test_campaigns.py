"""Campaigns of the council: dates, goals, targets, progress."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.models import Event
from municipalities.actions import RefusedError
from municipalities.actions.campaigns import add_targets, remove_targets, save_campaign
from municipalities.choices import AdhesionState as S
from municipalities.models import Adhesion, Campaign, Region
from municipalities.reports.desk import campaign_page
from tests.cast import Cast, sign_in
from tests.municipalities.test_bulk import confirm, text
from tests.municipalities.test_desk import adhesion

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def campaign(cast: Cast, *, name: str = "Sur", goals: dict[str, int] | None = None, days: int = 30) -> Campaign:
    return save_campaign(
        by=cast.administrator,
        campaign=None,
        name=name,
        description="",
        starts=TODAY - timedelta(days=60),
        ends=TODAY + timedelta(days=days),
        goals=goals or {},
        now=NOW,
    )


def form(**changes: str) -> dict[str, str]:
    fields = {"name": "Sur", "description": "", "starts": "2026-03-01", "ends": "2026-06-30", "goal_12": "3"}
    return {**fields, **changes}


def test_a_campaign_is_made_with_its_goals_and_asks_for_its_municipalities(client: Client, cast: Cast) -> None:
    answer = sign_in(client, cast.administrator).post("/consejo/campanas/nueva/", form(goal_10="0"))
    made = Campaign.objects.get()
    assert answer["Location"] == f"/consejo/campanas/{made.pk}/municipios/"
    assert (made.name, made.starts, made.ends) == ("Sur", date(2026, 3, 1), date(2026, 6, 30))
    assert list(made.goals.values_list("region", "goal")) == [("12", 3)]
    assert made.created_by == cast.administrator


def test_goals_are_changed_added_and_taken_away(client: Client, cast: Cast) -> None:
    made = campaign(cast, goals={"12": 3})
    address = f"/consejo/campanas/{made.pk}/editar/"
    assert 'value="3"' in sign_in(client, cast.administrator).get(address).content.decode()
    client.post(address, form(goal_12="", goal_10="8"))
    assert list(made.goals.values_list("region", "goal")) == [("10", 8)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends": "2026-02-01"}, "Termina antes de empezar"),
        ({"name": "norte"}, "Otra campaña ya tiene este nombre"),
        ({"goal_12": "-1"}, "mayor o igual"),
        ({"starts": "ayer"}, "fecha"),
    ],
)
def test_what_is_wrong_with_a_campaign_is_said(client: Client, cast: Cast, changes: dict[str, str], said: str) -> None:
    campaign(cast, name="Norte")
    page = sign_in(client, cast.administrator).post("/consejo/campanas/nueva/", form(**changes)).content.decode()
    assert said in text(page)
    assert Campaign.objects.count() == 1


def test_only_those_who_manage_campaigns_change_them(client: Client, cast: Cast) -> None:
    made = campaign(cast)
    with pytest.raises(PermissionDenied):
        add_targets(by=cast.adviser, campaign=made, municipalities=[cast.here.pk], now=NOW)
    with pytest.raises(PermissionDenied):
        remove_targets(by=cast.analyst, campaign=made, municipalities=[cast.here.pk], now=NOW)
    sign_in(client, cast.adviser)
    assert client.get(f"/consejo/campanas/{made.pk}/editar/").status_code == 403
    page = client.get(f"/consejo/campanas/{made.pk}/").content.decode()
    assert "editar" not in page


def test_a_target_gets_an_adhesion_of_this_campaign_once(cast: Cast) -> None:
    made = campaign(cast)
    old = adhesion(cast.elsewhere, S.WITHDRAWN, days=100, adviser=cast.adviser_elsewhere)
    cuts = [cast.here.pk, cast.elsewhere.pk, cast.here.pk, "99999"]
    assert add_targets(by=cast.administrator, campaign=made, municipalities=cuts, now=NOW) == 2
    assert add_targets(by=cast.administrator, campaign=made, municipalities=cuts[:2], now=NOW) == 0
    opened = Adhesion.objects.filter(campaign=made)
    assert set(opened.values_list("municipality", "state")) == {(cut, S.PROSPECT) for cut in cuts[:2]}
    again = opened.get(municipality=cast.elsewhere)
    assert (again.previous, again.adviser) == (old, cast.adviser_elsewhere)
    assert Event.objects.filter(kind="adhesion.opened").count() == 2


def test_an_adhesion_of_a_running_campaign_stays_with_it(cast: Cast) -> None:
    running, ended = campaign(cast, name="Corre"), campaign(cast, name="Terminó", days=-1)
    one = adhesion(cast.here, S.INVITED, campaign=running)
    other = adhesion(cast.elsewhere, S.INVITED, campaign=ended)
    made = campaign(cast)
    add_targets(by=cast.administrator, campaign=made, municipalities=[cast.here.pk, cast.elsewhere.pk], now=NOW)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.campaign, other.campaign) == (running, made)


def test_who_leaves_a_campaign_keeps_what_was_begun(cast: Cast) -> None:
    made = campaign(cast)
    add_targets(by=cast.administrator, campaign=made, municipalities=[cast.here.pk], now=NOW)
    assert remove_targets(by=cast.administrator, campaign=made, municipalities=[cast.here.pk], now=NOW) == 1
    kept = Adhesion.objects.get()
    assert (kept.state, kept.campaign) == (S.PROSPECT, None)
    assert not made.targets.exists()


def test_progress_counts_the_targets_in_force_against_the_goal_of_their_region(cast: Cast) -> None:
    made = campaign(cast, goals={"12": 2, "10": 1})
    add_targets(by=cast.administrator, campaign=made, municipalities=[cast.here.pk, cast.elsewhere.pk], now=NOW)
    Adhesion.objects.filter(municipality=cast.here).update(state=S.IN_FORCE, in_force_from=TODAY)
    page = campaign_page(made, user=cast.administrator, now=NOW)
    assert [(row.region.pk, row.targets, row.in_force, row.goal, row.left) for row in page.regions] == [
        ("10", 1, 0, 1, 1),
        ("12", 1, 1, 2, 1),
    ]
    assert (page.goal, page.towards_goal, page.in_force, page.to_invite, page.days_left) == (3, 1, 1, 1, 30)
    seen = campaign_page(made, user=cast.adviser, now=NOW)
    assert (seen.targets, seen.in_force) == (1, 1)


def test_what_is_more_in_one_region_does_not_make_up_for_another(client: Client, cast: Cast) -> None:
    made = campaign(cast, goals={"10": 5})
    add_targets(by=cast.administrator, campaign=made, municipalities=[cast.here.pk, cast.elsewhere.pk], now=NOW)
    Adhesion.objects.filter(municipality=cast.here).update(state=S.IN_FORCE, in_force_from=TODAY)
    shown = text(sign_in(client, cast.administrator).get(made.get_absolute_url()).content.decode())
    assert "Están vigentes 0 de las 5 adhesiones de la meta." in shown


def test_the_form_says_how_many_municipalities_each_region_has(client: Client, cast: Cast) -> None:
    shown = text(sign_in(client, cast.administrator).get("/consejo/campanas/nueva/").content.decode())
    assert "12 1 municipalidad" in shown


def test_the_form_asks_for_goals_from_north_to_south(client: Client, cast: Cast) -> None:
    form = sign_in(client, cast.administrator).get("/consejo/campanas/nueva/").context["form"]
    assert form.regions == list(Region.objects.order_by("order"))


def test_the_whole_filter_is_added_and_taken_out_in_one_step(client: Client, cast: Cast) -> None:
    made = campaign(cast)
    address = f"/consejo/campanas/{made.pk}/municipios/"
    sign_in(client, cast.administrator)
    client.post(address, {"todas": "1", "filtro": "region=12"})
    assert [target.municipality for target in made.targets.all()] == [cast.here]
    assert "Cabo de Hornos" not in text(client.get(address).content.decode())
    assert "Cabo de Hornos" in text(client.get(address + "?ver=dentro").content.decode())
    client.post(address, {"todas": "1", "filtro": "", "ver": "dentro"})
    assert not made.targets.exists()
    client.post(address, {})
    assert "Elija al menos una" in text(client.get(address).content.decode())


def test_a_campaign_invites_those_still_to_be_contacted_from_its_page(client: Client, cast: Cast) -> None:
    made = campaign(cast)
    add_targets(by=cast.administrator, campaign=made, municipalities=[cast.here.pk, cast.elsewhere.pk], now=NOW)
    Adhesion.objects.filter(municipality=cast.elsewhere).update(state=S.CONVERSING)
    page = sign_in(client, cast.administrator).get(f"/consejo/campanas/{made.pk}/").content.decode()
    assert "Invitar a la que falta contactar" in text(page)
    fields = dict(re.findall(r'<input type="hidden" name="(filtro|todas)" value="([^"]*)"', page))
    fields = {name: value.replace("&amp;", "&") for name, value in fields.items()}
    preview = client.post("/consejo/adhesiones/accion/", {**fields, "kind": "invite"}).content.decode()
    assert "Alcanza a 1 municipalidad" in text(preview)
    confirm(client, preview)
    assert Adhesion.objects.get(municipality=cast.here).state == S.INVITED


def test_two_campaigns_may_not_share_a_name(cast: Cast) -> None:
    campaign(cast)
    with pytest.raises(RefusedError):
        campaign(cast, name="SUR ")
