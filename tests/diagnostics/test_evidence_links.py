"""Links of evidence: which are taken, how they are looked at without harm to anyone, when one is dead."""

from __future__ import annotations

import ipaddress
import socket
from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.test import override_settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.actions.evidence import Details, Sent, add, remove, renew
from diagnostics.choices import LinkState
from diagnostics.imports import links
from diagnostics.models import Evidence, EvidenceVersion
from diagnostics.periodic import look_at_links
from diagnostics.rules.links import APART, after_look, is_inside, link_problem, tidy
from municipalities.actions import RefusedError
from tests import links_server
from tests.cast import Cast
from tests.diagnostics.factories import NOW

NIGHT = timedelta(days=1)
HERE = override_settings(LINKS_TO_THIS_MACHINE=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.municipalidad.cl/acta.pdf",
        "http://muñoz.cl/ñandú?a=1#b",
        "https://comuna.cl:8443/x",
        "http://200.1.2.3/acta",
        "https://[2800:1:2::3]/x",
    ],
)
def test_a_public_page_is_taken(url: str) -> None:
    assert link_problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        *(
            "javascript:alert(1)",
            "ftp://comuna.cl/x",
            "file:///etc/passwd",
            "https://",
            "comuna",
            "",
            "http://[::1",
            "//x.cl",
        ),
        *("http://localhost/", "http://LOCALHOST.:80/", "http://db.internal/", "http://intranet/", "http://x.local/"),
        *(
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0.0.0.0/",
            "http://[::]/",
        ),
        *("http://10.0.0.1/", "http://172.16.5.4/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/"),
        *("http://100.64.0.1/", "http://[fe80::1%25eth0]/", "http://[fd00::1]/", "http://224.0.0.1/", "http://[::1]/"),
        *("http://[::ffff:10.0.0.1]/", "http://[64:ff9b::10.0.0.1]/", "http://[2002:a00:1::]/"),
        *("https://ana:clave@comuna.cl/", "https://comuna.cl:22/", "https://comuna.cl:99999/", "https://comuna.cl/a b"),
        *("https://comuna.cl\\@10.0.0.1/", "https://comuna.cl/\n", "https://comuna.cl/" + "x" * 500),
    ],
)
def test_what_leads_inside_or_is_no_page_is_refused(url: str) -> None:
    assert link_problem(url) != ""


@given(st.text(max_size=60) | st.builds("http://{}".format, st.text(max_size=40)))
def test_no_text_makes_the_judge_of_addresses_fail(text: str) -> None:
    link_problem(tidy(text))


@given(st.ip_addresses())
def test_an_address_that_no_reader_reaches_is_inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if not address.is_global:
        assert is_inside(str(address))


def test_people_leave_the_scheme_out() -> None:
    assert tidy("  www.comuna.cl/acta.pdf ") == "https://www.comuna.cl/acta.pdf"
    assert tidy("comuna.cl") == "https://comuna.cl"
    assert tidy("http://comuna.cl") == "http://comuna.cl"
    assert tidy("javascript:alert(1)") == "javascript:alert(1)"


@given(st.lists(st.booleans(), max_size=12))
def test_a_link_is_dead_after_two_nights_in_vain_and_alive_with_one_answer(answers: list[bool]) -> None:
    state, failures, last, now = LinkState.UNKNOWN, 0, None, NOW
    for is_there in answers:
        now += NIGHT
        state, failures = after_look(state, failures, last, "" if is_there else "404", now)
        last = now
    in_vain = [*reversed(answers), True].index(True)
    assert (state == LinkState.DEAD) == (in_vain >= 2)
    if answers and answers[-1]:
        assert (state, failures) == (LinkState.ALIVE, 0)


def test_two_looks_of_one_night_count_once() -> None:
    first = after_look(LinkState.ALIVE, 0, None, "slow", NOW)
    assert first == (LinkState.ALIVE, 1)
    assert after_look(*first, NOW, "slow", NOW + APART - timedelta(seconds=1)) == first
    assert after_look(*first, NOW, "slow", NOW + APART) == (LinkState.DEAD, 2)


