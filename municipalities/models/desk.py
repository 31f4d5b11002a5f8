"""What the council's desk remembers: contacts made, saved filters, bulk changes that may be undone, calendar feeds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from municipalities.choices import BulkKind, ContactKind
from municipalities.models.register import Municipality
from municipalities.rules.authorities import fingerprint

if TYPE_CHECKING:
    from accounts.models import User


class ContactNoteQuerySet(models.QuerySet["ContactNote"]):
    def visible_to(self, user: User) -> Self:
        """Notes about the municipalities whose inner work the person may see. They are the council's: no one else reads them."""
        if not user.is_authenticated or not user.is_council:
            return self.none()
        return self.filter(municipality__in=Municipality.objects.visible_to(user))

    def due(self, today: date) -> Self:
        """Next steps that are due and not done."""
        return self.filter(next_on__lte=today, done_at__isnull=True)


class ContactNote(models.Model):
    """The council spoke with a municipality, and what comes next."""

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="contact_notes")
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    on = models.DateField(_("date"))
    with_whom = models.CharField(_("with whom"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_on = models.DateField(_("by when"), null=True, blank=True)
    responsible = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    objects = ContactNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact made")
        verbose_name_plural = _("contacts made")
        ordering = ("-on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ContactKind.values), name="contact_note_kind_known"),
            models.CheckConstraint(
                condition=Q(next_step="") | Q(next_on__isnull=False), name="contact_note_step_dated"
            ),
        )
        indexes = (models.Index(fields=["next_on"], condition=Q(done_at__isnull=True), name="contact_note_due"),)

    def __str__(self) -> str:
        return f"{self.municipality_id} {self.kind} {self.on}"

    @property
    def fingerprint(self) -> str:
        """Of what a person saw before they change it."""
        said = (self.kind, self.on, self.with_whom, self.notes, self.next_step, self.next_on, self.responsible_id)
        return fingerprint(said)


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: User) -> Self:
        """The person's own and, for council staff, the shared ones."""
        if not user.is_authenticated or not user.is_council:
            return self.none()
        return self.filter(Q(user=user) | Q(is_shared=True))


class SavedFilter(models.Model):
    """A filter of a table that someone gave a name; `query` is the query string. A shared one is offered to all staff."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    table = models.CharField(_("table"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filter"), max_length=500)
    is_shared = models.BooleanField(_("for everyone"), default=False)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["user", "table", "name"], name="saved_filter_name_once"),)

    def __str__(self) -> str:
        return self.name


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def visible_to(self, user: User) -> Self:
        """The person's own; an administrator sees everybody's."""
        if not user.is_authenticated or not user.is_council:
            return self.none()
        return self if user.is_administrator else self.filter(by=user)


class BulkChange(models.Model):
    """One step taken for many adhesions at once. `rows` holds what each was before, so that it can be taken back.

    `token` comes from the page with the preview: sent twice, it is done once.
    """

    token = models.UUIDField(unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=BulkKind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    parameters = models.JSONField(default=dict)
    rows = models.JSONField(default=list)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        ordering = ("-at",)
        constraints = (models.CheckConstraint(condition=Q(kind__in=BulkKind.values), name="bulk_change_kind_known"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class CalendarFeed(models.Model):
    """The secret address of an adviser's calendar; only its hash is kept, and a new one ends the old."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return str(self.user_id)
