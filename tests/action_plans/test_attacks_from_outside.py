"""What somebody who means harm tries with the mails, links, forms and files of plans; and what two clicks at once do."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from email.utils import parseaddr
from typing import Any, Final
from uuid import uuid4

import pytest
import xlsxwriter
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from action_plans.actions import (
    advice,
    assessments,
    contributions,
    following,
    plans,
    sign_ups,
)
from action_plans.actions import forum as forums
from action_plans.actions.forum import Seat
from action_plans.choices import AssessmentKind, PlanStage, Sector
from action_plans.models import (
    Assessment,
    Author,
    Commitment,
    Contribution,
    Follower,
    Meeting,
    Monitor,
    Plan,
    Recommendation,
    Waiver,
)
from action_plans.rules.plan_workbook import (
    COMMITMENTS,
    COMMITMENTS_SHEET,
    MILESTONES,
    MILESTONES_SHEET,
    PLAN,
    PLAN_SHEET,
)
from diagnostics.choices import InstrumentPurpose
from diagnostics.imports.instruments import SELF_ASSESSMENTS, load_instruments
from municipalities.actions import OvertakenError
from municipalities.forms import public
from municipalities.models import Document, Mail
from municipalities.notifications.sending import send_waiting
from tests.action_plans import citizens, stories
from tests.action_plans.factories import NOW
from tests.action_plans.test_attacks import FORMULA, SCRIPT, hidden
from tests.at_once import at_once
from tests.cast import Cast, assemble, sign_in


@pytest.fixture(autouse=True)
def limits_begin_anew() -> None:
    cache.clear()


def before(seconds: int) -> str:
    """The moment of a form that was opened so many seconds ago."""
    with pytest.MonkeyPatch.context() as patch:
        then = timezone.now().timestamp() - seconds
        patch.setattr("django.core.signing.time.time", lambda: then)
        return public.now_signed()


# Mails, headers and what is kept between readers


def test_a_line_break_in_what_was_typed_makes_no_header_of_a_mail(client: Client, cast: Cast) -> None:
    evil = "Plan\r\nBcc: todos@otro.example\r\n\r\nHola"
    plan = citizens.listening(cast.here)
    Plan.objects.filter(pk=plan.pk).update(title=evil[:150])
    plan.refresh_from_db()
    held = citizens.meeting(cast.here, title=evil, days=3000)
    Meeting.objects.update(place=evil)
    sign_ups.sign_up(meeting=held, name=evil, email="x@ejemplo.cl", sector=Sector.OTHER, now=NOW)
    contributions.contribute(plan=plan, sent=citizens.sent(title=evil, shown_as=evil[:80]), now=NOW)
    following.follow(plan=plan, email="y@ejemplo.cl", now=NOW)
    assert Mail.objects.count() == 3
    for each in Mail.objects.all():
        assert not re.search(r"[\r\n]", each.subject + each.to + each.to_name), each.kind
    send_waiting()
    readers = [parseaddr(to)[1] for each in mail.outbox for to in each.recipients()]
    assert sorted(readers) == ["v@ejemplo.cl", "x@ejemplo.cl", "y@ejemplo.cl"]


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_or_field_turns_reading_into_writing(client: Client, cast: Cast, header: str) -> None:
    plan = citizens.listening(cast.here)
    made = contributions.contribute(plan=plan, sent=citizens.sent(), now=NOW)
    address = reverse("action_plans:confirm", args=[made.authors.get().key])
    client.get(address, {"_method": "POST"}, headers={header: "POST"})
    client.head(address)
    assert client.put(address).status_code == client.delete(address).status_code == 405
    assert made.authors.get().confirmed_at is None


def test_a_foreign_host_is_refused_and_stands_in_no_link(client: Client, cast: Cast) -> None:
    citizens.meeting(cast.here, days=3000)
    for headers in ({"host": "otro.example"}, {"host": "localhost:1@otro.example"}):
        assert client.get("/participa/reuniones.ics", headers=headers).status_code == 400
    for address in ("/participa/reuniones.ics", "/participa/"):
        body = client.get(address, headers={"x-forwarded-host": "otro.example"}).content
        assert b"otro.example" not in body


# Links of mails

LEADS_NOWHERE: Final = {404, 410}


def test_a_link_of_a_mail_is_no_other_link_and_is_not_guessed(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    made = citizens.confirmed(plan)
    row = sign_ups.sign_up(
        meeting=citizens.meeting(cast.here, days=3000), name="Ana", email="a@ejemplo.cl", sector=Sector.OTHER, now=NOW
    )
    follower = following.follow(plan=plan, email="f@ejemplo.cl", now=NOW)
    author = made.authors.get()
    links = {"confirm": author.key, "sign_up": row.token, "follow_confirm": follower.token}
    for name, own in links.items():
        for key in (*links.values(), made.key, made.client_id, uuid4()):
            if key != own:
                address = reverse(f"action_plans:{name}", args=[key])
                assert client.get(address).status_code in LEADS_NOWHERE, (name, key)
                assert client.post(address).status_code in LEADS_NOWHERE, (name, key)
    other = citizens.published(plan, email="w@ejemplo.cl")
    hidden(plan, cast.coordinator, other)
    address = reverse("action_plans:appeal", args=[plan.pk, other.key, author.key])
    assert client.get(address).status_code == client.post(address).status_code == 404
    for key in (made.key, made.client_id, follower.token, uuid4()):
        assert client.get(reverse("action_plans:my_data", args=[key])).status_code == 410


def test_links_that_were_used_do_nothing_more(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    author = citizens.confirmed(plan).authors.get()
    client.post(reverse("action_plans:my_data", args=[author.key]))
    assert client.get(reverse("action_plans:my_data", args=[author.key])).status_code == 410
    assert client.post(reverse("action_plans:my_data", args=[author.key])).status_code == 200
    assert client.get(reverse("action_plans:confirm", args=[author.key])).status_code == 410
    follower = following.follow(plan=plan, email="f@ejemplo.cl", now=NOW)
    following.leave(token=follower.token)
    assert client.post(reverse("action_plans:follow_confirm", args=[follower.token])).status_code == 404
    assert client.post(reverse("action_plans:follow_leave", args=[follower.token])).status_code == 200


def test_pages_opened_by_a_link_are_not_kept_not_indexed_and_tell_no_other_site(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    made = citizens.published(plan)
    hidden(plan, cast.coordinator, made)
    key = made.authors.get().key
    row = sign_ups.sign_up(
        meeting=citizens.meeting(cast.here, days=3000), name="Ana", email="a@ejemplo.cl", sector=Sector.OTHER, now=NOW
    )
    follower = following.follow(plan=plan, email="f@ejemplo.cl", now=NOW)
    for name, arguments in (
        *(("confirm", [key]), ("my_data", [key]), ("appeal", [plan.pk, made.key, key]), ("sign_up", [row.token])),
        *(("follow_confirm", [follower.token]), ("follow_leave", [follower.token])),
    ):
        answer = client.get(reverse(f"action_plans:{name}", args=arguments))
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert "no-store" in answer.headers["Cache-Control"], name
        assert b'<meta name="robots" content="noindex">' in answer.content, name


# Twice, and at once


def test_somebody_new_who_supports_two_things_at_once_stays_one_person(transactional_db: None) -> None:
    cast = assemble()
    plan = citizens.listening(cast.here)
    made = [citizens.published(plan, email=f"{number}@ejemplo.cl") for number in range(2)]
    support = contributions.support
    assert at_once(*[lambda one=one: support(contribution=one, user=cast.citizen, now=NOW) for one in made]) == []
    assert Author.objects.filter(user=cast.citizen).count() == 1
    contributions.contribute(plan=plan, sent=citizens.sent(), user=cast.citizen, now=NOW)


def test_of_two_clicks_at_once_one_counts(transactional_db: None) -> None:
    cast = assemble()
    load_instruments(SELF_ASSESSMENTS, InstrumentPurpose.SELF_ASSESSMENT)
    plan = stories.carried_out(cast)
    now, today = timezone.now(), timezone.localdate()
    monitor: dict[str, Any] = {
        "plan": plan,
        "user": cast.citizen,
        "organisation": "U",
        "basis": "R",
        "starts": today,
        "ends": None,
    }
    own: dict[str, Any] = {"by": cast.coordinator, "plan": plan, "now": now}
    until = today + timedelta(days=9)
    for work in (
        lambda: advice.recommend(by=cast.adviser, plan=plan, text="Publique", now=now),
        lambda: plans.ask_waiver(**own, rule="unanswered", reason="Falta", until=until),
        lambda: assessments.appoint(by=cast.adviser, now=now, **monitor),
        lambda: assessments.begin(by=cast.citizen, plan=plan, kind=AssessmentKind.INCEPTION, now=now),
        lambda: following.follow(plan=plan, email="f@ejemplo.cl", now=now),
    ):
        assert at_once(work, work, work) == []
    counts = [each.objects.count() for each in (Recommendation, Waiver, Monitor, Assessment, Follower)]
    assert counts == [1] * 5
    move = {**own, "to": PlanStage.MIDTERM, "seen": PlanStage.IMPLEMENTATION}
    assert [type(each) for each in at_once(*[lambda: plans.move(**move)] * 3)] == [OvertakenError] * 2
    forum = forums.publish_rules(by=cast.coordinator, municipality=cast.here, name="Foro", rules="x", now=now)
    seat = Seat(Sector.ACADEMIA, "U", "", False, today)
    assert len(at_once(*[lambda: forums.add_member(by=cast.coordinator, forum=forum, seat=seat, now=now)] * 3)) == 2


# Machines and floods


def test_the_honeypot_the_clock_and_the_limits_stop_machines(client: Client, cast: Cast) -> None:
    plan = citizens.listening(cast.here)
    address = reverse("action_plans:contribution_new", args=[plan.pk])
    good = {"kind": "proposal", "text": "Que se transmita todo", "sector": "other", "email": "v@ejemplo.cl"}
    early = {**good, "client_id": uuid4(), "opened": public.now_signed()}
    client.post(address, early)
    for opened in ("", "opened", "opened:9:x", citizens.opened() + "x"):
        client.post(address, {**good, "client_id": uuid4(), "opened": opened})
    client.post(address, {**good, "client_id": uuid4(), "opened": before(30), "website": "https://otro.example"})
    assert not Contribution.objects.exists()
    answers = []
    for number in range(12):
        mailbox = "V@Ejemplo.cl" if number % 2 else "v@ejemplo.cl "
        sent = {**good, "client_id": uuid4(), "opened": before(30), "email": mailbox}
        answers.append(client.post(address, sent, headers={"x-forwarded-for": f"10.0.0.{number}"}).status_code)
    assert answers.count(302) == 10
    assert answers[-1] == 429


# Files


def zipped(**members: bytes) -> bytes:
    """A ZIP of members, whose names end in `.xml`."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name.replace('__', '/')}.xml", content)
    return held.getvalue()


