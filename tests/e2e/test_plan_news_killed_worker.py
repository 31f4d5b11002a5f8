"""The news of plans and the digest of the day, and a worker that is killed (SIGKILL) while it writes and while it sends: each
reader gets one mail, and nobody gets none. A real worker, a real mail server on this machine, a real SIGKILL.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from action_plans import periodic
from action_plans.actions import progress
from action_plans.models import Follower, Milestone, Plan
from action_plans.notifications import news
from municipalities import tasks
from municipalities.choices import MailKind, MailState
from municipalities.models import Mail
from municipalities.notifications import digest, sending
from municipalities.rules.working_days import is_working_day
from tests import smtp_server
from tests.action_plans import stories
from tests.cast import Cast, assemble
from tests.e2e import workers
from tests.e2e.site import Site
from tests.e2e.test_killed_worker import killed_meanwhile
from tests.e2e.workers import Worker, wait_until
from tests.smtp_server import SMTPServer

QUEUE = "plan-news-" + os.environ.get("PYTEST_XDIST_WORKER", "gw0")
FOLLOWERS = news.BATCH + 60
HAPPENED = timezone.now() - timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[SMTPServer]:
    with smtp_server.running() as running:
        yield running


Start = Callable[[], Worker]


@pytest.fixture
def start(site: Site, server: SMTPServer) -> Iterator[Start]:
    """Starts a worker on a queue of its own, which sends through the test's mail server."""
    started: list[Worker] = []

    def start() -> Worker:
        [worker] = workers.start(QUEUE, 1, {"EMAIL_URL": server.url, "MAILS_PER_MINUTE": "100000"})
        started.append(worker)
        return worker

    yield start
    workers.stop(QUEUE, started)


def followed(cast: Cast, plans: list[Plan]) -> list[str]:
    """Readers without an account, all of whom follow every plan, and every other one a commitment beside it."""
    addresses = [f"v{number}@ejemplo.cl" for number in range(FOLLOWERS)]
    since = HAPPENED - timedelta(hours=1)
    for number, address in enumerate(addresses):
        for plan in plans:
            commitments = [None, stories.only(plan)][: 1 + number % 2]
            Follower.objects.bulk_create(
                Follower(plan=plan, commitment=each, email=address, at=since, confirmed_at=since, told_until=since)
                for each in commitments
            )
    for plan, writer in zip(plans, (cast.officer, cast.coordinator_elsewhere), strict=True):
        one = stories.only(plan)
        progress.report(by=writer, commitment=one, text=f"Avanza {one.plan_id}", client_id=uuid4(), now=HAPPENED)
    # What the stories of the plans told is old.
    Follower.objects.update(told_until=since)
    return addresses


def a_working_evening() -> datetime:
    """After office hours, weeks ago: what is written then is due by now, and no worker of the site is told."""
    day = timezone.localdate() - timedelta(days=21)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(21)))


def is_over() -> bool:
    return not Mail.objects.filter(state__in=[MailState.QUEUED, MailState.SENDING]).exists()


def office_hours() -> None:
    """At whatever hour the test runs, what waits for office hours may go."""
    Mail.objects.filter(state=MailState.QUEUED).update(not_before=timezone.now() - timedelta(minutes=1))


def the_clock_strikes() -> None:
    """What beat does each minute, once the dead worker's claim is stale."""
    sending.recover(now=timezone.now() + sending.STALE + timedelta(minutes=1))


def test_each_reader_gets_one_mail_though_the_worker_is_killed_while_it_writes_and_while_it_sends(
    start: Start, server: SMTPServer
) -> None:
    cast = assemble()
    plans = [stories.carried_out(cast), stories.carried_out(stories.elsewhere(cast))]
    addresses = followed(cast, plans)
    Milestone.objects.filter(number=2).update(starts=None, ends=timezone.localdate() - timedelta(days=60))
    officers = digest.write_digests(now=a_working_evening())
    assert officers >= 3

    # The worker writes a batch, and dies in the middle of the next.
    first = start()
    with killed_meanwhile(first):
        last = Follower.objects.filter(email=sorted(addresses)[-1]).order_by("pk")
        list(last.select_for_update())
        periodic.tell_followers.apply_async(queue=QUEUE)
    assert Mail.objects.filter(kind=MailKind.PLAN_NEWS).count() == news.BATCH

    # The next one writes the rest, and dies just as the mail server takes a mail.
    second = start()
    server.pause_at = 90
    periodic.tell_followers.apply_async(queue=QUEUE)
    wait_until(lambda: Mail.objects.filter(kind=MailKind.PLAN_NEWS).count() == FOLLOWERS, "the rest was not written")
    office_hours()
    tasks.send_mails.apply_async(queue=QUEUE)
    assert server.arrival.wait(180)
    second.kill()
    the_clock_strikes()

    # The last one sends what is left, and the clock strikes some more.
    start()
    for _hour in range(2):
        periodic.tell_followers.apply_async(queue=QUEUE)
        tasks.send_mails.apply_async(queue=QUEUE)
    wait_until(is_over, "the mails never ended")
    received = Counter(mail.to for mail in server.accepted)
    people = {cast.officer.email, cast.coordinator.email, cast.coordinator_elsewhere.email}
    assert people < set(received)
    assert {address: received[address] for address in addresses} == dict.fromkeys(addresses, 1)
    assert set(received.values()) == {1}
    assert sum(received.values()) == FOLLOWERS + officers
    assert Mail.objects.count() == FOLLOWERS + officers
    # Only of the mail that was being taken does nobody know: staff see it, and it did arrive.
    [doubt] = Mail.objects.exclude(state=MailState.SENT)
    assert (doubt.state, received[doubt.to]) == (MailState.UNCERTAIN, 1)
    for mail in server.accepted:
        if mail.to in addresses:
            body = mail.message.get_body(("plain",))
            assert body is not None
            text = body.get_content()
            assert [text.count(f"Avanza {plan.pk}") for plan in plans] == [1, 1]
