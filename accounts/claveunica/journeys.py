"""Journeys to ClaveÚnica and back: to enter the portal, or to prove one's RUN for one purpose in the session that is open.

A proof serves for exactly what it was asked for, in this session, by the person who asked, and for ten minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.claveunica.provider import ID, LEEWAY, Identity, logout_address

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin

    from accounts.models import User

KEY: Final = "claveunica"
LASTS: Final = timedelta(minutes=10)
log = structlog.get_logger(__name__)


class Proof(NamedTuple):
    """Who ClaveÚnica said was here: RUN as stored, official name, and when."""

    run: str
    name: str
    at: datetime


def enter(request: HttpRequest, *, next_url: str | None) -> HttpResponseBase:
    """Send the browser to ClaveÚnica to sign in here."""
    answer: HttpResponseBase = _provider(request).redirect(request, AuthProcess.LOGIN, next_url)
    return answer


def ask_proof(request: HttpRequest, *, by: User, purpose: str, next_url: str) -> HttpResponseBase:
    """Send the browser to ClaveÚnica, where the password is asked anew; back at `next_url`, `proof` tells who it was."""
    forget_proof(request)
    answer: HttpResponseBase = _provider(request).redirect(
        request,
        AuthProcess.REDIRECT,
        next_url,
        {"purpose": purpose, "user": by.pk},
        auth_params={"prompt": "login", "max_age": "0"},
    )
    return answer


def proof(request: HttpRequest, *, purpose: str, now: datetime) -> Proof | None:
    """The proof of this session for this purpose, or None when there is none or it is older than ten minutes."""
    held = request.session.get(KEY)
    if not isinstance(held, dict) or (held.get("purpose"), held.get("user")) != (purpose, request.user.pk):
        return None
    at = datetime.fromisoformat(held["at"])
    return Proof(held["run"], held["name"], at) if timedelta(0) <= now - at <= LASTS else None


def forget_proof(request: HttpRequest) -> None:
    """A proof serves once."""
    request.session.pop(KEY, None)


def arrived(request: HttpRequest, login: SocialLogin) -> None:
    """Someone came back from ClaveÚnica, and allauth has found their account if there is one.

    Raises `OAuth2Error` for an answer to another question, and `ImmediateHttpResponse` to send the browser elsewhere.
    """
    found: Identity = login.identity
    data: dict[str, Any] = login.state.get("data") or {}
    if not found.nonce or found.nonce != data.get("nonce"):
        raise OAuth2Error("nonce of another journey")
    if login.state["process"] == AuthProcess.REDIRECT:
        _keep_proof(request, found, data)
    elif not login.is_existing:
        # Whoever has no account here must not leave a session open there.
        log.info("claveunica_unknown")
        raise ImmediateHttpResponse(redirect(logout_address(reverse("claveunica_unknown"))))
    else:
        log.info("claveunica_entered", person=login.user.pk)


def _keep_proof(request: HttpRequest, found: Identity, data: dict[str, Any]) -> None:
    now = timezone.now()
    if not request.user.is_authenticated or request.user.pk != data.get("user"):
        raise OAuth2Error("another person's journey")
    age = now.timestamp() - found.authenticated if found.authenticated is not None else 0
    if age > LASTS.total_seconds() + LEEWAY:
        log.info("claveunica_stale", person=request.user.pk)
        raise ImmediateHttpResponse(redirect("claveunica_stale"))
    request.session[KEY] = {
        "purpose": data["purpose"],
        "user": request.user.pk,
        "run": found.run,
        "name": found.name,
        "at": now.isoformat(),
    }
    log.info("claveunica_proved", person=request.user.pk)


def _provider(request: HttpRequest) -> Any:
    return get_adapter().get_provider(request, ID)
