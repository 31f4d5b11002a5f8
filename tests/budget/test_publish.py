"""Publishing and discarding: once, by whom may, and never over somebody else's newer figures."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Event
from budget import actions, tasks
from budget.choices import DatasetState, ImportState
from budget.imports import publication, reading
from budget.models import Dataset, Import, YearSummary
from budget.rules.import_states import TRANSITIONS, may_move, permission_for
from config.page_cache import VERSION_KEY
from tests.budget.importing import administrator, analyst, bring, in_force, prepare, publish, read
from tests.sinim_files import table, year_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reference(db: None) -> None:
    prepare()


def ready(total: int = 81_200, cut: str = "13120") -> Import:
    return read(table({cut: year_of(total)}))


def redis_of(broker: Any) -> Any:
    """The client below Celery's connection; its types do not know it."""
    return broker.default_channel.client


def queued() -> int:
    with current_app.connection_for_read() as broker:
        return int(redis_of(broker).llen(current_app.conf.task_default_queue))


@pytest.fixture(autouse=True)
def _empty_queue() -> Iterator[None]:
    """What these tests send is meant for no worker."""
    yield
    with current_app.connection_for_read() as broker:
        redis_of(broker).delete(current_app.conf.task_default_queue)


def test_publishing_supersedes_the_edition_in_force_and_keeps_it_readable() -> None:
    bring({"13120": year_of(81_200)})
    job = ready(90_000)
    pairs = publish(job)
    assert pairs == [("13120", 2024)]
    old, new = Dataset.objects.order_by("edition")
    assert (old.state, new.state) == (DatasetState.SUPERSEDED, DatasetState.PUBLISHED)
    assert old.superseded_at == new.published_at
    assert old.totals["expense"]["accrued"] == 81_200_000
    assert set(Dataset.objects.public()) == {old, new}
    assert job.state == ImportState.PUBLISHED


def test_publication_makes_kept_pages_stale(django_capture_on_commit_callbacks: Callable[..., object]) -> None:
    job = ready()
    before = cache.get(VERSION_KEY, 0)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        publish(job)
    assert cache.get(VERSION_KEY, 0) != before


def test_a_publication_that_is_repeated_gives_the_same_pairs_and_changes_nothing() -> None:
    job = ready()
    pairs = publish(job)
    published_at = in_force("13120").published_at
    assert publication.publish(job.pk, now=timezone.now()) == pairs
    assert in_force("13120").published_at == published_at
    assert Event.objects.filter(kind="budget.import.published").count() == 1


@pytest.mark.parametrize("action", [actions.publish_import, actions.discard_import, actions.read_again])
def test_only_who_may_decide_does(action: Callable[..., Import]) -> None:
    job = ready()
    with pytest.raises(PermissionDenied):
        action(job, by=analyst())
    job.refresh_from_db()
    assert job.state == ImportState.READY


def test_discarding_leaves_no_draft_and_the_next_import_is_not_disturbed() -> None:
    by = administrator()
    job = ready()
    actions.discard_import(job, by=by, reason="cifras de prueba")
    assert job.datasets.get().state == DatasetState.DISCARDED
    assert Event.objects.get(kind="budget.import.discarded").reason == "cifras de prueba"
    publish(ready())
    assert in_force("13120").edition == 2


@pytest.mark.parametrize("action", [actions.publish_import, actions.discard_import])
def test_what_was_decided_already_is_told(action: Callable[..., Import]) -> None:
    job = ready()
    actions.discard_import(job, by=administrator())
    with pytest.raises(actions.OvertakenError, match="Descartad"):
        action(job, by=None)


def test_drafts_made_from_an_edition_that_is_no_longer_in_force_are_not_published() -> None:
    bring({"13120": year_of(81_200)})
    first, second = ready(90_000), read(table({"13120": {"LCNB": 5}}))
    publish(first)
    with pytest.raises(actions.OvertakenError):
        actions.publish_import(second, by=None)
    actions.read_again(second, by=administrator(), queue=False)
    reading.run_import(second.pk, now=timezone.now())
    second.refresh_from_db()
    publish(second)
    edition = in_force("13120")
    assert edition.totals["expense"]["accrued"] == 90_000_000
    assert edition.indicator_values.get(indicator__code="LCNB").value == 5


def test_a_first_edition_published_meanwhile_makes_other_first_drafts_stale() -> None:
    first, second = ready(81_200), ready(90_000)
    publish(first)
    with pytest.raises(actions.OvertakenError):
        actions.publish_import(second, by=None)


def test_an_import_overtaken_between_the_click_and_the_work_is_read_again() -> None:
    first, second = ready(81_200), ready(90_000)
    actions.publish_import(first, by=None, queue=False)
    actions.publish_import(second, by=None, queue=False)
    publication.publish(first.pk, now=timezone.now())
    assert publication.publish(second.pk, now=timezone.now()) == []
    second.refresh_from_db()
    assert second.state == ImportState.QUEUED
    assert in_force("13120").brought_by == first


def race(*works: Callable[[], object]) -> list[str]:
    """Run the works at once, all waiting for the same row; tell how each ended."""
    ends: list[str] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
            ends.append("done")
        except actions.OvertakenError:
            ends.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    with transaction.atomic():
        Import.objects.select_for_update().get()
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_publish_once() -> None:
    job = ready()
    assert race(*[lambda: actions.publish_import(job, by=None, queue=False)] * 2) == ["done", "told"]
    publication.publish(job.pk, now=timezone.now())
    assert in_force("13120").edition == 1
    assert Event.objects.filter(kind="budget.import.approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_publishing_and_discarding_at_once_one_wins_and_the_other_is_told() -> None:
    job = ready()
    ends = race(lambda: actions.publish_import(job, by=None, queue=False), lambda: actions.discard_import(job, by=None))
    assert ends == ["done", "told"]
    job.refresh_from_db()
    assert job.state in {ImportState.PUBLISHING, ImportState.DISCARDED}


def test_tasks_go_out_when_the_decision_is_committed_and_not_before(
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    before = queued()
    job = ready()
    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[attr-defined]
        actions.publish_import(job, by=None)
    assert queued() == before
    for callback in callbacks:
        callback()
    assert queued() == before + 1


def test_the_task_publishes_and_sends_the_work_of_the_summaries_in_pieces() -> None:
    job = ready()
    actions.publish_import(job, by=None, queue=False)
    before = queued()
    tasks.publish(job.pk)
    assert queued() == before + 1
    tasks.compute_years([["13120", 2024]])
    assert YearSummary.objects.get().computed_at is not None


def test_a_lost_task_can_be_sent_again() -> None:
    job = ready()
    Import.objects.filter(pk=job.pk).update(state=ImportState.READING)
    actions.read_again(job, by=administrator(), queue=False)
    tasks.run_import(job.pk)
    job.refresh_from_db()
    assert (job.state, job.datasets.filter(state=DatasetState.DRAFT).count()) == (ImportState.READY, 1)


def test_the_table_of_states_leads_from_every_state_to_an_end() -> None:
    ends = {ImportState.PUBLISHED, ImportState.REFUSED, ImportState.DISCARDED}
    starts = {step.start for step in TRANSITIONS}
    assert starts | ends == set(ImportState)
    assert not starts & ends


def test_a_step_that_does_not_exist_has_no_permission() -> None:
    assert not may_move(ImportState.REFUSED, ImportState.PUBLISHING)
    with pytest.raises(ValueError, match="no step"):
        permission_for(ImportState.REFUSED, ImportState.PUBLISHING)
