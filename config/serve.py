"""`make run`: from an empty checkout to the whole portal in a browser, in one process that keeps all the others.

Not a management command, because it decides the environment before Django reads its settings.
"""

import argparse
import hashlib
import io
import os
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from config import embedded, processes

CHECKOUT = embedded.CHECKOUT
LOCAL = embedded.LOCAL
STARTED = time.monotonic()
# A folder of real files is searched for exports of SINIM, whatever their suffix says they are; the importer looks inside.
EXPORTS = {".xls", ".xlsx", ".xml"}
# With this certificate of its own the checkout seals what is signed in it.
SEAL = LOCAL / "seal.p12"


class ServeError(Exception):
    """The portal cannot be started; the message says what to do."""


def report(text: str) -> None:
    """A line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - STARTED:6.1f} s  {text}", flush=True)


def reserve(port: int) -> socket.socket:
    """Listen from the first moment on: a taken port is said before any work is done, and nobody can take it meanwhile."""
    if not 0 < port < 65536:
        raise ServeError(f"{port} is not a port. Choose one from 1024 to 65535.")
    try:
        listener = socket.create_server(("127.0.0.1", port), backlog=256)
    except PermissionError:
        raise ServeError(f"Port {port} is reserved for root. Choose another: make run PORT=8001") from None
    except OSError:
        raise ServeError(f"Port {port} is taken. Choose another: make run PORT={port + 1}") from None
    return listener


def set_environment(port: int, *, real_data: bool) -> None:
    """What `make run` means unless the environment or `.env` says otherwise: like production, on this machine alone."""
    given = embedded.environment()
    cores = os.cpu_count() or 1
    kind = "real" if real_data else "portal"
    defaults = {
        "DEBUG": "false",
        "HTTPS": "false",
        "DEMONSTRATION": "false" if real_data else "true",
        "SECRET_KEY": own_secret("secret-key"),
        "SITE_URL": f"http://localhost:{port}",
        "LOG_JSON": "false",
        "LOG_LEVEL": "WARNING",
        # The demonstration and the real data live side by side and never meet, in Redis either.
        "CACHE_PREFIX": kind,
        "CELERY_QUEUE": kind,
        "WEB_CONCURRENCY": str(min(cores, 4)),
        "WORKER_CONCURRENCY": str(min(cores, 4)),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    if not given.str("SEAL_FILE", default=""):
        defaults |= {"SEAL_FILE": str(SEAL), "SEAL_PASSWORD": own_secret("seal-password")}
    for name, value in defaults.items():
        os.environ[name] = given.str(name, default="") or value  # an empty line of a copied .env.example is no value


def own_secret(name: str) -> str:
    """A secret of this checkout's own, made once: sessions outlive a restart, and the seal stays readable."""
    LOCAL.mkdir(exist_ok=True)
    path = LOCAL / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text()


def make_seal() -> None:
    """Make this checkout's own seal, once, unless the environment names another: what was sealed with it is judged by it."""
    from django.core.management import call_command

    if os.environ.get("SEAL_FILE") == str(SEAL) and not SEAL.exists():
        report("Making a seal of its own for this checkout")
        call_command("make_seal", str(SEAL), stdout=io.StringIO())


def exports_in(path: Path) -> list[Path]:
    """The files to import: the one named, or those of a folder that may be exports of SINIM."""
    if not path.exists():
        raise ServeError(f"DATA={path} does not exist.")
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in EXPORTS)
    if not found:
        raise ServeError(f"DATA={path} holds no file of SINIM ({', '.join(sorted(EXPORTS))}).")
    return found


def prepare(data: Path | None) -> str:
    """Bring the database, its data and the static files up to date. Returns what to tell about signing in."""
    from django.core.management import call_command, get_commands
    from django.db import connections
    from django.test import override_settings

    known = get_commands()

    def call(command: str, *arguments: str, out: io.StringIO | None = None) -> None:
        if command in known:
            call_command(command, *arguments, **({"stdout": out} if out else {}))

    files = exports_in(data) if data else []
    report("Migrating the database")
    call_command("migrate", verbosity=0)
    make_seal()
    seen = fingerprint(data_sources(), files)
    is_fresh = last_loaded() != seen
    if is_fresh:
        report("Loading the register of municipalities")
        call("load_register")
        report("Loading the classifier of accounts")
        call("load_classifier")
        report("Loading the instruments")
        call("load_instruments")
        if data:
            load_exports(files)
        else:
            report("Loading the demonstration data")
            call("load_demo", "--without-people")
    sign_ins = io.StringIO()
    # Beside real data too: the server listens to this machine alone, and the password never leaves the checkout.
    with override_settings(DEMONSTRATION=True):
        call("load_demo_people", out=sign_ins)
        if is_fresh and not data:
            report("Loading the demonstration of adhesion")
            call("load_demo_adhesions")
            report("Loading the demonstration of diagnostics")
            call("load_demo_diagnostics")
            report("Loading the demonstration of action plans")
            call("load_demo_plans")
            call("load_demo_cocreation")
            call("load_demo_watch")
            call("load_demo_country")
    if is_fresh:
        remember_loaded(seen)
    prepare_static()
    connections.close_all()
    return sign_ins.getvalue()


