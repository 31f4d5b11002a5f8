"""People, and the events that people read."""

from typing import Any, ClassVar

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.choices import CouncilRole, Language
from accounts.events import sentence
from accounts.rules import format_run


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person who signs in with `email`; without a password only a reset or a passkey opens the account."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser):
    """A person. Council staff carry their role here; municipal roles are memberships, with dates."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=150)
    run = models.CharField(_("RUN"), max_length=10, null=True, blank=True, unique=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.SPANISH)
    wants_digest = models.BooleanField(_("a mail a day with what waits for me"), default=True)
    council_role = models.CharField(_("role in the council"), max_length=20, choices=CouncilRole, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("since"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "pk")
        constraints = (
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(
                condition=models.Q(run__isnull=True) | models.Q(run__regex=r"^[1-9][0-9]{0,7}-[0-9K]$"),
                name="user_run_normalised",
            ),
            models.CheckConstraint(
                condition=models.Q(council_role__in=["", *CouncilRole.values]), name="user_council_role_known"
            ),
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="user_language_known"),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_council(self) -> bool:
        """Whether the person works for the council, in any role."""
        return bool(self.council_role)

    @property
    def is_administrator(self) -> bool:
        return self.council_role == CouncilRole.ADMINISTRATOR

    # Django's admin asks these; the tables of `permissions` decide everything else.
    @property
    def is_staff(self) -> bool:
        return self.is_administrator

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_administrator

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_administrator

    @property
    def formatted_run(self) -> str:
        return format_run(self.run) if self.run else ""


class Event(models.Model):
    """Something that happened, in words for people. It has no foreign keys, so no deletion can break the log.

    `kind` names the sentence (see each app's `events`), `data` holds what the sentence needs, `reason` what the actor typed.
    """

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=60)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150, blank=True)
    municipality_cut = models.CharField(max_length=5, blank=True)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-at", "-pk")
        indexes = (
            models.Index(fields=["municipality_cut", "-at"], name="event_of_municipality"),
            models.Index(fields=["subject_type", "subject_id", "-at"], name="event_of_subject"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_type} {self.subject_id}"

    @property
    def sentence(self) -> str:
        """The event in one sentence, in the reader's language."""
        return sentence(self)
