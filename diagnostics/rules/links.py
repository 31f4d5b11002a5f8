"""Which web addresses may be evidence and may be looked at, and when one counts as dead. Pure.

A link is looked at by the portal's own machine, which stands inside a network that its readers do not reach: an address that
leads there is refused when it is written, and again each time that a name is resolved.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from diagnostics.choices import LinkState

LONGEST: Final = 500
FAILURES_OF_THE_DEAD: Final = 2
"""So many looks in vain, on different nights, make a link dead: one night may be that of a repair."""
APART: Final = timedelta(hours=12)
"""Looks in vain that lie closer together count as one."""

_LOCAL: Final = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "test", "invalid")
_IPV6_THAT_CARRIES_IPV4: Final = ipaddress.ip_network("64:ff9b::/96")
_FIRST_OF_ANYONE: Final = 1024
_SPACE_OR_HIDDEN: Final = re.compile(r"[\s\x00-\x1f\x7f\\]")

NOT_WEB: Final = _("Write a web address that begins with https:// or http://.")
TOO_LONG: Final = _("The address is longer than 500 characters. Use a shorter one, or keep the page as a PDF.")
WITH_PASSWORD: Final = _("The address holds a user name or password. Give one that anyone can open.")
INSIDE: Final = _("The address leads inside a private network: nobody outside could open it.")

FAULTS: Final[dict[str, Promise]] = {
    "inside": INSIDE,
    "address": _("The page leads to something that is no web address."),
    "name": _("The name of the site does not exist."),
    "slow": _("The site took too long to answer."),
    "unreachable": _("The site refused the connection or broke it."),
    "redirects": _("The page leads from one address to another without end."),
}
"""Why a look found nothing. Other faults are the number that the site answered: "404"."""

_ANSWERS_ALL_THE_SAME: Final = frozenset({304, 401, 403, 405, 406, 407, 412, 429})
"""The site is there and does not speak with a programme: a person may well see the page."""


class Look(NamedTuple):
    """What is kept of the looks at a link."""

    state: LinkState
    failures: int


def tidy(url: str) -> str:
    """The address as it is kept: without blanks round it, with its scheme where people leave it out (`www.comuna.cl/acta`)."""
    url = url.strip()
    is_bare = "://" not in url and re.match(r"[\w-]+(\.[\w-]+)+([/?#:]|$)", url)
    return f"https://{url}" if is_bare else url


def link_problem(url: str, *, loopback: bool = False) -> str:
    """Why an address cannot be evidence, for the person who wrote it; empty when it can. `loopback` is for tests alone."""
    if len(url) > LONGEST:
        return str(TOO_LONG)
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return str(NOT_WEB)
    is_web = parts.scheme in {"http", "https"} and (port is None or port in {80, 443} or port >= _FIRST_OF_ANYONE)
    if not is_web or not host or _SPACE_OR_HIDDEN.search(url):
        return str(NOT_WEB)
    if parts.username is not None or parts.password is not None:
        return str(WITH_PASSWORD)
    return str(INSIDE) if _is_local(host, loopback=loopback) else ""


def is_inside(address: str, *, loopback: bool = False) -> bool:
    """Whether an IP address is of a private network, of this machine, or of nobody in particular."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        carried = found.ipv4_mapped or found.sixtofour
        if found in _IPV6_THAT_CARRIES_IPV4:
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_inside(str(carried), loopback=loopback)
    if loopback and found.is_loopback:
        return False
    return not found.is_global or found.is_multicast


def judge(status: int) -> str:
    """The fault that a site's answer tells; empty when the page is there."""
    return "" if 200 <= status < 300 or status in _ANSWERS_ALL_THE_SAME else str(status)


def after_look(state: LinkState, failures: int, last: datetime | None, fault: str, now: datetime) -> Look:
    """What a look changes: alive at once; dead after looks in vain on two different nights."""
    if not fault:
        return Look(LinkState.ALIVE, 0)
    if failures and last is not None and now - last < APART:
        return Look(state, failures)
    failures += 1
    return Look(LinkState.DEAD if failures >= FAILURES_OF_THE_DEAD else state, failures)


def fault_words(fault: str) -> str:
    """A stored fault in words for people."""
    if fault.isdecimal():
        return str(_("The site answered with the error %(status)s.") % {"status": fault})
    return str(FAULTS.get(fault, ""))


def _is_local(host: str, *, loopback: bool) -> bool:
    """A name that no public name server knows, or an address written as numbers that leads inside."""
    try:
        return is_inside(host, loopback=loopback)
    except ValueError:
        pass
    last = host.rpartition(".")[2]
    if loopback and host == "localhost":
        return False
    # Resolvers also read 127.1 and 0x7f.1 as addresses.
    is_number = re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last) is not None
    return "." not in host or last in _LOCAL or is_number
