"""The register: regions, provinces, communes and municipalities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pghistory
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.choices import CouncilRole
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
        from municipalities.models.people import AdviserScope, Membership  # they refer to this module

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
