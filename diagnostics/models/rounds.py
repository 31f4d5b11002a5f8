"""Rounds of diagnostics, and the diagnostic of each municipality in a round."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from diagnostics.choices import DiagnosticState, RoundKind, SnapshotKind
from diagnostics.models.instruments import InstrumentVersion
from diagnostics.rules.diagnostic_states import VALID
from municipalities.models import Document, Municipality

if TYPE_CHECKING:
    from accounts.models import User


@pghistory.track()
class Round(models.Model):
    """A campaign of diagnostics: one version of the instrument, between two dates."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=RoundKind)
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="rounds")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    opens = models.DateField(_("opens"))
    closes = models.DateField(_("closes"), help_text=_("the last day"))
    public_from = models.DateField(_("public from"), null=True, blank=True, help_text=_("of what is validated"))
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ("-opens", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=RoundKind.values), name="round_kind_known"),
            models.CheckConstraint(condition=Q(closes__gte=F("opens")), name="round_closes_after_opening"),
        )

    def __str__(self) -> str:
        return self.name


class PlannedOpening(models.Model):
    """A municipality whose diagnostic opens by itself on the first day of its round. The row goes when that is done."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="planned")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("planned opening")
        verbose_name_plural = _("planned openings")
        ordering = ("round", "municipality")
        constraints = (models.UniqueConstraint(fields=["round", "municipality"], name="planned_opening_once"),)

    def __str__(self) -> str:
        return f"{self.round_id} {self.municipality_id}"


class ReminderRule(models.Model):
    """When and to whom a round's reminders go: `days_before` its close, to municipalities below a share of answers."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="reminder_rules")
    days_before = models.PositiveSmallIntegerField(_("days before the close"))
    below_percent = models.PositiveSmallIntegerField(_("answered less than (%)"), default=100)

    class Meta:
        verbose_name = _("rule of reminders")
        verbose_name_plural = _("rules of reminders")
        ordering = ("-days_before",)
        constraints = (
            models.UniqueConstraint(fields=["round", "days_before"], name="reminder_rule_once"),
            models.CheckConstraint(condition=Q(below_percent__lte=100), name="reminder_rule_percent"),
        )

    def __str__(self) -> str:
        return f"{self.round_id}: {self.days_before}"


_VALID: Final = tuple(sorted(VALID))  # in the order in which the constraint was written
_STANDS: Final = Q(state=DiagnosticState.VALIDATED) | (
    Q(corrects__isnull=True) & ~Q(state__in=[DiagnosticState.CANCELLED, DiagnosticState.SUPERSEDED])
)