ENTITY = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
HOSTILE = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<html><script>alert(1)</script>",
    "polyglot": b"GIF89a/*<script>alert(1)</script>*/=1;",
    "pdf that runs": b"%PDF-1.7\n1 0 obj <</OpenAction <</S /JavaScript /JS (app.alert(1))>> >> endobj\n%%EOF",
    "program": b"MZ" + b"\0" * 2000,
    "archive": zipped(a=b"x"),
    "bomb": zipped(xl__workbook=b"<workbook/>", xl__worksheets__sheet1=b" " * 60_000_000),
    "entity": zipped(**{"xl__workbook": ENTITY, "[Content_Types]": ENTITY}),
    "nothing": b"",
    "half": zipped(xl__workbook=b"<workbook/>")[:60],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_hostile_file_is_kept_or_stops_the_portal(client: Client, cast: Cast, kind: str) -> None:
    plan = stories.drafted(cast)
    for to in (PlanStage.CO_CREATION, PlanStage.CONSULTATION, PlanStage.ANSWERING):
        stories.go(plan, to, cast)
    held = citizens.meeting(cast.here, days=-3)
    sign_in(client, cast.coordinator)
    desk = f"/municipios/{cast.here.cut}-{cast.here.slug}/plan/gestion/"
    day = timezone.localdate().isoformat()
    act = {"seen": "answering", "approved_by": "Concejo", "approved_on": day}
    told = {"minutes": "Se habló", "agreements": "Uno"}
    for address, words in (
        *((f"{desk}paso/approved/", act), (f"{desk}foro/reuniones/{held.key}/acta/", told)),
        *((f"{desk}importar/", {}), (f"{desk}compromisos/{stories.only(plan).key}/avance/", {"text": "x"})),
    ):
        for name in ("acta.pdf", "plan.xlsx", "../../../etc/passwd\r\nX: y.pdf", "a" * 5000 + ".pdf"):
            sent = SimpleUploadedFile(name, HOSTILE[kind], content_type="application/pdf")
            answer = client.post(address, {**words, "file": sent})
            assert answer.status_code in {200, 422}, (address, name)
    held.refresh_from_db()
    assert not Document.objects.filter(municipality=cast.here).exists()
    assert (Plan.objects.get().stage, held.minutes) == (PlanStage.ANSWERING, "")


