"""Bringing uv where Python has no pip: from a package index, here a real one on this machine."""

import hashlib
import http.server
import importlib.util
import io
import platform
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "requirements/bring_uv.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bring_uv", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing to say in a test."""


def wheel(program: bytes, version: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"uv-{version}.data/scripts/uv", program)
    return packed.getvalue()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of an index and the folder of its page on uv, which holds versions 0.9.2 and 0.10.0."""
    folder = tmp_path / "simple/uv"
    folder.mkdir(parents=True)
    links = []
    for version in ("0.9.2", "0.10.0"):
        name = f"uv-{version}-py3-none-manylinux_2_17_{platform.machine()}.whl"
        content = wheel(f"uv {version}".encode(), version)
        (folder / name).write_bytes(content)
        links.append(f'<a href="{name}#sha256={hashlib.sha256(content).hexdigest()}">{name}</a>')
    (folder / "index.html").write_text("".join(links))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/simple", folder
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_newest_wheel_for_this_machine_is_unpacked(
    script: ModuleType, index: tuple[str, Path], tmp_path: Path
) -> None:
    assert script.without_pip(index[0], tmp_path / "tools")
    program = tmp_path / "tools/bin/uv"
    assert program.read_text() == "uv 0.10.0"
    assert program.stat().st_mode & 0o111 == 0o111
    assert [path.name for path in (tmp_path / "tools").iterdir()] == ["bin"]


def test_a_wheel_that_is_not_what_the_index_says_is_refused(
    script: ModuleType, index: tuple[str, Path], tmp_path: Path
) -> None:
    for file in index[1].glob("*.whl"):
        file.write_bytes(wheel(b"something else", "9"))
    with pytest.raises(SystemExit, match="not what the index says"):
        script.without_pip(index[0], tmp_path / "tools")
    assert not (tmp_path / "tools/bin").exists()


def test_the_index_is_the_one_that_the_environment_or_pips_configuration_names(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = http://configured/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    assert script.configured_index() == "http://configured/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "http://named/simple")
    assert script.configured_index() == "http://named/simple"
