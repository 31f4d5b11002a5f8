"""Instruments and their versions. A version is one document, which a published row never changes (decision 0007)."""

from __future__ import annotations

from typing import Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from diagnostics.choices import EditionState, InstrumentPurpose


class InstrumentFamily(models.Model):
    """An instrument, whatever its version: `key` is its permanent identifier."""

    key = models.SlugField(_("identifier"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=150)
    purpose = models.CharField(
        _("purpose"), max_length=20, choices=InstrumentPurpose, default=InstrumentPurpose.DIAGNOSTIC
    )

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=Q(purpose__in=InstrumentPurpose.values), name="instrument_purpose_known"),
        )

    def __str__(self) -> str:
        return self.name


class InstrumentVersionQuerySet(models.QuerySet["InstrumentVersion"]):
    def published(self, purpose: InstrumentPurpose = InstrumentPurpose.DIAGNOSTIC) -> Self:
        """Those in force for a purpose: rounds are opened with diagnostics only."""
        return self.filter(state=EditionState.PUBLISHED, family__purpose=purpose)


@pghistory.track(exclude=["content"])
class InstrumentVersion(models.Model):
    """A version: `content` is the canonical form of its YAML file (`rules.instrument_file`), `checksum` that file's SHA-256."""

    family = models.ForeignKey(InstrumentFamily, models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    content = models.JSONField(_("content"))
    checksum = models.CharField("SHA-256", max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=EditionState, default=EditionState.DRAFT)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("made"))
    updated_at = models.DateTimeField(_("changed"))
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = InstrumentVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an instrument")
        verbose_name_plural = _("versions of instruments")
        ordering = ("family", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=EditionState.values), name="instrument_version_state_known"),
            models.UniqueConstraint(fields=["family", "version"], name="instrument_version_once"),
            models.UniqueConstraint(fields=["family"], condition=Q(state="published"), name="instrument_one_published"),
            models.UniqueConstraint(fields=["family"], condition=Q(state="draft"), name="instrument_one_draft"),
        )
        triggers = (
            pgtrigger.Protect(
                name="published_content_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    'OLD."state" <> \'draft\' AND (OLD."content" IS DISTINCT FROM NEW."content"'
                    ' OR OLD."checksum" IS DISTINCT FROM NEW."checksum" OR OLD."version" IS DISTINCT FROM NEW."version")'
                ),
            ),
            pgtrigger.Protect(
                name="published_version_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["published", "retired"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.version})"


class VersionMapping(models.Model):
    """How answers go from one version to the next: the canonical form of a mapping file (`rules.mapping`)."""

    source = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="mappings_from")
    target = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="mappings_to")
    content = models.JSONField(_("content"))
    checksum = models.CharField("SHA-256", max_length=64)
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("mapping between versions")
        verbose_name_plural = _("mappings between versions")
        constraints = (models.UniqueConstraint(fields=["source", "target"], name="version_mapping_once"),)

    def __str__(self) -> str:
        return f"{self.source_id} -> {self.target_id}"
