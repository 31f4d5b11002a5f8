"""Whole pages for anonymous readers, kept in Redis until something public changes.

The data version is one token: every publication changes it (`forget_public_pages`), and a page kept under another version is
not served. Only views that say `public_page` are kept, only for readers without a session, and only answers with status 200.
Without Redis the pages are computed.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_etags
from redis.exceptions import RedisError

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

VERSION_KEY = "public-version"
KEEP_SECONDS = 24 * 60 * 60
# There is no end of addresses with parameters, or of ports in a Host header: of those only so many bytes are kept in each
# stretch of time, and each page no longer than a stretch. Nobody fills Redis by asking for `?x=1`, `?x=2`...
STRETCH_SECONDS = 10 * 60
STRETCH_BYTES = 32 * 1024 * 1024
# Parameters that trackers add; they change nothing on the page.
TRACKERS = ("utm_", "fbclid", "gclid")
# Asked as GZipMiddleware asks, or a plain page would be kept as a packed one.
ACCEPTS_GZIP = re.compile(r"\bgzip\b")
# A reader with one of these may see something of their own: a session, or a message kept for the next page.
PERSONAL_COOKIES = (settings.SESSION_COOKIE_NAME, "messages")
# What describes a body, and so does not belong to an answer without one.
OF_THE_BODY = {"Content-Type", "Content-Length", "Content-Encoding", "Content-Language"}


def public_page(view: View[P]) -> View[P]:
    """Mark a view whose answer is the same for every anonymous reader and holds no form."""

    @wraps(view)
    def marked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.public_page = True  # type: ignore[attr-defined]
        return response

    return login_not_required(marked)


def forget_public_pages() -> None:
    """Make every kept page stale. Called after a commit that changes what the public sees."""
    cache.set(VERSION_KEY, secrets.token_hex(8), timeout=None)


def leave_trackers_out(request: HttpRequest) -> None:
    """Put the parameters in order and drop those of trackers, before anything reads them: what the key of a page does not
    tell apart, its view must not see either, or one reader's words would be in everyone's links.
    """
    query = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    wanted = sorted((pair for pair in query if not pair[0].startswith(TRACKERS)), key=lambda pair: pair[0])
    request.META["QUERY_STRING"] = urlencode(wanted)


def page_key(request: HttpRequest) -> str:
    """The name under which this page is kept: its address and the encoding. Anonymous readers have one language, whatever
    their browser prefers.
    """
    address = f"{request.scheme}://{request.get_host()}{request.path}?{request.META['QUERY_STRING']}"
    encoding = "gzip" if ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")) else "identity"
    return "page:" + hashlib.sha256(f"{encoding} {address}".encode()).hexdigest()


def seconds_to_keep(request: HttpRequest, size: int) -> int:
    """How long a page of `size` bytes is kept; 0 when the stretch has no room left. Raises RedisError."""
    if not request.META["QUERY_STRING"] and request.get_host() == urlsplit(settings.SITE_URL).netloc:
        return KEEP_SECONDS
    stretch = f"kept:{int(time.time()) // STRETCH_SECONDS}"
    cache.add(stretch, 0, 2 * STRETCH_SECONDS)
    try:
        return STRETCH_SECONDS if cache.incr(stretch, size) <= STRETCH_BYTES else 0
    except ValueError:  # dropped meanwhile, for want of memory
        return 0


class PublicPageCache:
    """Outermost but for security headers and static files, so that a kept page costs one question to Redis."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        personal = "HX-Request" in request.headers or any(name in request.COOKIES for name in PERSONAL_COOKIES)
        if request.method not in {"GET", "HEAD"} or personal:
            return self.without_cache(request)
        leave_trackers_out(request)
        key = page_key(request)
        try:
            kept = cache.get_many([VERSION_KEY, key])
            version = kept.get(VERSION_KEY) or cache.get_or_set(VERSION_KEY, secrets.token_hex(8), timeout=None) or ""
        except RedisError:
            return self.without_cache(request)
        page = kept.get(key)
        if page is None or page["version"] != version:
            # The view must make the whole page even for a reader who has it, or it would never be kept.
            condition = request.META.pop("HTTP_IF_NONE_MATCH", None)
            response = self.without_cache(request)
            page = self.keep(request, response, key, version) if request.method == "GET" else None
            if condition:
                request.META["HTTP_IF_NONE_MATCH"] = condition
            if page is None:
                return self.conditional(request, response)
        return self.answer(request, page)

    @staticmethod
    def conditional(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, or a short "not modified" when the reader has the same one."""
        if not isinstance(response, HttpResponse) or "ETag" not in response:
            return response
        return get_conditional_response(request, etag=response["ETag"], response=response) or response

    def without_cache(self, request: HttpRequest) -> HttpResponseBase:
        """The computed answer; no proxy may keep it unless its view says so."""
        response = self.get_response(request)
        # Municipal computers are shared: what a signed-in person saw is not there for whoever presses "back" after them.
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and not getattr(response, "public_page", False)
        response.headers.setdefault("Cache-Control", "private, no-store" if signed_in else "private, no-cache")
        if request.method == "HEAD" and isinstance(response, HttpResponse):
            response.content = b""  # its length is already in the headers
        return response

    @staticmethod
    def answer(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
        known = [tag.removeprefix("W/") for tag in parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))]
        if page["headers"]["ETag"].removeprefix("W/") in known:
            headers = {name: value for name, value in page["headers"].items() if name not in OF_THE_BODY}
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(b"" if request.method == "HEAD" else page["body"], headers=page["headers"])

    @staticmethod
    def keep(request: HttpRequest, response: HttpResponseBase, key: str, version: str) -> dict[str, Any] | None:
        """Keep the answer and return it as kept, or None when it is not one to keep."""
        if not getattr(response, "public_page", False) or response.status_code != 200:
            return None
        if response.streaming or response.cookies or not isinstance(response, HttpResponse):
            return None
        # Readers ask again each time; the answer is mostly a short "not modified".
        response["Cache-Control"] = "public, no-cache"
        patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
        if "ETag" not in response:  # normally set on the page before it was compressed
            response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        page = {"version": version, "headers": dict(response.items()), "body": response.content}
        with suppress(RedisError):
            if seconds := seconds_to_keep(request, len(response.content)):
                cache.set(key, page, seconds)
        return page
