"""The Celery application. Tasks live in each app's `tasks` and `periodic` modules and are found by name."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from celery import Celery
from celery.signals import setup_logging, task_prerun, worker_init, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# How far the workers stand back for whoever waits for a page: of a busy core a tenth.
NICE: Final = 10

app = Celery("gobierno_abierto")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="periodic")
# Celery would open a connection to the database for each task. Here one lives as long as Django says (CONN_MAX_AGE).
app.conf["CELERY_DB_REUSE_MAX"] = 1_000_000
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def use_project_logging(**kwargs: object) -> None:
    """Keep Celery from replacing the logging that settings configured."""


@worker_init.connect
def stand_back(**kwargs: object) -> None:
    """Let pages go first where both want a core. Linux weighs sessions before processes: its own is told, a terminal's is not."""
    os.nice(NICE)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(NICE))


@worker_process_init.connect
def forget_inherited_connections(**kwargs: object) -> None:
    """A forked child must not share its parent's database socket."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()


@task_prerun.connect
def look_at_connections(**kwargs: object) -> None:
    """As before a request: what is too old is closed, and whether the rest still answers is asked at its first query."""
    from django.db import close_old_connections

    close_old_connections()
