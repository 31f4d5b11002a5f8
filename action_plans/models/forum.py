"""The forum of municipality and community: its members, rules and meetings, and who came."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from action_plans.choices import MeetingKind, MeetingState, Sector
from action_plans.models.plans import Plan
from municipalities.models import Document, Municipality


@pghistory.track()
class Forum(models.Model):
    """The multi-stakeholder forum of a municipality (OGP's standard 1). One a municipality; it outlives its plans."""

    municipality = models.OneToOneField(Municipality, models.PROTECT, related_name="forum")
    name = models.CharField(_("name"), max_length=150)
    rules = models.TextField(_("rules"), blank=True, help_text=_("how it is made up, how it decides, how one joins"))
    rules_published_at = models.DateTimeField(_("rules published"), null=True, blank=True)
    created_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("forum")
        verbose_name_plural = _("forums")
        constraints = (
            models.CheckConstraint(
                condition=Q(rules_published_at__isnull=True) | ~Q(rules=""), name="forum_publishes_rules_with_words"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ForumMemberQuerySet(models.QuerySet["ForumMember"]):
    def on(self, day: date) -> Self:
        """Those who are members on a day."""
        return self.filter(starts__lte=day).filter(Q(ends__isnull=True) | Q(ends__gte=day))


@pghistory.track()
class ForumMember(models.Model):
    """Who sits in the forum, for whom and when. An organisation's seat is public; a person's name only if they agree."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="members")
    sector = models.CharField(_("sector"), max_length=15, choices=Sector)
    organisation = models.CharField(_("organisation"), max_length=150)
    person = models.CharField(_("name"), max_length=150, blank=True)
    shows_person = models.BooleanField(_("the name is public"), default=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)

    objects = ForumMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a forum")
        verbose_name_plural = _("members of forums")
        ordering = ("forum", "sector", "organisation")
        constraints = (
            models.CheckConstraint(condition=Q(sector__in=Sector.values), name="forum_member_sector_known"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="forum_member_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.organisation


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def public(self) -> Self:
        """Those that were announced, or held."""
        return self.filter(Q(announced_at__isnull=False) | Q(state=MeetingState.HELD))

    def coming(self, now: datetime) -> Self:
        """Those that are not over, the next one first."""
        return self.filter(ends_at__gte=now).exclude(state=MeetingState.HELD).order_by("starts_at", "pk")

    def past(self, now: datetime) -> Self:
        """Those that are over or were held, the last one first."""
        return self.filter(Q(ends_at__lt=now) | Q(state=MeetingState.HELD)).order_by("-starts_at", "-pk")


@pghistory.track()
class Meeting(models.Model):
    """An opportunity to take part: published with its agenda before it is held, with minutes and agreements after it.

    `announced_at` is the notice of which OGP's standard 3 asks two weeks.
    """

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="meetings")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="meetings")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=15, choices=MeetingKind)
    title = models.CharField(_("title"), max_length=150)
    agenda = models.TextField(_("agenda"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=MeetingState, default=MeetingState.ANNOUNCED)
    state_reason = models.TextField(_("reason"), blank=True)
    announced_at = models.DateTimeField(_("announced"), null=True, blank=True)
    minutes = models.TextField(_("minutes"), blank=True)
    agreements = models.TextField(_("agreements"), blank=True, help_text=_("one a line"))
    minutes_document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    minutes_published_at = models.DateTimeField(_("minutes published"), null=True, blank=True)
    # Counted by sector by whoever kept the list; people who signed up are marked one by one.
    attendance = models.JSONField(_("attendance by sector"), default=dict, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-starts_at",)
        indexes = (models.Index(fields=["municipality", "starts_at"], name="meeting_of_municipality"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=MeetingKind.values), name="meeting_kind_known"),
            models.CheckConstraint(condition=Q(state__in=MeetingState.values), name="meeting_state_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="meeting_ends_after_start"),
            models.CheckConstraint(condition=~Q(place="") | ~Q(link=""), name="meeting_has_place_or_link"),
            models.CheckConstraint(
                condition=~Q(state=MeetingState.CANCELLED) | ~Q(state_reason=""), name="meeting_cancelled_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(minutes_published_at__isnull=True) | ~Q(minutes=""), name="meeting_minutes_with_words"
            ),
        )

    def __str__(self) -> str:
        return self.title


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def coming(self) -> Self:
        """Those who confirmed their address and did not give the place back, in the order in which places are given."""
        return self.filter(confirmed_at__isnull=False, left_at=None).order_by("confirmed_at", "pk")


class SignUp(models.Model):
    """Somebody will come to a meeting; no account is needed. What identifies them is deleted after the meeting (`forget_at`).

    A place is theirs once they confirmed the address; past the capacity of the meeting they wait, in that order.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sign_ups")
    name = models.CharField(_("name"), max_length=150, blank=True)
    email = models.EmailField("e-mail", blank=True)
    sector = models.CharField(_("sector"), max_length=15, choices=Sector, default=Sector.OTHER)
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("at"))
    confirmed_at = models.DateTimeField(_("e-mail confirmed"), null=True, blank=True)
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    came = models.BooleanField(_("came"), null=True)
    forget_at = models.DateTimeField(_("to be forgotten"))
    forgotten_at = models.DateTimeField(_("forgotten"), null=True, blank=True)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(sector__in=Sector.values), name="sign_up_sector_known"),
            models.UniqueConstraint(
                fields=["meeting", "email"], condition=~Q(email="") & Q(left_at__isnull=True), name="sign_up_once"
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True) | Q(name="", email=""), name="sign_up_forgotten"
            ),
        )

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.pk}"
