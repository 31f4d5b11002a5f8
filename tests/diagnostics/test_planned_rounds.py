"""A round that has not begun: it opens by itself on its first day, and is changed or called off until then."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event, User
from diagnostics import periodic
from diagnostics.actions import opening, planning, round_editing
from diagnostics.actions.planning import call_off, due, open_planned, plan_opening, planned_in
from diagnostics.models import Answer, AnswerMigration, Diagnostic, PlannedOpening, Round
from municipalities.actions import OvertakenError
from municipalities.choices import MailKind
from municipalities.models import Mail
from municipalities.notifications.digest import write_digests
from municipalities.rules.working_days import working_moment
from tests.cast import Cast, assemble, sign_in
from tests.diagnostics.factories import NOW, a_round, diagnostic
from tests.diagnostics.test_round_pages import text

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WEEK = NOW + 7 * DAY


def coming(opens: datetime = WEEK, name: str = "Medio término") -> Round:
    made = a_round(name)
    Round.objects.filter(pk=made.pk).update(
        opens=timezone.localdate(opens), closes=timezone.localdate(opens + 60 * DAY)
    )
    made.refresh_from_db()
    return made


def planned(cast: Cast) -> Round:
    made = coming()
    both = [cast.here.cut, cast.elsewhere.cut]
    assert len(plan_opening(by=cast.administrator, round_=made, municipalities=both, now=NOW)) == 2
    return made


def test_it_opens_by_itself_on_its_day_once_and_tells_once(cast: Cast) -> None:
    made = planned(cast)
    assert due(NOW.date()) == []
    assert open_planned(made.pk, now=WEEK - DAY) == []
    assert (Diagnostic.objects.count(), Mail.objects.count()) == (0, 0)
    assert due(WEEK.date()) == [made.pk]
    assert len(open_planned(made.pk, now=WEEK)) == 2
    assert open_planned(made.pk, now=WEEK) == []
    assert due(WEEK.date()) == []
    readers = Mail.objects.filter(kind=MailKind.DIAGNOSTIC_OPENED).values_list("to", flat=True)
    assert sorted(readers) == ["alcaldesa@ejemplo.cl", "coordinador.ajeno@ejemplo.cl", "coordinadora@ejemplo.cl"]
    event = Event.objects.get(kind="round.opened_as_planned")
    assert (event.actor_name, event.data["count"], event.data["person"]) == ("", 2, str(cast.administrator))


def test_the_clock_opens_what_is_due_and_nothing_else(cast: Cast) -> None:
    now = timezone.now()
    today, tomorrow = coming(now), coming(now + DAY, "Otra")
    for made in (today, tomorrow):
        PlannedOpening.objects.create(round=made, municipality=cast.here, by=cast.administrator, at=now)
    periodic.open_planned_rounds()
    periodic.open_planned_rounds()
    assert [one.round for one in Diagnostic.objects.all()] == [today]
    assert planned_in(tomorrow) == {cast.here.cut}


def test_a_clock_that_stood_still_opens_late_but_never_after_the_close(cast: Cast) -> None:
    made = planned(cast)
    assert due((WEEK + 61 * DAY).date()) == []
    assert open_planned(made.pk, now=WEEK + 61 * DAY) == []
    assert len(open_planned(made.pk, now=WEEK + 3 * DAY)) == 2


def test_planning_twice_is_once_and_who_has_a_diagnostic_is_left_out(cast: Cast) -> None:
    made = planned(cast)
    again = plan_opening(by=cast.administrator, round_=made, municipalities=[cast.here.cut, "99999"], now=NOW)
    assert again == []
    other = coming(name="Otra")
    diagnostic(cast.here, other)
    assert plan_opening(by=cast.administrator, round_=other, municipalities=[cast.here.cut], now=NOW) == []


def test_what_is_planned_is_changed_or_called_off_until_it_opens(cast: Cast) -> None:
    made = planned(cast)
    assert call_off(by=cast.administrator, round_=made, municipalities=[cast.here.cut], now=NOW) == 1
    assert planned_in(made) == {cast.elsewhere.cut}
    with pytest.raises(OvertakenError):
        call_off(by=cast.administrator, round_=made, municipalities=None, now=WEEK)
    with pytest.raises(OvertakenError):
        plan_opening(by=cast.administrator, round_=made, municipalities=[cast.here.cut], now=WEEK)
    assert call_off(by=cast.administrator, round_=made, municipalities=None, now=NOW) == 1
    assert open_planned(made.pk, now=WEEK) == []


def test_another_day_moves_the_opening_with_it(cast: Cast) -> None:
    made = planned(cast)
    words = {name: getattr(made, name) for name in ("name", "kind", "version", "previous", "closes", "public_from")}
    round_editing.save_round(by=cast.administrator, round_=made, now=NOW, opens=(WEEK + DAY).date(), **words)
    assert open_planned(made.pk, now=WEEK) == []
    assert len(open_planned(made.pk, now=WEEK + DAY)) == 2


def test_a_round_that_is_deleted_takes_what_was_planned_with_it(cast: Cast) -> None:
    made = planned(cast)
    round_editing.delete_round(by=cast.administrator, round_=made, now=NOW)
    assert not PlannedOpening.objects.exists()


def test_it_opens_though_who_planned_it_has_left(cast: Cast) -> None:
    made = planned(cast)
    User.objects.filter(pk=cast.administrator.pk).update(is_active=False, council_role="")
    assert len(open_planned(made.pk, now=WEEK)) == 2


def test_the_answers_of_the_round_before_are_carried_as_always(cast: Cast) -> None:
    earlier = diagnostic(cast.here, a_round("Anterior"))
    Answer.objects.create(diagnostic=earlier, question="t1", value=3, version=1, updated_at=NOW)
    made = coming()
    Round.objects.filter(pk=made.pk).update(previous=earlier.round)
    plan_opening(by=cast.administrator, round_=made, municipalities=[cast.here.cut], now=NOW)
    (opened,) = open_planned(made.pk, now=WEEK)
    assert opened.previous == earlier
    assert AnswerMigration.objects.get().target == made


def test_only_who_manages_rounds_plans_them(cast: Cast) -> None:
    made = coming()
    for person in (cast.adviser, cast.analyst, cast.coordinator, cast.citizen):
        with pytest.raises(PermissionDenied):
            plan_opening(by=person, round_=made, municipalities=[cast.here.cut], now=NOW)
        with pytest.raises(PermissionDenied):
            call_off(by=person, round_=made, municipalities=None, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_open_and_tell_once() -> None:
    made = planned(assemble())

    def run(_number: int) -> int:
        try:
            return len(open_planned(made.pk, now=WEEK))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [0, 2]
    assert Mail.objects.filter(kind=MailKind.DIAGNOSTIC_OPENED, to="coordinadora@ejemplo.cl").count() == 1


def test_the_council_hears_of_it_in_the_digest(cast: Cast) -> None:
    now = working_moment(timezone.now())
    made = coming(now)
    PlannedOpening.objects.create(round=made, municipality=cast.here, by=cast.administrator, at=now)
    open_planned(made.pk, now=now)
    write_digests(now=now)
    told = {mail.to: mail.body for mail in Mail.objects.filter(kind=MailKind.DIGEST)}
    assert "“Medio término”: 1 diagnóstico." in told[cast.administrator.email]
    assert "Medio término" not in told.get(cast.adviser.email, "")


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_the_council_plans_a_round_sees_it_and_takes_one_out(client: Client, cast: Cast) -> None:
    made = coming(timezone.now() + 5 * DAY)
    sign_in(client, cast.administrator)
    both = f"{cast.here.cut},{cast.elsewhere.cut}"
    address = reverse("diagnostics:round_open", args=[made.pk])
    preview = text(client.post(address, {"elegidos": both}).content)
    assert "Programar 2 diagnósticos" in preview
    assert "La ronda se abre sola el" in preview
    done = text(client.post(address, {"elegidos": both, "confirmar": "programar"}, follow=True).content)
    assert "Ese día se abren solos 2 diagnósticos." in done
    assert "programada" in text(client.get(reverse("diagnostics:rounds")).content)
    page = reverse("diagnostics:round_planned", args=[made.pk])
    assert cast.here.name in text(client.get(page).content)
    assert "1 municipalidad ya no está programada." in text(
        client.post(page, {"m": cast.here.cut}, follow=True).content
    )
    assert planned_in(made) == {cast.elsewhere.cut}
    assert "0 municipalidades ya no están programadas." in text(client.post(page, {"m": "\x00"}, follow=True).content)
    assert "No hay nada programado" in text(client.post(page, {"todas": "1"}, follow=True).content)


def test_a_plan_that_is_confirmed_after_midnight_opens_nothing_unasked(client: Client, cast: Cast) -> None:
    made = coming(timezone.now())
    sign_in(client, cast.administrator)
    address = reverse("diagnostics:round_open", args=[made.pk])
    sent = {"elegidos": cast.here.cut, "confirmar": "programar"}
    assert "ya no hay nada que programar" in text(client.post(address, sent, follow=True).content)
    assert not Diagnostic.objects.exists()
    assert (
        len(opening.open_many(by=cast.administrator, round_=made, municipalities=[cast.here.cut], now=timezone.now()))
        == 1
    )
    assert planning.planned_in(made) == set()
