"""Whole pages for anonymous readers, kept in Redis until something public changes.

The data version is one counter: every publication raises it (`forget_public_pages`), and a page kept under an older version is
not served. Only views that say `public_page` are kept, only for readers without a session, and only answers with status 200.
"""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

VERSION_KEY = "public-version"
KEEP_SECONDS = 24 * 60 * 60
# Parameters that trackers add; they change nothing on the page.
TRACKERS = ("utm_", "fbclid", "gclid")


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
    cache.add(VERSION_KEY, 0, timeout=None)
    cache.incr(VERSION_KEY)


def page_key(request: HttpRequest) -> str:
    parameters = sorted(
        (name, value)
        for name, value in parse_qsl(request.META.get("QUERY_STRING", ""))
        if not name.startswith(TRACKERS)
    )
    address = f"{request.get_host()}{request.path}?{urlencode(parameters)}"
    encoding = "gzip" if "gzip" in request.headers.get("Accept-Encoding", "") else "identity"
    return "page:" + hashlib.sha256(f"{encoding} {address}".encode()).hexdigest()


class PublicPageCache:
    """Outermost but for security headers, so that a kept page costs one question to Redis."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        anonymous = settings.SESSION_COOKIE_NAME not in request.COOKIES and "HX-Request" not in request.headers
        if request.method not in {"GET", "HEAD"} or not anonymous:
            return self.get_response(request)
        key = page_key(request)
        kept = cache.get_many([VERSION_KEY, key])
        version = kept.get(VERSION_KEY, 0)
        page = kept.get(key)
        if page and page["version"] == version:
            return self.answer(request, page)
        response = self.get_response(request)
        self.keep(response, key, version)
        return response

    @staticmethod
    def answer(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
        etag = page["headers"]["ETag"]
        if etag in request.headers.get("If-None-Match", ""):
            response: HttpResponse = HttpResponseNotModified(headers=page["headers"])
        else:
            response = HttpResponse(page["body"], headers=page["headers"])
        return response

    @staticmethod
    def keep(response: HttpResponseBase, key: str, version: int) -> None:
        if not getattr(response, "public_page", False) or response.status_code != 200 or response.streaming:
            return
        if response.cookies or not isinstance(response, HttpResponse):
            return
        # Readers ask again each time; the answer is mostly a short "not modified".
        response["Cache-Control"] = "public, no-cache"
        patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
        if "ETag" not in response:
            response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        page = {"version": version, "headers": dict(response.items()), "body": response.content}
        cache.set(key, page, KEEP_SECONDS)
