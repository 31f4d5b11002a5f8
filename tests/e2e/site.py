"""The whole portal as it runs in production - gunicorn and a Celery worker - on a database of its own."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.management import call_command, get_commands
from django.test import Client
from playwright.sync_api import BrowserContext

from accounts.models import User
from config import processes
from tests import databases
from tests.cast import sign_in

# What every journey may count on. The commands are idempotent; a piece that is not there yet is passed over.
REFERENCE_DATA = ("load_register", "load_classifier")


@dataclass(frozen=True)
class Site:
    """A running portal. `url` has no slash at its end."""

    url: str
    mailbox: Path

    def mails(self) -> list[EmailMessage]:
        """Every mail sent since the test began, oldest first."""
        files = sorted(self.mailbox.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        parser = BytesParser(policy=policy.default)
        letters = [letter for file in files for letter in file.read_bytes().split(b"-" * 79 + b"\n") if letter.strip()]
        return [parser.parsebytes(letter) for letter in letters]

    def sign_in(self, context: BrowserContext, user: User) -> None:
        """Give the browser a session of this person without walking through the form."""
        client = sign_in(Client(), user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.url}])

    def has_finished_its_work(self, seconds: float = 120) -> None:
        """Wait until the queue is empty and the worker holds no task. Fails after `seconds`."""
        deadline = time.monotonic() + seconds
        queue = redis.from_url(settings.REDIS_URL)
        quiet = 0
        # A message is in neither place while the worker takes it: quiet is what stays quiet.
        while quiet < 5:
            busy = queue.llen(settings.CELERY_TASK_DEFAULT_QUEUE) or queue.hlen("unacked")
            quiet = 0 if busy else quiet + 1
            if time.monotonic() > deadline:
                raise TimeoutError("The worker has not finished its queue.")
            time.sleep(0.05)


@contextmanager
def running(mailbox: Path, more: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Start the portal's processes on this test worker's databases; ended, with all they started, on leaving.

    `more` goes into their environment: the addresses of outside services that listen here.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://localhost:{listener.getsockname()[1]}"
    environment = {
        "DATABASE_URL": url_of(database_name()),
        "EMAIL_URL": f"file:///{mailbox}",
        "SITE_URL": url,
        "ALLOWED_HOSTS": "localhost",
        "CELERY_QUEUE": settings.CELERY_TASK_DEFAULT_QUEUE,
        "SCORES_CALM": "2",
        **(more or {}),
    }

    web = (*processes.WEB, "--bind", f"fd://{listener.fileno()}")
    worker = (*processes.WORKER, "--pool", "solo", "--queues", settings.CELERY_TASK_DEFAULT_QUEUE)
    programs = [
        processes.Program("web", processes.with_this_python(web), environment, (listener.fileno(),)),
        processes.Program("worker", processes.with_this_python(worker), environment),
    ]
    started = [processes.start(program) for program in programs]
    try:
        _wait_for(url, started)
        yield Site(url, mailbox)
    finally:
        listener.close()
        processes.stop(started, grace=5)


def _wait_for(url: str, started: Iterable[subprocess.Popen[bytes]]) -> None:
    # The listening socket is open from the start, so this question waits for the first worker instead of failing.
    with urllib.request.urlopen(f"{url}/salud/", timeout=120) as answer:
        assert answer.status == 200
    for process in started:
        assert process.poll() is None, "a process of the site ended at once"


def database_name() -> str:
    return "e2e_" + os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def template_name() -> str:
    return database_name() + "_template"


def url_of(database: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return parts._replace(path=f"/{database}").geturl()


def prepare_template() -> None:
    """A database with the tables and the reference data, from which each test's own is copied."""
    databases.make(template_name(), template=databases.migrated())
    with databases.using(template_name()):
        for command in REFERENCE_DATA:
            if command in get_commands():
                call_command(command, verbosity=0)


def forget_what_redis_holds() -> None:
    """Remove kept pages, sessions, rate limits and queued work of this test worker, and of nobody else."""
    server = redis.from_url(settings.REDIS_URL)
    keys = list(server.scan_iter(f"*{settings.CACHES['default']['KEY_PREFIX']}:*", count=1000))
    server.delete(settings.CELERY_TASK_DEFAULT_QUEUE, *keys)
