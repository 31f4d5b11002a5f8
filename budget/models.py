"""Classifier, datasets with their lines and indicators, what is computed from them, and the imports that bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.choices import CouncilRole
from budget.choices import (
    Area,
    DatasetState,
    ImportState,
    Level,
    Missing,
    Sector,
    Severity,
    Side,
    Source,
    SourceUnit,
    Unit,
    Verification,
)
from municipalities.models import Municipality

if TYPE_CHECKING:
    from accounts.models import User


class ClassifierVersion(models.Model):
    """An edition of the budget classifier, in force from a year until the next one."""

    valid_from = models.PositiveSmallIntegerField(_("in force from"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    source = models.TextField(_("source"))

    class Meta:
        verbose_name = _("classifier")
        verbose_name_plural = _("classifiers")
        ordering = ("-valid_from",)

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """An account of the classifier: `215.22.05.001`. The roots `115` and `215` are the totals of income and expense."""

    version = models.ForeignKey(ClassifierVersion, models.PROTECT, related_name="accounts")
    code = models.CharField(_("code"), max_length=30)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.CharField(_("level"), max_length=20, choices=Level)
    side = models.CharField(_("side"), max_length=10, choices=Side)
    official_name = models.CharField(_("official name"), max_length=200)
    plain_name = models.CharField(_("plain name"), max_length=80)
    sentence = models.TextField(_("what it is"))
    verification = models.CharField(_("how it is known"), max_length=20, choices=Verification)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=["version", "code"], name="account_once"),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="account_level_known"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="account_side_known"),
            models.CheckConstraint(
                condition=Q(verification__in=Verification.values), name="account_verification_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.official_name}"


class Indicator(models.Model):
    """A variable that a source publishes for each municipality and year."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("official name"), max_length=300)
    plain_name = models.CharField(_("plain name"), max_length=120)
    sentence = models.TextField(_("what it is"), blank=True)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    source = models.CharField(_("source"), max_length=20, choices=Source, default=Source.SINIM)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("code",)
        constraints = (models.CheckConstraint(condition=Q(unit__in=Unit.values), name="indicator_unit_known"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PriceIndex(models.Model):
    """Mean of a year's consumer price index (IPC), for constant pesos."""

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    mean = models.DecimalField(_("mean index"), max_digits=8, decimal_places=3)
    months = models.PositiveSmallIntegerField(_("months in the mean"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("price index")
        verbose_name_plural = _("price indices")
        ordering = ("year",)

    def __str__(self) -> str:
        return f"{self.year}: {self.mean}"


class SourceFile(models.Model):
    """A file as it came. Its hash is its identity: the same bytes are kept once."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveBigIntegerField(_("bytes"))
    file = models.FileField(upload_to="budget/sources/", blank=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("source file")
        verbose_name_plural = _("source files")

    def __str__(self) -> str:
        return self.name


class ImportQuerySet(models.QuerySet["Import"]):
    def visible_to(self, user: User) -> Self:
        """Council staff see every import; nobody else sees any."""
        if user.is_authenticated and user.is_active and user.council_role in CouncilRole.values:
            return self
        return self.none()


@pghistory.track(exclude=["progress", "total"])
class Import(models.Model):
    """A file on its way into the portal. Progress and outcome are columns, which the page polls."""

    file = models.ForeignKey(SourceFile, models.PROTECT, related_name="imports")
    source = models.CharField(_("source"), max_length=20, choices=Source)
    state = models.CharField(_("state"), max_length=20, choices=ImportState, default=ImportState.QUEUED)
    progress = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    summary = models.JSONField(_("summary"), default=dict)
    errors = models.JSONField(_("errors"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("begun"))
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="import_source_known"),
        )

    def __str__(self) -> str:
        return f"{self.file_id} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("budget:import", args=[self.pk])


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def published(self) -> Self:
        """What is in force now."""
        return self.filter(state=DatasetState.PUBLISHED)

    def public(self) -> Self:
        """What anyone may read: in force, or once in force."""
        return self.filter(state__in=[DatasetState.PUBLISHED, DatasetState.SUPERSEDED])

    def visible_to(self, user: User) -> Self:
        """Council staff see drafts too; everyone else what is or was published."""
        if user.is_authenticated and user.is_active and user.council_role in CouncilRole.values:
            return self
        return self.public()


@pghistory.track()
class Dataset(models.Model):
    """The budget of one municipality, year and sector at a cut-off date, from one source: an edition, never edited.

    A newer edition supersedes it and repeats what did not change, so that each edition is complete in itself.
    `content_hash` tells whether two editions say the same. `totals` holds whole pesos by side and measure:
    `{"expense": {"initial": 1, "current": 2, "accrued": 3, "settled": null}, "income": {...}}`.
    """

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="datasets")
    year = models.PositiveSmallIntegerField(_("year"))
    sector = models.CharField(_("sector"), max_length=10, choices=Sector, default=Sector.MUNICIPAL)
    cut_off = models.DateField(_("cut-off date"))
    source = models.CharField(_("source"), max_length=20, choices=Source)
    source_unit = models.CharField(_("unit in the source"), max_length=10, choices=SourceUnit)
    edition = models.PositiveSmallIntegerField(_("edition"))
    # The edition that was in force when this one was made and whose values it repeats where the new file is silent.
    based_on = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made from")
    )
    state = models.CharField(_("state"), max_length=12, choices=DatasetState, default=DatasetState.DRAFT)
    file = models.ForeignKey(SourceFile, models.PROTECT, related_name="datasets")
    brought_by = models.ForeignKey(Import, models.PROTECT, related_name="datasets")
    content_hash = models.CharField(max_length=64)
    totals = models.JSONField(_("totals"), default=dict)
    created_at = models.DateTimeField(_("imported"))
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        ordering = ("municipality", "-year", "sector", "-edition")
        constraints = (
            models.UniqueConstraint(
                fields=["municipality", "year", "sector", "cut_off", "source", "edition"], name="dataset_edition_once"
            ),
            models.UniqueConstraint(
                fields=["municipality", "year", "sector", "cut_off", "source"],
                condition=Q(state=DatasetState.PUBLISHED),
                name="dataset_one_in_force",
            ),
            models.CheckConstraint(condition=Q(state__in=DatasetState.values), name="dataset_state_known"),
            models.CheckConstraint(condition=Q(sector__in=Sector.values), name="dataset_sector_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="dataset_source_known"),
            models.CheckConstraint(condition=Q(source_unit__in=SourceUnit.values), name="dataset_unit_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "superseded"]) | Q(published_at__isnull=False),
                name="dataset_published_has_date",
            ),
        )
        indexes = (models.Index(fields=["year", "state"], name="dataset_by_year"),)

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.year} {self.sector} #{self.edition}"

    @property
    def is_demonstration(self) -> bool:
        return self.source == Source.DEMONSTRATION


class Line(models.Model):
    """Amounts of one account (and, for municipal expense, one management area), in whole pesos. NULL is "not given"."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="lines")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    area = models.CharField(_("area"), max_length=2, choices=Area, null=True, blank=True)
    initial = models.BigIntegerField(_("initial budget"), null=True, blank=True)
    current = models.BigIntegerField(_("current budget"), null=True, blank=True)
    accrued = models.BigIntegerField(_("accrued"), null=True, blank=True)
    settled = models.BigIntegerField(_("paid or received"), null=True, blank=True)

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = (
            models.UniqueConstraint(fields=["dataset", "account", "area"], nulls_distinct=False, name="line_once"),
            models.CheckConstraint(condition=Q(area__isnull=True) | Q(area__in=Area.values), name="line_area_known"),
        )

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.account_id} {self.area or ''}"


class IndicatorValue(models.Model):
    """What a source says of one indicator: a number, or the reason why there is none. Money is in whole pesos."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="indicator_values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values")
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4, null=True, blank=True)
    missing = models.CharField(_("why it is missing"), max_length=20, choices=Missing, blank=True)
    file = models.ForeignKey(SourceFile, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("value of an indicator")
        verbose_name_plural = _("values of indicators")
        constraints = (
            models.UniqueConstraint(fields=["dataset", "indicator"], name="indicator_value_once"),
            models.CheckConstraint(
                condition=Q(value__isnull=True, missing__in=Missing.values) | Q(value__isnull=False, missing=""),
                name="indicator_value_or_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.indicator_id}: {self.value}"


class Finding(models.Model):
    """What a reconciliation rule saw in a dataset. It warns; it never blocks."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="findings")
    code = models.CharField(_("code"), max_length=40)
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    citizen_text = models.TextField(_("for citizens"))
    officer_text = models.TextField(_("for officers"))
    data = models.JSONField(_("figures behind it"), default=dict)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("dataset", "code")
        constraints = (
            models.UniqueConstraint(fields=["dataset", "code"], name="finding_once"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="finding_severity_known"),
        )

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.code}"


class Figure(models.Model):
    """A Plotly figure as the browser draws it, at an address that is the hash of its content: it can never change."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")

    def __str__(self) -> str:
        return self.sha256

    def get_absolute_url(self) -> str:
        return reverse("budget:figure", args=[self.sha256])


class YearSummary(models.Model):
    """All that the page of one municipality and year shows, computed by a worker. The row is also the lock of that work.

    `inputs_hash` covers everything the summary was computed from, the rules' version included: when it has not changed there
    is nothing to do. `payload` is described in `budget.reports`.
    """

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="year_summaries")
    year = models.PositiveSmallIntegerField(_("year"))
    inputs_hash = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(default=dict)
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("summary of a year")
        verbose_name_plural = _("summaries of years")
        ordering = ("municipality", "-year")
        constraints = (models.UniqueConstraint(fields=["municipality", "year"], name="year_summary_once"),)

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.year}"


class Series(models.Model):
    """A municipality's years side by side: the headline numbers of its summaries and the figures drawn of them.

    It stands apart from `YearSummary` so that a new year costs one more row of numbers, not every other year again. The row is
    also the lock of that work. `payload` is described in `budget.reports`.
    """

    municipality = models.OneToOneField(Municipality, models.CASCADE, primary_key=True, related_name="budget_series")
    inputs_hash = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(default=dict)
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("years side by side")
        verbose_name_plural = _("years side by side")

    def __str__(self) -> str:
        return self.municipality_id
