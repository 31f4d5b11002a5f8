"""The supervisor, with trivial programs in place of the portal's."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config import processes

CHILD = (
    "import subprocess, sys, time, pathlib; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
)


def supervised(tmp_path: Path, program: str, **options: object) -> "subprocess.Popen[str]":
    """A supervisor in a process of its own over two copies of `program`; each writes its pids into `tmp_path`."""
    script = f"""
        import sys
        from config.processes import Program, Supervisor
        report = lambda text: print(text, flush=True)
        programs = [Program(n, [sys.executable, "-c", {program!r}, r"{tmp_path}", n]) for n in ("one", "two")]
        sys.exit(Supervisor(programs, report=report, **{options!r}).run(announce=lambda: report("ready")))
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )


# Writes its own pid and its child's, then sleeps.
FAMILY = CHILD + (
    "import os; pathlib.Path(sys.argv[1], sys.argv[2]).write_text(f'{os.getpid()} {child.pid}'); time.sleep(600)"
)
# The same, and deaf to SIGTERM.
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + FAMILY
FAILING = "import sys; sys.exit(7)"


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def pids(tmp_path: Path) -> list[int]:
    return [int(pid) for file in tmp_path.iterdir() for pid in file.read_text().split()]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("number", processes.SIGNALS, ids=lambda number: number.name)
def test_a_signal_to_the_supervisor_ends_every_descendant(tmp_path: Path, number: signal.Signals) -> None:
    supervisor = supervised(tmp_path, FAMILY)
    until(lambda: len(pids(tmp_path)) == 4)
    family = pids(tmp_path)
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    until(lambda: not any(map(alive, family)))
    assert supervisor.communicate(timeout=20)[0] == "ready\n"


def test_a_program_deaf_to_the_signal_is_killed_when_its_time_is_over(tmp_path: Path) -> None:
    supervisor = supervised(tmp_path, DEAF, grace=0.3)
    until(lambda: len(pids(tmp_path)) == 4)
    family = pids(tmp_path)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
    until(lambda: not any(map(alive, family)))
    supervisor.communicate(timeout=20)


def test_a_second_signal_does_not_wait_for_the_deaf(tmp_path: Path) -> None:
    supervisor = supervised(tmp_path, DEAF, grace=600.0)
    until(lambda: len(pids(tmp_path)) == 4)
    family = pids(tmp_path)
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.3)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
    until(lambda: not any(map(alive, family)))
    supervisor.communicate(timeout=20)


def test_a_killed_program_is_started_again_and_its_children_go_with_it(tmp_path: Path) -> None:
    supervisor = supervised(tmp_path, FAMILY, pause=0.05)
    until(lambda: len(pids(tmp_path)) == 4)
    before = [int(pid) for pid in (tmp_path / "one").read_text().split()]
    os.kill(before[0], signal.SIGKILL)
    until(lambda: (tmp_path / "one").read_text().split() not in ([], [str(pid) for pid in before]))
    until(lambda: not any(map(alive, before)))
    supervisor.send_signal(signal.SIGTERM)
    output, _ = supervisor.communicate(timeout=20)
    assert "one ended (code -9). Starting it again." in output
    until(lambda: not any(map(alive, pids(tmp_path))))


def test_a_program_that_ends_too_often_stops_everything(tmp_path: Path) -> None:
    supervisor = supervised(tmp_path, FAILING, restarts=2, pause=0.01)
    output, _ = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 1
    assert output.count("one ended (code 7). Starting it again.") == 2
    assert "one ended again (code 7). Stopping everything." in output


def test_programs_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    supervisor = supervised(tmp_path, FAMILY)
    until(lambda: len(pids(tmp_path)) == 4)
    heads = [int((tmp_path / name).read_text().split()[0]) for name in ("one", "two")]
    children = [pid for pid in pids(tmp_path) if pid not in heads]
    supervisor.kill()
    supervisor.wait(20)
    until(lambda: not any(map(alive, heads)))
    for pid in children:  # these heads are no servers and ended without their children, which also hold the pipe open
        os.kill(pid, signal.SIGKILL)
    supervisor.communicate(timeout=20)
