"""Looking whether a link still answers, from the portal's own machine and without harm to it or to the site.

Each hop is resolved once, every address of it is checked (`rules.links.is_inside`), and the connection goes to the checked
address: a name server that answers otherwise the second time changes nothing. No body is read, no cookie and no credential is
sent. A site's certificate is not judged: a page with a bad certificate still answers, and readers see their browser's warning.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from threading import Timer
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from diagnostics.choices import EvidenceKind, LinkState
from diagnostics.models import EvidenceVersion
from diagnostics.rules.links import INSIDE, after_look, is_inside, judge, link_problem

HOPS: Final = 5
PATIENCE: Final = 8.0
"""Seconds of silence after which a site is left alone."""
LONGEST: Final = 25.0
"""Seconds for one link, all its hops together: a site that answers a letter a second holds nobody up."""
PAUSE: Final = 1.0
"""Seconds between two questions to one site."""
MOST_OF_A_SITE: Final = 25
MOST_OF_A_NIGHT: Final = 3_000
AGAIN: Final = timedelta(days=6, hours=12)
"""A link that answered is looked at again after this; one that did not, the next night."""
NEXT_NIGHT: Final = timedelta(hours=20)
_PLAIN: Final = "/%:=&~+!$,;'@()*?[]"
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_HEADERS: Final = {
    "User-Agent": "Mozilla/5.0 (compatible; GobiernoAbiertoMunicipal)",
    "Accept": "*/*",
    "Connection": "close",
}


class _FaultError(Exception):
    """What is wrong with a link, as a word of `rules.links.FAULTS`."""


class _Checked(HTTPConnection):
    """A connection to an address that was checked, whatever the name says by now."""

    def __init__(self, host: str, port: int, address: str, *, is_secret: bool, seconds: float) -> None:
        super().__init__(host, port, timeout=min(PATIENCE, seconds))
        self.address, self.is_secret = address, is_secret

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.is_secret:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End it from another thread, whatever it waits for."""
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def look(url: str) -> str:
    """The fault of a link; empty when its page answers."""
    ends = time.monotonic() + LONGEST
    try:
        for _hop in range(HOPS + 1):
            status, target = _ask("HEAD", url, ends)
            if status >= 400:
                # Some sites answer this question only to those who want the page.
                status, target = _ask("GET", url, ends)
            if status not in _MOVED or not target:
                return judge(status)
            url = urljoin(url, target)
    except _FaultError as fault:
        return str(fault)
    except TimeoutError:
        return "slow"
    except (OSError, HTTPException, ValueError):
        return "slow" if time.monotonic() >= ends else "unreachable"
    return "redirects"


def check_links(ids: Iterable[int], *, now: datetime, sleep: Callable[[float], None] = time.sleep) -> None:
    """Look at links, one after the other, and write down each as soon as it is known."""
    links = EvidenceVersion.objects.filter(pk__in=ids, kind=EvidenceKind.LINK)
    for number, (pk, url) in enumerate(links.order_by("pk").values_list("pk", "url")):
        if number:
            sleep(PAUSE)
        _write_down(pk, look(url), now=now)


def due(now: datetime) -> list[list[int]]:
    """The links to look at tonight, those of a site together, the longest unseen first. Only what counts: newest versions of
    what nobody removed."""
    newer = EvidenceVersion.objects.filter(evidence=OuterRef("evidence"), number__gt=OuterRef("number"))
    rows = (
        EvidenceVersion.objects.filter(kind=EvidenceKind.LINK, evidence__removed_at__isnull=True)
        .exclude(Exists(newer))
        .filter(
            Q(link_checked_at__isnull=True)
            | Q(link_failures__gt=0, link_checked_at__lte=now - NEXT_NIGHT)
            | Q(link_checked_at__lte=now - AGAIN)
        )
        .order_by(F("link_checked_at").asc(nulls_first=True), "pk")
    )
    of_sites: dict[str, list[int]] = defaultdict(list)
    for pk, url in rows.values_list("pk", "url")[:MOST_OF_A_NIGHT]:
        site = urlsplit(url).hostname or ""
        if len(of_sites[site]) < MOST_OF_A_SITE:
            of_sites[site].append(pk)
    return list(of_sites.values())


def _write_down(pk: int, fault: str, *, now: datetime) -> None:
    with transaction.atomic():
        link = EvidenceVersion.objects.select_for_update().get(pk=pk)
        seen = after_look(LinkState(link.link_state), link.link_failures, link.link_checked_at, fault, now)
        link.link_state, link.link_failures = seen
        link.link_fault, link.link_checked_at = fault, now
        link.save(update_fields=["link_state", "link_failures", "link_fault", "link_checked_at"])


def _ask(method: str, url: str, ends: float) -> tuple[int, str]:
    """The status of one answer and where it leads."""
    problem = link_problem(url, loopback=settings.LINKS_TO_THIS_MACHINE)
    if problem:
        raise _FaultError("inside" if problem == str(INSIDE) else "address")
    parts = urlsplit(url)
    is_secret = parts.scheme == "https"
    host = _ascii(parts.hostname or "")
    port = parts.port or (443 if is_secret else 80)
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection = _Checked(host, port, _address(host, port), is_secret=is_secret, seconds=left)
    watch = Timer(left, connection.cut)
    watch.daemon = True
    with closing(connection):
        watch.start()
        try:
            query = f"?{quote(parts.query, safe=_PLAIN)}" if parts.query else ""
            connection.request(method, quote(parts.path or "/", safe=_PLAIN) + query, headers=_HEADERS)
            answer = connection.getresponse()
            if time.monotonic() >= ends:
                raise TimeoutError  # what was read is half an answer
            # Sites write blanks and letters beyond ASCII here as they come.
            target = answer.headers.get("Location", "").strip().encode("latin-1", "replace")
            return answer.status, quote(target, safe=_PLAIN + "#")
        finally:
            watch.cancel()


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise _FaultError("name") from None


def _address(host: str, port: int) -> str:
    """An address of the host, once none of them leads inside."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise _FaultError("name") from None
    if not found or any(is_inside(address, loopback=settings.LINKS_TO_THIS_MACHINE) for address in found):
        raise _FaultError("inside")
    return found[0]
