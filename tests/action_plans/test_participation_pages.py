"""The pages that citizens open: lists, forms that need no account, links of mails, calendars."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from pytest_django import DjangoAssertNumQueries

from action_plans.actions import contributions, moderation, sign_ups
from action_plans.actions.plans import move
from action_plans.choices import ContributionKind, HideReason, MeetingState, PlanStage, Sector
from action_plans.models import Contribution, Forum, ForumMember, Meeting, Plan, SignUp, Support
from municipalities.choices import MailKind
from tests.action_plans.citizens import confirmed, listening, meeting, published, written
from tests.action_plans.factories import commitment
from tests.cast import Cast, sign_in

NOW = timezone.now()
SOON = 30


@pytest.fixture(autouse=True)
def no_limits_of_before() -> None:
    cache.clear()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return listening(cast.here)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> str:
    """The moment of a form that was opened half a minute ago."""
    return opened_at(NOW - timedelta(seconds=30), monkeypatch)


def opened_at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patch:
        patch.setattr("django.core.signing.time.time", moment.timestamp)
        return signing.TimestampSigner(salt="open form").sign("opened")


def of_plan(name: str, plan: Plan, *more: object) -> str:
    return reverse(f"action_plans:{name}", args=[plan.pk, *more])


def of_place(name: str, cast: Cast, *more: object) -> str:
    return reverse(f"action_plans:{name}", args=[cast.here.cut, cast.here.slug, *more])


def words(opened: str, **more: Any) -> dict[str, Any]:
    given = {
        "client_id": uuid4(),
        "kind": "proposal",
        "text": "Que el concejo transmita sus sesiones",
        "shown_as": "Vecina de la costa",
        "sector": "other",
        "email": "v@ejemplo.cl",
        "opened": opened,
    }
    return {**given, **more}


def coming(place: Any, **more: Any) -> Meeting:
    starts = NOW + timedelta(days=SOON)
    return meeting(place, announced=NOW, starts_at=starts, ends_at=starts + timedelta(hours=2), **more)


# --- Contributions ----------------------------------------------------------------------------------------------------


def test_a_citizen_without_an_account_contributes_and_confirms_with_a_button(
    client: Client, plan: Plan, opened: str
) -> None:
    sent = words(opened)
    for _ in range(2):
        assert client.post(of_plan("contribution_new", plan), sent).status_code == 302
    made = Contribution.objects.get()
    link = reverse("action_plans:confirm", args=[made.authors.get().key])
    assert "Sí, fui yo" in client.get(link).content.decode()
    made.refresh_from_db()
    assert made.state == "unconfirmed", "looking confirms nothing"
    client.post(link)
    made.refresh_from_db()
    assert made.state == "waiting"
    assert "Su correo está confirmado" in client.get(link).content.decode()


def test_what_a_machine_sends_is_thanked_for_and_dropped(client: Client, plan: Plan, opened: str) -> None:
    form = words(opened, website="https://spam.example")
    assert client.post(of_plan("contribution_new", plan), form).status_code == 302
    assert not Contribution.objects.exists()


def test_a_form_sent_too_fast_is_asked_for_once_more(
    client: Client, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A minute ahead: no machine is so slow that it would be time.
    now = opened_at(timezone.now() + timedelta(minutes=1), monkeypatch)
    page = client.post(of_plan("contribution_new", plan), words(now))
    assert "error-summary" in page.content.decode()
    assert not Contribution.objects.exists()


def test_a_form_whose_token_is_gone_comes_back_with_its_words_and_is_sent_with_the_next_press(
    plan: Plan, opened: str
) -> None:
    browser, here, sent = Client(enforce_csrf_checks=True), of_plan("contribution_new", plan), words(opened)
    browser.get(here)
    browser.cookies.clear()
    page = browser.post(here, {**sent, "csrfmiddlewaretoken": "x" * 64})
    assert page.status_code == 403
    assert sent["text"] in page.content.decode()
    assert "Lo que escribió sigue aquí" in page.content.decode()
    assert not Contribution.objects.exists()
    assert page.context is not None
    token = str(page.context["csrf_token"])
    assert browser.post(here, {**sent, "csrfmiddlewaretoken": token}).status_code == 302
    assert Contribution.objects.get().text == sent["text"]


@pytest.mark.parametrize("origin", ["https://otro.example", "null"])
def test_another_site_sends_nothing_in_the_name_of_whoever_is_signed_in_and_fills_nothing_in(
    plan: Plan, cast: Cast, opened: str, origin: str
) -> None:
    browser, sent = sign_in(Client(enforce_csrf_checks=True), cast.citizen), words(opened)
    page = browser.post(of_plan("contribution_new", plan), sent, headers={"origin": origin})
    assert page.status_code == 403
    assert sent["text"] not in page.content.decode()
    assert browser.post(of_plan("contribution_new", plan), sent).status_code == 403
    assert not Contribution.objects.exists()


def test_one_mailbox_gets_few_mails_whoever_types_its_address(client: Client, plan: Plan, opened: str) -> None:
    answers = [client.post(of_plan("contribution_new", plan), words(opened)).status_code for _number in range(11)]
    assert answers == [302] * 10 + [429]


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nada"},
        {"text": " "},
        {"client_id": "x"},
        {"kind": "x"},
        {"sector": "x"},
        {"title": "x" * 151},
        {"about": "x"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    client: Client, plan: Plan, opened: str, wrong: dict[str, Any]
) -> None:
    page = client.post(of_plan("contribution_new", plan), words(opened, **wrong))
    assert page.status_code == (302 if "about" in wrong else 200)
    assert Contribution.objects.exists() == ("about" in wrong)


def test_a_part_of_the_draft_is_commented_and_what_is_not_published_is_not_offered(
    client: Client, plan: Plan, cast: Cast, opened: str
) -> None:
    promise = commitment(plan)
    secret = client.get(of_plan("contribution_new", plan)).content.decode()
    assert promise.title not in secret
    move(by=cast.coordinator, plan=plan, to=PlanStage.CONSULTATION, now=NOW, seen=plan.stage)
    code = f"compromiso:{promise.key}"
    page = client.get(of_plan("contribution_new", plan) + f"?sobre={code}").content.decode()
    assert f'value="{code}" selected' in page
    client.post(
        of_plan("contribution_new", plan),
        words(opened, kind="comment", about=code, quote="Compromiso", sector="academia"),
    )
    made = Contribution.objects.get()
    assert (made.commitment, made.kind, made.edition) == (promise, ContributionKind.COMMENT, plan.editions.get())
    assert made.passage == {"part": code, "label": "Compromiso 1: Compromiso 1", "quote": "Compromiso"}


def test_with_an_account_no_address_is_asked(client: Client, plan: Plan, cast: Cast, opened: str) -> None:
    sign_in(client, cast.citizen)
    assert 'name="email"' not in client.get(of_plan("contribution_new", plan)).content.decode()
    form = words(opened)
    del form["email"]
    assert client.post(of_plan("contribution_new", plan), form).status_code == 302
    assert Contribution.objects.get().state == "waiting"


def test_a_plan_that_does_not_listen_has_no_form(client: Client, plan: Plan, opened: str) -> None:
    Plan.objects.filter(pk=plan.pk).update(stage=PlanStage.PREPARATION)
    assert "<textarea" not in client.get(of_plan("contribution_new", plan)).content.decode()
    page = client.post(of_plan("contribution_new", plan), words(opened)).content.decode()
    assert "El plan no recibe aportes ahora." in page


def test_no_page_shows_an_address_nor_what_was_hidden(client: Client, plan: Plan, cast: Cast) -> None:
    made = published(plan, text="Mi vecino Pedro Rojas hace ruido", title="Pedro Rojas")
    waiting = confirmed(plan, text="Esto todavía no lo lee nadie", email="otra@ejemplo.cl")
    why = HideReason.PERSONAL_DATA
    moderation.hide(
        by=cast.coordinator, plan=plan, contributions=[made.pk], reason=why, note="Nombra a alguien", now=NOW
    )
    pages = [of_plan("contributions", plan), of_plan("contribution", plan, made.key)]
    for page in pages:
        text = client.get(page).content.decode()
        assert "Pedro Rojas" not in text
        assert "@ejemplo.cl" not in text
        assert "Nombra a alguien" in text
    assert client.get(of_plan("contribution", plan, waiting.key)).status_code == 404
    assert "Esto todavía" not in client.get(pages[0]).content.decode()


def test_the_author_sees_the_words_and_appeals_once(client: Client, plan: Plan, cast: Cast, opened: str) -> None:
    made = published(plan, text="Un texto que se ocultó")
    moderation.hide(
        by=cast.coordinator, plan=plan, contributions=[made.pk], reason=HideReason.OFFENCE, note="", now=NOW
    )
    link = of_plan("appeal", plan, made.key, made.authors.get().key)
    assert "Un texto que se ocultó" in client.get(link).content.decode()
    for _ in range(2):
        assert client.post(link, {"text": "No ofende a nadie", "opened": opened}).status_code == 302
    assert made.appeals.count() == 1
    assert "<textarea" not in client.get(link).content.decode()
    assert client.get(of_plan("appeal", plan, made.key, uuid4())).status_code == 404


def test_a_support_needs_an_address_or_an_account(client: Client, plan: Plan, cast: Cast, opened: str) -> None:
    made = published(plan)
    address = of_plan("contribution_support", plan, made.key)
    assert client.post(address, {"opened": opened}).status_code == 200
    client.post(address, {"opened": opened, "email": "apoya@ejemplo.cl"})
    key = Support.objects.get().author.key
    client.post(reverse("action_plans:confirm", args=[key]))
    sign_in(client, cast.citizen)
    client.post(address)
    client.post(address)
    assert "2 personas lo apoyan" in client.get(of_plan("contribution", plan, made.key)).content.decode()


@pytest.mark.parametrize("many", [1, 20])
def test_the_list_costs_few_queries(
    client: Client, plan: Plan, cast: Cast, many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        made = published(plan, email=f"{number}@ejemplo.cl")
        contributions.support(contribution=made, user=cast.citizen, now=NOW)
    with django_assert_max_num_queries(9):
        page = client.get(of_plan("contributions", plan) + "?x=1")
    assert page.status_code == 200
    with django_assert_max_num_queries(10):
        client.get(of_plan("contributions", plan) + "?orden=apoyos&estado=sin-respuesta")


@pytest.mark.parametrize("query", ["?estado=nada", "?pagina=999", "?orden=%00", "?estado=aceptados&pagina=x"])
def test_no_address_of_the_list_fails(client: Client, plan: Plan, query: str) -> None:
    assert client.get(of_plan("contributions", plan) + query).status_code == 200


# --- Meetings ---------------------------------------------------------------------------------------------------------


def test_one_signs_up_confirms_and_gives_the_place_back(client: Client, cast: Cast, opened: str) -> None:
    held = coming(cast.here)
    form = {"name": "Ana", "email": "ana@ejemplo.cl", "sector": "other", "opened": opened}
    assert client.post(of_place("meeting", cast, held.key), form).status_code == 302
    row = SignUp.objects.get()
    link = reverse("action_plans:sign_up", args=[row.token])
    assert link in written(MailKind.MEETING_CONFIRM)[0].body
    client.get(link)
    assert not held.sign_ups.coming().exists()
    client.post(link)
    assert "Usted tiene un cupo" in client.get(link).content.decode()
    client.post(link, {"liberar": "1"})
    assert "Usted liberó su cupo" in client.get(link).content.decode()
    page = client.get(of_place("meeting", cast, held.key)).content.decode()
    assert "Ana" not in page


def test_the_notice_of_a_meeting_is_told(client: Client, cast: Cast) -> None:
    early = coming(cast.here)
    late = coming(cast.here)
    Meeting.objects.filter(pk=late.pk).update(announced_at=early.starts_at - timedelta(days=5))
    assert "OGP pide 14" not in client.get(of_place("meeting", cast, early.key)).content.decode()
    page = client.get(of_place("meeting", cast, late.key)).content.decode()
    assert "5 días antes" in page
    assert "OGP pide 14" in page


def test_a_meeting_that_was_not_announced_is_not_there(client: Client, cast: Cast) -> None:
    held = coming(cast.here)
    Meeting.objects.filter(pk=held.pk).update(announced_at=None)
    assert client.get(of_place("meeting", cast, held.key)).status_code == 404
    assert held.title not in client.get(of_place("forum", cast)).content.decode()


def test_the_forum_names_organisations_and_only_those_people_who_agreed(client: Client, cast: Cast) -> None:
    assert "todavía no tiene un foro" in client.get(of_place("forum", cast)).content.decode()
    held = Forum.objects.create(
        municipality=cast.here, name="Foro del Cabo", rules="Se reúne cada mes", rules_published_at=NOW, created_at=NOW
    )
    today = timezone.localdate()
    seats: list[tuple[str, str, bool]] = [("Club Andino", "Ana Soto", True), ("Liceo", "Eva Paz", False)]
    for organisation, person, shows in seats:
        ForumMember.objects.create(
            forum=held,
            sector="civil_society",
            organisation=organisation,
            person=person,
            shows_person=shows,
            starts=today,
        )
    page = client.get(of_place("forum", cast) + "?x=1").content.decode()
    assert all(word in page for word in ("Foro del Cabo", "Club Andino", "Ana Soto", "Liceo", "Se reúne cada mes"))
    assert "Eva Paz" not in page


def test_the_calendar_of_the_country_is_narrowed_and_empty_states_say_what_to_do(client: Client, cast: Cast) -> None:
    address = reverse("action_plans:opportunities")
    assert "No hay reuniones anunciadas" in client.get(address).content.decode()
    coming(cast.here, title="Taller del sur")
    coming(cast.elsewhere, title="Taller de la isla")
    listening(cast.elsewhere)
    page = client.get(address + f"?region={cast.here.region_id}").content.decode()
    assert "Taller del sur" in page
    assert "Taller de la isla" not in page
    assert "Ninguna reunión cumple" in client.get(address + "?clase=foro").content.decode()
    assert "Queilen" in client.get(address + "?x=1").content.decode()


@pytest.mark.parametrize("query", ["?region=99", "?clase=x", "?pagina=0", "?buscar=%00", "?buscar=" + "a" * 300])
def test_no_address_of_the_calendar_fails(client: Client, cast: Cast, query: str) -> None:
    assert client.get(reverse("action_plans:opportunities") + query).status_code == 200
    assert client.get(reverse("action_plans:opportunities_ics") + query).status_code == 200


def test_calendars_hold_what_comes_and_say_what_was_called_off(client: Client, cast: Cast) -> None:
    coming(cast.here)
    coming(cast.here, title="Foro", state=MeetingState.CANCELLED, state_reason="Temporal")
    coming(cast.elsewhere)
    response = client.get(of_place("forum_ics", cast))
    assert response["Content-Type"].startswith("text/calendar")
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert sorted(str(event["STATUS"]) for event in events) == ["CANCELLED", "CONFIRMED"]
    everywhere = client.get(reverse("action_plans:opportunities_ics")).content
    assert len(Calendar.from_ical(everywhere).walk("VEVENT")) == 3


@pytest.mark.parametrize("many", [1, 30])
def test_forum_and_calendar_cost_few_queries(
    client: Client, cast: Cast, many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(many):
        coming(cast.here)
    with django_assert_max_num_queries(6):
        client.get(of_place("forum", cast))
    with django_assert_max_num_queries(4):
        client.get(reverse("action_plans:opportunities"))


# --- Personal data ----------------------------------------------------------------------------------------------------


def test_whoever_holds_the_link_of_a_mail_sees_and_deletes_what_is_kept(client: Client, plan: Plan, cast: Cast) -> None:
    made = published(plan)
    row = sign_ups.sign_up(meeting=coming(cast.here), name="Ana", email="v@ejemplo.cl", sector=Sector.OTHER, now=NOW)
    link = reverse("action_plans:my_data", args=[made.authors.get().key])
    page = client.get(link).content.decode()
    assert "v@ejemplo.cl" in page
    assert "Taller en la plaza" in page
    assert "Sus datos se borraron" in client.post(link).content.decode()
    assert client.get(link).status_code == 410
    row.refresh_from_db()
    assert row.email == ""
    assert client.post(link).status_code == 200


@pytest.mark.parametrize("name", ["confirm", "sign_up"])
def test_a_link_whose_time_is_over_says_what_to_do(client: Client, plan: Plan, name: str) -> None:
    answer = client.get(reverse(f"action_plans:{name}", args=[uuid4()]))
    assert answer.status_code == 410
    assert "Este enlace ya no sirve" in answer.content.decode()


def test_who_gave_no_name_is_not_called_by_the_words_in_its_place(plan: Plan) -> None:
    confirmed(plan, shown_as="", email="a@ejemplo.cl")
    confirmed(plan, shown_as="Juana", email="b@ejemplo.cl")
    said = [mail.body.splitlines()[0] for mail in written(MailKind.CONTRIBUTION_CONFIRM)]
    assert said == ["Estimada vecina o estimado vecino:", "Estimada o estimado Juana:"]
