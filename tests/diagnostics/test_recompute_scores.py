"""Stored scores follow the answers, whatever becomes of a worker; the command tells every difference."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from time import monotonic, sleep

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from diagnostics.models import Answer, Diagnostic, InstrumentVersion, Score
from diagnostics.reports.scores import behind, differences, left_behind, store_scores
from tests.cast import Cast, assemble
from tests.diagnostics.factories import NOW, diagnostic
from tests.diagnostics.test_results import scored

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("recompute_scores", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_what_is_stored_as_computed_shows_no_difference(cast: Cast) -> None:
    scored(cast)
    assert "1 diagnostics, 0 with differences, 0 not computed" in run("--dry-run")


def test_every_difference_is_told_and_mended_once(cast: Cast) -> None:
    held = scored(cast)
    Answer.objects.filter(question="t1").update(value=4)
    Score.objects.filter(key="p1").update(reached=Decimal("0.9"))
    told = run()
    assert f"diagnostic {held.pk}, question t1: 0.5 of 0.5 (level 3) -> 0.75 of 0.75 (level 4)" in told
    assert f"diagnostic {held.pk}, question p1: 0.9 of 0.5 (level 3) -> 0.5 of 0.5 (level 3)" in told
    assert "dimension transparencia" in told
    assert f"diagnostic {held.pk}, index:" in told
    assert "question t4" not in told
    assert "0 with differences" in run()


def test_a_dry_run_writes_nothing_and_ends_with_one(cast: Cast) -> None:
    scored(cast)
    Answer.objects.filter(question="t1").update(value=4)
    before = list(Score.objects.order_by("pk").values())
    with pytest.raises(CommandError) as ended:
        run("--dry-run")
    assert ended.value.returncode == 1
    assert list(Score.objects.order_by("pk").values()) == before


def test_one_diagnostic_alone_and_none_that_does_not_exist(cast: Cast) -> None:
    held = scored(cast)
    other = diagnostic(cast.elsewhere)
    run("--diagnostic", str(other.pk))
    assert Score.objects.filter(diagnostic=other).exists()
    with pytest.raises(CommandError) as ended:
        run("--diagnostic", str(held.pk + other.pk))
    assert ended.value.returncode == 2


def test_one_that_cannot_be_computed_does_not_keep_the_others_from_it(cast: Cast) -> None:
    held = scored(cast)
    other = diagnostic(cast.elsewhere)
    version = InstrumentVersion.objects.get()
    broken = InstrumentVersion.objects.create(
        family=version.family, version="2027.1", title="x", content={}, checksum="x", created_at=NOW, updated_at=NOW
    )
    Diagnostic.objects.filter(pk=held.pk).update(version=broken)
    out = StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("recompute_scores", stdout=out, stderr=out)
    assert ended.value.returncode == 2
    assert f"Diagnostic {held.pk} was not computed" in out.getvalue()
    assert Score.objects.filter(diagnostic=other).exists()


def test_an_explanation_of_an_earlier_edition_of_the_rules_is_told_apart_from_numbers(cast: Cast) -> None:
    held = scored(cast)
    row = Score.objects.get(key="t1")
    Score.objects.filter(key="t1").update(derivation=row.derivation | {"rules": 0})
    [found] = differences(held.pk, now=NOW)
    assert found.is_of_words
    assert f"diagnostic {held.pk}: 1 explanations differ, their numbers do not" in run()


def test_a_diagnostic_whose_worker_was_killed_is_behind_until_it_is_computed(cast: Cast) -> None:
    held = scored(cast)
    assert not behind().exists()
    Diagnostic.objects.filter(pk=held.pk).update(answers_changed_at=NOW + timedelta(seconds=3))
    assert [each.pk for each in behind()] == [held.pk]
    store_scores(held.pk, now=NOW)
    assert not behind().exists()


def test_the_clock_leaves_to_its_task_what_changed_within_the_last_minute(cast: Cast) -> None:
    held = scored(cast)
    changed = NOW + timedelta(seconds=3)
    Diagnostic.objects.filter(pk=held.pk).update(answers_changed_at=changed)
    assert not left_behind(changed + timedelta(seconds=59)).exists()
    assert [each.pk for each in left_behind(changed + timedelta(seconds=61))] == [held.pk]
    store_scores(held.pk, now=NOW)
    assert not left_behind(changed + timedelta(hours=1)).exists()


def waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_run_that_saw_earlier_answers_never_replaces_a_later_one() -> None:
    held = scored(assemble())

    def early() -> None:
        try:
            store_scores(held.pk, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Diagnostic.objects.select_for_update().get(pk=held.pk)
            run = pool.submit(early)
            limit = monotonic() + 20
            while not waits_for_a_row() and monotonic() < limit:
                sleep(0.02)
            # It computed from the answers as they were, and waits. Meanwhile an answer changes and another run is quicker.
            Answer.objects.filter(question="t1").update(value=5)
            Diagnostic.objects.filter(pk=held.pk).update(answers_changed_at=NOW + timedelta(seconds=3))
            store_scores(held.pk, now=NOW)
        run.result()
    assert Score.objects.get(key="t1").reached == 1
    assert not behind().exists()


def test_scores_are_stored_in_few_statements(cast: Cast, django_assert_max_num_queries: object) -> None:
    held = scored(cast)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        store_scores(held.pk, now=NOW)
