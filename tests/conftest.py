"""The ground of every test: real servers, one database and one cache prefix for each worker."""

import atexit
import os
import re
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.signals import setting_changed
from django.db import connection
from django.test.client import ClientHandler

from config import embedded, messages

if TYPE_CHECKING:
    from tests.cast import Cast

# Before Django reads its settings, so pytest-django is not told the settings module: it finds Django set up.
embedded.ensure()
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")


def own_redis(url: str) -> str:
    """The same server, another of its numbered databases: a test that empties the cache empties that of its worker alone."""
    number = 1 + int(WORKER.removeprefix("gw"))
    return re.sub(r"(\?db=|/)\d+$", rf"\g<1>{number}", url)


uploads = tempfile.TemporaryDirectory(prefix="portal-uploads-")
atexit.register(uploads.cleanup)
os.environ.update(
    DJANGO_SETTINGS_MODULE="config.settings",
    DEBUG="false",
    HTTPS="false",
    SECRET_KEY="of-the-tests",
    EMAIL_URL="memory://",
    LOG_LEVEL="ERROR",
    MEDIA_ROOT=uploads.name,
    REDIS_URL=own_redis(os.environ["REDIS_URL"]),
    CACHE_PREFIX=f"test-{WORKER}",
    CELERY_QUEUE=f"test-{WORKER}",
)
if "PYTEST_XDIST_WORKER" not in os.environ:
    messages.compile_catalogue()  # before Django reads it
django.setup()
# The workers that pytest-xdist starts inherit this environment: pytest-django would read their settings before this file.
del os.environ["DJANGO_SETTINGS_MODULE"]

# Guessing a password takes long because checking one does. Here nobody guesses.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# The same examples at each run: a red suite is then about the change at hand.
hypothesis.settings.register_profile("portal", derandomize=True, deadline=None)
hypothesis.settings.load_profile("portal")

if "PYTEST_XDIST_WORKER" not in os.environ:
    # The pages are tested with the hashed static files that production serves.
    call_command("collectstatic", interactive=False, verbosity=0)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-permissions", action="store_true", help="write what the permission sweep observed into its table"
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any) -> None:
    """The database of a worker begins as a copy of the one in which every migration ran."""
    from tests import databases

    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.migrated()


@pytest.fixture(autouse=True, scope="session")
def _clients_share_their_middleware() -> Iterator[None]:
    """As the requests to a web server do. For each client to load its own took longer than what it then asked, as WhiteNoise
    describes every static file anew. A changed setting ends the sharing: the next client loads the middleware again.
    """
    load, loaded = ClientHandler.load_middleware, dict[str, Any]()
    parts = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")

    def share(self: ClientHandler, is_async: bool = False) -> None:
        if not loaded:
            load(self, is_async)
            loaded.update({part: getattr(self, part) for part in parts})
        vars(self).update(loaded)

    def forget(**_change: Any) -> None:
        loaded.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", share)
        yield
    setting_changed.disconnect(forget)


@pytest.fixture
def cast(db: None) -> "Cast":
    """The fixed cast of people (tests/cast.py)."""
    from tests.cast import assemble

    return assemble()


@pytest.fixture(scope="module")
def whole_register(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The register the app ships, loaded once for a module; each test asks for `db` too and leaves nothing behind."""
    from django.db import transaction

    from municipalities.imports.register import load_register

    with django_db_blocker.unblock(), transaction.atomic():
        load_register()
        yield
        transaction.set_rollback(True)