def test_a_workbook_of_formulas_brings_words_and_a_changed_preview_brings_nothing(client: Client, cast: Cast) -> None:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(PLAN_SHEET)
        words = {"title": FORMULA, "starts": "01-01-2027", "ends": "31-12-2028"}
        for line, column in enumerate(PLAN):
            sheet.write_row(line, 0, [column.heading, words.get(column.field, "")])
        sheet = book.add_worksheet(COMMITMENTS_SHEET)
        sheet.write_row(0, 0, [column.heading for column in COMMITMENTS])
        given = {"number": 1, "title": FORMULA}
        sheet.write_row(1, 0, [given.get(column.field, "") for column in COMMITMENTS])
        sheet.write_formula(2, 0, "=1+1", value=2)
        sheet = book.add_worksheet(MILESTONES_SHEET)
        sheet.write_row(0, 0, [column.heading for column in MILESTONES])
    sign_in(client, cast.coordinator)
    address = f"/municipios/{cast.here.cut}-{cast.here.slug}/plan/gestion/importar/"
    client.post(address, {"file": SimpleUploadedFile("plan.xlsx", held.getvalue())})
    for seal in ("x", "x:y:z", "=" * 9000, SCRIPT, "\x00"):
        assert client.post(address, {"contenido": seal}).status_code == 302
    assert not Commitment.objects.exists()
