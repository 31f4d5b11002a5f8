"""The yearly report of the country's plans: editions that never change once they are published."""

from __future__ import annotations

import uuid
from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from action_plans.choices import ReportState


def random_name(report: YearlyReport, filename: str) -> str:
    """Where the document is stored."""
    return f"yearly-reports/{uuid.uuid4().hex}.pdf"


class YearlyReportQuerySet(models.QuerySet["YearlyReport"]):
    def published(self) -> Self:
        return self.filter(state=ReportState.PUBLISHED)


class YearlyReport(models.Model):
    """An edition of the report of a year: `content` is what was true when it was asked for, as the page and its files show it.

    The document is made of `content` alone, by a worker; with it the edition is published. A correction is another edition.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveSmallIntegerField(_("edition"))
    reason = models.TextField(_("reason of the correction"), blank=True)
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=ReportState, default=ReportState.MAKING)
    asked_at = models.DateTimeField(_("asked for"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    pdf = models.FileField(_("document"), upload_to=random_name, max_length=200, blank=True)
    pdf_sha256 = models.CharField(_("SHA-256 of the document"), max_length=64, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = YearlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("yearly report")
        verbose_name_plural = _("yearly reports")
        ordering = ("-year", "-number")
        constraints = (
            models.UniqueConstraint(fields=["year", "number"], name="yearly_report_once"),
            models.UniqueConstraint(
                fields=["year"], condition=Q(state=ReportState.MAKING), name="yearly_report_one_in_making"
            ),
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="yearly_report_state_known"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="yearly_report_correction_with_reason"),
            models.CheckConstraint(
                condition=~Q(state=ReportState.PUBLISHED)
                | (Q(published_at__isnull=False) & ~Q(pdf="") & Q(pdf_sha256__regex=r"^[0-9a-f]{64}$")),
                name="yearly_report_published_with_document",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="published_report_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state=ReportState.PUBLISHED),
            ),
        )

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"informe-{self.year}-edicion-{self.number}"
