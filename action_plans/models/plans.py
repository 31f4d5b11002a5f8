"""Local action plans, and the editions of them that the public saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from action_plans.choices import EditionKind, PlanStage
from action_plans.rules.plan_states import FINAL
from diagnostics.models import Diagnostic
from municipalities.models import Document, Municipality

if TYPE_CHECKING:
    from accounts.models import User


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: User) -> Self:
        """Plans of the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))

    def open(self) -> Self:
        """Those whose life goes on."""
        return self.exclude(stage__in=FINAL)

    def public(self) -> Self:
        """Those of which everyone sees something: an edition, or at least that the municipality prepares one."""
        return self.exclude(stage=PlanStage.CANCELLED)

    def with_origin(self) -> Self:
        """With `is_brought`: the plan was approved before it came here, so that its first edition is the approved one."""
        first = PlanEdition.objects.filter(plan=OuterRef("pk"), number=1, kind=EditionKind.APPROVED)
        return self.annotate(is_brought=Exists(first))


@pghistory.track()
class Plan(models.Model):
    """The plan of a municipality for a period. Its rows are the text being written; what the public reads are editions."""

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="plans")
    title = models.CharField(_("title"), max_length=150)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), help_text=_("the last day"))
    # The diagnostic whose gaps it starts from.
    diagnostic = models.ForeignKey(Diagnostic, models.PROTECT, null=True, blank=True, related_name="plans")
    foreword = models.TextField(_("foreword"), blank=True)
    challenges = models.TextField(_("challenges and opportunities"), blank=True)
    vision = models.TextField(_("long-term vision"), blank=True)
    coordination = models.TextField(_("who coordinates it, and how"), blank=True)
    stage = models.CharField(_("stage"), max_length=15, choices=PlanStage, default=PlanStage.PREPARATION)
    stage_since = models.DateTimeField(_("since"))
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True, help_text=_("office, not a person"))
    approval = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("act of approval")
    )
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("action plan")
        verbose_name_plural = _("action plans")
        ordering = ("-starts", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(stage__in=PlanStage.values), name="plan_stage_known"),
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="plan_ends_after_start"),
            models.UniqueConstraint(
                fields=["municipality"], condition=~Q(stage__in=sorted(FINAL)), name="plan_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=["approved", "implementation", "midterm", "final", "closed"])
                | (Q(approved_on__isnull=False, approval__isnull=False) & ~Q(approved_by="")),
                name="plan_approved_with_act",
            ),
        )

    def __str__(self) -> str:
        return self.title


class PlanEdition(models.Model):
    """The plan as published on a day: `content` is the canonical form of its text, commitments and milestones. Never changed."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField(_("edition"))
    kind = models.CharField(_("kind"), max_length=15, choices=EditionKind)
    reason = models.TextField(_("reason of the change"), blank=True)
    content = models.JSONField(_("content"))
    sha256 = models.CharField("SHA-256", max_length=64)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("edition of a plan")
        verbose_name_plural = _("editions of plans")
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["plan", "number"], name="plan_edition_once"),
            models.CheckConstraint(condition=Q(kind__in=EditionKind.values), name="plan_edition_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=EditionKind.AMENDED) | ~Q(reason=""), name="plan_edition_change_with_reason"
            ),
        )
        triggers = (pgtrigger.Protect(name="edition_stays", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.plan_id} {self.number}"


class Waiver(models.Model):
    """An exception to a rule of the plan, as a row: which rule, why, who asked, who granted it, until when."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="waivers")
    rule = models.CharField(_("rule"), max_length=40)
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    until = models.DateField(_("until"), help_text=_("the last day"))
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(_("granted"), null=True, blank=True)

    class Meta:
        verbose_name = _("exception of a plan")
        verbose_name_plural = _("exceptions of plans")
        ordering = ("-asked_at",)
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="waiver_with_reason"),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("asked_by")), name="waiver_granted_by_another"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True, granted_at__isnull=True)
                | Q(granted_by__isnull=False, granted_at__isnull=False),
                name="waiver_granted_at",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan_id} {self.rule}"
