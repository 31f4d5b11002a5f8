"""The Celery application. Tasks live in each app's `tasks` and `periodic` modules and are found by name."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("gobierno_abierto")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="periodic")
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def use_project_logging(**kwargs: object) -> None:
    """Keep Celery from replacing the logging that settings configured."""


@worker_process_init.connect
def forget_inherited_connections(**kwargs: object) -> None:
    """A forked child must not share its parent's database socket."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
