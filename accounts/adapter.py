"""How allauth behaves here."""

import base64
import hashlib
import secrets
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.claveunica import journeys
from accounts.claveunica.provider import is_offered, logout_address
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """The portal's account flow, in its own words where allauth's read badly."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail or the password is not right."),
        "email_taken": _("There is already an account with this e-mail."),
        "incorrect_code": _("This code is not right. Look at the latest one and enter it again."),
        "incorrect_password": _("This password is not right."),
        "rate_limited": _("Too many attempts. Wait five minutes and try again."),
        "select_only_one": _("Choose one only."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again."),
    }

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("With my password"),
            "mfa_reauthenticate": _("With a code"),
            "mfa_reauthenticate:webauthn": _("With my key"),
        }
        return [{**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Who entered with ClaveÚnica leaves it too: municipal computers are shared."""
        home: str = super().get_logout_redirect_url(request)
        used = {record["method"] for record in get_authentication_records(request, request.user)}
        return logout_address(home) if is_offered() and "socialaccount" in used else home

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Every mail knows the portal's address, so that none is built from the Host header of a request."""
        mail: EmailMessage = super().render_mail(
            template_prefix, email, {**context, "site_url": settings.SITE_URL}, headers
        )
        return mail


class OutsideAccountAdapter(DefaultSocialAccountAdapter):
    """ClaveÚnica opens accounts that are linked with it; it makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def generate_state_param(self, state: dict[str, Any]) -> str:
        """ClaveÚnica wants at least thirty characters."""
        return secrets.token_urlsafe(32)

    def validate_disconnect(self, account: SocialAccount, accounts: object) -> None:
        if not is_offered():
            raise ValidationError(_("ClaveÚnica is not offered now: the link stays as it is."))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        journeys.arrived(request, sociallogin)


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets of second factors are unreadable in a copy of the database: they are encrypted with the site's key.

    `SECRET_KEY_FALLBACKS` keeps those of an earlier key readable.
    """

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return self._cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._cipher().decrypt(encrypted_text.encode()).decode()

    @staticmethod
    def _cipher() -> MultiFernet:
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        digests = (hashlib.sha256(b"second factor " + key.encode()).digest() for key in keys)
        return MultiFernet(Fernet(base64.urlsafe_b64encode(digest)) for digest in digests)


def confirm_email(user: User) -> None:
    """Mark the person's own address as proven, for accounts that the portal itself makes."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def trust_email(request: HttpRequest, email: str) -> None:
    """An address that this session proved by a link mailed to it needs no code at sign-up."""
    AccountAdapter(request).stash_verified_email(request, email)
