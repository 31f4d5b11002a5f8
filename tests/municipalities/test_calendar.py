"""The calendar of the council's next steps: the page, the secret address, and what a calendar program reads there."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from config.logging import hide_personal_data
from municipalities.actions import contact_log
from municipalities.models import CalendarFeed, Campaign, ContactNote
from tests.cast import Cast, sign_in

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = "/consejo/calendario/"


def step(
    cast: Cast, responsible: User, what: str = "Llamar; pronto, o antes", on: date = date(2026, 3, 10)
) -> ContactNote:
    return ContactNote.objects.create(
        municipality=cast.here,
        kind="call",
        on=date(2026, 3, 1),
        with_whom="Persona privada",
        notes="Notas privadas",
        next_step=what,
        next_on=on,
        responsible=responsible,
        recorded_at=NOW,
    )


def address(cast: Cast, user: User) -> str:
    return f"/calendario/{contact_log.make_calendar_address(by=user, now=NOW)}.ics"


def events(client: Client, where: str) -> list[dict[str, object]]:
    answer = client.get(where)
    assert answer.status_code == 200
    found = Calendar.from_ical(answer.content).walk("VEVENT")
    return [{"uid": str(e["UID"]), "summary": str(e["SUMMARY"]), "day": e.decoded("DTSTART")} for e in found]


def test_the_feed_holds_the_advisers_own_steps_and_the_ends_of_campaigns(client: Client, cast: Cast) -> None:
    mine = step(cast, cast.adviser)
    step(cast, cast.administrator, "De otra persona")
    done = step(cast, cast.adviser, "Ya hecho")
    contact_log.set_done(by=cast.adviser, note=done, done=True, now=NOW)
    ends = timezone.localdate() + timedelta(days=30)
    Campaign.objects.create(name="Sur", starts=ends - timedelta(days=60), ends=ends, created_at=NOW)
    found = events(client, address(cast, cast.adviser))
    assert [event["summary"] for event in found] == [
        "Cabo de Hornos: Llamar; pronto, o antes",
        "Último día de la campaña Sur",
    ]
    assert [event["day"] for event in found] == [date(2026, 3, 10), ends]
    assert found[0]["uid"] == f"paso-{mine.pk}@testserver"


def test_the_feed_tells_nothing_private(client: Client, cast: Cast) -> None:
    step(cast, cast.adviser)
    body = client.get(address(cast, cast.adviser)).content.decode()
    assert "privad" not in body
    assert cast.adviser.email not in body
    assert cast.adviser.name not in body


def test_the_feed_is_kept_privately_and_not_sent_twice(client: Client, cast: Cast) -> None:
    step(cast, cast.adviser)
    where = address(cast, cast.adviser)
    first = client.get(where)
    assert "private" in first.headers["Cache-Control"]
    assert first.headers["Content-Type"].startswith("text/calendar")
    assert not first.cookies
    assert client.get(where, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    step(cast, cast.adviser, "Otro")
    assert client.get(where, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_unknown_closed_and_replaced_addresses_open_nothing(client: Client, cast: Cast) -> None:
    assert client.get("/calendario/" + "x" * 43 + ".ics").status_code == 404
    first = address(cast, cast.adviser)
    second = address(cast, cast.adviser)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    contact_log.end_calendar_address(by=cast.adviser)
    assert client.get(second).status_code == 404


@pytest.mark.parametrize("change", [{"is_active": False}, {"council_role": ""}])
def test_who_left_the_council_has_no_feed(client: Client, cast: Cast, change: dict[str, object]) -> None:
    where = address(cast, cast.adviser)
    User.objects.filter(pk=cast.adviser.pk).update(**change)
    assert client.get(where).status_code == 404


def test_a_step_out_of_the_advisers_scope_leaves_the_feed(client: Client, cast: Cast) -> None:
    step(cast, cast.adviser)
    cast.adviser.adviser_scopes.all().delete()
    assert events(client, address(cast, cast.adviser)) == []


def test_only_the_council_makes_addresses_and_only_their_hash_is_kept(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        contact_log.make_calendar_address(by=cast.coordinator, now=NOW)
    secret = contact_log.make_calendar_address(by=cast.analyst, now=NOW)
    assert secret not in str(list(CalendarFeed.objects.values()))


def test_the_log_hides_the_secret_of_a_calendar() -> None:
    secret = "s" * 43
    line = {"request": f"GET /calendario/{secret}.ics", "next": f"?next=%2Fcalendario%2F{secret}.ics"}
    assert secret not in str(hide_personal_data(None, "", line))


def test_the_page_shows_a_new_address_once(client: Client, cast: Cast) -> None:
    sign_in(client, cast.adviser)
    assert "Crear una dirección" in client.get(PAGE).content.decode()
    found = re.search(r"http://testserver(/calendario/[\w-]+\.ics)", client.post(PAGE).content.decode())
    assert found
    assert client.get(found[1]).status_code == 200
    assert found[1] not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"terminar": "1"}).status_code == 302
    assert client.get(found[1]).status_code == 404


def test_a_month_shows_its_days_in_order(client: Client, cast: Cast) -> None:
    step(cast, cast.adviser, "Segundo", date(2026, 3, 31))
    step(cast, cast.adviser, "Primero", date(2026, 3, 1))
    step(cast, cast.adviser, "De abril", date(2026, 4, 1))
    sign_in(client, cast.adviser)
    page = client.get(PAGE + "?mes=2026-03").content.decode()
    assert page.index("Primero") < page.index("Segundo")
    assert "De abril" not in page
    assert "?mes=2026-02" in page
    assert "?mes=2026-04" in page


@pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01", "9999-12", "-1-1", "²-1", "2026-03-01"])
def test_a_month_that_is_none_is_the_present_one(client: Client, cast: Cast, month: str) -> None:
    sign_in(client, cast.adviser)
    assert client.get(PAGE, {"mes": month}).status_code == 200
