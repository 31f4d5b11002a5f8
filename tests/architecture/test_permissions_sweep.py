"""Every address of the site, asked by everyone: what each role gets is written in `permissions.yaml`, and nothing else is right.

A new address makes this red until it is listed. To list it: give its arguments in `arguments.py` when they are not there yet,
run `pytest tests/architecture/test_permissions_sweep.py --write-permissions`, read the difference, commit it.

What is collapsed, and why: allauth's pages (accounts/urls.py names each) do not look at roles, so three people ask them; the
API reads no session at all, so four people ask it, with every method; Django's admin has one door (`PortalAdminSite`), so
each of its addresses is asked once a role, outside the table.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from tests.architecture.arguments import arguments
from tests.cast import Cast, sign_in

TABLE = Path(__file__).with_name("permissions.yaml")
HOW = "Run this test with --write-permissions, read the difference of permissions.yaml, and commit it."
HEAD = "# address -> method -> answer -> who gets it. Written by test_permissions_sweep.py --write-permissions.\n"
ALLAUTH = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_")
API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PAGE_METHODS = ("GET", "POST")

Answer = int | str
Row = dict[str, dict[Answer, list[str] | str]]


def addresses(
    resolver: URLResolver, space: str = "", outer: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (name with its namespaces, names of its arguments) of every pattern. An address without a name is a fault."""
    for pattern in resolver.url_patterns:
        inner = (*outer, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, space + (f"{pattern.namespace}:" if pattern.namespace else ""), inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield space + pattern.name, inner


class Sweep:
    """One session a role; each request happens in a savepoint that is taken back."""

    def __init__(self, cast: Cast) -> None:
        people = {f.name: getattr(cast, f.name) for f in fields(cast) if isinstance(getattr(cast, f.name), User)}
        # One client for all: each new one loads the middleware again, which takes longer than a request.
        self.client = Client(raise_request_exception=False)
        self.sessions = {who: self.session_of(user) for who, user in people.items()}
        self.known = arguments(cast)

    def session_of(self, user: User) -> str:
        self.client.cookies.clear()
        return sign_in(self.client, user).cookies[settings.SESSION_COOKIE_NAME].value

    @property
    def roles(self) -> list[str]:
        return ["anonymous", *self.sessions]

    def address(self, name: str, names: tuple[str, ...]) -> str:
        given = self.known.get(name, {})
        return reverse(name, kwargs={key: given.get(key, self.known["*"].get(key)) for key in names})

    def ask(self, who: str, method: str, address: str) -> Answer:
        self.client.cookies.clear()
        if who in self.sessions:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        point = transaction.savepoint()
        try:
            response = self.client.generic(method, address)
            if response.streaming:
                response.getvalue()  # read to its end, a file closes
        finally:
            transaction.savepoint_rollback(point)
        return said(response.status_code, response.headers.get("Location", ""))

    def row(self, name: str, names: tuple[str, ...]) -> Row:
        methods, roles = asked(name, self.roles)
        observed: Row = {}
        address = self.address(name, names)
        for method in methods:
            by_answer: dict[Answer, list[str]] = defaultdict(list)
            for who in roles:
                by_answer[self.ask(who, method, address)].append(who)
            observed[method] = shortened(by_answer)
        return observed


def shortened(by_answer: dict[Answer, list[str]]) -> dict[Answer, list[str] | str]:
    """Name the exceptions, and the largest group as everyone else."""
    most = max(by_answer.values(), key=len)
    if len(by_answer) == 1:
        return dict.fromkeys(by_answer, "everyone")
    return {answer: "everyone else" if who is most else who for answer, who in by_answer.items()}


def said(status: int, location: str) -> Answer:
    """A status, or in a word where it leads."""
    if status not in {301, 302}:
        return status
    if location.startswith("/cuenta/ingresar/"):
        return "login"
    if location.startswith(("/cuenta/segundo-factor/motivo/", "/cuenta/confirmar/segundo-factor/")):
        return "second factor"
    return "elsewhere"


def asked(name: str, roles: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """By which methods an address is asked, and by whom."""
    if name.startswith(ALLAUTH):
        return PAGE_METHODS, ["anonymous", "citizen", "unprotected_administrator"]
    if name.split(":")[0].endswith("api"):
        return API_METHODS, ["anonymous", "citizen", "administrator", "unprotected_administrator"]
    return PAGE_METHODS, roles


@pytest.fixture
def sweep(cast: Cast) -> Iterator[Sweep]:
    cache.clear()
    with override_settings(ACCOUNT_RATE_LIMITS=False, MFA_RATE_LIMITS=False):
        yield Sweep(cast)
    cache.clear()


def test_every_address_answers_each_role_as_the_table_says(sweep: Sweep, request: pytest.FixtureRequest) -> None:
    listed: dict[str, Row] = yaml.safe_load(TABLE.read_text()) if TABLE.exists() else {}
    names = {name: names for name, names in addresses(get_resolver()) if not name.startswith("admin:")}
    observed = {name: sweep.row(name, names[name]) for name in sorted(names)}
    if request.config.getoption("--write-permissions"):
        TABLE.write_text(HEAD + yaml.safe_dump(observed, sort_keys=False, width=140, default_flow_style=None))
        return
    unlisted = sorted(observed.keys() - listed.keys())
    assert not unlisted, f"Not in permissions.yaml: {', '.join(unlisted)}. {HOW}"
    gone = sorted(listed.keys() - observed.keys())
    assert not gone, f"In permissions.yaml, but no longer addresses: {', '.join(gone)}. {HOW}"
    wrong = [
        f"{name} {method}: {observed[name].get(method)} instead of {listed[name].get(method)}"
        for name in observed
        for method in observed[name].keys() | listed[name].keys()
        if observed[name].get(method) != listed[name].get(method)
    ]
    assert not wrong, "\n".join([*wrong, f"If this is what is wanted: {HOW}"])


def test_no_address_fails_for_anyone() -> None:
    listed: dict[str, Row] = yaml.safe_load(TABLE.read_text())
    failing = [
        f"{name} {method}: {answer} for {who}"
        for name, row in listed.items()
        for method, answers in row.items()
        for answer, who in answers.items()
        if isinstance(answer, int) and answer >= 500 and name != "health"
    ]
    assert not failing, failing


def test_the_admin_has_one_door(sweep: Sweep) -> None:
    outsiders: dict[str, Answer] = {"anonymous": "login", "citizen": 403, "coordinator": 403, "analyst": 403}
    opened: list[str] = []
    for name, names in addresses(get_resolver()):
        if not name.startswith("admin:") or name == "admin:jsi18n":
            continue
        address = reverse(name, kwargs={key: {"app_label": "accounts"}.get(key, "1") for key in names})
        for who in (*outsiders, "unprotected_administrator"):
            answer = sweep.ask(who, "GET", address)
            if answer not in {"login", "second factor", "elsewhere", 403}:
                opened.append(f"{name} answered {answer} to {who}")
    assert not opened, opened
    for who, expected in outsiders.items():
        assert sweep.ask(who, "GET", reverse("admin:login")) == expected
    assert sweep.ask("unprotected_administrator", "GET", reverse("admin:index")) == "second factor"
    assert sweep.ask("administrator", "GET", reverse("admin:index")) == 200


def test_every_address_has_a_name() -> None:
    def nameless(resolver: URLResolver, before: str = "") -> Iterator[str]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from nameless(pattern, before + str(pattern.pattern))
            elif not pattern.name:
                yield before + str(pattern.pattern)

    # Django's admin has redirects without names inside each of its tables.
    assert [found for found in nameless(get_resolver()) if not found.startswith("administracion/")] == []
