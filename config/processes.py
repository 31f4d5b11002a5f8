"""The processes of the portal as commands, and the supervisor that keeps them running while `make run` lasts.

`docker-compose.yml` runs the same commands, each in a container of its own; a test compares them.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

# What every way of starting has in common. How many web and worker processes, the environment says (WEB_CONCURRENCY,
# WORKER_CONCURRENCY). gunicorn's control socket would be one more file to leave behind.
WEB = ("gunicorn", "config.wsgi", "--preload", "--threads", "4", "--no-control-socket", "--log-level", "warning")
WORKER = ("celery", "-A", "config", "-q", "worker", "--loglevel", "WARNING", "--without-mingle", "--without-gossip")
BEAT = ("celery", "-A", "config", "-q", "beat", "--loglevel", "WARNING")
MODULES = {"gunicorn": "gunicorn.app.wsgiapp", "celery": "celery"}

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded before any fork, where loading could block


@dataclass(frozen=True)
class Program:
    """A command to keep running. `pass_fds` are open files it inherits, a listening socket for instance."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    pass_fds: Sequence[int] = ()


def with_this_python(command: Sequence[str]) -> list[str]:
    """`celery ...` as a module of this Python: PATH and the length of a script's first line do not matter then."""
    return [sys.executable, "-m", MODULES[command[0]], *command[1:]]


def end_with_parent() -> None:
    """Ask the kernel to end this child when its parent is killed and cannot do it (Linux only)."""
    with suppress(AttributeError):
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(program: Program) -> subprocess.Popen[bytes]:
    """Start a program as the head of its own process group: a Ctrl-C in the terminal reaches the supervisor alone."""
    return subprocess.Popen(
        program.command,
        env={**os.environ, **program.environment},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=program.pass_fds,
        preexec_fn=end_with_parent,
    )


def stop(
    processes: Sequence[subprocess.Popen[bytes]], *, grace: float, hurry: Callable[[], bool] = lambda: False
) -> None:
    """End processes and their descendants: asked at once, killed after `grace` seconds or as soon as `hurry` says so."""
    for process in processes:
        if process.poll() is None:
            process.terminate()  # each head ends its own children in order
    deadline = time.monotonic() + grace
    while any(process.poll() is None for process in processes) and time.monotonic() < deadline and not hurry():
        time.sleep(0.05)
    for process in processes:
        _signal_group(process, signal.SIGKILL)  # reaches also what a program that did end has left behind
        process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


class Supervisor:
    """Keeps programs running until SIGINT or SIGTERM, then leaves none of their processes. A second signal does not wait.

    A program that ends is reported and started again, at most `restarts` times; once more, and everything stops.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        report: Callable[[str], None] = print,
        restarts: int = 5,
        pause: float = 1.0,
        grace: float = 15.0,
    ) -> None:
        self.programs = programs
        self.report = report
        self.restarts_left = {program.name: restarts for program in programs}
        self.pause = pause
        self.grace = grace
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()
        self._hurry = threading.Event()

    def run(self, ready: Callable[[], bool] = lambda: True, announce: Callable[[], None] = lambda: None) -> int:
        """Block until told to stop. The first program starts alone; once `ready` says yes come the others and `announce`.
        Returns 0, or 1 when a program ended too often.
        """
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            announced = False
            self._start(self.programs[0])
            while not self._stopping.wait(0.1):
                if not all(self._tend(program) for program in self.programs if program.name in self._running):
                    return 1
                if not announced and ready():
                    announced = True
                    for program in self.programs[1:]:
                        self._start(program)
                    announce()
            return 0
        finally:
            stop(list(self._running.values()), grace=self.grace, hurry=self._hurry.is_set)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self, program: Program) -> None:
        self._running[program.name] = start(program)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        (self._hurry if self.stopping else self._stopping).set()

    def _tend(self, program: Program) -> bool:
        """Start a program again if it ended; False when it has ended too often."""
        process = self._running[program.name]
        code = process.poll()
        if code is None:
            return True
        _signal_group(process, signal.SIGKILL)
        if self.restarts_left[program.name] == 0:
            self.report(f"{program.name} ended again (code {code}). Stopping everything.")
            return False
        self.restarts_left[program.name] -= 1
        self.report(f"{program.name} ended (code {code}). Starting it again.")
        if not self._stopping.wait(self.pause):
            self._start(program)
        return True
