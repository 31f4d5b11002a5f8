"""What citizens say to a plan, what becomes of it, and the reasoned response that each one gets."""

from __future__ import annotations

import uuid
from typing import Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from action_plans.choices import (
    AppealState,
    ContributionKind,
    ContributionState,
    HideReason,
    Sector,
    Verdict,
)
from action_plans.models.commitments import Commitment
from action_plans.models.monitoring import Assessment
from action_plans.models.plans import Plan, PlanEdition


class Author(models.Model):
    """Who contributes, with an account or without. Only `shown_as` is public; the rest is deleted at `forget_at` (Ley 21.719).

    `trusted_at`: something of theirs was published before, so what they write appears at once and is looked at afterwards.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    shown_as = models.CharField(_("name that is shown"), max_length=80)
    sector = models.CharField(_("sector"), max_length=15, choices=Sector, default=Sector.OTHER)
    email = models.EmailField("e-mail", blank=True)
    confirmed_at = models.DateTimeField(_("e-mail confirmed"), null=True, blank=True)
    trusted_at = models.DateTimeField(_("known"), null=True, blank=True)
    created_at = models.DateTimeField(_("at"))
    forget_at = models.DateTimeField(_("to be forgotten"))
    forgotten_at = models.DateTimeField(_("forgotten"), null=True, blank=True)

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        constraints = (
            models.CheckConstraint(condition=Q(sector__in=Sector.values), name="author_sector_known"),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True) | Q(email="", user__isnull=True), name="author_forgotten"
            ),
        )

    def __str__(self) -> str:
        return self.shown_as


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def public(self) -> Self:
        """Those that everyone sees: what is hidden leaves its place and the reason, without its words."""
        return self.filter(state__in=[ContributionState.PUBLISHED, ContributionState.HIDDEN])

    def unanswered(self) -> Self:
        """Those that are owed a response: published, or about to be; what was joined with another gets that one's."""
        return self.filter(state__in=[ContributionState.WAITING, ContributionState.PUBLISHED], response__isnull=True)

    def on_the_text(self) -> Self:
        """What was said to the text of the plan while it was written."""
        return self.filter(assessment__isnull=True)

    def observations(self) -> Self:
        """What was said to assessments."""
        return self.filter(assessment__isnull=False)


@pghistory.track(exclude=["text"])
class Contribution(models.Model):
    """A proposal or comment on the plan, or an observation on an assessment. `client_id` comes from its form: sent twice, it is
    one.

    `passage` is the place of the draft or of the assessment that it is about: its part as it was called, and the words quoted.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="contributions")
    commitment = models.ForeignKey(Commitment, models.SET_NULL, null=True, blank=True, related_name="contributions")
    edition = models.ForeignKey(PlanEdition, models.PROTECT, null=True, blank=True, related_name="contributions")
    # Its index is that of an assessment's page.
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="observations")
    passage = models.JSONField(_("passage"), null=True, blank=True)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client_id = models.UUIDField(unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ContributionKind)
    title = models.CharField(_("title"), max_length=150, blank=True)
    text = models.TextField(_("text"), max_length=10_000)
    authors = models.ManyToManyField(Author, related_name="contributions", verbose_name=_("authors"))
    state = models.CharField(
        _("state"), max_length=12, choices=ContributionState, default=ContributionState.UNCONFIRMED
    )
    sent_at = models.DateTimeField(_("sent"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    became = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    split_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts")
    hidden_for = models.CharField(_("hidden because"), max_length=15, choices=HideReason, blank=True)
    hidden_note = models.CharField(_("why"), max_length=300, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering = ("-sent_at", "-pk")
        indexes = (models.Index(fields=["plan", "state", "-sent_at"], name="contribution_of_plan"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ContributionKind.values), name="contribution_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=ContributionKind.OBSERVATION, assessment__isnull=False)
                | (~Q(kind=ContributionKind.OBSERVATION) & Q(assessment__isnull=True)),
                name="contribution_observes_assessment",
            ),
            models.CheckConstraint(condition=Q(state__in=ContributionState.values), name="contribution_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ContributionState.PUBLISHED) | Q(published_at__isnull=False),
                name="contribution_published_at",
            ),
            models.CheckConstraint(
                condition=~Q(state=ContributionState.HIDDEN) | Q(hidden_for__in=HideReason.values),
                name="contribution_hidden_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=ContributionState.MERGED, became__isnull=False)
                | (~Q(state=ContributionState.MERGED) & Q(became__isnull=True)),
                name="contribution_merged_into_one",
            ),
        )

    def __str__(self) -> str:
        return self.title or Truncator(self.text).words(9, truncate="…")

    @property
    def about(self) -> str:
        """What it speaks of, in words: the assessment, and the part of it or of the draft; empty of the whole plan."""
        assessment = self.assessment.get_kind_display() if self.assessment else ""
        return ", ".join(filter(None, (assessment, (self.passage or {}).get("label", ""))))


class SupportQuerySet(models.QuerySet["Support"]):
    def counted(self) -> Self:
        """Those whose address was confirmed."""
        return self.filter(author__confirmed_at__isnull=False)


class Support(models.Model):
    """Somebody stands behind a contribution, once."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="supports")
    author = models.ForeignKey(Author, models.CASCADE, related_name="supports")
    at = models.DateTimeField(_("at"))

    objects = SupportQuerySet.as_manager()

    class Meta:
        verbose_name = _("support")
        verbose_name_plural = _("supports")
        constraints = (models.UniqueConstraint(fields=["contribution", "author"], name="support_once"),)

    def __str__(self) -> str:
        return f"{self.contribution_id} {self.author_id}"


@pghistory.track()
class Response(models.Model):
    """The reasoned response (OGP's standard 4): accepted, partly or not, with why and where it led."""

    contribution = models.OneToOneField(Contribution, models.PROTECT, related_name="response")
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    reasons = models.TextField(_("reasons"))
    led_to = models.ForeignKey(Commitment, models.SET_NULL, null=True, blank=True, related_name="responses")
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints = (
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="response_verdict_known"),
            models.CheckConstraint(condition=~Q(reasons=""), name="response_with_reasons"),
        )

    def __str__(self) -> str:
        return f"{self.contribution_id} {self.verdict}"


class Appeal(models.Model):
    """An author disagrees with what was hidden; somebody else than whoever hid it decides, with reasons."""

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="appeals")
    text = models.TextField(_("why it should be shown"), max_length=3_000)
    at = models.DateTimeField(_("at"))
    state = models.CharField(_("state"), max_length=10, choices=AppealState, default=AppealState.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reasons = models.TextField(_("reasons"), blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("-at",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="appeal_state_known"),
            models.CheckConstraint(
                condition=Q(state=AppealState.OPEN) | (Q(decided_at__isnull=False) & ~Q(reasons="")),
                name="appeal_decided_with_reasons",
            ),
            models.UniqueConstraint(
                fields=["contribution"], condition=Q(state=AppealState.OPEN), name="appeal_one_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.contribution_id} {self.state}"
