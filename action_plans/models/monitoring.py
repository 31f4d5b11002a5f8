"""Who watches a plan and how: followers, the adviser's recommendations, assessments, and monitors of their own."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from action_plans.choices import AssessmentKind, AssessmentState, PieceHideReason, RecommendationState
from action_plans.models.commitments import Commitment
from action_plans.models.plans import Plan
from diagnostics.models import EvidenceVersion, InstrumentVersion
from municipalities.models import Document, Membership

if TYPE_CHECKING:
    from accounts.models import User


class FollowerQuerySet(models.QuerySet["Follower"]):
    def confirmed(self) -> Self:
        """Those who get news."""
        return self.filter(confirmed_at__isnull=False)

    def marked(self, mark: str) -> Self:
        """Those of the address for which a mark stands (`Recipient.mark`)."""
        return self.alias(mark=Left(_Sha256("email"), len(mark))).filter(mark=mark)


class _Sha256(models.Func):
    """The SHA-256 of a text in hexadecimal, as PostgreSQL has it without extensions."""

    template = "ENCODE(SHA256(CONVERT_TO(%(expressions)s, 'UTF8')), 'hex')"
    output_field = models.CharField()


class Follower(models.Model):
    """An address that is told by mail what happens with a plan or one of its commitments; `token` leaves with one click."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="followers")
    commitment = models.ForeignKey(Commitment, models.CASCADE, null=True, blank=True, related_name="followers")
    email = models.EmailField("e-mail")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("at"))
    confirmed_at = models.DateTimeField(_("e-mail confirmed"), null=True, blank=True)
    told_until = models.DateTimeField(_("told until"), null=True, blank=True)

    objects = FollowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = (
            models.UniqueConstraint(fields=["plan", "commitment", "email"], nulls_distinct=False, name="follower_once"),
        )

    def __str__(self) -> str:
        return f"{self.plan_id} {self.pk}"


