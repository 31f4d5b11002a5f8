"""How allauth behaves here."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """The portal's account flow."""

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


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets of second factors are unreadable in a copy of the database: they are encrypted with the site's key.

    `SECRET_KEY_FALLBACKS` keeps those of an earlier key readable.
    """

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
