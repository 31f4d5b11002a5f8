"""Campaigns of the council, and the adhesions of municipalities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Event
from municipalities.choices import AdhesionState
from municipalities.models.register import Municipality, Region
from municipalities.rules.adhesion_states import FINAL, PUBLIC
from municipalities.rules.terms import Term, term

if TYPE_CHECKING:
    from accounts.models import User


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: User) -> Self:
        """Campaigns are the council's own work: all of its staff see them, no one else."""
        return self if user.is_authenticated and user.is_active and user.is_council else self.none()


@pghistory.track()
class Campaign(models.Model):
    """An effort of the council, between two dates, to win municipalities for the model."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), help_text=_("the last day"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("made"))

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-starts", "-pk")
        constraints = (models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="campaign_ends_after_start"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("municipalities:campaign", args=[self.pk])


class CampaignGoal(models.Model):
    """How many adhesions in force a campaign wants in a region by its end."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="goals")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    goal = models.PositiveSmallIntegerField(_("goal"))

    class Meta:
        verbose_name = _("goal of a campaign")
        verbose_name_plural = _("goals of campaigns")
        ordering = ("region__order",)
        constraints = (models.UniqueConstraint(fields=["campaign", "region"], name="campaign_goal_once"),)

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.region_id}: {self.goal}"


class CampaignTarget(models.Model):
    """A municipality that a campaign addresses."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("target of a campaign")
        verbose_name_plural = _("targets of campaigns")
        constraints = (models.UniqueConstraint(fields=["campaign", "municipality"], name="campaign_target_once"),)

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.municipality_id}"


class AdhesionQuerySet(models.QuerySet["Adhesion"]):
    def visible_to(self, user: User) -> Self:
        """Adhesions of the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))

    def published(self) -> Self:
        """What the public register shows: in force or suspended now, or once in force."""
        return self.filter(in_force_from__isnull=False)

    def standing(self) -> Self:
        """Published and not ended."""
        return self.filter(state__in=PUBLIC)

    def open(self) -> Self:
        """Those that may still move."""
        return self.exclude(state__in=FINAL)


@pghistory.track()
class Adhesion(models.Model):
    """The adhesion of a municipality in one term of office, from prospect to its end.

    Nothing erases it: after a withdrawal, or with a new mayor, another adhesion names it as `previous`.
    """

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="adhesions")
    term_year = models.PositiveSmallIntegerField(_("term"), help_text=_("year in which the mayor's term starts"))
    state = models.CharField(_("state"), max_length=15, choices=AdhesionState, default=AdhesionState.PROSPECT)
    state_since = models.DateTimeField(_("since"), help_text=_("last movement"))
    previous = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="next")
    campaign = models.ForeignKey(Campaign, models.SET_NULL, null=True, blank=True, related_name="adhesions")
    adviser = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    in_force_until = models.DateField(_("in force until"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"))

    objects = AdhesionQuerySet.as_manager()

    class Meta:
        verbose_name = _("adhesion")
        verbose_name_plural = _("adhesions")
        ordering = ("municipality", "-term_year", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=AdhesionState.values), name="adhesion_state_known"),
            models.UniqueConstraint(
                fields=["municipality", "term_year"],
                condition=~Q(state__in=sorted(FINAL)),
                name="adhesion_one_open_a_term",
            ),
            models.UniqueConstraint(
                fields=["municipality"], condition=Q(state__in=sorted(PUBLIC)), name="adhesion_one_standing"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(PUBLIC)) | Q(in_force_from__isnull=False), name="adhesion_in_force_since"
            ),
        )
        indexes = (models.Index(fields=["state", "state_since"], name="adhesion_by_state"),)

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.term_year}"

    def get_absolute_url(self) -> str:
        """The council's file of it."""
        return reverse("municipalities:adhesion_file", args=[self.pk])

    @property
    def term(self) -> Term:
        return term(self.term_year)

    @property
    def timeline(self) -> models.QuerySet[Event]:
        """Its timeline, newest first."""
        found = Event.objects.filter(subject_type=self._meta.label_lower, subject_id=str(self.pk))
        return found.order_by("-at", "-pk")


class AdhesionRequestQuerySet(models.QuerySet["AdhesionRequest"]):
    def visible_to(self, user: User) -> Self:
        """Requests for the municipalities that the person looks after. They are the council's: no one else reads them."""
        if not user.is_authenticated or not user.is_council:
            return self.none()
        return self.filter(municipality__in=Municipality.objects.visible_to(user))


class AdhesionRequest(models.Model):
    """A citizen asks that a municipality adhere. Name and e-mail are optional and are deleted once it is answered."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="adhesion_requests")
    name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    message = models.TextField(_("message"), blank=True, max_length=2000)
    created_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AdhesionRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for adhesion")
        verbose_name_plural = _("requests for adhesion")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.created_at:%Y-%m-%d}"
