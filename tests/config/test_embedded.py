"""The embedded servers, in a checkout of their own: a folder that borrows this one's installed packages."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded

USER = (
    "import sys; from config import embedded; embedded.ensure(); "
    "print(embedded.database_url(), flush=True); sys.stdin.readline()"
)


class Checkout:
    """A copy of the module that starts the servers, with data and sockets apart from everybody else's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config").mkdir(parents=True)
        (folder / "config/__init__.py").touch()
        shutil.copy(embedded.__file__, folder / "config")
        self.environment = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "HOME"}
        }

    def start(self) -> "subprocess.Popen[str]":
        """A process that uses the servers until it reads a line."""
        process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline().startswith("postgres://")
        return process

    def servers(self) -> int:
        """How many processes run on this checkout's folder or sockets."""
        listing = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True).stdout
        sockets = self.sockets()
        return sum(str(self.folder) in line or sockets in line for line in listing.splitlines())

    def sockets(self) -> str:
        script = "from config import embedded; print(embedded.socket_folder())"
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def stop(self) -> None:
        subprocess.run([sys.executable, "-m", "config.embedded", "stop"], cwd=self.folder, env=self.environment)


@pytest.fixture(params=["plain", "a name with spaces, áéí and " + "length" * 20])
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path / request.param)
    yield made
    made.stop()
    assert made.servers() == 0


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def test_the_servers_start_for_the_first_stay_for_the_second_and_stop_with_the_last(checkout: Checkout) -> None:
    first, second = checkout.start(), checkout.start()
    leave(first)
    assert checkout.servers() >= 2
    leave(second)
    assert checkout.servers() == 0
    assert not Path(checkout.sockets()).exists()


@pytest.mark.parametrize("checkout", ["plain"], indirect=True)
def test_a_user_that_is_killed_does_not_keep_the_servers_from_stopping_later(checkout: Checkout) -> None:
    killed = checkout.start()
    killed.kill()
    killed.communicate()
    leave(checkout.start())
    assert checkout.servers() == 0


@pytest.mark.parametrize("checkout", ["plain"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_user_told_to_end_stops_the_servers_first(checkout: Checkout, number: signal.Signals) -> None:
    process = checkout.start()
    process.send_signal(number)
    process.communicate(timeout=60)
    assert checkout.servers() == 0


@pytest.mark.parametrize("checkout", ["plain"], indirect=True)
def test_a_half_made_database_is_made_again(checkout: Checkout) -> None:
    unfinished = checkout.folder / ".local/postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    leave(checkout.start())
    assert (checkout.folder / ".local/postgres/PG_VERSION").exists()


@pytest.mark.parametrize("checkout", ["plain"], indirect=True)
def test_nothing_starts_when_both_servers_are_named_in_the_environment_file(checkout: Checkout) -> None:
    (checkout.folder / ".env").write_text("DATABASE_URL=postgres://elsewhere/x\nREDIS_URL=redis://elsewhere/0\n")
    process = checkout.start()
    assert checkout.servers() == 0
    leave(process)


def test_the_socket_folder_is_short_enough_whatever_the_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp/" + "long/" * 30)
    assert len(f"{embedded.socket_folder()}/.s.PGSQL.5432.lock") <= 107
