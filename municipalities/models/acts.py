"""The act of adhesion: its template, the act as issued, the signed act, and whom the portal trusts to certify a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.rules import format_run
from municipalities.choices import (
    CertificateKind,
    EditionState,
    Fact,
    ReturnReason,
    SignatureFact,
    SignatureMethod,
    SignatureState,
)
from municipalities.models.adhesions import Adhesion
from municipalities.models.authorities import Authority
from municipalities.models.documents import Document
from municipalities.rules.verdict import told

if TYPE_CHECKING:
    from accounts.models import User

_WORDS = ("number", "title", "body", "commitments", "closing")
_WORDS_CHANGE = " OR ".join(f'OLD."{field}" IS DISTINCT FROM NEW."{field}"' for field in _WORDS)


@pghistory.track()
class ActTemplate(models.Model):
    """An edition of the text of the act. Once published its words never change; a newer edition replaces it.

    `body` is plain text with named fields in braces (`{municipio}`); `commitments` holds one a line.
    """

    number = models.PositiveSmallIntegerField(_("edition"), unique=True)
    title = models.CharField(_("title"), max_length=150)
    body = models.TextField(_("text"))
    commitments = models.TextField(_("commitments"), help_text=_("one a line"))
    closing = models.TextField(_("closing"), blank=True)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=EditionState, default=EditionState.DRAFT)
    created_at = models.DateTimeField(_("made"))
    updated_at = models.DateTimeField(_("changed"))
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    class Meta:
        verbose_name = _("template of the act")
        verbose_name_plural = _("templates of the act")
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=EditionState.values), name="act_template_state_known"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="published"), name="act_template_one_published"
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="act_template_one_draft"),
        )
        triggers = (
            pgtrigger.Protect(
                name="published_words_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"OLD.\"state\" <> 'draft' AND ({_WORDS_CHANGE})"),
            ),
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=["published", "retired"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class ActQuerySet(models.QuerySet["Act"]):
    def visible_to(self, user: User) -> Self:
        """Acts of the adhesions that the person may see."""
        return self.filter(adhesion__in=Adhesion.objects.visible_to(user))

    def current(self) -> Self:
        """Those that no newer act of the same adhesion replaced."""
        return self.filter(replaced_at__isnull=True)


class Act(models.Model):
    """An act as issued: everything its text says is in `fields`, so that the same bytes can be made again."""

    adhesion = models.ForeignKey(Adhesion, models.PROTECT, related_name="acts")
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    folio = models.CharField(_("folio"), max_length=20, unique=True, help_text="MGAM-2026-0001")
    template = models.ForeignKey(ActTemplate, models.PROTECT, related_name="acts")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+", verbose_name=_("who is to sign"))
    fields = models.JSONField(_("fields"))
    document = models.OneToOneField(Document, models.PROTECT, related_name="act", verbose_name=_("document"))
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    issued_at = models.DateTimeField(_("issued"))
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    objects = ActQuerySet.as_manager()

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        ordering = ("-issued_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["year", "number"], name="act_folio_once"),
            models.UniqueConstraint(fields=["adhesion"], condition=Q(replaced_at__isnull=True), name="act_one_current"),
        )

    def __str__(self) -> str:
        return self.folio


class SignatureQuerySet(models.QuerySet["Signature"]):
    def visible_to(self, user: User) -> Self:
        """Signatures on the acts that the person may see."""
        return self.filter(act__adhesion__in=Adhesion.objects.visible_to(user))

    def published(self) -> Self:
        """The accepted signature of each adhesion that the public register shows: what anyone may verify."""
        return self.filter(state=SignatureState.ACCEPTED, act__adhesion__in_force_from__isnull=False)


@pghistory.track(exclude=["report"])
class Signature(models.Model):
    """A signed act received by one of the four roads, all recorded alike: who, how, when, file, hash, verdict, who verified.

    The verdict is four separate facts; `report` keeps everything the judgement saw, each signature of the file included, and
    the fingerprints of the certificates then trusted. The RUN and the address are for staff only.
    """

    act = models.ForeignKey(Act, models.PROTECT, related_name="signatures")
    method = models.CharField(_("how"), max_length=10, choices=SignatureMethod)
    state = models.CharField(_("state"), max_length=10, choices=SignatureState, default=SignatureState.WAITING)
    document = models.ForeignKey(Document, models.PROTECT, related_name="signatures")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField(_("received"))
    # What is claimed and proved about the signing itself.
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    signer_name = models.CharField(_("signer"), max_length=200, blank=True)
    signer_run = models.CharField(_("signer's RUN"), max_length=10, blank=True)
    session_hash = models.CharField(max_length=64, blank=True, help_text=_("of the session in which it was signed"))
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    # The four facts.
    is_intact = models.CharField(_("intact"), max_length=10, choices=Fact, default=Fact.UNKNOWN)
    is_trusted = models.CharField(_("trusted"), max_length=10, choices=Fact, default=Fact.UNKNOWN)
    is_mayor = models.CharField(_("signed by the mayor in office"), max_length=10, choices=Fact, default=Fact.UNKNOWN)
    covers_act = models.CharField(
        _("covers the whole act as issued"), max_length=10, choices=Fact, default=Fact.UNKNOWN
    )
    report = models.JSONField(_("report"), default=dict)
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    # What people decided.
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    return_reason = models.CharField(_("reason"), max_length=15, choices=ReturnReason, blank=True)
    return_note = models.TextField(_("explanation"), blank=True)
    # Without RUN: what everyone may download once the adhesion is in force.
    public_document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signed act")
        verbose_name_plural = _("signed acts")
        ordering = ("-received_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(method__in=SignatureMethod.values), name="signature_method_known"),
            models.CheckConstraint(condition=Q(state__in=SignatureState.values), name="signature_state_known"),
            models.CheckConstraint(
                condition=Q(is_intact__in=Fact.values)
                & Q(is_trusted__in=Fact.values)
                & Q(is_mayor__in=Fact.values)
                & Q(covers_act__in=Fact.values),
                name="signature_facts_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned")
                | (Q(return_reason__in=ReturnReason.values) & Q(decided_at__isnull=False)),
                name="signature_returned_with_reason",
            ),
            models.UniqueConstraint(
                fields=["act"], condition=~Q(state=SignatureState.RETURNED), name="signature_one_pending"
            ),
        )

    def __str__(self) -> str:
        return f"{self.act_id} {self.method}"

    @property
    def formatted_run(self) -> str:
        return format_run(self.signer_run) if self.signer_run else ""

    @property
    def facts(self) -> dict[SignatureFact, Fact]:
        """The four facts by their question."""
        return {fact: Fact(getattr(self, fact.value)) for fact in SignatureFact}

    @property
    def told(self) -> dict[str, Any]:
        """The report with its reasons in words, in the reader's language."""
        return told(self.report)


