"""Rounds: their dates, opening them for many municipalities, starting from the round before, more time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event
from diagnostics.actions import extensions, opening, round_editing
from diagnostics.actions.answers import Content, save_answer
from diagnostics.actions.rounds import move
from diagnostics.choices import AnswerOrigin, DiagnosticState, EditionState, RoundKind
from diagnostics.imports.carrying import carry_migration
from diagnostics.models import (
    Answer,
    AnswerMigration,
    AnswerRevision,
    Diagnostic,
    Evidence,
    EvidenceUse,
    Extension,
    InstrumentVersion,
    Round,
    Snapshot,
)
from diagnostics.rules.reminders import DEFAULT
from municipalities.actions import RefusedError
from municipalities.choices import MailKind
from municipalities.models import Mail, Municipality
from tests.cast import Cast
from tests.diagnostics.factories import NOW, a_round, diagnostic, version

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)


def save(cast: Cast, round_: Round | None = None, **changed: Any) -> Round:
    words: dict[str, Any] = {
        "name": "Medio término 2026",
        "kind": RoundKind.MIDTERM,
        "version": version(),
        "previous": None,
        "opens": TODAY,
        "closes": TODAY + 60 * DAY,
        "public_from": None,
    }
    if round_:
        words |= {name: getattr(round_, name) for name in words}
    return round_editing.save_round(by=cast.administrator, round_=round_, now=NOW, **words | changed)


# --- Dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"closes": TODAY - DAY}, "closes"),
        ({"opens": TODAY + 61 * DAY}, "closes"),
        ({"closes": TODAY + 900 * DAY}, "closes"),
        ({"opens": TODAY - 20 * DAY, "closes": TODAY - 10 * DAY}, "closes"),
        ({"public_from": TODAY + 59 * DAY}, "public_from"),
        ({"name": " línea de base 2026 "}, "name"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(cast: Cast, changed: dict[str, Any], field: str) -> None:
    a_round()
    with pytest.raises(round_editing.FieldError) as refusal:
        save(cast, **changed)
    assert refusal.value.field == field
    assert Round.objects.count() == 1


def test_only_a_published_version_can_be_answered(cast: Cast) -> None:
    draft = version()
    InstrumentVersion.objects.filter(pk=draft.pk).update(state=EditionState.RETIRED)
    draft.refresh_from_db()
    with pytest.raises(round_editing.FieldError) as refusal:
        save(cast, version=draft)
    assert refusal.value.field == "version"


def test_a_round_begins_with_rules_of_reminders(cast: Cast) -> None:
    made = save(cast)
    rules = [(rule.days_before, rule.below_percent) for rule in made.reminder_rules.all()]
    assert rules == [tuple(rule) for rule in DEFAULT]


def test_a_close_that_takes_time_away_is_confirmed(cast: Cast) -> None:
    made = save(cast, opens=TODAY - 30 * DAY)
    save(cast, made, closes=TODAY)
    made.refresh_from_db()
    with pytest.raises(round_editing.FieldError) as refusal:
        save(cast, made, closes=TODAY - DAY)
    assert refusal.value.field == "confirmed"
    save(cast, made, closes=TODAY - DAY, confirmed=True)
    made.refresh_from_db()
    assert made.closes == TODAY - DAY
    # What was closed already takes nothing from anyone.
    save(cast, made, closes=TODAY - 3 * DAY)


def test_the_version_holds_once_something_is_open(cast: Cast) -> None:
    made = save(cast)
    diagnostic(cast.here, made)
    other = InstrumentVersion.objects.create(
        family=made.version.family, version="x", title="x", content={}, checksum="x", created_at=NOW, updated_at=NOW
    )
    for changed in ({"version": other}, {"previous": a_round()}):
        with pytest.raises(round_editing.FieldError):
            save(cast, made, **changed)


def test_a_round_never_follows_itself(cast: Cast) -> None:
    first = save(cast)
    second = save(cast, name="Final", previous=first)
    with pytest.raises(round_editing.FieldError) as refusal:
        save(cast, first, previous=second)
    assert refusal.value.field == "previous"


def test_a_round_with_diagnostics_is_never_deleted(cast: Cast) -> None:
    made = save(cast)
    diagnostic(cast.here, made)
    with pytest.raises(RefusedError):
        round_editing.delete_round(by=cast.administrator, round_=made, now=NOW)
    Diagnostic.objects.update(state=DiagnosticState.CANCELLED)
    with pytest.raises(RefusedError):
        round_editing.delete_round(by=cast.administrator, round_=made, now=NOW)
    assert not Event.objects.filter(kind="round.deleted").exists()
    empty = save(cast, name="Vacía")
    round_editing.delete_round(by=cast.administrator, round_=empty, now=NOW)
    assert list(Round.objects.all()) == [made]


def test_nobody_but_administrators_changes_rounds(cast: Cast) -> None:
    made = save(cast)
    held = diagnostic(cast.elsewhere, made)
    for person in (cast.adviser, cast.analyst, cast.coordinator, cast.citizen):
        with pytest.raises(PermissionDenied):
            opening.open_many(by=person, round_=made, municipalities=[cast.here.cut], now=NOW)
        with pytest.raises(PermissionDenied):
            extensions.give_more_time(by=person, diagnostics=[held.pk], until=TODAY + 90 * DAY, reason="x", now=NOW)
        with pytest.raises(PermissionDenied):
            round_editing.delete_round(by=person, round_=made, now=NOW)


# --- Opening ----------------------------------------------------------------------------------------------------------


def open_here(cast: Cast, made: Round) -> list[Diagnostic]:
    return opening.open_many(by=cast.administrator, round_=made, municipalities=[cast.here.cut], now=NOW)


def test_opening_twice_opens_once_and_tells_once(cast: Cast) -> None:
    made = save(cast)
    assert len(open_here(cast, made)) == 1
    assert open_here(cast, made) == []
    both = [cast.here.cut, cast.elsewhere.cut, "99999"]
    assert len(opening.open_many(by=cast.administrator, round_=made, municipalities=both, now=NOW)) == 1
    readers = Mail.objects.filter(kind=MailKind.DIAGNOSTIC_OPENED).values_list("to", flat=True)
    assert sorted(readers) == ["alcaldesa@ejemplo.cl", "coordinador.ajeno@ejemplo.cl", "coordinadora@ejemplo.cl"]
    body = Mail.objects.get(to="coordinadora@ejemplo.cl").body
    assert "a más tardar el 31-07-2026" in body
    assert "No comienza de cero" not in body
    assert Diagnostic.objects.get(municipality=cast.here).asked == 7


def test_a_cancelled_diagnostic_may_be_opened_again(cast: Cast) -> None:
    made = save(cast)
    (first,) = open_here(cast, made)
    move(by=cast.administrator, diagnostic=first, to=DiagnosticState.CANCELLED, now=NOW, reason="Por error.")
    (second,) = open_here(cast, made)
    assert second.pk != first.pk


@pytest.mark.parametrize("days", [-1, 61])
def test_nothing_is_opened_outside_the_days_of_the_round(cast: Cast, days: int) -> None:
    made = save(cast)
    with pytest.raises(RefusedError):
        opening.open_many(
            by=cast.administrator, round_=made, municipalities=[cast.here.cut], now=NOW + timedelta(days=days)
        )
    assert not Diagnostic.objects.exists()


def test_the_preview_says_who_is_reached_and_what_they_lack(cast: Cast) -> None:
    made = save(cast)
    diagnostic(cast.elsewhere, made)
    both = [cast.here.cut, cast.elsewhere.cut]
    planned = opening.plan(by=cast.administrator, round_=made, municipalities=both)
    assert (planned.reached, planned.present) == ([cast.here], [cast.elsewhere])
    assert (planned.without_adhesion, planned.without_reader) == ([cast.here], [])
    assert planned.following == []


def test_the_whole_country_is_opened_with_a_few_queries(
    cast: Cast, whole_register: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = save(cast)
    every = list(Municipality.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(30):
        opened = opening.open_many(by=cast.administrator, round_=made, municipalities=every, now=NOW)
    assert len(opened) == len(every) == 345
    assert Event.objects.filter(kind="diagnostic.opened").count() == 345


# --- Starting from the round before -----------------------------------------------------------------------------------


def answered_before(cast: Cast) -> Diagnostic:
    held = diagnostic(cast.here)
    for question, value, text in (("t1", 4, "Cada mes"), ("t2", True, "Propio")):
        Answer.objects.create(diagnostic=held, question=question, value=value, text=text, version=3, updated_at=NOW)
    evidence = Evidence.objects.create(municipality=cast.here, title="Decreto", owner=cast.officer, created_at=NOW)
    EvidenceUse.objects.create(evidence=evidence, diagnostic=held, question="t1", linked_by=cast.officer, linked_at=NOW)
    diagnostic(cast.elsewhere)
    return held


def open_and_carry(cast: Cast, made: Round) -> Diagnostic:
    (opened,) = open_here(cast, made)
    carry_migration(AnswerMigration.objects.get(target=made).pk, now=NOW)
    opened.refresh_from_db()
    return opened


def test_a_round_of_the_same_version_starts_from_the_answers_of_before(cast: Cast) -> None:
    held = answered_before(cast)
    before = list(Answer.objects.filter(diagnostic=held).values())
    made = save(cast, previous=held.round)
    opened = open_and_carry(cast, made)
    assert opened.previous == held
    carried = {row.question: (row.value, row.origin, row.to_confirm, row.version) for row in opened.answers.all()}
    assert carried == {"t1": (4, AnswerOrigin.CARRIED, True, 1), "t2": (True, AnswerOrigin.CARRIED, True, 1)}
    assert AnswerRevision.objects.filter(answer__diagnostic=opened).count() == 2
    assert EvidenceUse.objects.filter(diagnostic=opened).count() == 1
    # The old round stays as it was, and nobody is opened who was not chosen.
    assert list(Answer.objects.filter(diagnostic=held).values()) == before
    assert not Snapshot.objects.exists()
    assert made.diagnostics.count() == 1
    # Nothing counts before a person has confirmed it; `t3` is asked because of the answer carried.
    assert (opened.answered, opened.asked) == (0, 8)
    body = Mail.objects.get(kind=MailKind.DIAGNOSTIC_OPENED, to="coordinadora@ejemplo.cl").body
    assert "No comienza de cero: las respuestas de la ronda Línea de base 2026 quedan puestas." in body


def test_what_someone_answered_meanwhile_stays_and_carrying_again_changes_nothing(cast: Cast) -> None:
    held = answered_before(cast)
    made = save(cast, previous=held.round)
    (opened,) = open_here(cast, made)
    save_answer(
        by=cast.officer,
        diagnostic=opened,
        question="t1",
        content=Content(2),
        base_version=0,
        client_id=uuid4(),
        now=NOW,
    )
    for _again in range(2):
        carry_migration(AnswerMigration.objects.get().pk, now=NOW)
    assert {row.question: row.value for row in opened.answers.all()} == {"t1": 2, "t2": True}
    assert AnswerMigration.objects.get().reports.get().kept == ["t1"]


def test_a_diagnostic_cancelled_and_opened_again_is_filled_again(cast: Cast) -> None:
    held = answered_before(cast)
    made = save(cast, previous=held.round)
    first = open_and_carry(cast, made)
    move(by=cast.administrator, diagnostic=first, to=DiagnosticState.CANCELLED, now=NOW, reason="Por error.")
    second = open_and_carry(cast, made)
    assert second.pk != first.pk
    assert second.answers.count() == 2


# --- More time --------------------------------------------------------------------------------------------------------


def more(cast: Cast, *held: Diagnostic, until: date, shorten: bool = False) -> list[Diagnostic]:
    return extensions.give_more_time(
        by=cast.administrator,
        diagnostics=[one.pk for one in held],
        until=until,
        reason="Hubo aluviones.",
        now=NOW,
        shorten=shorten,
    )


def test_more_time_is_a_row_with_its_reason_an_event_and_a_mail(cast: Cast) -> None:
    held = diagnostic(cast.here, save(cast))
    until = date(2026, 8, 31)
    assert more(cast, held, until=until) == [held]
    assert held.last_day() == until
    row = Extension.objects.get()
    assert (row.reason, row.granted_by) == ("Hubo aluviones.", cast.administrator)
    assert Event.objects.get(kind="diagnostic.extended").municipality_cut == cast.here.cut
    body = Mail.objects.get(kind=MailKind.DIAGNOSTIC_EXTENDED, to="coordinadora@ejemplo.cl").body
    assert "hasta el 31-08-2026" in body
    assert "Motivo: Hubo aluviones." in body
    # The same again, as by a double click, does nothing more.
    assert more(cast, held, until=until) == []
    assert (Extension.objects.count(), Mail.objects.count()) == (1, 2)


def test_who_has_more_time_already_keeps_it_unless_it_was_wrong(cast: Cast) -> None:
    held = diagnostic(cast.here, save(cast))
    more(cast, held, until=date(2027, 6, 30))
    assert more(cast, held, until=date(2026, 8, 31)) == []
    assert extensions.plan(by=cast.administrator, diagnostics=[held.pk], until=date(2026, 8, 31), now=NOW).left_out == [
        (held, extensions.LeftOut.LONGER)
    ]
    later = NOW + timedelta(minutes=1)
    given = extensions.give_more_time(
        by=cast.administrator,
        diagnostics=[held.pk],
        until=date(2026, 8, 31),
        reason="Era 2026.",
        now=later,
        shorten=True,
    )
    assert given == [held]
    assert held.last_day() == date(2026, 8, 31)


@pytest.mark.parametrize("until", [date(2026, 5, 31), date(2026, 7, 31), date(2028, 1, 1)])
def test_a_day_that_gives_no_time_is_refused(cast: Cast, until: date) -> None:
    held = diagnostic(cast.here, save(cast))
    with pytest.raises(RefusedError):
        more(cast, held, until=until)
    assert not Extension.objects.exists()


def test_who_is_not_writing_gets_no_more_time(cast: Cast) -> None:
    held = diagnostic(cast.here, save(cast))
    move(by=cast.coordinator, diagnostic=held, to=DiagnosticState.SUBMITTED, now=NOW)
    assert more(cast, held, until=date(2026, 8, 31)) == []
