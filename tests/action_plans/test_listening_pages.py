"""The desk of contributions, of the forum and of its meetings, in the browser's words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from action_plans.actions import contributions, moderation, sign_ups
from action_plans.choices import ContributionState, HideReason, MeetingState, Sector
from action_plans.models import Contribution, Forum, ForumMember, Meeting, Plan, Response, SignUp
from municipalities.choices import DocumentState, MailKind
from municipalities.models import Document
from tests.action_plans.citizens import confirmed, listening, meeting, published, written
from tests.action_plans.factories import commitment
from tests.cast import Cast, sign_in

NOW = timezone.now()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return listening(cast.here)


@pytest.fixture
def desk(client: Client, cast: Cast) -> Client:
    return sign_in(client, cast.coordinator)


def at(name: str, cast: Cast, *more: object) -> str:
    return reverse(f"action_plans:{name}", args=[cast.here.cut, cast.here.slug, *more])


def do(desk: Client, cast: Cast, what: str, *made: Contribution, **words: Any) -> Any:
    given = {"que": what, "m": [each.pk for each in made], **words}
    return desk.post(at("contributions_work", cast), given)


def state(made: Contribution) -> str:
    return Contribution.objects.get(pk=made.pk).state


# --- Contributions ----------------------------------------------------------------------------------------------------


def test_first_it_is_shown_and_only_then_done(desk: Client, cast: Cast, plan: Plan) -> None:
    new, old = confirmed(plan, email="a@ejemplo.cl"), published(plan)
    page = do(desk, cast, "publicar", new, old).content.decode()
    assert "Alcanza a 1 aporte" in page
    assert "Ya es público." in page
    assert state(new) == ContributionState.WAITING
    assert do(desk, cast, "publicar", new, old, confirmar="1").status_code == 302
    assert state(new) == ContributionState.PUBLISHED


def test_what_waits_longest_stands_first_counted_as_the_column_counts_it(desk: Client, cast: Cast, plan: Plan) -> None:
    read_late, unread = confirmed(plan, email="a@ejemplo.cl"), confirmed(plan, email="b@ejemplo.cl")
    Contribution.objects.filter(pk=unread.pk).update(sent_at=NOW - timedelta(days=9))
    Contribution.objects.filter(pk=read_late.pk).update(
        sent_at=NOW - timedelta(days=12), published_at=NOW - timedelta(days=2), state=ContributionState.PUBLISHED
    )
    page = desk.get(at("contributions_desk", cast))
    assert [row[0] for row in page.context["rows"]] == [unread, read_late]
    assert [row[3] for row in page.context["rows"]] == [9, 2]


def test_all_of_a_filter_are_meant_also_those_of_other_pages(desk: Client, cast: Cast, plan: Plan) -> None:
    made = [confirmed(plan, email=f"{number}@ejemplo.cl") for number in range(3)]
    left = published(plan)
    words = {"que": "ocultar", "todas": "1", "filtro": "cola=nuevos", "confirmar": "1", "reason": "advertising"}
    desk.post(at("contributions_work", cast), words)
    assert {state(each) for each in made} == {ContributionState.HIDDEN}
    assert state(left) == ContributionState.PUBLISHED


def test_what_was_hidden_just_now_is_taken_back_with_one_button(desk: Client, cast: Cast, plan: Plan) -> None:
    made = published(plan)
    done = do(desk, cast, "ocultar", made, confirmar="1", reason="off_topic", note="No es del plan")
    page = desk.get(done["Location"]).content.decode()
    assert "Se acaba de ocultar 1 aporte" in page
    do(desk, cast, "mostrar", made, confirmar="1")
    assert state(made) == ContributionState.PUBLISHED


def test_hiding_without_a_reason_keeps_what_was_typed(desk: Client, cast: Cast, plan: Plan) -> None:
    made = published(plan)
    page = do(desk, cast, "ocultar", made, confirmar="1", note="Lo que ya escribí")
    assert "Lo que ya escribí" in page.content.decode()
    assert state(made) == ContributionState.PUBLISHED


def test_several_are_answered_alike_and_lead_to_a_commitment(desk: Client, cast: Cast, plan: Plan) -> None:
    made = [published(plan, email=f"{number}@ejemplo.cl") for number in range(2)]
    led = commitment(plan)
    words = {"verdict": "accepted", "reasons": "Se incluyó en el primer compromiso.", "led_to": led.pk}
    do(desk, cast, "responder", *made, confirmar="1", **words)
    assert [each.led_to for each in Response.objects.all()] == [led, led]
    page = desk.get(reverse("action_plans:contribution", args=[plan.pk, made[0].key])).content.decode()
    assert "Condujo al compromiso 1" in page


def test_those_that_say_the_same_are_joined_and_separated(desk: Client, cast: Cast, plan: Plan) -> None:
    first, second = published(plan), published(plan, email="otra@ejemplo.cl")
    do(desk, cast, "unir", first, second, confirmar="1", into=first.pk)
    assert state(second) == ContributionState.MERGED
    page = desk.get(at("contribution_desk", cast, second.key)).content.decode()
    assert "Deshacer la unión" in page
    desk.post(at("contribution_separate", cast, second.key))
    assert state(second) == ContributionState.PUBLISHED


def test_one_that_says_several_things_is_divided_at_the_lines(desk: Client, cast: Cast, plan: Plan) -> None:
    made = published(plan, text="Más árboles\nSesiones en vivo")
    address = at("contribution_split", cast, made.key)
    assert desk.post(address, {"text": "Solo una cosa"}).status_code == 200
    desk.post(address, {"text": "Más árboles\r\n---\r\nSesiones en vivo"})
    trees, sessions = made.parts.order_by("pk")
    assert (trees.text, sessions.text) == ("Más árboles", "Sesiones en vivo")
    whole = desk.get(at("contribution_desk", cast, made.key)).content.decode()
    assert whole.index(str(trees.key)) < whole.index(str(sessions.key))
    assert str(made.key) in desk.get(at("contribution_desk", cast, trees.key)).content.decode()
    # With one title for both, what they say tells them apart where one of them is chosen.
    page = do(desk, cast, "unir", trees, sessions).content.decode()
    assert "Sesiones en vivo (Vecina)" in page


def test_the_council_decides_on_an_appeal_and_whoever_hid_it_has_no_button(
    client: Client, cast: Cast, plan: Plan
) -> None:
    made = published(plan)
    why = HideReason.OFFENCE
    moderation.hide(by=cast.coordinator, plan=plan, contributions=[made.pk], reason=why, note="", now=NOW)
    moderation.appeal(contribution=made, author=made.authors.get().key, text="No ofende", now=NOW)
    address = at("appeal_decide", cast, made.key)
    sign_in(client, cast.coordinator)
    assert address not in client.get(at("contribution_desk", cast, made.key)).content.decode()
    assert client.post(address, {"granted": "1", "reasons": "Sí"}).status_code == 200
    assert state(made) == ContributionState.HIDDEN
    sign_in(client, cast.adviser)
    assert address in client.get(at("contribution_desk", cast, made.key)).content.decode()
    assert client.post(address, {"granted": "1", "reasons": "No ofende a nadie"}).status_code == 302
    assert state(made) == ContributionState.PUBLISHED


@pytest.mark.parametrize("who", ["officer", "reader", "adviser"])
def test_others_read_and_do_not_moderate(client: Client, cast: Cast, plan: Plan, who: str) -> None:
    made = confirmed(plan)
    sign_in(client, getattr(cast, who))
    page = client.get(at("contributions_desk", cast)).content.decode()
    assert "Que el concejo" in page
    assert "v@ejemplo.cl" not in page
    assert "data-desk" not in page
    assert do(client, cast, "publicar", made, confirmar="1").status_code == 403
    assert state(made) == ContributionState.WAITING


def test_nobody_works_on_contributions_of_elsewhere(desk: Client, cast: Cast) -> None:
    made = confirmed(listening(cast.elsewhere))
    do(desk, cast, "publicar", made, confirmar="1")
    assert state(made) == ContributionState.WAITING
    assert desk.get(at("contribution_desk", cast, made.key)).status_code == 404


@pytest.mark.parametrize(
    "query", ["?cola=nada", "?orden=zzz", "?orden=-apoyos", "?plan=x", "?pagina=9", "?deshacer=a,1,99", "?buscar=%00"]
)
def test_no_address_of_the_desk_fails(desk: Client, cast: Cast, plan: Plan, query: str) -> None:
    confirmed(plan)
    assert desk.get(at("contributions_desk", cast) + query).status_code == 200


@pytest.mark.parametrize("words", [{"que": "x"}, {"que": "publicar", "m": "x"}, {"que": "unir", "m": "99999999999"}])
def test_what_makes_no_sense_leads_back(desk: Client, cast: Cast, plan: Plan, words: dict[str, str]) -> None:
    assert desk.post(at("contributions_work", cast), words).status_code == 302


@pytest.mark.parametrize("many", [1, 40])
def test_the_queue_costs_few_queries(
    desk: Client, cast: Cast, plan: Plan, many: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(many):
        contributions.support(contribution=published(plan, email=f"{number}@ejemplo.cl"), user=cast.citizen, now=NOW)
    desk.get(at("contributions_desk", cast))
    with django_assert_max_num_queries(20):
        desk.get(at("contributions_desk", cast))


# --- Forum and meetings -----------------------------------------------------------------------------------------------


def test_rules_come_first_then_seats(desk: Client, cast: Cast) -> None:
    seat = {"sector": "academia", "organisation": "Liceo", "starts": "2026-01-01"}
    desk.post(at("member_add", cast), seat)
    assert not ForumMember.objects.exists()
    desk.post(at("forum_rules", cast), {"name": "Foro del Cabo", "rules": "Se reúne cada mes"})
    desk.post(at("member_add", cast), seat)
    member = ForumMember.objects.get(forum=Forum.objects.get())
    assert desk.post(at("member_add", cast), seat).status_code == 200
    desk.post(at("member_edit", cast, member.pk), {**seat, "ends": "2026-02-01"})
    member.refresh_from_db()
    assert str(member.ends) == "2026-02-01"
    assert "Liceo" in desk.get(at("forum_desk", cast)).content.decode()


def said(**more: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=20)
    given = {"key": uuid4(), "kind": "forum", "title": "Foro de otoño", "agenda": "Avance", "day": day.isoformat()}
    return {**given, "starts": "18:00", "ends": "20:00", "place": "Salón municipal", **more}


def test_a_meeting_is_kept_then_announced_and_changed(desk: Client, cast: Cast) -> None:
    form = said()
    for _ in range(2):
        desk.post(at("meeting_new", cast), form)
    held = Meeting.objects.get()
    assert held.announced_at is None
    desk.post(at("meeting_announce", cast, held.key))
    assert Meeting.objects.filter(announced_at__isnull=False).get() == held
    page = desk.get(at("meeting_edit", cast, held.key))
    seen = page.context["form"].initial["seen"]
    desk.post(at("meeting_edit", cast, held.key), said(key=held.key, seen=seen, place="Liceo"))
    late = desk.post(at("meeting_edit", cast, held.key), said(key=held.key, seen=seen, place="Gimnasio"))
    assert late.status_code == 409
    assert Meeting.objects.get().place == "Liceo"


@pytest.mark.parametrize(
    "wrong", [{"place": ""}, {"ends": "17:00"}, {"day": "x"}, {"link": "javascript:x"}, {"capacity": "0"}]
)
def test_a_meeting_that_cannot_be_is_told_so(desk: Client, cast: Cast, wrong: dict[str, Any]) -> None:
    assert desk.post(at("meeting_new", cast), said(anunciar="1", **wrong)).status_code == 200
    assert not Meeting.objects.exists()


def test_a_meeting_is_called_off_with_a_reason(desk: Client, cast: Cast) -> None:
    held = meeting(cast.here, days=3000)
    assert desk.post(at("meeting_call_off", cast, held.key), {"reason": " "}).status_code == 200
    desk.post(at("meeting_call_off", cast, held.key), {"reason": "Temporal"})
    held.refresh_from_db()
    assert held.state == MeetingState.CANCELLED


def test_minutes_with_their_file_reach_everyone_once_it_was_scanned(desk: Client, cast: Cast) -> None:
    held = meeting(cast.here, days=1, starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    pdf = SimpleUploadedFile("acta.pdf", b"MZ no es un PDF")
    words = {"minutes": "Se habló", "agreements": "Uno\nDos", "came_academia": "4"}
    assert desk.post(at("meeting_minutes_edit", cast, held.key), {**words, "file": pdf}).status_code == 200
    held.refresh_from_db()
    assert held.minutes_published_at is None, "a file that is not kept keeps the minutes back"
    desk.post(at("meeting_minutes_edit", cast, held.key), words)
    held.refresh_from_db()
    assert (held.state, held.attendance) == (MeetingState.HELD, {"academia": 4})
    sent = Document.objects.create(
        municipality=cast.here,
        kind="minutes",
        name="acta.pdf",
        file=SimpleUploadedFile("acta.pdf", b"%PDF-1.7"),
        media_type="application/pdf",
        size=8,
        sha256="0" * 64,
        uploaded_at=NOW,
    )
    Meeting.objects.update(minutes_document=sent)
    address = at("meeting_minutes", cast, held.key)
    desk.logout()
    assert desk.get(address).status_code == 404
    Document.objects.update(state=DocumentState.CLEAN)
    answer = desk.get(address)
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"  # type: ignore[attr-defined]


def test_names_of_those_who_come_are_for_those_who_prepare_the_meeting(client: Client, cast: Cast) -> None:
    held = meeting(cast.here, days=3000)
    row = sign_ups.sign_up(meeting=held, name="Ana Soto", email="ana@ejemplo.cl", sector=Sector.OTHER, now=NOW)
    sign_ups.confirm(token=row.token, now=NOW)
    sign_in(client, cast.officer)
    assert "Ana Soto" in client.get(at("meeting_desk", cast, held.key)).content.decode()
    sign_in(client, cast.adviser)
    assert "Ana Soto" not in client.get(at("meeting_desk", cast, held.key)).content.decode()
    Meeting.objects.update(starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    sign_in(client, cast.officer)
    client.post(at("meeting_attendance", cast, held.key), {"lista": [row.pk], "vino": [row.pk]})
    row.refresh_from_db()
    assert row.came is True
    SignUp.objects.update(forget_at=NOW - timedelta(hours=1))  # its time is over, whether the nightly work ran or not
    assert "Ana Soto" not in client.get(at("meeting_desk", cast, held.key)).content.decode()
    assert len(written(MailKind.MEETING_SIGNED_UP)) == 1


def test_the_plan_asks_for_what_waits_and_leads_there(desk: Client, cast: Cast, plan: Plan) -> None:
    confirmed(plan, email="a@ejemplo.cl")
    published(plan)
    page = desk.get(at("plan_desk", cast)).content.decode()
    assert "1 aporte espera ser leído" in page
    assert "1 aporte espera su respuesta" in page
    assert at("contributions_desk", cast) + "?cola=por-responder" in page


def test_the_public_page_of_a_plan_without_an_edition_lets_people_contribute(
    client: Client, cast: Cast, plan: Plan
) -> None:
    published(plan)
    page = client.get(at("plan_public", cast)).content.decode()
    assert reverse("action_plans:contribution_new", args=[plan.pk]) in page
    assert "1 aporte; 0 con respuesta" in page
