"""A campaign's mails, and a worker that is killed (SIGKILL) in the middle: each address gets its mail once, or staff are told
that nobody knows. A real worker, a real mail server on this machine, a real SIGKILL.
"""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from config import processes
from municipalities import tasks
from municipalities.choices import MailKind, MailState
from municipalities.models import Adhesion, Mail, Municipality
from municipalities.notifications import sending
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import Recipient
from tests import smtp_server
from tests.e2e.site import Site, database_name, url_of
from tests.e2e.test_killed_worker import forget_what_it_held, wait_until
from tests.smtp_server import SMTPServer

QUEUE = "mails-" + os.environ.get("PYTEST_XDIST_WORKER", "gw0")
# A Sunday some weeks ago: invitations wait for Monday, which is past, so they are due and no worker of the site was told.
SUNDAY = timezone.now() - timedelta(days=28 + (timezone.localdate().weekday() + 1) % 7)


@pytest.fixture
def server() -> Iterator[SMTPServer]:
    with smtp_server.running() as running:
        yield running


Workers = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def worker(site: Site, server: SMTPServer) -> Iterator[Workers]:
    """Starts workers on a queue of their own, which send through the test's mail server."""
    command = (*processes.WORKER, "--pool", "solo", "--queues", QUEUE)
    environment = {
        "DATABASE_URL": url_of(database_name()),
        "CELERY_QUEUE": QUEUE,
        "EMAIL_URL": server.url,
        "MAILS_PER_MINUTE": "100000",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(processes.start(processes.Program("mails", processes.with_this_python(command), environment)))
        tasks.send_mails.apply_async(queue=QUEUE)
        return started[-1]

    yield start
    processes.stop(started, grace=0)
    forget_what_it_held(QUEUE)
    redis.from_url(settings.REDIS_URL).delete(QUEUE)


def campaign() -> list[Mail]:
    """An invitation to each of the 345 municipalities."""
    Adhesion.objects.bulk_create(
        Adhesion(municipality=place, term_year=2024, state_since=SUNDAY, created_at=SUNDAY)
        for place in Municipality.objects.all()
    )
    adhesions = Adhesion.objects.select_related("municipality__region", "campaign", "adviser")
    letters = [Letter(Recipient(f"m{row.municipality_id}@ejemplo.cl", ""), row) for row in adhesions]
    return queue_many(MailKind.ADHESION_INVITATION, letters, now=SUNDAY)


def killed(worker: subprocess.Popen[bytes]) -> None:
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    forget_what_it_held(QUEUE)


def states() -> Counter[str]:
    return Counter(Mail.objects.values_list("state", flat=True))


def the_clock_strikes() -> None:
    """What beat does each minute, once the dead worker's claim is stale."""
    sending.recover(now=timezone.now() + sending.STALE + timedelta(minutes=1))


def test_a_campaign_reaches_everyone_once_though_its_worker_is_killed_twice(
    worker: Workers, server: SMTPServer
) -> None:
    assert len(campaign()) == 345
    first = worker()
    wait_until(lambda: len(server.accepted) >= 100, "the first worker sent nothing")
    killed(first)
    the_clock_strikes()
    second = worker()
    wait_until(lambda: len(server.accepted) >= 220, "the second worker sent nothing")
    killed(second)
    the_clock_strikes()
    worker()
    wait_until(lambda: not states()[MailState.QUEUED] + states()[MailState.SENDING], "the campaign never ended")
    received = Counter(mail.to for mail in server.accepted)
    uncertain = set(Mail.objects.filter(state=MailState.UNCERTAIN).values_list("to", flat=True))
    sent = set(Mail.objects.filter(state=MailState.SENT).values_list("to", flat=True))
    print(f"received {sum(received.values())}, sent {len(sent)}, in doubt {len(uncertain)}")
    assert max(received.values()) == 1
    assert len(sent) + len(uncertain) == 345
    assert sent <= set(received)
    assert len(uncertain) <= 2
    assert len({mail.message["Message-ID"] for mail in server.accepted}) == len(server.accepted)


def test_a_worker_killed_at_the_very_moment_leaves_one_doubt_and_no_double(worker: Workers, server: SMTPServer) -> None:
    campaign()
    server.pause_at = 50
    first = worker()
    assert server.arrival.wait(60)
    killed(first)
    the_clock_strikes()
    worker()
    wait_until(lambda: not states()[MailState.QUEUED] + states()[MailState.SENDING], "the campaign never ended")
    [doubt] = Mail.objects.filter(state=MailState.UNCERTAIN)
    assert states() == {MailState.SENT: 344, MailState.UNCERTAIN: 1}
    assert Counter(mail.to for mail in server.accepted)[doubt.to] == 1
    assert len(server.accepted) == 345


def test_two_workers_at_once_send_each_mail_once(worker: Workers, server: SMTPServer) -> None:
    campaign()
    worker()
    worker()
    wait_until(lambda: states()[MailState.SENT] == 345, "the campaign never ended")
    assert set(Counter(mail.to for mail in server.accepted).values()) == {1}
