"""A worker is killed (SIGKILL) in the middle of its work: the public sees what it saw, and the work is done again, once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection, transaction
from django.utils import timezone

from budget import actions, tasks
from budget.choices import DatasetState, ImportState
from budget.imports.editions import one_at_a_time
from budget.models import Dataset, Import, IndicatorValue, Series, YearSummary
from tests.e2e import workers
from tests.e2e.site import Site
from tests.e2e.workers import Worker, wait_until
from tests.sinim_files import table, year_of

QUEUE = "doomed-" + os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture
def doomed(site: Site) -> Iterator[Worker]:
    """A second worker, on a queue of its own, to be killed."""
    [worker] = workers.start(QUEUE)
    yield worker
    workers.stop(QUEUE, [worker])


def others(state: str) -> int:
    """How many locks of this database other connections hold or wait for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "WHERE a.datname = current_database() AND l.pid <> pg_backend_pid() AND l.granted = %s",
            [state == "held"],
        )
        return int(cursor.fetchone()[0])


@contextmanager
def killed_meanwhile(worker: Worker) -> Iterator[None]:
    """Take locks and send work in the block: the worker is killed as it waits for them, and all it held is gone after it."""
    with transaction.atomic():
        yield
        wait_until(lambda: others("waiting") > 0, "the worker never came to the middle of its work")
        worker.kill()
    wait_until(lambda: others("held") == 0, "the server has not noticed that the worker is gone")


def the_clock_strikes(site: Site) -> None:
    """What beat does each minute, two minutes later; the site's own worker takes up what it sends."""
    actions.resume_work(now=timezone.now() + timedelta(minutes=2))
    site.has_finished_its_work()


def begun(total: int) -> Import:
    file = BytesIO(table({"13120": year_of(total), "12201": year_of(900)}))
    return actions.begin_import(file, name="finanzas.xls", by=None, queue=False).job


def test_an_import_whose_worker_is_killed_is_read_again_and_nothing_is_doubled(site: Site, doomed: Worker) -> None:
    job = begun(81_200)
    with killed_meanwhile(doomed):
        one_at_a_time()
        tasks.run_import.apply_async((job.pk,), queue=QUEUE)
    job.refresh_from_db()
    assert (job.state, Dataset.objects.count()) == (ImportState.READING, 0)
    the_clock_strikes(site)
    the_clock_strikes(site)
    job.refresh_from_db()
    assert job.state == ImportState.READY
    assert Dataset.objects.filter(state=DatasetState.DRAFT).count() == 2
    assert IndicatorValue.objects.count() == 2 * len(year_of(1))


def test_summaries_whose_worker_is_killed_stay_as_they_were_and_are_computed_again(site: Site, doomed: Worker) -> None:
    published(81_200)
    site.has_finished_its_work()
    assert spent() == 81_200_000
    job = published(90_000, queue=False)
    with killed_meanwhile(doomed):
        list(YearSummary.objects.select_for_update())
        tasks.publish.apply_async((job.pk,), queue=QUEUE)
    assert Dataset.objects.published().get(municipality="13120").totals["expense"]["accrued"] == 90_000_000
    assert spent() == 81_200_000
    the_clock_strikes(site)
    wait_until(lambda: spent() == 90_000_000, "the work was not done again")
    computed = list(YearSummary.objects.order_by("pk").values_list("computed_at"))
    the_clock_strikes(site)
    assert list(YearSummary.objects.order_by("pk").values_list("computed_at")) == computed
    assert (YearSummary.objects.count(), Series.objects.count()) == (2, 2)


def published(total: int, *, queue: bool = True) -> Import:
    """An import that is read, and decided; published and computed when the queue is."""
    job = begun(total)
    tasks.run_import(job.pk)
    return actions.publish_import(job, by=None, queue=queue)


def spent() -> object:
    return YearSummary.objects.get(municipality="13120").payload["headline"]["accrued"]
