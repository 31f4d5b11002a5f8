"""A real server on loopback and a client that keeps its connection."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis
from celery import current_app
from django.conf import settings

from portal.bench.databases import PREFIX, environment

HEADERS: Final = {"Accept-Encoding": "gzip", "User-Agent": "bench"}
START_SECONDS: Final = 60


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


class Reader:
    """One client on one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, **headers: str) -> Answer:
        began = time.perf_counter()
        self.connection.request("GET", path, headers=HEADERS | headers)
        response = self.connection.getresponse()
        body = response.read()
        return Answer(response.status, dict(response.getheaders()), body, time.perf_counter() - began)

    def seconds(self, path: str) -> float:
        """How long a page took. Raises RuntimeError if it does not answer 200."""
        answer = self.get(path)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return answer.seconds

    def rate(self, path: str, *, seconds: float = 1.0) -> float:
        """Answers a second, one after the other."""
        count, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            self.get(path)
            count += 1
        return count / (time.perf_counter() - began)


@contextmanager
def server(database: str, folder: Path, *, page_cache: bool, processes: int = 1) -> Iterator[int]:
    """gunicorn as `make run` starts it, on a free port, which it gives. Ends with the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn.app.wsgiapp", "portal.bench.wsgi", "--preload", "--threads", "4",
        "--no-control-socket", "--log-level", "warning", "--bind", f"fd://{listener.fileno()}",
    ]  # fmt: skip
    switch = {"BENCH_PAGE_CACHE": "on" if page_cache else "off", "WEB_CONCURRENCY": str(processes)}
    process = subprocess.Popen(
        command,
        env=environment(database, folder) | switch,
        cwd=settings.BASE_DIR,
        pass_fds=[listener.fileno()],
    )
    try:
        _wait(port, process)
        yield port
    finally:
        _end(process)
        listener.close()


@contextmanager
def worker(database: str, folder: Path, *, processes: int) -> Iterator[None]:
    """A Celery worker as `make run` starts it, ready to work. Ends with the block, and its queue with it."""
    command = [
        sys.executable, "-m", "celery", "-A", "config", "-q", "worker", "--loglevel", "ERROR", "--without-mingle",
        "--without-gossip",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        env=environment(database, folder) | {"WORKER_CONCURRENCY": str(processes)},
        cwd=settings.BASE_DIR,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not current_app.control.ping(timeout=1):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("The worker of the bench does not answer")
        yield
    finally:
        _end(process)
        forget_queue(database)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end its children and itself; who does not in time is killed."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def forget_queue(database: str) -> None:
    """Remove the work that nobody will do any more."""
    redis.from_url(settings.REDIS_URL).delete(PREFIX + database)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if Reader(port).get("/hello/").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server of the bench does not answer")
