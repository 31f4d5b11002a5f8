"""Mails about people and municipalities."""

import secrets
from datetime import datetime

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.choices import Language
from accounts.rules import hash_of_secret
from municipalities.models import Invitation


def send_invitation(invitation_id: int, *, now: datetime) -> bool:
    """Mail the link of an open invitation that was not mailed yet; say whether a mail went out.

    The secret is made here, so it is in no queue. Should the worker die after mailing and before its commit, the next attempt
    makes a new secret and a new mail, and the first link opens nothing.
    """
    with transaction.atomic(), translation.override(Language.SPANISH):
        invitation = (
            Invitation.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("municipality", "invited_by")
            .filter(pk=invitation_id, sent_at__isnull=True)
            .first()
        )
        if invitation is None or not invitation.is_open(now):
            return False
        secret = secrets.token_urlsafe(32)
        invitation.secret_hash = hash_of_secret(secret)
        invitation.sent_at = now
        invitation.save(update_fields=["secret_hash", "sent_at"])
        context = {
            "invitation": invitation,
            "address": settings.SITE_URL + reverse("municipalities:invitation", args=[secret]),
            "site_url": settings.SITE_URL,
        }
        send_mail(
            subject=" ".join(render_to_string("municipalities/email/invitation_subject.txt", context).split()),
            message=render_to_string("municipalities/email/invitation.txt", context),
            html_message=render_to_string("municipalities/email/invitation.html", context),
            from_email=None,
            recipient_list=[invitation.email],
        )
    return True
