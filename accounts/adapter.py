"""How allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest


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


def confirm_email(user: Any) -> None:
    """Mark the person's own address as proven, for accounts that the portal itself makes."""
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})


def trust_email(request: HttpRequest, email: str) -> None:
    """An address that this session proved by a link mailed to it needs no code at sign-up."""
    AccountAdapter(request).stash_verified_email(request, email)
