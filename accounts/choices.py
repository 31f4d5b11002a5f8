from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CouncilRole(TextChoices):
    """What a member of the council's staff is; blank for everyone else."""

    ADMINISTRATOR = "administrator", _("Administrator")
    ADVISER = "adviser", _("Adviser")
    ANALYST = "analyst", _("Analyst")


class MunicipalRole(TextChoices):
    """What a membership makes of a person in one municipality."""

    COORDINATOR = "coordinator", _("Coordinator")
    OFFICER = "officer", _("Officer")
    MAYOR = "mayor", _("Mayor")
    READER = "reader", _("Reader")


class Language(TextChoices):
    SPANISH = "es", _("Spanish")
    ENGLISH = "en", _("English")