class DiagnosticQuerySet(models.QuerySet["Diagnostic"]):
    def visible_to(self, user: User) -> Self:
        """Diagnostics of the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))

    def published(self, today: date) -> Self:
        """Those that everyone may read on `today`."""
        return self.readable(today).filter(state=DiagnosticState.VALIDATED)

    def readable(self, today: date) -> Self:
        """The same, and what a correction took the place of: its address goes on leading to it."""
        return self.filter(state__in=_VALID, public_from__isnull=False, public_from__lte=today)

    def standing(self) -> Self:
        """Those that count for a municipality in its round, one a version: a correction in the place of what it corrects, once
        it is validated."""
        return self.filter(_STANDS)

    def with_standing(self) -> Self:
        """Each carries `closes_on` (as `last_day` tells), `granted_at` (when it last got more time), `percent` (answered, rounded
        down: 100 is all) and `moved_at` (its last step or answer)."""
        latest = Extension.objects.filter(diagnostic=OuterRef("pk")).order_by("-granted_at", "-pk")
        closes = F("round__closes")
        return self.annotate(
            closes_on=Greatest(Coalesce(Subquery(latest.values("until")[:1]), closes), closes),
            granted_at=Subquery(latest.values("granted_at")[:1]),
            percent=Case(
                When(asked=0, then=Value(0)), default=F("answered") * 100 / F("asked"), output_field=IntegerField()
            ),
            # Of a missing value and another, PostgreSQL's greatest is the other.
            moved_at=Greatest("state_since", "answers_changed_at"),
        )


@pghistory.track(exclude=["answers_changed_at", "scored_at", "asked", "answered"])
class Diagnostic(models.Model):
    """The diagnostic of a municipality in a round."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="diagnostics")
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="diagnostics")
    # The round's version when it was opened; a migration to a new version makes another diagnostic.
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="diagnostics")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    # The validated one whose place it takes when it is validated itself, and why it was opened.
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    correction_reason = models.TextField(_("why it is corrected"), blank=True)
    state = models.CharField(_("state"), max_length=15, choices=DiagnosticState, default=DiagnosticState.OPEN)
    state_since = models.DateTimeField(_("since"))
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    validated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    validated_at = models.DateTimeField(_("validated"), null=True, blank=True)
    public_from = models.DateField(_("public from"), null=True, blank=True)
    folio = models.CharField(_("folio"), max_length=20, unique=True, null=True, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    needs_second_review = models.BooleanField(_("with two independent reviewers"), default=False)
    # Scores are behind when answers changed after they were computed.
    answers_changed_at = models.DateTimeField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)
    # How far it has come, counted with the scores.
    asked = models.PositiveSmallIntegerField(_("questions asked"), default=0)
    answered = models.PositiveSmallIntegerField(_("questions answered"), default=0)
    created_at = models.DateTimeField(_("made"))

    objects = DiagnosticQuerySet.as_manager()

    class Meta:
        verbose_name = _("diagnostic")
        verbose_name_plural = _("diagnostics")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=DiagnosticState.values), name="diagnostic_state_known"),
            models.UniqueConstraint(
                fields=["round", "municipality", "version"],
                condition=_STANDS,
                name="diagnostic_once_a_round",
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=~Q(state=DiagnosticState.CANCELLED),
                name="diagnostic_corrected_once",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(correction_reason=""), name="diagnostic_correction_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_VALID) | Q(validated_at__isnull=False, folio__isnull=False),
                name="diagnostic_validated_with_folio",
            ),
            models.CheckConstraint(condition=Q(answered__lte=F("asked")), name="diagnostic_answered_of_asked"),
        )

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.round_id}"

    def last_day(self) -> date:
        """The last day on which the municipality may write: its latest extension, and never before the close of the round."""
        extension = self.extensions.order_by("-granted_at", "-pk").first()
        return max(extension.until, self.round.closes) if extension else self.round.closes


_VALIDATED_STAYS = """
    IF TG_OP = 'INSERT' THEN
        IF {unless} THEN RETURN NEW; END IF;
        held := NEW.diagnostic_id;
    ELSE
        held := OLD.diagnostic_id;
    END IF;
    IF EXISTS (SELECT 1 FROM diagnostics_diagnostic WHERE id = held AND state IN ('validated', 'superseded')) THEN
        RAISE EXCEPTION 'The diagnostic % is validated: it does not change', held;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


def validated_stays(name: str, *, unless: str = "FALSE") -> pgtrigger.Trigger:
    """A guard for rows that belong to a diagnostic: once it is validated they are neither written, changed nor erased.

    `unless` is a condition of SQL under which a new row passes.
    """
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("held", "bigint")],
        func=_VALIDATED_STAYS.replace("{unless}", unless),
    )


class Extension(models.Model):
    """More time for one municipality, with its reason. The latest one counts."""

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="extensions")
    until = models.DateField(_("until"), help_text=_("the last day"))
    reason = models.TextField(_("reason"))
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("granted"))

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ("-granted_at",)

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.until}"


class SectionAssignment(models.Model):
    """A dimension of the form given to a person, with a day of its own."""

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="assignments")
    dimension = models.CharField(_("dimension"), max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due = models.DateField(_("by when"), null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("section given to a person")
        verbose_name_plural = _("sections given to people")
        constraints = (
            models.UniqueConstraint(fields=["diagnostic", "dimension", "user"], name="section_assigned_once"),
        )

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.dimension}"


class Snapshot(models.Model):
    """A diagnostic frozen at a moment: answers, evidence (by hash), scores and the version's checksum. Never changed."""

    diagnostic = models.ForeignKey(Diagnostic, models.PROTECT, related_name="snapshots")
    kind = models.CharField(_("kind"), max_length=20, choices=SnapshotKind)
    name = models.CharField(_("name"), max_length=120)
    content = models.JSONField(_("content"))
    sha256 = models.CharField("SHA-256", max_length=64)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ("-at", "-pk")
        constraints = (models.CheckConstraint(condition=Q(kind__in=SnapshotKind.values), name="snapshot_kind_known"),)
        triggers = (pgtrigger.Protect(name="snapshots_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return self.name