@HERE
def test_a_look_understands_what_a_site_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "PATIENCE", 0.3)
    monkeypatch.setattr(links, "LONGEST", 1.0)
    with links_server.running() as pages:
        expected = {
            "/acta.pdf": "",
            "/head": "",
            "/ñandú?q=á": "",
            "/blank": "",
            "/to//otra": "",
            f"/to/{pages.url}/otra": "",
            "/403": "",
            "/429": "",
            "/404": "404",
            "/500": "500",
            "/to//404": "404",
            "/round": "redirects",
            "/silent": "slow",
            "/slow": "slow",
            "/broken": "unreachable",
            "/to/ftp://comuna.cl/x": "address",
            "/to/http://10.0.0.1/": "inside",
            "/to/http://169.254.169.254/latest/": "inside",
        }
        assert {path: links.look(pages.url + path) for path in expected} == expected
        assert len([path for _method, path in pages.asked if path == "/round"]) == links.HOPS + 1
        assert ("HEAD", "/acta.pdf") in pages.asked
        assert ("GET", "/acta.pdf") not in pages.asked
    assert links.look(pages.url) == "unreachable"


def test_without_the_setting_of_the_tests_this_machine_is_never_asked() -> None:
    with links_server.running() as pages:
        assert links.look(pages.url) == "inside"
        assert links.look(pages.url.replace("localhost", "127.0.0.1")) == "inside"
        assert pages.asked == []


@HERE
def test_a_name_that_leads_inside_is_not_followed_though_its_site_is_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name server is what lies outside: one that gives an inner address beside a public one."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("200.1.2.3", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answers)
    assert links.look("http://www.comuna.cl/") == "inside"


def test_a_name_that_nobody_has_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*args: object, **kwargs: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert links.look("https://no-existe.comuna.cl/") == "name"


def add_link(cast: Cast, url: str) -> EvidenceVersion:
    added = add(
        by=cast.officer, municipality=cast.here, key=uuid4(), details=Details("Página"), sent=Sent(url=url), now=NOW
    )
    return added.evidence.versions.get()


@HERE
@pytest.mark.django_db
def test_each_night_what_is_due_is_looked_at_a_site_at_a_time(cast: Cast) -> None:
    with links_server.running() as pages:
        there, gone = add_link(cast, f"{pages.url}/acta"), add_link(cast, f"{pages.url}/404")
        away = add_link(cast, "https://otra.comuna.cl/")
        old = add_link(cast, f"{pages.url}/antigua")
        renew(by=cast.officer, evidence=old.evidence, sent=Sent(url=f"{pages.url}/nueva"), now=NOW)
        removed = add_link(cast, f"{pages.url}/quitada")
        remove(by=cast.officer, evidence=removed.evidence, now=NOW)
        newest = EvidenceVersion.objects.get(number=2)
        assert links.due(NOW) == [[there.pk, gone.pk, newest.pk], [away.pk]]
        pauses: list[float] = []
        links.check_links([there.pk, gone.pk], now=NOW, sleep=pauses.append)
        assert pauses == [links.PAUSE]
        states = dict(EvidenceVersion.objects.values_list("pk", "link_state"))
        assert (states[there.pk], states[gone.pk]) == (LinkState.ALIVE, LinkState.UNKNOWN)
        assert links.due(NOW + NIGHT) == [[away.pk], [newest.pk, gone.pk]]
        links.check_links([gone.pk], now=NOW + NIGHT)
        gone.refresh_from_db()
        assert (gone.link_state, gone.link_failures, gone.link_fault) == (LinkState.DEAD, 2, "404")
        assert gone.link_checked_at == NOW + NIGHT
        # What answered is left in peace for a week; the dead one is asked again, for pages come back.
        assert {there.pk, gone.pk} & {pk for ids in links.due(NOW + 2 * NIGHT) for pk in ids} == {gone.pk}
        assert there.pk in {pk for ids in links.due(NOW + 7 * NIGHT) for pk in ids}


@pytest.mark.django_db
def test_the_clock_sends_a_task_a_site(cast: Cast) -> None:
    for url in ("https://una.cl/a", "https://una.cl/b", "https://otra.cl/"):
        add_link(cast, url)
    server, queue = redis.from_url(settings.REDIS_URL), settings.CELERY_TASK_DEFAULT_QUEUE
    server.delete(queue)
    look_at_links()
    assert server.llen(queue) == 2
    server.delete(queue)


@pytest.mark.django_db
def test_an_address_inside_is_refused_where_it_is_written(cast: Cast) -> None:
    with translation.override("en"), pytest.raises(RefusedError, match="private network"):
        add_link(cast, "http://192.168.0.1/")
    assert not Evidence.objects.exists()
