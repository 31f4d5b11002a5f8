"""Who holds which office in a municipality, and the people there whom the council writes to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Self

import pghistory
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from accounts.rules import format_run
from municipalities.choices import Office
from municipalities.models.documents import Document
from municipalities.models.register import Municipality
from municipalities.rules.authorities import fingerprint, mask_run

if TYPE_CHECKING:
    from accounts.models import User


def _one_at_a_time(office: Office) -> ExclusionConstraint:
    """No two people in the office on the same day. The municipality is a range of one number, which GiST compares without the
    extension btree_gist, absent from some servers."""
    code = Cast("municipality", IntegerField())
    return ExclusionConstraint(
        name=f"one_{office}_at_a_time",
        expressions=[
            (Func(code, code, Value("[]"), function="int4range"), RangeOperators.OVERLAPS),
            (Func(F("starts"), F("ends"), function="daterange"), RangeOperators.OVERLAPS),
        ],
        condition=Q(office=office),
    )


class AuthorityQuerySet(models.QuerySet["Authority"]):
    def on(self, day: date) -> Self:
        """Those in office on `day`."""
        return self.filter(Q(ends__isnull=True) | Q(ends__gt=day), starts__lte=day)

    def visible_to(self, user: User) -> Self:
        """Authorities of the municipalities whose inner work the person may see: their RUN is among it."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))


@pghistory.track()
class Authority(models.Model):
    """A person in an office, from one day until another; `ends` is the first day without it. The RUN never becomes public."""

    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="authorities")
    office = models.CharField(_("office"), max_length=15, choices=Office)
    name = models.CharField(_("name"), max_length=150)
    run = models.CharField(_("RUN"), max_length=10)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)
    decree = models.CharField(_("decree"), max_length=200, help_text=_("the decree or act that says so, with its date"))
    decree_document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(_("recorded"))

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        ordering = ("municipality", "office", "-starts")
        constraints = (
            models.CheckConstraint(condition=Q(office__in=Office.values), name="authority_office_known"),
            models.CheckConstraint(
                condition=Q(run__regex=r"^[1-9][0-9]{0,7}-[0-9K]$"), name="authority_run_normalised"
            ),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gt=F("starts")), name="authority_ends_later"
            ),
            _one_at_a_time(Office.MAYOR),
            _one_at_a_time(Office.SECRETARY),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.get_office_display()})"

    @property
    def formatted_run(self) -> str:
        return format_run(self.run)

    @property
    def masked_run(self) -> str:
        return mask_run(self.run)

    @property
    def last_day(self) -> date | None:
        """The last day in office, as people say it; None while it goes on."""
        return self.ends - timedelta(days=1) if self.ends else None

    @property
    def fingerprint(self) -> str:
        """Of what a person saw before they correct it."""
        return fingerprint((self.office, self.name, self.run, self.starts, self.ends, self.decree))

    def is_in_office(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day < self.ends)


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> Self:
        """Contacts of the municipalities whose inner work the person may see."""
        return self.filter(municipality__in=Municipality.objects.visible_to(user))


@pghistory.track()
class Contact(models.Model):
    """Someone in a municipality to whom the council writes, with or without an account in the portal."""

    municipality = models.ForeignKey(Municipality, models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=150)
    position = models.CharField(_("position"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    is_main = models.BooleanField(_("main contact"), default=False, help_text=_("invitations go to this person"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("municipality", "-is_main", "name")
        constraints = (
            models.UniqueConstraint(fields=["municipality"], condition=Q(is_main=True), name="contact_one_main"),
            models.UniqueConstraint(
                fields=["municipality", "email"], condition=~Q(email=""), name="contact_email_once"
            ),
            models.CheckConstraint(condition=~Q(email="") | ~Q(phone=""), name="contact_reachable"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def fingerprint(self) -> str:
        """Of what a person saw before they change it."""
        return fingerprint((self.name, self.position, self.email, self.phone, self.is_main))
