"""Commitments with all the fields of OGP's form, their milestones, indicators and progress."""

from __future__ import annotations

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from action_plans.choices import MilestoneState, OgpValue
from action_plans.models.plans import Plan
from diagnostics.models import Evidence


@pghistory.track()
class Commitment(models.Model):
    """A promise of the plan. `key` is its permanent identifier: editions, contributions and assessments name it.

    The fields are those of OGP's template; empty ones are no fault, but `rules.commitment_checks` names what the IRM criticised.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="commitments")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    starts = models.DateField(_("from"), null=True, blank=True)
    ends = models.DateField(_("until"), null=True, blank=True, help_text=_("the last day"))
    problem = models.TextField(_("public problem"), blank=True)
    baseline = models.TextField(
        _("baseline"), blank=True, help_text=_("how things are today, with a number where possible")
    )
    status_quo = models.TextField(_("what has been done until now"), blank=True)
    action = models.TextField(_("what will be done"), blank=True)
    outcome = models.TextField(_("expected outcome"), blank=True)
    contribution = models.TextField(_("how it helps to solve the problem"), blank=True)
    # {value of OgpValue: why it is relevant to it}
    values = models.JSONField(_("relevance to the values of open government"), default=dict, blank=True)
    unit = models.CharField(_("responsible unit"), max_length=150, blank=True)
    office = models.CharField(_("office of the person responsible"), max_length=150, blank=True)
    counterpart = models.CharField(_("counterpart in civil society"), max_length=200, blank=True)
    others = models.TextField(_("other actors"), blank=True)
    resources = models.TextField(_("resources"), blank=True)
    # Goals of the 2030 Agenda, 1 to 17.
    goals = models.JSONField(_("sustainable development goals"), default=list, blank=True)
    pladeco = models.CharField(_("link to the PLADECO"), max_length=200, blank=True)
    # Codes of accounts of the classifier, as the budget pages of the portal show them.
    accounts = models.JSONField(_("accounts of the budget"), default=list, blank=True)
    # Identifiers of the questions of the plan's diagnostic whose gaps it closes.
    gaps = models.JSONField(_("gaps of the diagnostic"), default=list, blank=True)
    created_at = models.DateTimeField(_("made"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0, help_text=_("grows with each save"))

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(fields=["plan", "number"], name="commitment_number_once"),
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="commitment_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    def values_named(self) -> list[tuple[str, str]]:
        """The values it says to serve, in the order of OGP, each with its why."""
        return [(str(value.label), self.values[value]) for value in OgpValue if self.values.get(value)]


class Indicator(models.Model):
    """What tells whether the outcome came: a number today and the one aimed at."""

    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="indicators")
    name = models.CharField(_("name"), max_length=200)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=18, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=4, null=True, blank=True)
    source = models.CharField(_("where the number comes from"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("commitment", "pk")

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Milestone(models.Model):
    """A step of a commitment, with something that anyone can check. `weight` counts among the milestones of the commitment."""

    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="milestones")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    starts = models.DateField(_("from"), null=True, blank=True)
    ends = models.DateField(_("until"), null=True, blank=True, help_text=_("the last day"))
    office = models.CharField(_("office responsible"), max_length=150, blank=True)
    deliverable = models.TextField(_("what can be checked"), blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=MilestoneState, default=MilestoneState.SCHEDULED)
    met_on = models.DateField(_("met on"), null=True, blank=True)
    # How far one under way has come, in hundredths; of the others the state tells.
    advance = models.PositiveSmallIntegerField(_("advance (%)"), default=0)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("commitment", "number")
        constraints = (
            models.UniqueConstraint(fields=["commitment", "number"], name="milestone_number_once"),
            models.CheckConstraint(condition=Q(state__in=MilestoneState.values), name="milestone_state_known"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="milestone_weight"),
            models.CheckConstraint(condition=Q(advance__lte=100), name="milestone_advance"),
            models.CheckConstraint(
                condition=Q(state="met", met_on__isnull=False) | (~Q(state="met") & Q(met_on__isnull=True)),
                name="milestone_met_on",
            ),
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="milestone_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.commitment_id}.{self.number} {self.title}"


class ProgressUpdate(models.Model):
    """What was done, said on a day; a correction is another update. `client_id` makes a second click the same update."""

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="updates")
    milestone = models.ForeignKey(Milestone, models.PROTECT, null=True, blank=True, related_name="updates")
    client_id = models.UUIDField(unique=True)
    text = models.TextField(_("what was done"), max_length=10_000)
    state = models.CharField(_("state of the milestone"), max_length=10, choices=MilestoneState, blank=True)
    advance = models.PositiveSmallIntegerField(_("advance (%)"), null=True, blank=True)
    evidence = models.ManyToManyField(Evidence, related_name="progress_updates", blank=True, verbose_name=_("evidence"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("progress update")
        verbose_name_plural = _("progress updates")
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["", *MilestoneState.values]), name="progress_update_state_known"
            ),
            models.CheckConstraint(condition=Q(advance__isnull=True) | Q(advance__lte=100), name="progress_advance"),
        )

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.at:%Y-%m-%d}"
