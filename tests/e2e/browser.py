"""Which Chromium drives the pages. `python -m tests.e2e.browser` brings one where the machine has none, or fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """No Chromium, and none could be brought. The browser tests are part of the suite, so it cannot run without them.
Either install one (as root: apt-get install chromium) or name one: make test CHROMIUM=/path/to/chromium"""

# Off the network: only this machine's own addresses resolve, and the browser asks for nothing on its own account.
FLAGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers give /dev/shm too little
    "--no-first-run",
    "--no-default-browser-check",
]


def find() -> str | None:
    """The browser named by `CHROMIUM`, else the machine's, else Playwright's own; None when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    on_path = (shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/bin:/snap/bin") for name in NAMES)
    return next(filter(None, on_path), None) or _playwrights_own()


def launch_options() -> dict[str, object]:
    """Arguments of Playwright's `launch`. Root, in a container, cannot use Chromium's sandbox."""
    return {"executable_path": find(), "args": [*FLAGS, *(["--no-sandbox"] if os.getuid() == 0 else [])]}


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def bring() -> None:
    """Install a browser: from Debian's packages as root, otherwise Playwright's own build."""
    if os.getuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False)
    if find() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    if find() is None and not os.environ.get("CHROMIUM"):
        print("No Chromium on this machine. Bringing one.", flush=True)
        bring()
    path = find()
    if path is None:
        sys.exit(ADVICE)
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        sys.exit(f"{path} does not start:\n{answer.stderr.strip()}\n{ADVICE}")
    print(f"Browser tests with {answer.stdout.strip()} ({path})")


if __name__ == "__main__":
    main()
