"""Carrying the answers of a round to the next version of its instrument, with a line for every answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from diagnostics.choices import MigrationState
from diagnostics.models.instruments import VersionMapping
from diagnostics.models.rounds import Diagnostic, Round


class AnswerMigration(models.Model):
    """From the diagnostics of one round to those of another, which uses the later version. `content` is the mapping used.

    Without a `mapping` both rounds use the same version, and every question is the same.
    """

    mapping = models.ForeignKey(VersionMapping, models.PROTECT, null=True, blank=True, related_name="migrations")
    content = models.JSONField(_("mapping as it was"))
    source = models.ForeignKey(Round, models.PROTECT, related_name="migrations_from")
    target = models.ForeignKey(Round, models.PROTECT, related_name="migrations_to")
    confirm_all = models.BooleanField(_("everything is confirmed again"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=MigrationState, default=MigrationState.QUEUED)
    total = models.PositiveIntegerField(_("diagnostics"), default=0)
    done = models.PositiveIntegerField(_("diagnostics carried"), default=0)
    started_at = models.DateTimeField(_("begun"))
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("migration of answers")
        verbose_name_plural = _("migrations of answers")
        ordering = ("-started_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=MigrationState.values), name="answer_migration_state_known"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="answer_migration_two_rounds"),
            models.UniqueConstraint(fields=["source", "target"], name="answer_migration_once"),
        )

    def __str__(self) -> str:
        return f"{self.source_id} -> {self.target_id}"


class MigrationReport(models.Model):
    """What became of each answer of a diagnostic: `lines` are those of `rules.mapping.carry`, `kept` were answered already."""

    migration = models.ForeignKey(AnswerMigration, models.PROTECT, related_name="reports")
    source = models.ForeignKey(Diagnostic, models.PROTECT, related_name="migration_reports")
    target = models.ForeignKey(Diagnostic, models.PROTECT, related_name="+")
    lines = models.JSONField(_("lines"))
    kept = models.JSONField(_("already answered in the new round"), default=list)

    class Meta:
        verbose_name = _("report of a migration")
        verbose_name_plural = _("reports of migrations")
        constraints = (models.UniqueConstraint(fields=["migration", "source"], name="migration_report_once"),)

    def __str__(self) -> str:
        return f"{self.migration_id}: {self.source_id}"
