"""What each request of a signed-in person passes: their language, the second factor of council staff, which draft of a
form is saved, the context of history."""

import re
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import structlog
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.messages import WARNING
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.http import urlencode
from pghistory.middleware import HistoryMiddleware

from accounts.models import User
from accounts.rules import hash_of_secret

GetResponse = Callable[[HttpRequest], HttpResponseBase]
View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# What someone without a second factor may still open: enrolling it, proving who they are, leaving; and the API, which reads
# no session.
ALLOWED = ("/cuenta/", "/static/", "/salud/", "/api/")
# Recovery codes are what remains when a factor is lost; alone they are none.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
ENROLLED_HERE = "second_factor_enrolled"
TAKES_DOCUMENTS = "takes_documents"
REFUSED = "was_refused"


def remember_enrolment(request: HttpRequest, authenticator: Authenticator, **kwargs: Any) -> None:
    """Receiver of allauth's `authenticator_added`: whoever just enrolled a factor has shown it in this session."""
    if authenticator.type in FACTORS:
        request.session[ENROLLED_HERE] = authenticator.pk


def held_factors(user: User) -> set[str]:
    """The kinds of second factor that the person holds."""
    return set(Authenticator.objects.filter(user=user, type__in=FACTORS).values_list("type", flat=True))


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Whether this very session gave a second factor, at sign-in, afterwards, or by enrolling it.

    A session opened with the password alone, before the person enrolled elsewhere, did not.
    """
    records = get_authentication_records(request, request.user)
    return ENROLLED_HERE in request.session or any(record["method"] == "mfa" for record in records)


class PreferredLanguage:
    """Spanish, or what a signed-in person chose. The browser's wish is not asked: anonymous pages are kept for everyone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Nothing is read from the session of those who have none.
        language = settings.LANGUAGE_CODE
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            language = request.user.language
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SessionActivity:
    """Keep the list of open sessions: which browser, since when, last seen. Written once in five minutes, not at each page."""

    EVERY_SECONDS = 5 * 60

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            # By the key, so that a session which changes its key (at sign-in, with a new password) is listed at once.
            key = hash_of_secret(request.session.session_key or "")
            if cache.add(f"seen:{key}", 1, self.EVERY_SECONDS):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)


class RequireSecondFactor:
    """Council staff reach no page but their own account's before they hold a second factor and this session has shown it.

    Whether they hold one is asked on each request (one indexed query, for council staff only): removing the factor closes
    every session at once.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(ALLOWED) and request.user.is_authenticated and request.user.is_council:
            factors = held_factors(request.user)
            if not factors:
                return redirect("accounts:second_factor")
            if not has_shown_second_factor(request):
                page = "mfa_reauthenticate" if Authenticator.Type.TOTP in factors else "mfa_reauthenticate_webauthn"
                return redirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)


def takes_documents(view: View, *, of: Literal["people", "anyone"] = "people") -> View:
    """Mark a view that takes a document of up to `LARGEST_DOCUMENT`: from whoever is signed in, or from anyone."""
    setattr(view, TAKES_DOCUMENTS, of)
    return view


class BoundedBody:
    """Refuse what is larger than anybody may send, before a byte of it is read.

    Looking for a form's token reads the whole body, so without this anyone could fill the disk. Council staff send files
    (`LARGEST_UPLOAD`), everybody else documents (`LARGEST_DOCUMENT`) and only to views that take them (`takes_documents`), and
    anyone to a view that says so; a form without files fits in `DATA_UPLOAD_MAX_MEMORY_SIZE`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        said = request.META.get("CONTENT_LENGTH") or "0"  # a body without a length is not read at all
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if int(said if said.isdecimal() else 0) > most:
            most = max(most, self._more(request))
            if int(said) > most:
                return render(request, "413.html", {"limit": most // 2**20}, status=413)
        return self.get_response(request)

    @staticmethod
    def _more(request: HttpRequest) -> int:
        """What this person may send to this address, in bytes, beyond a form without files."""
        if getattr(request.user, "is_council", False):
            return settings.LARGEST_UPLOAD
        try:
            takes = getattr(resolve(request.path_info).func, TAKES_DOCUMENTS, "")
        except Resolver404:
            return 0
        welcome = takes == "anyone" or (takes == "people" and request.user.is_authenticated)
        return settings.LARGEST_DOCUMENT if welcome else 0


class NamesSavedDraft:
    """Tell the browser which draft of a form the portal now has, in a cookie that its script reads once (js/form_draft.js).

    A form is saved when its answer leads on. It is not when it leads to proving who one is, or says on the next page what was
    refused: the browser keeps those words. Each draft has its own cookie: two tabs that save at once do not miss each other's.
    """

    COOKIE = "guardado_"
    SECONDS = 60 * 60
    _NAME = re.compile(r"[-0-9a-f]{8,40}")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "POST" and self._is_saved(request, response):
            draft = request.POST.get("client", "")
            if self._NAME.fullmatch(draft):
                response.set_cookie(
                    self.COOKIE + draft, "1", self.SECONDS, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
                )
        return response

    @staticmethod
    def _is_saved(request: HttpRequest, response: HttpResponseBase) -> bool:
        leads_on = response.status_code in (302, 303) and not response.headers["Location"].startswith("/cuenta/")
        return leads_on and request.user.is_authenticated and not getattr(request, REFUSED, False)


class Messages(FallbackStorage):
    """Messages for the next page; a warning or an error among them marks the request as refused (`NamesSavedDraft`)."""

    def add(self, level: int, message: str, extra_tags: str | None = "") -> None:
        super().add(level, message, extra_tags)
        if level >= WARNING:
            setattr(self.request, REFUSED, True)


class HistoryContext(HistoryMiddleware):
    """Each row of history remembers who wrote it and in which request of the log. No address: those may hold secrets."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "user": request.user.pk if request.user.is_authenticated else None,
            "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        }
