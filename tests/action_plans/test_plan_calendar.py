"""A plan in people's calendars (RFC 5545), and a commitment in their feed readers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event

from action_plans.actions import commitments
from action_plans.actions.commitments import Draft, MilestoneSent
from action_plans.models import Commitment, Plan
from config.page_cache import forget_public_pages
from tests.action_plans.stories import carried_out, only, to
from tests.cast import Cast

LONG = "Publicación de las actas, acuerdos; y asistencia del concejo municipal con “comillas” y \\barras\\ en año nuevo"


def raw(client: Client, cast: Cast, plan: Plan, one: Commitment | None = None) -> bytes:
    forget_public_pages()
    name, more = ("commitment_calendar", [one.key]) if one else ("plan_calendar", [])
    answer = client.get(to(name, cast, plan.pk, *more))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.content


def events(content: bytes) -> dict[str, Event]:
    found = {str(event["UID"]): event for event in Calendar.from_ical(content).events}
    assert all(not event.errors for event in found.values())
    return found


def at(event: Event, name: str) -> Any:
    """When it is, as Python says it."""
    return event.decoded(name)


def changed(cast: Cast, one: Commitment, milestones: list[MilestoneSent]) -> Commitment:
    one.refresh_from_db()
    return commitments.save(
        by=cast.coordinator,
        commitment=one,
        draft=Draft({"title": one.title}, milestones),
        version=one.version,
        reason="El concejo lo pidió",
        now=timezone.now(),
    )


def sent(one: Commitment, title: str = "", days: int = 0) -> list[MilestoneSent]:
    return [
        MilestoneSent(
            title or row.title, row.key, row.starts, row.ends and row.ends + timedelta(days=days), weight=row.weight
        )
        for row in one.milestones.order_by("number")
    ]


def test_lines_are_folded_ended_and_escaped_as_the_rfc_says(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = changed(cast, only(plan), sent(only(plan), title=LONG))
    for content in (raw(client, cast, plan), raw(client, cast, plan, one)):
        assert content.endswith(b"END:VCALENDAR\r\n")
        lines = content.split(b"\r\n")
        assert all(len(line) <= 75 for line in lines)
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        for line in lines:
            line.decode()  # no letter is cut in two
        calendar = Calendar.from_ical(content)
        assert {"PRODID", "VERSION"} <= set(calendar)
        assert str(calendar["VERSION"]) == "2.0"
        for event in events(content).values():
            assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "URL"} <= set(event)
            assert str(event["SUMMARY"]) == f"Último día: {LONG}"
            assert at(event, "DTSTAMP").utcoffset() == timedelta(0)
            assert type(at(event, "DTSTART")) is date
            assert at(event, "DTEND") - at(event, "DTSTART") == timedelta(days=1)


def test_an_event_keeps_its_identifier_and_its_revision_grows_when_its_day_changes(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    before = events(raw(client, cast, plan))
    assert before == events(raw(client, cast, plan))
    changed(cast, only(plan), sent(only(plan), days=30))
    after = events(raw(client, cast, plan))
    assert before.keys() == after.keys()
    for uid, event in after.items():
        assert at(event, "DTSTART") - at(before[uid], "DTSTART") == timedelta(days=30)
        assert event.sequence > before[uid].sequence
        assert at(event, "DTSTAMP") >= at(before[uid], "DTSTAMP")


def test_what_left_the_plan_is_called_off_in_calendars(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    uids = set(events(raw(client, cast, plan)))
    changed(cast, one, sent(one)[:2])
    states = {uid: str(event["STATUS"]) for uid, event in events(raw(client, cast, plan)).items()}
    assert states.keys() == uids
    assert sorted(states.values()) == ["CANCELLED", "CONFIRMED", "CONFIRMED"]
    commitments.withdraw(by=cast.coordinator, commitment=one, reason="No alcanza el dinero", now=timezone.now())
    for content in (raw(client, cast, plan), raw(client, cast, plan, one)):
        left = events(content)
        assert left.keys() == uids
        assert {str(event["STATUS"]) for event in left.values()} == {"CANCELLED"}


def test_a_commitment_that_was_never_promised_has_no_calendar(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    assert client.get(to("commitment_calendar", cast, plan.pk, uuid4())).status_code == 404
    without_days = commitments.add(
        by=cast.coordinator, plan=plan, draft=Draft({"title": "Nuevo"}), reason="Se acordó", now=timezone.now()
    )
    assert events(raw(client, cast, plan, without_days)) == {}


def test_a_commitment_is_followed_from_its_page_by_mail_and_by_feed(client: Client, cast: Cast) -> None:
    plan = carried_out(cast)
    one = only(plan)
    forget_public_pages()
    page = client.get(to("commitment_public", cast, plan.pk, one.key)).content.decode()
    follow = f"{reverse('action_plans:follow', args=[plan.pk])}?compromiso={one.key}"
    assert f'href="{follow}"' in page
    assert "Seguir este compromiso" in page
    form = client.get(follow).content.decode()
    assert f'<option value="{one.key}" selected>' in form
    address = to("commitment_feed", cast, plan.pk, one.key)
    assert page.count(f'href="{address}"') == 2
    answer = client.get(address)
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    atom = "{http://www.w3.org/2005/Atom}"
    assert feed.findtext(f"{atom}title") == "Cabo de Hornos: Actas a la vista"
    whole = ElementTree.fromstring(client.get(to("plan_feed", cast, plan.pk)).content)
    entries = [entry.findtext(f"{atom}id") for entry in feed.findall(f"{atom}entry")]
    assert len(entries) == 1
    assert set(entries) < {entry.findtext(f"{atom}id") for entry in whole.findall(f"{atom}entry")}
    assert feed.findtext(f"{atom}id") != whole.findtext(f"{atom}id")
    assert client.get(to("commitment_feed", cast, plan.pk, uuid4())).status_code == 404
