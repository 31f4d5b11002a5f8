"""The country in a year, against a recount of the same rows in plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from statistics import median
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.actions import record_event
from action_plans.actions import commitments
from action_plans.choices import Completion, MeetingKind, OgpValue, Opening, PlanStage, Standing
from action_plans.models import Commitment, Plan
from action_plans.reports.minimums import minimums_of
from action_plans.reports.minimums_country import minimums_of_plans
from action_plans.reports.national import National, national, period_of
from action_plans.reports.national_tables import Table, tables
from action_plans.reports.published import public_plan, public_plans
from action_plans.rules import progress as progress_rules
from action_plans.rules.progress import Step
from tests.action_plans import stories
from tests.action_plans.countries import DAY, MET, UNDER_WAY, carried_out, country, heard, met, noon, promise, told
from tests.cast import Cast

NOW = noon(2026, 9, 15)


def table_of(found: National, key: str) -> Table:
    return next(each for each in tables(found, found.promises) if each.key == key)


def row_of(table: Table, start: str) -> tuple[Any, ...]:
    return next(row.cells[1:] for row in table.rows if str(row.cells[0]).startswith(start))


def recounted(plan: Plan) -> dict[str, Fraction | None]:
    """How far each commitment came, by the rules of progress over its rows."""
    return {
        str(each.key): progress_rules.progress(
            [Step(one.weight, one.state, one.advance) for one in each.milestones.all()]
        )
        for each in plan.commitments.all()
    }


def test_progress_is_summed_as_the_rules_sum_it(cast: Cast) -> None:
    here, there = country(cast, now=NOW)
    for number, weight in enumerate((3, 7, 11), start=1):
        told(here.commitments.all()[2], 10 + number, UNDER_WAY, 97, cast.officer, at=NOW - DAY)
        here.commitments.all()[2].milestones.filter(number=10 + number).update(weight=weight)
    found = national(2026, now=NOW)
    assert {each.key: each.progress for each in found.promises} == recounted(here) | recounted(there)
    assert Counter(each.level for each in found.promises) == {
        Completion.COMPLETE: 1,
        Completion.SUBSTANTIAL: 2,
        Completion.NOT_STARTED: 1,
        None: 1,
    }


def test_a_commitment_counts_as_its_published_edition_says(cast: Cast) -> None:
    """The rows of an approved plan and its last edition are one: also after a change, an addition and a withdrawal."""
    plan = stories.carried_out(cast)
    now = timezone.now()
    draft = commitments.Draft(
        {"title": "Otro", "goals": [4], "values": {"technology": "Es abierta"}},
        [commitments.MilestoneSent("Uno", weight=5), commitments.MilestoneSent("Dos")],
    )
    added = commitments.add(by=cast.officer, plan=plan, draft=draft, now=now, reason="Se acordó en el foro")
    draft.fields["goals"] = [5]
    commitments.save(
        by=cast.officer, commitment=added, draft=draft, version=added.version, now=now, reason="Era otro objetivo"
    )
    gone = commitments.add(by=cast.officer, plan=plan, draft=commitments.Draft({"title": "No"}), now=now, reason="x")
    commitments.withdraw(by=cast.coordinator, commitment=gone, reason="Se repite", now=now)
    later = now + timedelta(minutes=1)
    found = national(timezone.localdate(later).year, now=later)
    shown = public_plan(public_plans().get(pk=plan.pk), today=timezone.localdate(later))
    assert shown.now is not None
    assert [(each.key, each.title, list(each.values), list(each.goals), each.progress) for each in found.promises] == [
        (one.key, one.title, list(one.data["values"]), one.data["goals"], one.progress) for one in shown.now.commitments
    ]


def test_groups_count_every_commitment_that_belongs_to_them(cast: Cast) -> None:
    country(cast, many=4, now=NOW)
    found = national(2026, now=NOW)
    rows = list(found.promises)
    for key, groups in (
        ("valores", [(str(value.label), [each for each in rows if value in each.values]) for value in OgpValue]),
        (
            "temas",
            [
                ("16.", [each for each in rows if 16 in each.goals]),
                ("11.", [each for each in rows if 11 in each.goals]),
            ],
        ),
        ("regiones", [(code, [each for each in rows if each.plan.cut[:2] == code]) for code in ("12", "10")]),
    ):
        table = table_of(found, key)
        for name, group in groups:
            complete = sum(each.progress == 1 for each in group)
            known = [each.progress for each in group if each.progress is not None]
            share = round(100 * complete / len(group)) if len(group) >= 5 else None
            middle = int(100 * median(known) + Fraction(1, 2)) if len(known) >= 5 else None
            assert row_of(table, name)[-4:] == (len(group), complete, share, middle), (key, name)
    assert sum(row.cells[3] for row in table_of(found, "regiones").rows) == len(rows)  # type: ignore[misc]


def test_three_voices_stand_apart(cast: Cast) -> None:
    country(cast, now=NOW)
    found = national(2026, now=NOW)
    voices = table_of(found, "cumplimiento")
    assert row_of(voices, "Los hitos") == (1, 1, 1, 1, 4, 1)
    assert row_of(voices, "La municipalidad") == (0, 1, 0, 2, 3, 2)
    assert row_of(voices, "El monitor") == (1, 1, 1, 1, 4, 1)
    both = table_of(found, "diferencias")
    assert (
        "De 3 compromisos que ambos evaluaron, dicen lo mismo de 1; el monitor dice menos de 1 y más de 1." in both.says
    )
    assert row_of(both, "Completo") == (0, 1, 0, 1)
    assert row_of(both, "Limitado") == (0, 0, 1, 0)


def test_opening_is_counted_by_value_and_by_who_says_it(cast: Cast) -> None:
    country(cast, now=NOW)
    opened = table_of(national(2026, now=NOW), "apertura")
    major, unchanged = list(Opening).index(Opening.MAJOR), list(Opening).index(Opening.UNCHANGED)
    assert row_of(opened, "Acceso a la información: municipio")[major] == 3
    assert row_of(opened, "Acceso a la información: monitor")[unchanged] == 4
    assert row_of(opened, "Tecnología e innovación para la apertura: municipio") == (0, 0, 0, 0, 0, 3)


def test_a_final_self_assessment_takes_the_place_of_the_midterm_one(cast: Cast) -> None:
    here, _there = country(cast, now=NOW)
    assert {each.own.kind for each in national(2026, now=NOW).promises if each.own} == {"final"}
    here.assessments.filter(kind="final").update(published_at=NOW + DAY)
    assert not any(each.own for each in national(2026, now=NOW).promises)


def test_what_was_true_of_a_year_stays_true_of_it(cast: Cast) -> None:
    """A plan of last year: its milestone was met this year, half told before; a commitment was withdrawn since."""
    now = noon(2026, 3, 1)
    plan = carried_out(cast.here, cast.officer, now=now, days=300)
    one = promise(plan, cast.officer, "information", [16], [(UNDER_WAY, 40)], now=noon(2025, 11, 11))
    told(one, 1, MET, 0, cast.officer, at=noon(2026, 2, 1))
    gone = promise(plan, cast.officer, "information", [16], [], now=now)
    Commitment.objects.filter(pk=gone.pk).update(withdrawn_at=noon(2026, 1, 5))
    new = promise(plan, cast.officer, "information", [16], [], now=now)
    Commitment.objects.filter(pk=new.pk).update(created_at=noon(2026, 2, 2))
    then, today = national(2025, now=now), national(2026, now=now)
    assert [(each.pk, each.progress) for each in then.promises] == [(one.pk, Fraction(2, 5)), (gone.pk, None)]
    assert [(each.pk, each.progress) for each in today.promises] == [(one.pk, Fraction(1)), (new.pk, None)]
    assert [each.get_absolute_url().endswith("/ediciones/") for each in then.promises] == [False, True]
    assert (today.then.commitments, today.then.complete) == (2, 0)
    assert (today.now.commitments, today.now.complete) == (2, 1)


def test_a_late_report_of_a_milestone_counts_for_the_year_in_which_it_was_met(cast: Cast) -> None:
    now = noon(2026, 3, 1)
    plan = carried_out(cast.here, cast.officer, now=now, days=300)
    one = promise(plan, cast.officer, "", [], [(MET, 0)], now=now)
    one.milestones.update(met_on=noon(2025, 12, 30).date())
    assert national(2025, now=now).promises[0].progress == 1
    one.milestones.update(met_on=noon(2026, 1, 2).date())
    assert national(2025, now=now).promises[0].progress == 0


def test_stages_are_those_of_the_end_of_the_year(cast: Cast) -> None:
    now = noon(2026, 6, 1)
    plan = carried_out(cast.here, cast.officer, now=now, days=700, stage=PlanStage.CLOSED)
    for at, start, end in (
        (noon(2024, 9, 1), "answering", "approved"),
        (noon(2024, 10, 1), "approved", "implementation"),
        (noon(2025, 11, 1), "implementation", "final"),
        (noon(2025, 12, 1), "final", "closed"),
    ):
        record_event("plan.moved", by=None, at=at, subject=plan, start=start, end=end)
    promise(plan, cast.officer, "", [], [], now=now)
    seen = {year: national(year, now=now) for year in (2024, 2025, 2026)}
    assert {year: dict(found.stages) for year, found in seen.items()} == {
        2024: {"implementation": 1},
        2025: {"closed": 1},
        2026: {},
    }
    assert [len(seen[year].promises) for year in (2024, 2025, 2026)] == [1, 1, 0]
    assert seen[2026].then.plans == 1
    assert row_of(table_of(seen[2025], "etapas"), "Cerrado") == (1,)


def test_contributions_and_meetings_are_those_of_the_year(cast: Cast) -> None:
    here, there = country(cast, now=NOW)
    for days in range(5):
        heard(here, cast.officer, published=noon(2026, 8, 1 + days), after=2 * days)
    heard(here, cast.officer, published=noon(2026, 8, 9), after=None)
    heard(there, cast.officer, published=noon(2026, 8, 9), after=100)  # not yet
    heard(there, cast.officer, published=noon(2025, 12, 31), after=3)
    met(here, MeetingKind.FORUM, noon(2026, 8, 20))
    met(here, MeetingKind.FORUM, noon(2026, 9, 1))
    met(there, MeetingKind.WORKSHOP, noon(2026, 9, 1))
    met(there, MeetingKind.FORUM, noon(2025, 12, 31))
    found = national(2026, now=NOW)
    table = table_of(found, "participacion")
    assert row_of(table, "12") == (6, 5, 4, 2, 2, 1)
    assert row_of(table, "10") == (1, 0, None, 1, 0, 0)
    assert table.total[1:] == (7, 5, 4, 3, 2, 1)
    assert (found.then.heard.received, found.then.heard.answered, found.then.heard.median_days) == (1, 0, None)
    assert found.then.met.forums == 1


def test_the_minimums_of_the_country_are_those_of_each_plan(cast: Cast) -> None:
    here, there = country(cast, now=NOW)
    heard(here, cast.officer, published=NOW - 70 * DAY, after=None)
    heard(here, cast.officer, published=NOW - 9 * DAY, after=None)
    met(here, MeetingKind.FORUM, NOW - 8 * DAY)
    met(here, MeetingKind.FOLLOW_UP, NOW - 8 * DAY)
    today = NOW.date()
    rows = {row.plan.pk: row.minimums for row in minimums_of_plans([here, there], today=today)}
    for plan in (here, there):
        alone = minimums_of(plan, today=today)
        assert [each.finding.standing for each in rows[plan.pk]] == [each.finding.standing for each in alone]
    found = national(2026, now=NOW)
    counted = Counter((each.id, each.finding.standing) for minimums in rows.values() for each in minimums)
    assert {(name, standing): found.minimums[name][standing] for name, standing in counted} == dict(counted)
    assert found.minimums["contributions-answered"][Standing.BROKEN] == 1


def test_the_minimums_of_a_year_gone_by_know_nothing_of_what_came_after(cast: Cast) -> None:
    now = noon(2026, 3, 1)
    plan = carried_out(cast.here, cast.officer, now=now, days=400)
    heard(plan, cast.officer, published=noon(2025, 9, 1), after=150)
    met(plan, MeetingKind.FORUM, noon(2026, 2, 1))
    found = national(2025, now=now)
    assert found.minimums["contributions-answered"] == {Standing.BROKEN: 1}
    assert found.minimums["forum-meets"] == {Standing.BROKEN: 1}
    assert national(2026, now=now).minimums["contributions-answered"] == {Standing.MET: 1}


def test_a_period_is_told_until_its_last_day_or_today() -> None:
    assert period_of(2025, now=NOW).until == noon(2025, 12, 31).date()
    assert period_of(2025, now=NOW).is_over
    assert period_of(2026, now=NOW).until == NOW.date()
    assert not period_of(2026, now=NOW).is_over
    assert not period_of(2025, now=noon(2025, 12, 31)).is_over


@pytest.mark.parametrize("many", [1, 15])
def test_it_is_read_with_seventeen_queries(
    cast: Cast, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    country(cast, many=many, now=NOW)
    with django_assert_num_queries(17):
        national(2026, now=NOW)