class SignatureCheck(models.Model):
    """One staff member looked at a scanned act and answered for it; two different ones are needed, neither the uploader."""

    signature = models.ForeignKey(Signature, models.CASCADE, related_name="checks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    note = models.TextField(_("what was seen"), blank=True)

    class Meta:
        verbose_name = _("check of a scanned act")
        verbose_name_plural = _("checks of scanned acts")
        ordering = ("at",)
        constraints = (models.UniqueConstraint(fields=["signature", "by"], name="signature_check_once_a_person"),)

    def __str__(self) -> str:
        return f"{self.signature_id} {self.by_id}"


@pghistory.track()
class SignatureException(models.Model):
    """A signed act was accepted although one of the facts is not known: which one, why, and who answers for it."""

    signature = models.ForeignKey(Signature, models.CASCADE, related_name="exceptions")
    fact = models.CharField(_("fact"), max_length=15, choices=SignatureFact)
    reason = models.TextField(_("reason"))
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("exception for a signed act")
        verbose_name_plural = _("exceptions for signed acts")
        ordering = ("granted_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["signature", "fact"], name="signature_exception_once"),
            models.CheckConstraint(condition=Q(fact__in=SignatureFact.values), name="signature_exception_fact_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="signature_exception_reasoned"),
        )

    def __str__(self) -> str:
        return f"{self.signature_id} {self.fact}"


@pghistory.track()
class TrustedCertificate(models.Model):
    """A certificate that staff trust to certify signatures, from a day until another; it is never deleted, only ended."""

    kind = models.CharField(_("kind"), max_length=15, choices=CertificateKind)
    name = models.CharField(_("name"), max_length=200)
    der = models.BinaryField(_("certificate"))
    fingerprint = models.CharField(_("SHA-256 fingerprint"), max_length=64, unique=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    trusted_from = models.DateField(_("trusted from"))
    trusted_until = models.DateField(_("trusted until"), null=True, blank=True)
    note = models.CharField(_("source"), max_length=300, help_text=_("where it was obtained and how it was checked"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("trusted certificate")
        verbose_name_plural = _("trusted certificates")
        ordering = ("kind", "name")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=CertificateKind.values), name="certificate_kind_known"),
        )

    def __str__(self) -> str:
        return self.name


class RevocationList(models.Model):
    """A list of revoked certificates (CRL) that staff uploaded: judging a signature fetches nothing from the network."""

    issuer = models.CharField(_("issuer"), max_length=300)
    der = models.BinaryField(_("list"))
    fingerprint = models.CharField(_("SHA-256 fingerprint"), max_length=64, unique=True)
    this_update = models.DateTimeField(_("issued"))
    next_update = models.DateTimeField(_("next expected"), null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("revocation list")
        verbose_name_plural = _("revocation lists")
        ordering = ("issuer", "-this_update")

    def __str__(self) -> str:
        return self.issuer
