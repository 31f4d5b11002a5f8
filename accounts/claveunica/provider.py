"""What ClaveÚnica differs in from other OpenID providers: userinfo is asked by POST, the token wants the state, and a person
is the number of their RUN."""

from __future__ import annotations

import secrets
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import ProviderAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider
from allauth.socialaccount.providers.oauth2.views import OAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.rules import InvalidRunError, normalise_run

ID: Final = "claveunica"
# Seconds by which two clocks may differ.
LEEWAY: Final = 60


class Identity(NamedTuple):
    """Who ClaveÚnica says is there: RUN as stored, official name, the nonce it repeats, and when the person gave their
    password (seconds since 1970), where it says so."""

    run: str
    name: str
    nonce: str
    authenticated: int | None


def is_offered() -> bool:
    """Whether the portal has a client at ClaveÚnica."""
    return bool(settings.CLAVEUNICA_CLIENT_ID)


def logout_address(back: str) -> str:
    """Where the browser ends the session at ClaveÚnica, and returns to the path `back` of this site, registered there."""
    address = settings.SITE_URL.rstrip("/") + back
    return f"{settings.CLAVEUNICA_URL}/api/v1/accounts/app/logout?{urlencode({'redirect': address})}"


def identity(claims: dict[str, Any], userinfo: dict[str, Any]) -> Identity:
    """Read the claims of the id_token and the answer of userinfo. Raises `OAuth2Error`, without any of the data in it, when
    they tell of no RUN, of one whose check digit is wrong, or of two different people."""
    unique = userinfo.get("RolUnico")
    names = userinfo.get("name")
    if not isinstance(unique, dict) or unique.get("tipo", "RUN") != "RUN" or not isinstance(names, dict):
        raise OAuth2Error("userinfo without RUN")
    if not claims.get("sub") or str(userinfo.get("sub", "")) != str(claims["sub"]):
        raise OAuth2Error("userinfo of someone else")
    try:
        run = normalise_run(f"{unique.get('numero', '')}-{unique.get('DV', '')}")
    except InvalidRunError:
        raise OAuth2Error("RUN with a wrong check digit") from None
    words = [*_texts(names.get("nombres")), *_texts(names.get("apellidos"))]
    moment = claims.get("auth_time")
    return Identity(
        run=run,
        name=" ".join(" ".join(words).split())[:150],
        nonce=str(claims.get("nonce", "")),
        authenticated=moment if isinstance(moment, int) else None,
    )


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


class ClaveUnicaAdapter(OAuth2Adapter):
    """The addresses of ClaveÚnica, and the two questions asked there."""

    provider_id = ID

    @property
    def authorize_url(self) -> str:
        return f"{settings.CLAVEUNICA_URL}/openid/authorize/"

    @property
    def access_token_url(self) -> str:
        return f"{settings.CLAVEUNICA_URL}/openid/token/"

    @property
    def profile_url(self) -> str:
        return f"{settings.CLAVEUNICA_URL}/openid/userinfo/"

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        """As allauth does, with the state that ClaveÚnica wants to see again."""
        try:
            data: dict[str, Any] = client.get_access_token(
                request.GET["code"], pkce_code_verifier, extra_data={"state": request.GET.get("state", "")}
            )
        except ValueError as error:  # an answer that is no JSON
            raise OAuth2Error("token unreadable") from error
        except OAuth2Error:
            # allauth's own words quote the answer, which may name a person.
            raise OAuth2Error("no token") from None
        self.did_fetch_access_token = True
        return data

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Give allauth's login, with our `identity` beside it."""
        claims = self._claims(kwargs["response"].get("id_token", ""), app)
        with get_adapter().get_requests_session() as session:
            answer = session.post(self.profile_url, headers={"Authorization": f"Bearer {token.token}"})
        answer.raise_for_status()
        try:
            userinfo = answer.json()
        except ValueError as error:
            raise OAuth2Error("userinfo unreadable") from error
        found = identity(claims, userinfo if isinstance(userinfo, dict) else {})
        login = self.get_provider().sociallogin_from_response(request, found)
        login.identity = found
        return login

    def _claims(self, id_token: str, app: SocialApp) -> dict[str, Any]:
        """The id_token came straight from ClaveÚnica over TLS, which stands in for its signature (OpenID Connect Core,
        3.1.3.7). Issuer, audience, dates and the nonce are checked."""
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                options={
                    "verify_signature": False,
                    "verify_aud": True,
                    "verify_exp": True,
                    "require": ["iss", "aud", "exp", "iat", "sub"],
                },
                audience=app.client_id,
                leeway=LEEWAY,
            )
        except jwt.PyJWTError:
            raise OAuth2Error("id_token refused") from None
        ours, theirs = urlsplit(settings.CLAVEUNICA_URL), urlsplit(str(claims["iss"]))
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise OAuth2Error("id_token of another issuer")
        return claims


class ClaveUnicaAccount(ProviderAccount):
    """Nothing of the person is kept beside the RUN, so there is nothing to show."""


class ClaveUnicaProvider(OAuth2Provider):
    """ClaveÚnica for allauth: who a person is, is their RUN (`12345678-5`), never the `sub`."""

    id = ID
    name = "ClaveÚnica"
    account_class = ClaveUnicaAccount
    oauth2_adapter_class = ClaveUnicaAdapter
    pkce_enabled_default = True

    def get_default_scope(self) -> list[str]:
        return ["openid", "run", "name"]

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> HttpResponseBase:
        """To ClaveÚnica, with a nonce of this one journey. `data` comes back in the login's state."""
        nonce = secrets.token_urlsafe(24)
        parameters = {**kwargs.pop("auth_params", {}), "nonce": nonce}
        answer: HttpResponseBase = super().redirect(
            request, process, next_url, {**(data or {}), "nonce": nonce}, auth_params=parameters, **kwargs
        )
        return answer

    def extract_uid(self, data: Identity) -> str:
        return data.run

    def extract_extra_data(self, data: Identity) -> dict[str, Any]:
        return {}


provider_classes = [ClaveUnicaProvider]
