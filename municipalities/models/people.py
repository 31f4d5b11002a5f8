"""Who belongs to which municipality, who is invited, and which places an adviser accompanies."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.choices import MunicipalRole
from municipalities.models.register import Municipality, Region

if TYPE_CHECKING:
    from accounts.models import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, today: date | None = None) -> Self:
        """Memberships in force on `today` (default: the database's own date in Santiago)."""
        day = today or timezone.localdate()
        return self.filter(Q(ends__isnull=True) | Q(ends__gt=day), starts__lte=day)

    def visible_to(self, user: User) -> Self:
        """Memberships of the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))


@pghistory.track()
class Membership(models.Model):
    """A person's role in a municipality from one day until another; `ends` is the first day without it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=MunicipalRole)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("granted by")
    )
    basis = models.CharField(_("basis"), max_length=300, help_text=_("decree, letter or invitation that grants it"))

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("municipality", "role", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(role__in=MunicipalRole.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="membership_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["user", "municipality"], condition=Q(ends__isnull=True), name="membership_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.municipality_id}"

    def is_current(self, today: date) -> bool:
        return self.starts <= today and (self.ends is None or self.ends > today)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> Self:
        """Neither accepted nor withdrawn; it may have expired."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        """Invitations into the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))


@pghistory.track(exclude=["secret_hash"])
class Invitation(models.Model):
    """A single-use link sent by mail. Only the hash of its secret is kept, and the secret is made when the mail is."""

    email = models.EmailField(_("e-mail"))
    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="invitations")
    role = models.CharField(_("role"), max_length=20, choices=MunicipalRole)
    basis = models.CharField(_("basis"), max_length=300)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))
    sent_at = models.DateTimeField(_("mailed"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-invited_at",)
        constraints = (
            models.CheckConstraint(condition=Q(role__in=MunicipalRole.values), name="invitation_role_known"),
            models.UniqueConstraint(
                fields=["email", "municipality"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.role}"

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


class AdviserScope(models.Model):
    """A region or a municipality that an adviser accompanies."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="adviser_scopes")
    region = models.ForeignKey(Region, models.CASCADE, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(Municipality, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("scope of an adviser")
        verbose_name_plural = _("scopes of advisers")
        constraints = (
            models.CheckConstraint(
                condition=Q(region__isnull=True) ^ Q(municipality__isnull=True), name="adviser_scope_is_one_place"
            ),
            models.UniqueConstraint(
                fields=["user", "region", "municipality"], nulls_distinct=False, name="adviser_scope_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.region_id or self.municipality_id}"
