"""Citizens follow a plan by mail: confirmed first, told once, at most one mail a day, and gone with one click."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from action_plans.actions import contributions, following, personal_data, progress
from action_plans.actions.plans import publish
from action_plans.choices import EditionKind
from action_plans.models import Follower, Plan
from action_plans.notifications import digest, news
from config.page_cache import forget_public_pages
from municipalities.choices import MailKind, MailState
from municipalities.forms import public
from municipalities.models import Mail
from municipalities.notifications import sending
from municipalities.notifications.recipients import Recipient
from tests.action_plans import stories
from tests.action_plans.citizens import listening, sent, written
from tests.action_plans.stories import only, to
from tests.cast import Cast, municipality

# The database ends the transaction of the second batch, as it does when a worker's connection breaks.
DIES = """
    CREATE FUNCTION pg_temp.dies() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW."to" = 'v20@ejemplo.cl' THEN RAISE EXCEPTION 'the worker dies'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER dies BEFORE INSERT ON municipalities_mail FOR EACH ROW EXECUTE FUNCTION pg_temp.dies()
"""


@pytest.fixture(autouse=True)
def nothing_is_kept() -> None:
    forget_public_pages()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> str:
    """The moment of a form that was opened half a minute ago."""
    with monkeypatch.context() as patch:
        before = timezone.now().timestamp() - 30
        patch.setattr("django.core.signing.time.time", lambda: before)
        return public.now_signed()


def followed(plan: Plan, email: str = "vecina@ejemplo.cl", **more: Any) -> Follower:
    now = timezone.now()
    follower = following.follow(plan=plan, email=email, now=now, **more)
    return following.confirm(token=follower.token, now=now)


def told(plan: Plan, cast: Cast, text: str = "Se publicaron las actas", by: User | None = None) -> None:
    progress.report(by=by or cast.officer, commitment=only(plan), text=text, client_id=uuid4(), now=timezone.now())


def tomorrow(hours: int = 24) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def test_someone_without_an_account_follows_confirms_and_leaves_with_one_click(
    client: Client, cast: Cast, opened: str
) -> None:
    plan = stories.carried_out(cast)
    sent = {"email": "Vecina@Ejemplo.cl", "about": str(only(plan).key), "opened": opened}
    assert client.post(reverse("action_plans:follow", args=[plan.pk]), sent).status_code == 302
    follower = Follower.objects.get()
    assert (follower.email, follower.commitment, follower.confirmed_at) == ("vecina@ejemplo.cl", only(plan), None)
    address = reverse("action_plans:follow_confirm", args=[follower.token])
    assert address in written(MailKind.FOLLOW_CONFIRM)[0].body
    client.get(address)
    follower.refresh_from_db()
    assert follower.confirmed_at is None
    assert "Usted sigue este plan" in client.post(address).content.decode()
    leave = reverse("action_plans:follow_leave", args=[follower.token])
    client.get(leave)
    assert Follower.objects.exists()
    mail_program = Client(enforce_csrf_checks=True)
    assert mail_program.post(leave, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Follower.objects.exists()
    assert "ya no recibe" in client.get(leave).content.decode()
    assert not Mail.objects.filter(to="vecina@ejemplo.cl").exists()


def test_a_machine_and_a_wrong_address_follow_nothing(client: Client, cast: Cast, opened: str) -> None:
    address = reverse("action_plans:follow", args=[stories.carried_out(cast).pk])
    assert client.post(address, {"email": "x@ejemplo.cl", "website": "x", "opened": opened}).status_code == 302
    answer = client.post(address, {"email": "no es un correo", "opened": opened})
    assert "no es un correo" in answer.content.decode()
    assert client.post(address, {"email": "x@ejemplo.cl", "about": "x", "opened": opened}).status_code == 200
    assert not Follower.objects.exists()


def test_asking_again_sends_one_letter_a_day(cast: Cast) -> None:
    plan, now = stories.carried_out(cast), timezone.now()
    for _each in range(3):
        following.follow(plan=plan, email="x@ejemplo.cl", now=now)
    assert len(written(MailKind.FOLLOW_CONFIRM)) == 1
    assert Follower.objects.count() == 1


def test_a_follower_gets_what_is_new_once(cast: Cast) -> None:
    plan = stories.carried_out(cast)
    followed(plan)
    told(plan, cast)
    assert news.write_news(now=tomorrow()) == 1
    (mail,) = written(MailKind.PLAN_NEWS)
    assert mail.body.startswith("Estimada vecina o estimado vecino:\n")
    assert "Se publicaron las actas" in mail.body
    assert reverse("action_plans:follow_leave", args=[Follower.objects.get().token]) in mail.body
    assert news.write_news(now=tomorrow()) == 0
    assert news.write_news(now=tomorrow(48)) == 0


def test_one_mail_a_day_though_more_happens_and_the_rest_comes_the_next_day(cast: Cast) -> None:
    plan = stories.carried_out(cast)
    follower = followed(plan)
    followed(plan, commitment=only(plan))
    told(plan, cast, "Lo primero")
    day = tomorrow()
    assert news.write_news(now=day) == 1
    progress.report(
        by=cast.officer, commitment=only(plan), text="Lo segundo", client_id=uuid4(), now=day + timedelta(minutes=1)
    )
    assert news.write_news(now=day + timedelta(minutes=30)) == 0
    assert news.write_news(now=day + timedelta(days=1)) == 1
    first, second = written(MailKind.PLAN_NEWS)
    assert "Lo primero" in first.body
    assert "Lo segundo" in second.body
    assert "Lo primero" not in second.body
    assert follower.email == second.to


def test_one_mail_tells_of_all_that_an_address_follows_each_thing_once_with_a_way_out_of_each(cast: Cast) -> None:
    plan, other = stories.carried_out(cast), stories.carried_out(stories.elsewhere(cast))
    mine = [followed(plan), followed(plan, commitment=only(plan)), followed(other, commitment=only(other))]
    told(plan, cast, "Se publicaron las actas")
    told(other, cast, "Se abrió la feria", by=cast.coordinator_elsewhere)
    assert news.write_news(now=tomorrow()) == 1
    (mail,) = written(MailKind.PLAN_NEWS)
    assert mail.subject == "Novedades de Gobierno Abierto: Cabo de Hornos, Queilen"
    for words in ("Se publicaron las actas", "Se abrió la feria"):
        assert mail.body.count(words) == 1
    for follower in mine:
        assert mail.body.count(reverse("action_plans:follow_leave", args=[follower.token])) == 1
    assert news.write_news(now=tomorrow()) == 0


def test_the_button_of_a_mail_program_ends_everything_and_a_link_ends_one_thing(client: Client, cast: Cast) -> None:
    plan, other = stories.carried_out(cast), stories.carried_out(stories.elsewhere(cast))
    first, second = followed(plan), followed(other)
    neighbour = followed(plan, "otro@ejemplo.cl")
    told(plan, cast)
    news.write_news(now=tomorrow())
    mail = Mail.objects.get(kind=MailKind.PLAN_NEWS, to=first.email)
    sent = sending.message(mail).message()
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    button = urlsplit(sent["List-Unsubscribe"].strip("<>")).path
    assert button in mail.body
    answer = client.post(reverse("action_plans:follow_leave", args=[first.token]))
    assert button in answer.content.decode()
    assert set(Follower.objects.all()) == {second, neighbour}
    # The link of an old mail still ends everything, though what that mail told of is followed no more.
    assert other.title in client.get(button).content.decode()
    mail_program = Client(enforce_csrf_checks=True)
    for _twice in range(2):
        assert mail_program.post(button, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Follower.objects.get() == neighbour
    assert not Mail.objects.filter(to=first.email).exists()
    assert "ya no recibe novedades" in client.get(button).content.decode()
    assert client.get(button.replace(":", "0:")).status_code == 404


def test_who_leaves_everything_gets_nothing_that_still_waits(cast: Cast) -> None:
    plan = stories.carried_out(cast)
    follower = followed(plan)
    contributions.contribute(plan=listening(cast.elsewhere), sent=sent(email=follower.email), now=timezone.now())
    told(plan, cast)
    news.write_news(now=tomorrow())
    following.leave_all(mark=Recipient(follower.email, "").mark)
    assert [mail.state for mail in written(MailKind.PLAN_NEWS)] == [MailState.CANCELLED]
    assert Mail.objects.filter(to=follower.email, kind=MailKind.CONTRIBUTION_CONFIRM).exists()


def test_who_follows_many_plans_finds_three_names_in_the_subject_and_all_in_the_mail(cast: Cast) -> None:
    names = ["Ancud", "Castro", "Chonchi", "Dalcahue", "Quemchi"]
    places = [municipality(f"1020{at}", name, name.lower(), order=14) for at, name in enumerate(names, 1)]
    followed_ones = [listening(place) for place in places]
    for plan in followed_ones:
        followed(plan)
        publish(plan, EditionKind.CONSULTATION, by=cast.coordinator, reason="", now=timezone.now())
    assert news.write_news(now=tomorrow()) == 1
    (mail,) = written(MailKind.PLAN_NEWS)
    assert mail.subject.endswith("y 2 más")
    assert all(plan.municipality.name in mail.body for plan in followed_ones)


def test_nobody_is_told_who_did_not_confirm_or_follows_something_else(cast: Cast) -> None:
    plan = stories.carried_out(cast)
    following.follow(plan=plan, email="x@ejemplo.cl", now=timezone.now())
    told(plan, cast)
    assert news.write_news(now=tomorrow()) == 0


def test_a_worker_that_dies_in_the_middle_sends_each_mail_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies after some batches and in the middle of the next; the one after it writes the rest."""
    plan = stories.carried_out(cast)
    addresses = [f"v{number}@ejemplo.cl" for number in range(25)]
    for address in addresses:
        followed(plan, address)
    told(plan, cast)
    monkeypatch.setattr(news, "BATCH", 10)
    day = tomorrow()
    with connection.cursor() as cursor:
        cursor.execute(DIES)
    with pytest.raises(DatabaseError, match="the worker dies"):
        news.write_news(now=day)
    assert len(written(MailKind.PLAN_NEWS)) == 10
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER dies ON municipalities_mail")
    assert news.write_news(now=day) == 15
    assert news.write_news(now=day) == 0
    assert sorted(mail.to for mail in written(MailKind.PLAN_NEWS)) == sorted(addresses)


def test_who_never_confirmed_is_deleted_after_a_week(cast: Cast) -> None:
    plan, now = stories.carried_out(cast), timezone.now()
    following.follow(plan=plan, email="x@ejemplo.cl", now=now)
    kept = followed(plan)
    personal_data.forget(now=now + timedelta(days=8))
    assert Follower.objects.get() == kept
    assert not Mail.objects.filter(to="x@ejemplo.cl").exists()


def test_late_milestones_come_in_the_digest_of_those_who_write_the_plan(cast: Cast) -> None:
    stories.carried_out(cast)
    today = timezone.localdate()
    ((_heading, lines), *_more) = digest.parts_of(cast.officer, today)
    assert len(lines) == 1
    assert "Página nueva" in lines[0]
    assert to("commitment_progress", cast, only(Plan.objects.get()).key) in lines[0]
    assert {cast.officer, cast.coordinator} == set(digest.people(today))
    assert not any(lines for _heading, lines in digest.parts_of(cast.reader, today))
    assert not any(lines for _heading, lines in digest.parts_of(cast.coordinator_elsewhere, today))
