"""Mails: the words, which staff edit, and the outbox, one row a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.choices import CouncilRole
from accounts.permissions import COUNCIL, Permission
from municipalities.choices import MailKind, MailState
from municipalities.models.adhesions import Adhesion, Campaign
from municipalities.models.register import Municipality

if TYPE_CHECKING:
    from accounts.models import User


@pghistory.track()
class MailTemplate(models.Model):
    """The words of a kind of mail, with named fields in braces. What shipped is in `data/mail_templates.yaml`."""

    kind = models.CharField(_("kind"), max_length=30, choices=MailKind, unique=True)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"))
    updated_at = models.DateTimeField(_("changed"))
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("template of a mail")
        verbose_name_plural = _("templates of mails")
        ordering = ("kind",)
        constraints = (models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="mail_template_kind_known"),)

    def __str__(self) -> str:
        return self.get_kind_display()


class MailQuerySet(models.QuerySet["Mail"]):
    def visible_to(self, user: User) -> Self:
        """Mails about the municipalities within a council member's scope, and those to themselves; all for whoever decides on
        those that failed; none for others."""
        if not user.is_authenticated or not user.is_active or not user.is_council:
            return self.none()
        if Permission.MANAGE_MAILS in COUNCIL[CouncilRole(user.council_role)]:
            return self
        return self.filter(Q(municipality__in=Municipality.objects.visible_to(user)) | Q(user=user))


class Mail(models.Model):
    """A mail to one address, written down before it is sent. `once` names what may be sent only once (a reminder, a digest)."""

    kind = models.CharField(_("kind"), max_length=30, choices=MailKind)
    to = models.EmailField(_("to"))
    to_name = models.CharField(_("name"), max_length=150, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.PROTECT, null=True, blank=True, related_name="mails")
    adhesion = models.ForeignKey(Adhesion, models.PROTECT, null=True, blank=True, related_name="mails")
    campaign = models.ForeignKey(Campaign, models.SET_NULL, null=True, blank=True, related_name="mails")
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"), help_text=_("exactly as it is sent"))
    missing = models.CharField(_("fields without content"), max_length=300, blank=True)
    once = models.CharField(max_length=150, unique=True, null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=MailState, default=MailState.QUEUED)
    not_before = models.DateTimeField(_("not before"), help_text=_("working hours and holidays are respected"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    message_id = models.CharField(max_length=120, unique=True)
    # A worker took it; then, just before the last byte without which a mail server keeps nothing, says so in `handed_at`.
    claimed_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("came back"), null=True, blank=True)
    created_at = models.DateTimeField(_("written"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="mail_kind_known"),
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="mail_state_known"),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="mail_sent_at"),
        )
        indexes = (
            models.Index(fields=["not_before"], condition=Q(state="queued"), name="mail_waiting"),
            models.Index(fields=["municipality", "-created_at"], name="mail_of_municipality"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("municipalities:mail", args=[self.pk])
