"""Bring uv from PyPI into the checkout: `python3 requirements/bring_uv.py .tools`. Needs nothing but Python.

A bare Debian has a Python without pip and without venv. So, in this order: pip of this Python, pip of another Python on the
machine, pip inside a new virtual environment, and last the package index named in the environment or in pip's own
configuration, asked without pip.
"""

import configparser
import hashlib
import html.parser
import os
import platform
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

ADVICE = """
uv could not be brought into the checkout, because this Python has no pip. Any one of these helps:
  - as root: apt-get install python3-venv
  - make PYTHON=/path/to/a/python/with/pip run
  - PIP_INDEX_URL=<address of a package index that ends in /simple> make run
"""
INSTALL = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--target"]


def with_pip_of(python: str, target: Path) -> bool:
    """Install with an existing pip; a pip that is there but fails says why itself."""
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        return False
    return subprocess.run([python, *INSTALL, str(target), "uv"], check=False).returncode == 0


def other_pythons() -> list[str]:
    names = ["python3", "python3.13", "python3.12", "python3.11"]
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/bin", "/usr/local/bin"]
    found = [shutil.which(name, path=folder) for folder in folders for name in names]
    return list(dict.fromkeys(path for path in found if path and path != sys.executable))


def with_venv(target: Path) -> bool:
    """A virtual environment brings its own pip, where the system ships it."""
    folder = target / "bootstrap"
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], capture_output=True, check=False)
    done = made.returncode == 0 and with_pip_of(str(folder / "bin" / "python"), target)
    shutil.rmtree(folder, ignore_errors=True)
    return done


def configured_index() -> str | None:
    """The package index that the environment or pip's configuration names."""
    for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name]
    home = os.environ.get("HOME")
    files = [os.environ.get("PIP_CONFIG_FILE"), "/etc/pip.conf"]
    files += [f"{home}/.config/pip/pip.conf", f"{home}/.pip/pip.conf"] if home else []
    for file in filter(None, files):
        parser = configparser.RawConfigParser()
        parser.read(file)
        if parser.has_option("global", "index-url"):
            return parser.get("global", "index-url")
    return None


class Links(html.parser.HTMLParser):
    """Collects the addresses of a page of the index."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def version_of(file: str) -> tuple[int, ...]:
    """`uv-0.9.2-py3-none-any.whl` as (0, 9, 2); versions that are no plain numbers come last."""
    parts = file.split("-")[1].split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else (-1,)


def without_pip(index: str, target: Path) -> bool:
    """Take the newest wheel for this machine from the index, compare its hash, and unpack the one program it holds."""
    page = index.rstrip("/") + "/uv/"
    machine = platform.machine()
    with urllib.request.urlopen(page, timeout=60) as answer:
        links = Links()
        links.feed(answer.read().decode())
    wheels = {}
    for link in links.found:
        address, _, fragment = urllib.parse.urljoin(page, link).partition("#")
        name = urllib.parse.unquote(address.rsplit("/", 1)[-1])
        if name.endswith(".whl") and "manylinux" in name and machine in name:
            wheels[name] = (address, fragment)
    if not wheels:
        return False
    name = max(wheels, key=version_of)
    address, fragment = wheels[name]
    wheel = target / name
    target.mkdir(exist_ok=True)
    with urllib.request.urlopen(address, timeout=300) as answer:
        wheel.write_bytes(answer.read())
    if fragment.startswith("sha256=") and hashlib.sha256(wheel.read_bytes()).hexdigest() != fragment[7:]:
        sys.exit(f"{name} is not what the index says it is.")
    with zipfile.ZipFile(wheel) as archive:
        program = next(member for member in archive.namelist() if member.endswith("/scripts/uv"))
        (target / "bin").mkdir(exist_ok=True)
        (target / "bin" / "uv").write_bytes(archive.read(program))
    (target / "bin" / "uv").chmod(0o755)
    wheel.unlink()
    return True


def main() -> None:
    if sys.version_info < (3, 11):
        sys.exit(
            f"Python 3.11 or newer is needed; {sys.executable} is {platform.python_version()}. Use make PYTHON=..."
        )
    target = Path(sys.argv[1])
    if any(with_pip_of(python, target) for python in [sys.executable, *other_pythons()]) or with_venv(target):
        return
    index = configured_index()
    if not (index and without_pip(index, target)):
        sys.exit(ADVICE)


if __name__ == "__main__":
    main()
