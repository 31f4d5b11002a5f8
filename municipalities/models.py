"""The register: regions, provinces, communes, municipalities; and who belongs to which municipality."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.choices import CouncilRole, MunicipalRole
from municipalities.choices import PopulationSource, RuralClass

if TYPE_CHECKING:
    from accounts.models import User


class Region(models.Model):
    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    short_name = models.CharField(_("short name"), max_length=40)
    slug = models.SlugField(max_length=80, unique=True)
    order = models.PositiveSmallIntegerField(_("order from north to south"), unique=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ("order",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("municipalities:region", args=[self.code, self.slug])


class Province(models.Model):
    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, related_name="provinces")

    class Meta:
        verbose_name = _("province")
        verbose_name_plural = _("provinces")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class MunicipalityQuerySet(models.QuerySet["Municipality"]):
    def visible_to(self, user: User) -> Self:
        """The municipalities whose inner work the person may see: all for council staff (an adviser: the assigned ones),
        the own ones for members, none for others. The public register itself is open to everyone."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.council_role == CouncilRole.ADVISER:
            scopes = AdviserScope.objects.filter(user=user)
            return self.filter(Q(pk__in=scopes.values("municipality")) | Q(region__in=scopes.values("region")))
        if user.is_council:
            return self
        return self.filter(pk__in=Membership.objects.current().filter(user=user).values("municipality"))


@pghistory.track()
class Municipality(models.Model):
    """One of the 345 municipalities. `cut` is the territorial code, as text, with its leading zero."""

    cut = models.CharField(_("CUT"), max_length=5, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    slug = models.SlugField(max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, related_name="municipalities")
    province = models.ForeignKey(Province, models.PROTECT, related_name="municipalities")
    rural_class = models.CharField(_("class"), max_length=10, choices=RuralClass)
    latitude = models.DecimalField(_("latitude of the seat"), max_digits=7, decimal_places=4)
    longitude = models.DecimalField(_("longitude of the seat"), max_digits=7, decimal_places=4)
    # Derived by the loader from what is above and from the aliases and populations.
    distance_km = models.PositiveIntegerField(_("distance to Santiago in km"))
    search = models.TextField(_("text searched"), help_text=_("normalised names, one a line"))
    inhabitants = models.PositiveIntegerField(_("inhabitants"), help_text=_("latest census"))
    peer_group = models.CharField(_("peer group"), max_length=30, db_index=True)

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        ordering = ("region__order", "name")
        constraints = (
            models.CheckConstraint(condition=Q(cut__regex=r"^[0-9]{5}$"), name="municipality_cut_has_five_digits"),
            models.CheckConstraint(condition=Q(rural_class__in=RuralClass.values), name="municipality_class_known"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("portal:municipality", args=[self.cut, self.slug])


class Commune(models.Model):
    """One of the 346 communes. Antártica (12202) has no municipality: Cabo de Hornos administers it."""

    cut = models.CharField(_("CUT"), max_length=5, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    province = models.ForeignKey(Province, models.PROTECT, related_name="communes")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="communes")

    class Meta:
        verbose_name = _("commune")
        verbose_name_plural = _("communes")
        ordering = ("cut",)

    def __str__(self) -> str:
        return self.name


class Alias(models.Model):
    """Another spelling, or another name people use, by which a municipality is found."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="aliases")
    name = models.CharField(_("name"), max_length=80)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        constraints = (models.UniqueConstraint(fields=["municipality", "name"], name="alias_once"),)

    def __str__(self) -> str:
        return self.name


class Population(models.Model):
    """Inhabitants of a municipality in a year, according to one source."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="populations")
    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("source"), max_length=20, choices=PopulationSource)
    inhabitants = models.PositiveIntegerField(_("inhabitants"))

    class Meta:
        verbose_name = _("population")
        verbose_name_plural = _("populations")
        constraints = (
            models.UniqueConstraint(fields=["municipality", "year", "source"], name="population_once"),
            models.CheckConstraint(condition=Q(source__in=PopulationSource.values), name="population_source_known"),
        )

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.year}: {self.inhabitants}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, today: date | None = None) -> Self:
        """Memberships in force on `today` (default: the database's own date in Santiago)."""
        from django.utils import timezone

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
