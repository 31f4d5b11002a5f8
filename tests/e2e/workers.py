"""Workers that a test starts beside the site's own, on a queue of theirs, to kill them in the middle of their work."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex

import redis
from django.conf import settings

from config import celery_app, processes
from tests.e2e.site import database_name, url_of


@dataclass(frozen=True)
class Worker:
    """A worker that takes one task at a time from `queue`."""

    node: str
    queue: str
    process: subprocess.Popen[bytes]

    def is_ready(self) -> bool:
        """Whether it takes work. It answers only once it listens to its queue, some seconds after its start."""
        assert self.process.poll() is None, f"{self.node} ended at once"
        return bool(celery_app.control.ping(destination=[self.node], timeout=1))

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        forget_what_was_held(self.queue)


def start(queue: str, count: int = 1, more: Mapping[str, str] | None = None) -> list[Worker]:
    """Start workers of this test's database, all at once; returns when each takes work."""
    environment = {"DATABASE_URL": url_of(database_name()), "CELERY_QUEUE": queue, **(more or {})}
    workers = []
    for _number in range(count):
        node = f"{queue}-{token_hex(4)}@localhost"
        command = (*processes.WORKER, "--pool", "solo", "--queues", queue, "--hostname", node)
        program = processes.Program(node, processes.with_this_python(command), environment)
        workers.append(Worker(node, queue, processes.start(program)))
    try:
        for worker in workers:
            wait_until(worker.is_ready, f"{worker.node} never took work")
    except BaseException:
        stop(queue, workers)
        raise
    return workers


def stop(queue: str, workers: list[Worker]) -> None:
    """End workers on the spot, and forget what was in their queue."""
    processes.stop([worker.process for worker in workers], grace=0)
    forget_what_was_held(queue)
    redis.from_url(settings.REDIS_URL).delete(queue)


def forget_what_was_held(queue: str) -> None:
    """The queue gives a killed worker's message back only after the visibility time: here it is lost, which is worse."""
    server = redis.from_url(settings.REDIS_URL)
    for tag, held in server.hgetall("unacked").items():
        if queue.encode() in held:
            server.hdel("unacked", tag)
            server.zrem("unacked_index", tag)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 180) -> None:
    """Generous: on a busy machine a worker needs ten times as long, and a test that passes waits no longer for it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
