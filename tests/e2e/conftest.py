"""Journeys through the running portal in Chromium: `site`, `page`, and `accessible(page)`.

A test that asks for `site` starts from a fresh copy of the reference data, with an empty mailbox, cache and queue. The ORM in
the test sees the same database as the site, so a test may make its own rows; they need no database marker.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.conf import global_settings
from django.test import override_settings
from playwright.sync_api import ConsoleMessage, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from municipalities.management.commands.make_seal import pkcs12_of
from tests import claveunica_server, databases, firmagob_server, signing_stage
from tests.e2e import browser
from tests.e2e import site as sites

# Playwright's synchronous interface runs an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Two journeys share a small machine with their two sites. What passes waits no longer than it must.
expect.set_options(timeout=30_000)

HERE = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last, and each carries the mark `e2e`."""
    journeys = [item for item in items if HERE in item.path.parents]
    for item in journeys:
        item.add_marker(pytest.mark.e2e)
    items[:] = [item for item in items if item not in journeys] + journeys


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if browser.find() is None:
        pytest.fail(browser.ADVICE)
    return {**browser_type_launch_args, **browser.launch_options()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "es-CL", "timezone_id": "America/Santiago", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def claveunica() -> Iterator[claveunica_server.FakeClaveUnica]:
    """The ClaveÚnica that the site knows."""
    with claveunica_server.running() as provider:
        yield provider


@pytest.fixture(scope="session")
def firmagob() -> Iterator[firmagob_server.FakeFirmaGob]:
    """The FirmaGob that the site knows."""
    with firmagob_server.running() as server:
        yield server


@pytest.fixture(scope="session")
def _running_site(
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
    claveunica: claveunica_server.FakeClaveUnica,
    firmagob: firmagob_server.FakeFirmaGob,
) -> Iterator[sites.Site]:
    seal = {
        "SEAL_FILE": str(tmp_path_factory.mktemp("seal") / "seal.p12"),
        "SEAL_PASSWORD": signing_stage.SEAL_PASSWORD,
    }
    Path(seal["SEAL_FILE"]).write_bytes(pkcs12_of("Portal de prueba", seal["SEAL_PASSWORD"]))
    outside = claveunica.environment() | firmagob.environment() | seal
    with django_db_blocker.unblock():
        sites.prepare_template()
        databases.make(sites.database_name(), template=sites.template_name())
        with sites.running(tmp_path_factory.mktemp("mailbox"), outside) as site:
            yield site
        for name in (sites.database_name(), sites.template_name()):
            databases.drop(name)


@pytest.fixture
def site(_running_site: sites.Site, django_db_blocker: Any) -> Iterator[sites.Site]:
    """The running portal, as if nobody had been there before."""
    with django_db_blocker.unblock():
        for letter in _running_site.mailbox.iterdir():
            letter.unlink()
        sites.forget_what_redis_holds()
        databases.make(sites.database_name(), template=sites.template_name())
        # What the test hashes, the site checks.
        hashers = override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS)
        with databases.using(sites.database_name()), hashers:
            yield _running_site


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose scripts must not fail and must keep within the Content-Security-Policy."""
    faults: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert not faults, "\n".join(faults)


@pytest.fixture(autouse=True)
def _clicks_wait_for_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A click returns when the answer of the next page begins, its document still empty: what a journey counts or reads at once
    would be of no page. Here it returns when the page stands."""

    def waiting(act: Callable[..., None]) -> Callable[..., None]:
        def acted(self: Locator, *values: Any, **options: Any) -> None:
            act(self, *values, **options)
            self.page.wait_for_load_state()

        return acted

    for name in ("click", "press"):
        monkeypatch.setattr(Locator, name, waiting(getattr(Locator, name)))


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """`accessible(page)` fails with what axe finds against WCAG 2.2 AA in the page as it is now, or as it will be once loaded."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    # To describe every element that is right takes axe twice as long as to judge them all.
    options = {"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}

    def judged(page: Page) -> AxeResults:
        page.wait_for_load_state()
        return Axe().run(page, options=options)

    def check(page: Page) -> None:
        try:
            found = judged(page)
        except PlaywrightError:  # the page moved on while axe looked: it is the next one that is meant
            found = judged(page)
        assert found.violations_count == 0, found.generate_report()

    return check
