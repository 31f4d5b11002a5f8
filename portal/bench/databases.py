"""Databases of the bench beside the one of the checkout, on the same server."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

PREFIX: Final = "bench_"
# One for all the processes of a run: what one of them signed, the next one reads.
SECRET: Final = secrets.token_urlsafe(50)


def exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [PREFIX + name])
        return cursor.fetchone() is not None


def create(name: str, *, template: str = "") -> None:
    """Make a database anew, as a copy of another one of the bench if `template` names it."""
    drop(name)
    with connection.cursor() as cursor:
        source = f' TEMPLATE "{PREFIX}{template}"' if template else ""
        cursor.execute(f'CREATE DATABASE "{PREFIX}{name}"{source}')


def drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{PREFIX}{name}" WITH (FORCE)')


def environment(name: str, folder: Path) -> dict[str, str]:
    """The environment of a process that works in a database of the bench: settings as in production, on this machine."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{PREFIX}{name}").geturl()
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": address,
        "DEBUG": "false",
        "HTTPS": "false",
        "DEMONSTRATION": "true",
        "SECRET_KEY": SECRET,
        "CACHE_PREFIX": PREFIX + name,
        "CELERY_QUEUE": PREFIX + name,
        "MEDIA_ROOT": str(folder),
        "EMAIL_URL": "memory://",
        "LOG_LEVEL": "ERROR",
        "LOG_JSON": "false",
    }


def inside(name: str, folder: Path, work: str, **arguments: Any) -> Any:
    """Do a piece of `portal.bench.inside` in a process of its own in that database, and return what it gives."""
    command = [sys.executable, "-m", "portal.bench.inside", work, json.dumps(arguments)]
    done = subprocess.run(
        command, env=environment(name, folder), cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])
