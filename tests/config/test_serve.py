"""What `make run` says and decides before anything is started."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import serve


def test_a_taken_port_is_said_at_once_with_another_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "config.serve", "--port", str(port)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.strip() == f"Port {port} is taken. Choose another: make run PORT={port + 1}"
    assert done.stdout == ""


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(serve.ServeError, match="70000 is not a port"):
        serve.reserve(70000)


def test_a_folder_gives_its_exports_and_a_file_itself(tmp_path: Path) -> None:
    for name in ("b.xls", "a.XLSX", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in serve.exports_in(tmp_path)] == ["a.XLSX", "b.xls"]
    assert serve.exports_in(tmp_path / "notes.txt") == [tmp_path / "notes.txt"]


def test_data_that_are_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(serve.ServeError, match="does not exist"):
        serve.exports_in(tmp_path / "nowhere")
    with pytest.raises(serve.ServeError, match="holds no file of SINIM"):
        serve.exports_in(tmp_path)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "LOCAL", tmp_path / "local")
    first = serve.own_secret("secret-key")
    assert len(first) >= 50
    assert serve.own_secret("secret-key") == first
    assert stat.S_IMODE((tmp_path / "local/secret-key").stat().st_mode) == 0o600


@pytest.mark.parametrize("real", [True, False])
def test_real_and_demonstration_data_never_share_a_name(monkeypatch: pytest.MonkeyPatch, *, real: bool) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "CACHE_PREFIX": "", "CELERY_QUEUE": "", "DEMONSTRATION": ""})
    serve.set_environment(8000, real_data=real)
    assert os.environ["DEMONSTRATION"] == ("false" if real else "true")
    assert os.environ["CACHE_PREFIX"] == os.environ["CELERY_QUEUE"] == ("real" if real else "portal")
