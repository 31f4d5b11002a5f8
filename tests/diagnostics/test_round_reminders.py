"""Reminders of diagnostics: the rules, who gets one and when, the preview, the digest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from diagnostics.actions import opening, round_editing
from diagnostics.choices import DiagnosticState, RoundKind
from diagnostics.models import Diagnostic, Extension, ReminderRule, Reviewer, Round, SectionAssignment
from diagnostics.notifications.reminders import preview, write_reminders
from diagnostics.rules.reminders import CATCH_UP, Days, day_of, due, reaches
from municipalities.choices import MailKind
from municipalities.models import AdviserScope, Mail, Membership, Municipality
from municipalities.notifications.digest import write_digests
from municipalities.rules.working_days import is_working_day
from tests.cast import Cast
from tests.diagnostics.factories import NOW, a_round, diagnostic, version

pytestmark = pytest.mark.django_db

# A round that closes on a Friday; 1 November 2026 is a Sunday, and 31 October a holiday.
CLOSES = date(2026, 11, 27)
MAY = datetime(2026, 5, 4, 15, tzinfo=UTC)


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 13, 20, tzinfo=UTC)


def round_with(*rules: tuple[int, int], closes: date = CLOSES, name: str = "Línea de base 2026") -> Round:
    made = a_round(name)
    Round.objects.filter(pk=made.pk).update(closes=closes)
    made.refresh_from_db()
    ReminderRule.objects.bulk_create(ReminderRule(round=made, days_before=d, below_percent=p) for d, p in rules)
    return made


def opened(place: Municipality, round_: Round, *, answered: int = 0) -> Diagnostic:
    held = diagnostic(place, round_)
    Diagnostic.objects.filter(pk=held.pk).update(asked=10, answered=answered, created_at=MAY)
    return held


def readers(day: date) -> list[str]:
    """Who was written a reminder on that day."""
    write_reminders(now=morning(day))
    mails = Mail.objects.filter(kind=MailKind.DIAGNOSTIC_REMINDER, created_at__date=day).order_by("to")
    return [to.removesuffix("@ejemplo.cl") for to in mails.values_list("to", flat=True)]


# --- Rules ------------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))
RULES = st.lists(st.builds(Days, st.integers(0, 90), st.integers(0, 100)), max_size=6)


@given(DAYS, st.integers(0, 90))
def test_a_reminder_comes_on_a_working_day_and_never_later_than_asked(last_day: date, days: int) -> None:
    day = day_of(Days(days, 100), last_day)
    assert is_working_day(day)
    assert timedelta(0) <= (last_day - timedelta(days=days)) - day <= timedelta(days=9)


@given(RULES, DAYS, st.integers(0, 100), st.integers(-5, 100))
def test_what_is_due_has_come_reaches_and_is_the_nearest(
    rules: list[Days], last: date, percent: int, before: int
) -> None:
    today, since = last - timedelta(days=before), date(2020, 1, 1)
    found = due(rules, last_day=last, since=since, percent=percent, today=today)
    if found is None:
        return
    assert today <= last
    assert reaches(found, percent)
    assert timedelta(0) <= today - day_of(found, last) <= CATCH_UP
    ripe = [r for r in rules if day_of(r, last) <= today <= day_of(r, last) + CATCH_UP and reaches(r, percent)]
    assert found.days_before == min(rule.days_before for rule in ripe)


def test_a_rule_of_a_hundred_reaches_who_answered_all_and_has_not_submitted() -> None:
    assert reaches(Days(5, 100), 100)
    assert not reaches(Days(5, 50), 50)
    assert reaches(Days(5, 50), 49)


# --- Who gets what ----------------------------------------------------------------------------------------------------


def test_a_reminder_goes_out_on_its_day_once(cast: Cast) -> None:
    held = opened(cast.here, round_with((7, 100)), answered=4)
    assert readers(date(2026, 11, 19)) == []
    assert readers(date(2026, 11, 20)) == ["alcaldesa", "coordinadora"]
    assert write_reminders(now=morning(date(2026, 11, 20))) == 0
    assert readers(date(2026, 11, 23)) == []
    body = Mail.objects.get(to="coordinadora@ejemplo.cl").body
    assert "Faltan 6 de 10." in body
    assert "a más tardar el 27-11-2026" in body
    assert f"/municipios/12201-cabo-de-hornos/diagnosticos/{held.pk}/" in body
    assert "Asesora (asesora@ejemplo.cl)" in body
    assert not Mail.objects.exclude(missing="").exists()


def test_who_is_far_enough_or_has_submitted_is_left_in_peace(cast: Cast) -> None:
    made = round_with((7, 50))
    opened(cast.here, made, answered=5)
    other = opened(cast.elsewhere, made)
    Diagnostic.objects.filter(pk=other.pk).update(state=DiagnosticState.SUBMITTED)
    assert readers(date(2026, 11, 20)) == []


def test_a_weekend_or_holiday_moves_it_before(cast: Cast) -> None:
    opened(cast.here, round_with((26, 100)))
    # 26 days before is Sunday 1 November, Saturday is a holiday: it goes out on Friday.
    assert readers(date(2026, 10, 30)) == ["alcaldesa", "coordinadora"]
    assert readers(date(2026, 11, 2)) == []


def test_where_two_rules_meet_one_mail_goes_out(cast: Cast) -> None:
    opened(cast.here, round_with((25, 100), (26, 100), (27, 100)))
    # 25 days before is Monday 2 November; the other two both fall on Friday.
    assert readers(date(2026, 10, 30)) == ["alcaldesa", "coordinadora"]
    assert readers(date(2026, 11, 2)) == ["alcaldesa", "coordinadora"]
    assert Mail.objects.count() == 4


def test_more_time_moves_the_reminders(cast: Cast) -> None:
    held = opened(cast.here, round_with((7, 100)))
    Extension.objects.create(
        diagnostic=held, until=date(2026, 12, 18), reason="x", granted_by=cast.administrator, granted_at=MAY
    )
    assert readers(date(2026, 11, 20)) == []
    assert readers(date(2026, 12, 11)) == ["alcaldesa", "coordinadora"]


def test_who_was_just_told_the_last_day_is_not_reminded_of_it(cast: Cast) -> None:
    held = opened(cast.here, round_with((7, 100)))
    Diagnostic.objects.filter(pk=held.pk).update(created_at=morning(date(2026, 11, 20)))
    assert readers(date(2026, 11, 20)) == []
    assert readers(date(2026, 11, 23)) == []


def test_a_clock_that_stood_still_makes_up_for_it_for_a_few_days(cast: Cast) -> None:
    opened(cast.here, round_with((7, 100)))
    assert readers(date(2026, 11, 24)) == ["alcaldesa", "coordinadora"]
    Mail.objects.all().delete()
    assert readers(date(2026, 11, 25)) == []


def test_nobody_gets_two_reminders_on_one_day(cast: Cast) -> None:
    """Someone coordinates two municipalities, and both wait on the same day: the second comes on the next one."""
    made = round_with((7, 100))
    Membership.objects.create(
        user=cast.coordinator, municipality=cast.elsewhere, role="coordinator", starts=date(2026, 1, 1), basis="x"
    )
    opened(cast.here, made)
    opened(cast.elsewhere, made)
    first, second = readers(date(2026, 11, 20)), readers(date(2026, 11, 23))
    assert first == ["alcaldesa", "coordinador.ajeno", "coordinadora"]
    assert second == ["coordinadora"]


def test_nothing_goes_out_on_a_day_off(cast: Cast) -> None:
    opened(cast.here, round_with((7, 100)))
    assert write_reminders(now=morning(date(2026, 11, 21))) == 0


# --- Preview ----------------------------------------------------------------------------------------------------------


def test_the_preview_is_what_then_goes_out(cast: Cast) -> None:
    made = round_with((7, 100), (8, 50), (20, 50))
    opened(cast.here, made)
    late = opened(cast.elsewhere, made, answered=9)
    Extension.objects.create(
        diagnostic=late, until=date(2026, 12, 18), reason="x", granted_by=cast.administrator, granted_at=MAY
    )
    today = date(2026, 11, 2)
    said = {
        (day, one.municipality.name, one.addresses)
        for row in preview(made, today=today)
        for day, reached in row.by_day.items()
        for one in reached
    }
    assert said == {
        (date(2026, 11, 6), "Cabo de Hornos", 2),
        (date(2026, 11, 19), "Cabo de Hornos", 2),
        (date(2026, 11, 20), "Cabo de Hornos", 2),
        (date(2026, 12, 11), "Queilen", 1),
    }
    gone_out: dict[tuple[date, str], int] = {}
    for days in range(60):
        day = today + timedelta(days=days)
        for who in readers(day):
            place = "Queilen" if who == "coordinador.ajeno" else "Cabo de Hornos"
            gone_out[day, place] = gone_out.get((day, place), 0) + 1
    assert {(day, place, count) for (day, place), count in gone_out.items()} == said


def test_the_preview_no_longer_counts_who_was_reminded(cast: Cast) -> None:
    made = round_with((7, 100))
    opened(cast.here, made)
    readers(date(2026, 11, 20))
    (row,) = preview(made, today=date(2026, 11, 23))
    assert (row.municipalities, row.is_over) == (0, False)


def test_the_preview_of_the_whole_country_asks_a_few_queries(
    cast: Cast, whole_register: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = round_editing.save_round(
        by=cast.administrator, round_=None, name="x", kind=RoundKind.FINAL, version=version(), previous=None,
        opens=NOW.date(), closes=date(2026, 8, 1), public_from=None, now=NOW,
    )  # fmt: skip
    every = list(Municipality.objects.values_list("pk", flat=True))
    opening.open_many(by=cast.administrator, round_=made, municipalities=every, now=NOW)
    with django_assert_max_num_queries(7):
        rows = preview(made, today=date(2026, 6, 2))
    assert [row.municipalities for row in rows] == [345, 345, 345]
    with django_assert_max_num_queries(18):
        write_reminders(now=morning(date(2026, 7, 10)))


# --- Digest -----------------------------------------------------------------------------------------------------------


def digest_of(who: str) -> str:
    mail = Mail.objects.filter(kind=MailKind.DIGEST, to=f"{who}@ejemplo.cl").last()
    return mail.body if mail else ""


def test_the_digest_tells_each_what_waits(cast: Cast) -> None:
    made = round_with()
    held, other = opened(cast.here, made), opened(cast.elsewhere, made)
    SectionAssignment.objects.create(
        diagnostic=held, dimension="transparencia", user=cast.officer, due=date(2026, 11, 25),
        assigned_by=cast.coordinator, assigned_at=MAY,
    )  # fmt: skip
    Diagnostic.objects.filter(pk=other.pk).update(state=DiagnosticState.SUBMITTED, submitted_at=NOW)
    write_digests(now=morning(date(2026, 11, 24)))
    assert "- el diagnóstico de Cabo de Hornos espera que lo envíe, hasta el 27-11-2026." in digest_of("coordinadora")
    assert "- su sección “Transparencia” de Cabo de Hornos, hasta el 25-11-2026." in digest_of("funcionario")
    assert f"Diagnósticos por revisar:\n- {cast.elsewhere.name}: enviado el 01-06-2026." in digest_of("asesor.ajeno")
    assert digest_of("asesora") == digest_of("alcaldesa") == digest_of("analista") == ""


def test_what_another_reviews_waits_for_nobody_else(cast: Cast) -> None:
    held = opened(cast.elsewhere, round_with())
    Diagnostic.objects.filter(pk=held.pk).update(state=DiagnosticState.UNDER_REVIEW)
    AdviserScope.objects.create(user=cast.adviser, municipality=cast.elsewhere)
    Reviewer.objects.create(diagnostic=held, user=cast.adviser, assigned_at=NOW)
    write_digests(now=morning(date(2026, 11, 24)))
    assert cast.elsewhere.name in digest_of("asesora")
    assert digest_of("asesor.ajeno") == digest_of("administradora") == ""