@pghistory.track()
class Recommendation(models.Model):
    """What the council's adviser recommends after a visit or a reading; the municipality answers, and it is asked about again."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="recommendations")
    commitment = models.ForeignKey(Commitment, models.SET_NULL, null=True, blank=True, related_name="recommendations")
    text = models.TextField(_("recommendation"))
    state = models.CharField(
        _("state"), max_length=10, choices=RecommendationState, default=RecommendationState.PROPOSED
    )
    answer = models.TextField(_("answer of the municipality"), blank=True)
    ask_again = models.DateField(_("ask again on"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ("-at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=RecommendationState.values), name="recommendation_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=RecommendationState.DECLINED) | ~Q(answer=""),
                name="recommendation_declined_with_reasons",
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]


class MonitorQuerySet(models.QuerySet["Monitor"]):
    def in_office(self, today: date) -> Self:
        """Those in force on a day."""
        return self.filter(user__is_active=True, starts__lte=today).exclude(ends__lt=today)

    def of(self, user: User, today: date) -> Self:
        """Those of the person that are in force on a day. Whoever belongs to the municipality is not independent any more."""
        held = Membership.objects.filter(user=user).values("municipality")
        return self.in_office(today).filter(user=user).exclude(plan__municipality__in=held)


@pghistory.track()
class Monitor(models.Model):
    """Someone independent who assesses a plan (OGP Local's monitoring body): never a member of its municipality."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="monitors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="monitored")
    organisation = models.CharField(_("organisation"), max_length=150)
    basis = models.CharField(_("basis"), max_length=200, help_text=_("the decision that appoints them"))
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField(_("appointed"))

    objects = MonitorQuerySet.as_manager()

    class Meta:
        verbose_name = _("monitor")
        verbose_name_plural = _("monitors")
        constraints = (
            models.UniqueConstraint(fields=["plan", "user"], name="monitor_once"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="monitor_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan_id} {self.user_id}"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User, today: date) -> Self:
        """Those of plans whose inner work the person sees, and those of plans that they monitor."""
        seen = Q(plan__in=Plan.objects.visible_to(user), kind__in=[AssessmentKind.MIDTERM, AssessmentKind.FINAL])
        return self.filter(seen | Q(plan__in=Monitor.objects.of(user, today).values("plan")))

    def published(self) -> Self:
        return self.filter(state=AssessmentState.PUBLISHED)


@pghistory.track()
class Assessment(models.Model):
    """A self-assessment, or a monitor's. Its questions are those of a version of an instrument, as in a diagnostic."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="assessments")
    kind = models.CharField(_("kind"), max_length=10, choices=AssessmentKind)
    # A monitor's end-of-commitment assessment is of one commitment.
    commitment = models.ForeignKey(Commitment, models.PROTECT, null=True, blank=True, related_name="assessments")
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="assessments")
    state = models.CharField(_("state"), max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT)
    created_at = models.DateTimeField(_("begun"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=AssessmentKind.values), name="assessment_kind_known"),
            models.CheckConstraint(condition=Q(state__in=AssessmentState.values), name="assessment_state_known"),
            models.UniqueConstraint(
                fields=["plan", "kind", "commitment"], nulls_distinct=False, name="assessment_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=AssessmentState.PUBLISHED) | Q(published_at__isnull=False),
                name="assessment_published_at",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan_id} {self.kind}"


class AssessmentAnswer(models.Model):
    """An answer about the plan or one of its commitments; `value` as the question's kind tells, `version` grows by each save."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers")
    commitment = models.ForeignKey(Commitment, models.PROTECT, null=True, blank=True, related_name="+")
    question = models.CharField(_("question"), max_length=80)
    value = models.JSONField(_("answer"), null=True, blank=True)
    is_na = models.BooleanField(_("not applicable"), default=False)
    text = models.TextField(_("explanation"), blank=True, max_length=20_000)
    version = models.PositiveIntegerField(_("version"), default=0)
    updated_at = models.DateTimeField(_("changed"))
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("answer of an assessment")
        verbose_name_plural = _("answers of assessments")
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "commitment", "question"], nulls_distinct=False, name="assessment_answer_once"
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="published_answer_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "IF EXISTS (SELECT 1 FROM action_plans_assessment a WHERE a.id = OLD.assessment_id"
                    " AND a.state = 'published') THEN"
                    " RAISE EXCEPTION 'pgtrigger: an answer of a published assessment stays'; END IF;"
                    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.question}"


class AssessmentPieceQuerySet(models.QuerySet["AssessmentPiece"]):
    def visible_to(self, user: User, today: date) -> Self:
        """Those of monitors that everyone may open, once published: to the monitors of the plan, and to the Consejo."""
        rows = self.filter(version=None, own_public=True, assessment__state=AssessmentState.PUBLISHED)
        plans = Q(assessment__plan__in=Monitor.objects.of(user, today).values("plan"))
        if user.is_council:
            plans |= Q(assessment__plan__in=Plan.objects.visible_to(user))
        return rows.filter(plans)

    def shown(self) -> Self:
        """Those that nobody hid."""
        return self.filter(hidden_at=None)


class AssessmentPiece(models.Model):
    """A piece of evidence of an assessment, about the plan or one of its commitments. `key` comes from its form.

    The municipality's own are of its library, in the version that was the newest on publication. A monitor's are a document or an
    address of their own, with a title and whether everyone may open it: the municipality neither changes nor removes them. What
    should not have been published is hidden, once and with a reason that stays in its place.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="pieces")
    commitment = models.ForeignKey(Commitment, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(EvidenceVersion, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    url = models.URLField(_("address"), max_length=500, blank=True)
    own_title = models.CharField(_("title"), max_length=150, blank=True)
    own_public = models.BooleanField(_("everyone may open it"), default=False)
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    hidden_for = models.CharField(_("hidden because"), max_length=15, choices=PieceHideReason, blank=True)
    hidden_note = models.CharField(_("why"), max_length=300, blank=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    hidden_at = models.DateTimeField(_("hidden"), null=True, blank=True)

    objects = AssessmentPieceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence of an assessment")
        verbose_name_plural = _("evidence of assessments")
        ordering = ("added_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(version__isnull=False, document__isnull=True, url="")
                    | Q(version__isnull=True, document__isnull=False, url="")
                    | (Q(version__isnull=True, document__isnull=True) & ~Q(url=""))
                ),
                name="assessment_piece_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["assessment", "commitment", "version"],
                condition=Q(version__isnull=False),
                nulls_distinct=False,
                name="assessment_piece_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(hidden_at__isnull=True, hidden_for="")
                    | Q(hidden_at__isnull=False, hidden_for__in=PieceHideReason.values, version__isnull=True)
                ),
                name="assessment_piece_hidden_with_reason",
            ),
        )
        triggers = (
            pgtrigger.Trigger(
                name="published_piece_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=(
                    "IF EXISTS (SELECT 1 FROM action_plans_assessment a WHERE a.state = 'published' AND a.id ="
                    " CASE WHEN TG_OP = 'INSERT' THEN NEW.assessment_id ELSE OLD.assessment_id END) THEN"
                    # What may change is that it is hidden, once.
                    " IF TG_OP = 'UPDATE' AND to_jsonb(OLD) -> 'hidden_at' = 'null'"
                    " AND to_jsonb(OLD) - ARRAY['hidden_for', 'hidden_note', 'hidden_by_id', 'hidden_at']"
                    " = to_jsonb(NEW) - ARRAY['hidden_for', 'hidden_note', 'hidden_by_id', 'hidden_at']"
                    " THEN RETURN NEW; END IF;"
                    " RAISE EXCEPTION 'pgtrigger: the evidence of a published assessment stays'; END IF;"
                    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return self.version.evidence.title if self.version else self.own_title

    @property
    def is_public(self) -> bool:
        """Whether everyone may open it: of the library, while kept there and public; of a monitor, until hidden."""
        if self.version is None:
            return self.own_public and self.hidden_at is None
        return self.version.evidence.is_public and self.version.evidence.removed_at is None

    @property
    def file(self) -> Document | None:
        return self.version.document if self.version else self.document

    @property
    def address(self) -> str:
        return self.version.url if self.version else self.url
