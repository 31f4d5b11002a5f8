"""A worker is killed (SIGKILL) while it computes scores: what was stored stays, and the clock has them computed by another."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from diagnostics import periodic, tasks
from diagnostics.models import Answer, Diagnostic, Score
from municipalities.models import Municipality
from tests.diagnostics import factories
from tests.e2e import workers
from tests.e2e.site import Site
from tests.e2e.test_killed_worker import killed_meanwhile
from tests.e2e.workers import Worker

QUEUE = "doomed-scores-" + os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture
def doomed(site: Site) -> Iterator[Worker]:
    [worker] = workers.start(QUEUE)
    yield worker
    workers.stop(QUEUE, [worker])


def answered(held: Diagnostic, level: int) -> None:
    """An answer whose own computation never came, long enough ago that it should have."""
    now = timezone.now() - timedelta(minutes=10 - level)
    Answer.objects.update_or_create(
        diagnostic=held, question="t1", defaults={"value": level, "version": level, "updated_at": now}
    )
    Diagnostic.objects.filter(pk=held.pk).update(answers_changed_at=now)


def reached(held: Diagnostic) -> list[object]:
    return list(Score.objects.filter(diagnostic=held, level="question", key="t1").values_list("reached", flat=True))


def test_scores_whose_worker_is_killed_are_computed_by_another(site: Site, doomed: Worker) -> None:
    held = factories.diagnostic(Municipality.objects.get(cut="12201"))
    answered(held, 1)
    tasks.compute_scores(held.pk)
    answered(held, 5)
    with killed_meanwhile(doomed):
        Diagnostic.objects.select_for_update().get(pk=held.pk)
        tasks.compute_scores.apply_async((held.pk,), queue=QUEUE)
    assert reached(held) == [0]
    periodic.catch_up_scores()
    site.has_finished_its_work()
    held.refresh_from_db()
    assert (reached(held), held.scored_at) == ([1], held.answers_changed_at)
