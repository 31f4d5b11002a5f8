"""Files that people sent or the portal made. They live outside the web root, under random names, and leave through one view."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from municipalities.choices import DocumentKind, DocumentState
from municipalities.models.register import Municipality
from municipalities.rules.uploads import quarantine_words

if TYPE_CHECKING:
    from accounts.models import User


def random_name(document: Document, filename: str) -> str:
    """Where the file is stored: nothing of what its sender wrote is part of it."""
    name = uuid.uuid4().hex
    return f"documents/{name[:2]}/{name}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def visible_to(self, user: User) -> Self:
        """Documents of the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))


class Document(models.Model):
    """A file and what is known of it. Its content never changes: a correction is another document."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text=_("its name in addresses"))
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind)
    file = models.FileField(_("file"), upload_to=random_name, max_length=200)
    name = models.CharField(_("name"), max_length=150, help_text=_("as it is offered for download"))
    media_type = models.CharField(_("type"), max_length=100, help_text=_("judged by content"))
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    state = models.CharField(_("state"), max_length=15, choices=DocumentState, default=DocumentState.WAITING)
    state_reason = models.CharField(_("why"), max_length=300, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    # Null: the portal made it.
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(_("received"))

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ("-uploaded_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="document_kind_known"),
            models.CheckConstraint(condition=Q(state__in=DocumentState.values), name="document_state_known"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="document_sha256"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        # Not reversed: a section of a diagnostic asks for some thirty of them.
        return f"/documentos/{self.key}/"

    @property
    def may_open(self) -> bool:
        return self.state == DocumentState.CLEAN

    @property
    def state_words(self) -> str:
        """Why it may not be opened, in words for people; empty while nothing is wrong."""
        return quarantine_words(self.state_reason) if self.state_reason else ""
