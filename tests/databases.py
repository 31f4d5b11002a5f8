"""Databases of the tests. Their tables are copied from one in which every migration ran.

To run the migrations takes as long as hundreds of tests, to copy what they made half a second: they run once for all workers
and for the sites of the journeys, and again only when a migration changed.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql


@contextmanager
def using(name: str) -> Iterator[None]:
    """Point this process's own connection at another database of the same server."""
    before = connection.settings_dict["NAME"]
    connections["default"].close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections["default"].close()
        connection.settings_dict["NAME"] = before


def make(name: str, template: str = "template0") -> None:
    """Make a database anew, empty or as a copy (about a third of a second), whoever is connected to the old one."""
    drop(name)
    with using("postgres"), connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def drop(name: str) -> None:
    with using("postgres"), connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def migrated() -> str:
    """The name of the database in which every migration ran. Of the workers that ask at the same time, one makes it."""
    prefix = urlsplit(os.environ["DATABASE_URL"]).path.removeprefix("/") + "_migrated_"
    name, unfinished = prefix + digest_of_migrations(), prefix + "unfinished"
    with connection._nodb_cursor() as cursor:  # the lock ends with this connection, even when the process is killed
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [prefix])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        found = {row[0] for row in cursor.fetchall()}
        if name not in found:
            for old in found:
                drop(old)
            make(unfinished)
            with using(unfinished):
                call_command("migrate", verbosity=0)
            renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            cursor.execute(renamed.format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name


def digest_of_migrations() -> str:
    """Of all that decides what the migrations make: another digest, another database."""
    migrations = MigrationLoader(None).disk_migrations
    digest = hashlib.sha256()
    for (app, name), migration in sorted(migrations.items(), key=lambda item: item[0]):
        source = sys.modules[type(migration).__module__].__file__
        assert source is not None
        digest.update(f"{app} {name} ".encode() + Path(source).read_bytes())
    return digest.hexdigest()[:16]