def load_exports(files: Iterable[Path]) -> None:
    """Import each file; one that is refused is said and passed over. Raises ServeError when all are."""
    from django.core.management import CommandError, call_command

    accepted = 0
    for file in files:
        report(f"Importing {file.name}")
        try:
            call_command("import_sinim", str(file))
            accepted += 1
        except (CommandError, SystemExit) as error:
            report(f"{file.name} was not imported: {error}")
    if not accepted:
        raise ServeError("No file was imported.")


def prepare_static() -> None:
    """Compile the translations and collect the static files, when one of their sources has changed."""
    from django.core.management import call_command

    sources = [CHECKOUT / "requirements/all.txt", CHECKOUT / "config/staticfiles.py"]
    sources += [*(CHECKOUT / "static").rglob("*"), *(CHECKOUT / "locale").rglob("*.po")]
    seen = fingerprint(sources, [])
    stamp = LOCAL / "static.stamp"
    collected = (CHECKOUT / "staticfiles/staticfiles.json").exists()
    if collected and stamp.exists() and stamp.read_text() == seen:
        return
    report("Collecting static files and translations")
    call_command("messages", "--compile", stdout=io.StringIO())
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(seen)


# The modules of an app that decide what is in the database; a change of a page is no reason to load the data again.
DECIDING = {
    "actions",
    "choices",
    "data",
    "figures",
    "imports",
    "management",
    "migrations",
    "models",
    "reports",
    "rules",
}


def data_sources() -> list[Path]:
    """Every file that may decide what is loaded: the apps' code and the data they ship."""
    from django.apps import apps

    folders = [Path(app.path) for app in apps.get_app_configs()]
    own = [folder for folder in folders if folder.parent == CHECKOUT]
    files = [path for folder in own for path in folder.rglob("*") if "__pycache__" not in path.parts]
    return [path for path in files if DECIDING & {part.partition(".")[0] for part in path.relative_to(CHECKOUT).parts}]


def fingerprint(contents: Iterable[Path], named: Iterable[Path]) -> str:
    """A digest of some files' contents and of others' names, sizes and times."""
    digest = hashlib.sha256()
    for path in sorted(contents):
        if path.is_file():
            digest.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
    for path in named:
        found = path.stat()
        digest.update(f"{path.resolve()} {found.st_size} {found.st_mtime_ns}\0".encode())
    return digest.hexdigest()


# What was loaded is remembered in the database itself: it goes where the data go, and away when they do.
LOADED = "Loaded by make run from "


def last_loaded() -> str | None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        )
        comment = cursor.fetchone()[0] or ""
    return comment.removeprefix(LOADED) if comment.startswith(LOADED) else None


def remember_loaded(seen: str) -> None:
    from django.db import DatabaseError, connection
    from psycopg2 import sql

    name = sql.Identifier(connection.settings_dict["NAME"])
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(LOADED + seen)))
    except DatabaseError:
        report("The database is not ours to annotate, so the data will be looked through at each start.")


# SIGTERM means: put the task back and end. And the worker need not complain of root, whose machine this is.
WORKER_ENVIRONMENT = {"REMAP_SIGTERM": "SIGQUIT", "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}


def programs(listener: socket.socket) -> list[processes.Program]:
    web = (*processes.WEB, "--bind", f"fd://{listener.fileno()}")
    return [
        processes.Program("The web server", processes.with_this_python(web), pass_fds=(listener.fileno(),)),
        processes.Program("The worker", processes.with_this_python(processes.WORKER), WORKER_ENVIRONMENT),
        processes.Program("The clock", processes.with_this_python(processes.BEAT)),
    ]


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/salud/", timeout=1) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description="Run the whole portal on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="where to listen (make run PORT=8001)")
    parser.add_argument(
        "--data", type=Path, help="a file of SINIM, or a folder of them, instead of the demonstration data (DATA=PATH)"
    )
    return parser.parse_args()


def serve(port: int, data: Path | None) -> int:
    listener = reserve(port)
    set_environment(port, real_data=data is not None)
    embedded.ensure("portal_real" if data else embedded.DATABASE, report)
    import django

    django.setup()
    sign_ins = prepare(data)
    report("Starting the web server")
    address = f"http://localhost:{port}"

    def announce() -> None:
        report("Ready")
        print(f"\n  {address}/\n\n{sign_ins}\nCtrl-C stops everything.", flush=True)

    code = processes.Supervisor(programs(listener), report=report).run(lambda: answers(address), announce)
    report("Stopped")
    return code


def main() -> int:
    if "MAKELEVEL" in os.environ:  # `make` that is killed takes everything along
        processes.end_with_parent()
    options = arguments()
    try:
        return serve(options.port, options.data)
    except (ServeError, embedded.EmbeddedError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
