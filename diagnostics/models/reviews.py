"""The council's review of a diagnostic, and its scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from diagnostics.choices import CorrectionReason, Opinion, Reply, ScoreLevel
from diagnostics.models.instruments import InstrumentVersion
from diagnostics.models.rounds import Diagnostic, validated_stays

if TYPE_CHECKING:
    from accounts.models import User


class Reviewer(models.Model):
    """Someone of the council who reviews a diagnostic. Seat 2 is for a sample: the two are blind to each other until both end."""

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="reviewers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    seat = models.PositiveSmallIntegerField(_("seat"), default=1)
    assigned_at = models.DateTimeField(_("given"))
    due = models.DateField(_("by when"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    class Meta:
        verbose_name = _("reviewer")
        verbose_name_plural = _("reviewers")
        constraints = (
            models.UniqueConstraint(fields=["diagnostic", "seat"], name="reviewer_seat_once"),
            models.UniqueConstraint(fields=["diagnostic", "user"], name="reviewer_person_once"),
            models.CheckConstraint(condition=Q(seat__in=[1, 2]), name="reviewer_seat_known"),
        )

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.user_id}"


class ReviewReturn(models.Model):
    """A turn that ended in a return for correction. The turn in course is the one after the last of these."""

    diagnostic = models.ForeignKey(Diagnostic, models.PROTECT, related_name="returns")
    turn = models.PositiveSmallIntegerField(_("turn"))
    reason = models.TextField(_("reason"))
    until = models.DateField(_("to be corrected by"), help_text=_("the last day"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("return for correction")
        verbose_name_plural = _("returns for correction")
        ordering = ("diagnostic", "turn")
        constraints = (
            models.UniqueConstraint(fields=["diagnostic", "turn"], name="review_return_once_a_turn"),
            models.CheckConstraint(condition=~Q(reason=""), name="review_return_with_reason"),
        )

    def __str__(self) -> str:
        return f"{self.diagnostic_id}: {self.turn}"


class ReviewEntryQuerySet(models.QuerySet["ReviewEntry"]):
    def visible_to(self, user: User) -> Self:
        """What the person may read: a municipality what it was told; the council everything, except that of two independent
        reviewers each sees only their own, and everyone else nothing, until both are done."""
        found = self.filter(diagnostic__in=Diagnostic.objects.visible_to(user))
        if not user.is_council:
            return found.filter(is_told=True)
        over = Exists(ReviewReturn.objects.filter(diagnostic=OuterRef("diagnostic"), turn=OuterRef("turn")))
        done = Reviewer.objects.filter(diagnostic=OuterRef("diagnostic"), done_at__isnull=False)
        both = Exists(done.filter(seat=1)) & Exists(done.filter(seat=2))
        return found.filter(Q(by=user) | Q(is_told=True) | over | Q(diagnostic__needs_second_review=False) | both)


class ReviewEntry(models.Model):
    """What a reviewer said of an answer in a turn; a later entry of the same person and turn replaces an earlier one.

    `is_told`: the municipality was told of it. Of two reviewers who agree, one entry is.
    """

    diagnostic = models.ForeignKey(Diagnostic, models.PROTECT, related_name="review_entries")
    question = models.CharField(_("question"), max_length=80)
    turn = models.PositiveSmallIntegerField(_("turn"), default=1)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    opinion = models.CharField(_("opinion"), max_length=15, choices=Opinion)
    reason = models.CharField(_("reason"), max_length=20, choices=CorrectionReason, blank=True)
    note = models.TextField(_("explanation"), blank=True)
    proposed_value = models.JSONField(_("proposed level"), null=True, blank=True)
    # The version of the answer that was read: an answer changed since is read again.
    answer_version = models.PositiveIntegerField(_("version read"), default=0)
    reply = models.CharField(_("reply"), max_length=10, choices=Reply, blank=True)
    reply_text = models.TextField(_("reply in words"), blank=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)
    is_told = models.BooleanField(_("told to the municipality"), default=False)

    objects = ReviewEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a review")
        verbose_name_plural = _("entries of reviews")
        ordering = ("question", "turn", "at")
        constraints = (
            models.CheckConstraint(condition=Q(opinion__in=Opinion.values), name="review_opinion_known"),
            models.CheckConstraint(condition=Q(reply__in=["", *Reply.values]), name="review_reply_known"),
            models.CheckConstraint(
                condition=~Q(opinion=Opinion.CORRECTION) | Q(reason__in=CorrectionReason.values),
                name="review_correction_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(opinion=Opinion.OTHER_LEVEL) | (Q(proposed_value__isnull=False) & ~Q(note="")),
                name="review_proposal_with_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(reply=Reply.DISAGREED) | ~Q(reply_text=""), name="review_disagreement_with_words"
            ),
            models.UniqueConstraint(fields=["diagnostic", "question", "turn", "by"], name="review_entry_once"),
            models.UniqueConstraint(
                fields=["diagnostic", "question", "turn"], condition=Q(is_told=True), name="review_entry_told_once"
            ),
        )
        triggers = (validated_stays("validated_review_stays"),)

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.question}: {self.opinion}"


class Score(models.Model):
    """A stored score with all that explains it: `reached` and `potential` are numerators over `possible`, never rounded.

    `derivation` lists what was added, in the order of the instrument, and why it is this level and what the next one lacks.
    """

    diagnostic = models.ForeignKey(Diagnostic, models.CASCADE, related_name="scores")
    level = models.CharField(_("of what"), max_length=12, choices=ScoreLevel)
    key = models.CharField(_("identifier"), max_length=80, blank=True)
    version = models.ForeignKey(InstrumentVersion, models.PROTECT, related_name="+")
    reached = models.DecimalField(_("reached"), max_digits=40, decimal_places=20, null=True)
    potential = models.DecimalField(_("potential"), max_digits=40, decimal_places=20, null=True)
    possible = models.DecimalField(_("possible"), max_digits=40, decimal_places=20, null=True)
    step = models.PositiveSmallIntegerField(
        _("level"), null=True, help_text=_("of the scale; null when nothing applies")
    )
    derivation = models.JSONField(_("derivation"), default=dict)
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        ordering = ("diagnostic", "level", "key")
        constraints = (
            models.CheckConstraint(condition=Q(level__in=ScoreLevel.values), name="score_level_known"),
            models.UniqueConstraint(fields=["diagnostic", "level", "key"], name="score_once"),
        )

    def __str__(self) -> str:
        return f"{self.diagnostic_id} {self.level} {self.key}"
