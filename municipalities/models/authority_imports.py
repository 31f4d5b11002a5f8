"""Files of authorities and contacts on their way into the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from municipalities.choices import AuthorityImportState

if TYPE_CHECKING:
    from accounts.models import User


class AuthorityImportQuerySet(models.QuerySet["AuthorityImport"]):
    def visible_to(self, user: User) -> Self:
        """The person's own, and to administrators everyone's: the rows hold RUNs and e-mails."""
        if not user.is_authenticated or not user.is_active or not user.is_council:
            return self.none()
        return self if user.is_administrator else self.filter(by=user)


class AuthorityImport(models.Model):
    """A file that was read, and what it would change or changed.

    `rows`: one object a row with `line`, `cells` (texts by column), `cut`, `outcome`, `problem` ([code, named] or null),
    `changes` ([field, old, new]) and `meanwhile` (it was something else when the person saw it). Once the file is applied or
    discarded the cells and changes are forgotten: they hold RUNs and e-mails that nobody needs here any more.
    """

    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=AuthorityImportState, default=AuthorityImportState.READY
    )
    rows = models.JSONField(_("rows"), default=list)
    unused = models.JSONField(_("headings not used"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("brought"))
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = AuthorityImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of authorities")
        verbose_name_plural = _("imports of authorities")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=AuthorityImportState.values), name="authority_import_state_known"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("municipalities:authority_import", args=[self.pk])

    @property
    def counts(self) -> dict[str, int]:
        """How many rows have each outcome, and how many changed meanwhile."""
        counted = {"new": 0, "changed": 0, "same": 0, "error": 0, "meanwhile": 0}
        for row in self.rows:
            counted[row["outcome"]] += 1
            counted["meanwhile"] += bool(row.get("meanwhile"))
        return counted
