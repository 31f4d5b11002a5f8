"""The part of `make check` that needs Django: settings as on a server, migrations, translations and written documents.

Run as `python -m config.verify`; each check says what is wrong and what mends it, and the exit code is 1 when any does.
"""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from config import embedded

# As on a server, whatever the developer's own environment says.
PRODUCTION = {
    "DEBUG": "false",
    "HTTPS": "true",
    "DEMONSTRATION": "false",
    "SECRET_KEY": "only-for-the-checks-" + "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "portal.example",
    "SITE_URL": "https://portal.example",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
# Documents that a command writes, and the command that writes them: compared with what it would write now.
WRITTEN = {
    "docs/action-plan.md": "plan_diagram",
    "docs/adhesion.md": "adhesion_diagram",
    "docs/diagnostic.md": "diagnostic_diagram",
    "docs/openapi.yaml": "spectacular",
    "docs/permissions.md": "permissions",
}


def migrations() -> str | None:
    return run("makemigrations", "--check", "--dry-run")


def deployment() -> str | None:
    return run("check", "--deploy", "--fail-level", "WARNING")


def translations() -> str | None:
    return run("messages", "--check")


def run(command: str, *arguments: str) -> str | None:
    """What the command says when it fails, or None."""
    from django.core.management import CommandError, call_command

    said = io.StringIO()
    try:
        call_command(command, *arguments, stdout=said, stderr=said)
    except (CommandError, SystemExit) as error:
        return f"{said.getvalue()}{error if isinstance(error, CommandError) else ''}".strip()
    return None


def documents() -> str | None:
    """Names the committed documents that differ from what their command writes."""
    from django.core.management import call_command, get_commands

    stale = []
    for name, command in WRITTEN.items():
        path = embedded.CHECKOUT / name
        if not path.exists() or command not in get_commands():
            continue
        written = io.StringIO()
        call_command(command, stdout=written)
        if path.read_text().strip() != written.getvalue().strip():
            stale.append(f"{name} is not what `manage.py {command}` writes; write it again")
    return "\n".join(stale) or None


def locks() -> str | None:
    """No file of the repository names a registry, so that every machine uses its own."""
    lock = (embedded.CHECKOUT / "package-lock.json").read_text()
    requirements = "".join(path.read_text() for path in Path(embedded.CHECKOUT / "requirements").glob("*.txt"))
    if '"resolved"' in lock or "index-url" in requirements or "://" in requirements:
        return "A lock names a package registry. Make it again with `make lock` or `npm install`."
    return None


CHECKS: dict[str, Callable[[], str | None]] = {
    "Migrations": migrations,
    "Settings of a server": deployment,
    "Translations": translations,
    "Written documents": documents,
    "Locks": locks,
}


def main() -> int:
    os.environ.update(PRODUCTION)
    embedded.ensure()
    import django

    django.setup()
    failures = 0
    for name, check in CHECKS.items():
        fault = check()
        failures += fault is not None
        print(f"{name}: {'ok' if fault is None else fault}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
