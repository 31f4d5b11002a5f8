"""Answers, every text that ever stood in them, comments, evidence, workbooks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from diagnostics.choices import AnswerOrigin, Audience, Confidence, EvidenceKind, LinkState, WorkbookState
from diagnostics.models.rounds import Diagnostic, validated_stays
from municipalities.models import Document, Municipality

if TYPE_CHECKING:
    from accounts.models import User


class AnswerContent(models.Model):
    """What an officer says to one question. `value` is as its kind tells (`rules.instrument.QuestionKind`)."""

    value = models.JSONField(_("answer"), null=True, blank=True)
    is_na = models.BooleanField(_("not applicable"), default=False)
    text = models.TextField(_("explanation"), blank=True, max_length=20_000)
    confidence = models.CharField(_("confidence"), max_length=10, choices=Confidence, blank=True)

    class Meta:
        abstract = True


class Answer(AnswerContent):
    """The present answer. `version` grows by one with each accepted save, and a save names the version it started from."""

    diagnostic = models.ForeignKey(Diagnostic, models.PROTECT, related_name="answers")
    question = models.CharField(_("question"), max_length=80)
    version = models.PositiveIntegerField(_("version"), default=0)
    origin = models.CharField(_("origin"), max_length=10, choices=AnswerOrigin, default=AnswerOrigin.PERSON)
    # Carried from elsewhere: it counts once a person has confirmed it.
    to_confirm = models.BooleanField(_("to be confirmed"), default=False)
    is_locked = models.BooleanField(_("checked and locked"), default=False)
    updated_at = models.DateTimeField(_("changed"))
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ("diagnostic", "question")
        constraints = (
            models.UniqueConstraint(fields=["diagnostic", "question"], name="answer_once"),
            models.CheckConstraint(condition=Q(origin__in=AnswerOrigin.values), name="answer_origin_known"),
            models.CheckConstraint(
                condition=Q(confidence__in=["", *Confidence.values]), name="answer_confidence_known"
            ),
        )
        # An empty row may still come: what a save that came too late hangs on, so that its text is kept.
        triggers = (validated_stays("validated_answers_stay", unless="NEW.version = 0"),)

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.question} v{self.version}"


class AnswerRevision(AnswerContent):
    """Every save that ever arrived, those that lost a conflict or came late included: nothing written is ever gone.

    `client_id` comes from the browser: the same save sent twice is one. `tab` and `sequence` tell saves of one page apart, so
    that those that arrive out of order are recognised. `version` is what the answer became; null when the save did not win.
    """

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="revisions")
    client_id = models.UUIDField(unique=True)
    tab = models.UUIDField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    base_version = models.PositiveIntegerField(_("started from version"))
    version = models.PositiveIntegerField(_("became version"), null=True, blank=True)
    origin = models.CharField(_("origin"), max_length=10, choices=AnswerOrigin, default=AnswerOrigin.PERSON)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("revision of an answer")
        verbose_name_plural = _("revisions of answers")
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["answer", "version"], condition=Q(version__isnull=False), name="answer_revision_version_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.answer_id} {self.at:%Y-%m-%d %H:%M}"


class Comment(models.Model):
    """A remark on a question, for the municipality alone or shared with the council."""

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="comments")
    question = models.CharField(_("question"), max_length=80)
    audience = models.CharField(_("who reads it"), max_length=15, choices=Audience, default=Audience.MUNICIPALITY)
    text = models.TextField(_("comment"), max_length=5_000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="comment_audience_known"),
        )

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.question}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: User) -> Self:
        """Evidence of the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))

    def kept(self) -> Self:
        """What nobody removed."""
        return self.filter(removed_at__isnull=True)

    def with_state(self) -> Self:
        """Annotated with what its newest version says of itself, and whether a question uses it."""
        newest = EvidenceVersion.objects.filter(evidence=OuterRef("pk")).order_by("-number")
        return self.annotate(
            document_state=Subquery(newest.values("document__state")[:1]),
            link_state=Subquery(newest.values("link_state")[:1]),
            is_used=Exists(EvidenceUse.objects.filter(evidence=OuterRef("pk"))),
        )


class Evidence(models.Model):
    """Something that shows what an answer says: one object, used by several questions and rounds."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="evidence")
    title = models.CharField(_("title"), max_length=150)
    description = models.TextField(_("description"), blank=True)
    dated = models.DateField(_("date"), null=True, blank=True, help_text=_("of the document itself"))
    expires = models.DateField(_("valid until"), null=True, blank=True)
    is_public = models.BooleanField(_("public"), default=False, help_text=_("shown with the validated diagnostic"))
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("added"))
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)
    search = models.TextField(_("text searched"), blank=True, help_text=_("normalised, without accents"))

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ("municipality", "title")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        # Not reversed: a section of the form asks for some thirty of them.
        place = self.municipality
        return f"/municipios/{place.cut}-{place.slug}/evidencia/{self.key}/"


class EvidenceVersion(models.Model):
    """A file or link that the evidence was at a time. The newest one counts; snapshots name the one they saw."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=5, choices=EvidenceKind)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    url = models.URLField(_("address"), max_length=500, blank=True)
    link_state = models.CharField(_("link"), max_length=10, choices=LinkState, default=LinkState.UNKNOWN)
    link_checked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    # Looks in a row that found nothing, and why the last one did (`rules.links`).
    link_failures = models.PositiveSmallIntegerField(_("looks in vain"), default=0)
    link_fault = models.CharField(_("why"), max_length=20, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("version of evidence")
        verbose_name_plural = _("versions of evidence")
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["evidence", "number"], name="evidence_version_once"),
            models.CheckConstraint(condition=Q(kind__in=EvidenceKind.values), name="evidence_kind_known"),
            models.CheckConstraint(condition=Q(link_state__in=LinkState.values), name="evidence_link_state_known"),
            models.CheckConstraint(
                condition=(
                    Q(kind="file", document__isnull=False, url="") | Q(kind="link", document__isnull=True) & ~Q(url="")
                ),
                name="evidence_is_file_or_link",
            ),
        )

    def __str__(self) -> str:
        return f"{self.evidence_id} v{self.number}"


class EvidenceUse(models.Model):
    """A question of a diagnostic points to a piece of evidence."""

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="uses")
    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="evidence_uses")
    question = models.CharField(_("question"), max_length=80)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(_("linked"))

    class Meta:
        verbose_name = _("use of evidence")
        verbose_name_plural = _("uses of evidence")
        constraints = (
            models.UniqueConstraint(fields=["evidence", "diagnostic", "question"], name="evidence_use_once"),
        )
        triggers = (validated_stays("validated_uses_stay"),)

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.question}"


class Workbook(models.Model):
    """A filled-in workbook that came back. `rows` is the preview; nothing is written until a person confirms."""

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="workbooks")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=WorkbookState, default=WorkbookState.QUEUED)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    rows = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("received"))
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    class Meta:
        verbose_name = _("workbook")
        verbose_name_plural = _("workbooks")
        ordering = ("-uploaded_at",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=WorkbookState.values), name="workbook_state_known"),
        )

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.uploaded_at:%Y-%m-%d}"
