"""A campaign's mails, and a worker that is killed (SIGKILL) in the middle: each address gets its mail once, or staff are told
that nobody knows. A real worker, a real mail server on this machine, a real SIGKILL.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from municipalities import tasks
from municipalities.choices import MailKind, MailState
from municipalities.models import Adhesion, Mail, Municipality
from municipalities.notifications import sending
from municipalities.notifications.outbox import Letter, queue_many
from municipalities.notifications.recipients import Recipient
from tests import smtp_server
from tests.e2e import workers
from tests.e2e.site import Site
from tests.e2e.workers import Worker, wait_until
from tests.smtp_server import SMTPServer

QUEUE = "mails-" + os.environ.get("PYTEST_XDIST_WORKER", "gw0")
# A Sunday some weeks ago: invitations wait for Monday, which is past, so they are due and no worker of the site was told.
SUNDAY = timezone.now() - timedelta(days=28 + (timezone.localdate().weekday() + 1) % 7)


@pytest.fixture
def server() -> Iterator[SMTPServer]:
    with smtp_server.running() as running:
        yield running


Start = Callable[..., list[Worker]]


@pytest.fixture
def start(site: Site, server: SMTPServer) -> Iterator[Start]:
    """Starts workers on a queue of their own, which send through the test's mail server, and tells each that mails wait."""
    environment = {"EMAIL_URL": server.url, "MAILS_PER_MINUTE": "100000"}
    started: list[Worker] = []

    def start(count: int = 1) -> list[Worker]:
        fresh = workers.start(QUEUE, count, environment)
        started.extend(fresh)
        for _worker in fresh:
            tasks.send_mails.apply_async(queue=QUEUE)
        return fresh

    yield start
    workers.stop(QUEUE, started)


def campaign() -> list[Mail]:
    """An invitation to each of the 345 municipalities."""
    Adhesion.objects.bulk_create(
        Adhesion(municipality=place, term_year=2024, state_since=SUNDAY, created_at=SUNDAY)
        for place in Municipality.objects.all()
    )
    adhesions = Adhesion.objects.select_related("municipality__region", "campaign", "adviser")
    letters = [Letter(Recipient(f"m{row.municipality_id}@ejemplo.cl", ""), row) for row in adhesions]
    return queue_many(MailKind.ADHESION_INVITATION, letters, now=SUNDAY)


def states() -> Counter[str]:
    return Counter(Mail.objects.values_list("state", flat=True))


def the_clock_strikes() -> None:
    """What beat does each minute, once the dead worker's claim is stale."""
    sending.recover(now=timezone.now() + sending.STALE + timedelta(minutes=1))


def test_a_campaign_reaches_everyone_once_though_its_worker_is_killed_twice(start: Start, server: SMTPServer) -> None:
    assert len(campaign()) == 345
    [first] = start()
    wait_until(lambda: len(server.accepted) >= 100, "the first worker sent nothing")
    first.kill()
    the_clock_strikes()
    [second] = start()
    wait_until(lambda: len(server.accepted) >= 220, "the second worker sent nothing")
    second.kill()
    the_clock_strikes()
    start()
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


def test_a_worker_killed_at_the_very_moment_leaves_one_doubt_and_no_double(start: Start, server: SMTPServer) -> None:
    campaign()
    server.pause_at = 50
    [first] = start()
    assert server.arrival.wait(180)
    first.kill()
    the_clock_strikes()
    start()
    wait_until(lambda: not states()[MailState.QUEUED] + states()[MailState.SENDING], "the campaign never ended")
    [doubt] = Mail.objects.filter(state=MailState.UNCERTAIN)
    assert states() == {MailState.SENT: 344, MailState.UNCERTAIN: 1}
    assert Counter(mail.to for mail in server.accepted)[doubt.to] == 1
    assert len(server.accepted) == 345


def test_two_workers_at_once_send_each_mail_once(start: Start, server: SMTPServer) -> None:
    campaign()
    start(2)
    wait_until(lambda: states()[MailState.SENT] == 345, "the campaign never ended")
    assert set(Counter(mail.to for mail in server.accepted).values()) == {1}
