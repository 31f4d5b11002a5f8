from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Side(TextChoices):
    INCOME = "income", _("Income")
    EXPENSE = "expense", _("Expense")


class Level(TextChoices):
    """Depth of an account in the classifier (Decree 854/2004); `local` is what a municipality opens below."""

    ROOT = "root", _("Total")
    SUBTITULO = "subtitulo", _("Subtítulo")
    ITEM = "item", _("Ítem")
    ASIGNACION = "asignacion", _("Asignación")
    SUBASIGNACION = "subasignacion", _("Subasignación")
    LOCAL = "local", _("Local account")


class Verification(TextChoices):
    """How an account's name and place are known."""

    SEEN = "seen", _("seen in an official source")
    INFERRED = "inferred", _("inferred from SINIM's variables")
    UNVERIFIED = "unverified", _("not yet confirmed by a source")
    LOCAL = "local", _("opened by a municipality")


class Sector(TextChoices):
    MUNICIPAL = "municipal", _("Municipal")
    EDUCATION = "education", _("Education")
    HEALTH = "health", _("Health")
    CEMETERY = "cemetery", _("Cemetery")


class Area(TextChoices):
    """The six management areas: expense of the municipal sector only."""

    INTERNAL = "01", _("Internal management")
    COMMUNITY = "02", _("Services to the community")
    ACTIVITIES = "03", _("Municipal activities")
    SOCIAL = "04", _("Social programmes")
    RECREATION = "05", _("Recreational programmes")
    CULTURE = "06", _("Cultural programmes")


class Source(TextChoices):
    SINIM = "sinim", _("SINIM (SUBDERE)")
    DEMONSTRATION = "demonstration", _("Demonstration data")


class SourceUnit(TextChoices):
    PESOS = "pesos", _("pesos")
    THOUSANDS = "thousands", _("thousands of pesos")


class DatasetState(TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")
    DISCARDED = "discarded", _("Discarded")


class ImportState(TextChoices):
    QUEUED = "queued", _("Waiting")
    READING = "reading", _("Reading the file")
    READY = "ready", _("Ready to publish")
    REFUSED = "refused", _("Refused")
    PUBLISHING = "publishing", _("Publishing")
    PUBLISHED = "published", _("Published")
    DISCARDED = "discarded", _("Discarded")


class Measure(TextChoices):
    """The four amounts of a budget line. `settled` is paid (expense) or received (income)."""

    INITIAL = "initial", _("Initial budget")
    CURRENT = "current", _("Current budget")
    ACCRUED = "accrued", _("Accrued")
    SETTLED = "settled", _("Paid or received")


class Unit(TextChoices):
    PESOS = "pesos", _("pesos")
    PERCENT = "percent", _("percent")
    COUNT = "count", _("number")
    RATE = "rate", _("rate")
    YES_NO = "yes_no", _("yes or no")
    SQUARE_METRES = "m2", _("square metres")


class Missing(TextChoices):
    """Why a value is not there. Never a zero."""

    NOT_RECEIVED = "not_received", _("the municipality did not report it")
    NOT_APPLICABLE = "not_applicable", _("does not apply")
    NOT_OFFICIAL = "not_official", _("the source has no official figure")
    BLANK = "blank", _("blank in the source")


class Severity(TextChoices):
    NOTICE = "notice", _("Notice")
    WARNING = "warning", _("Warning")
    SERIOUS = "serious", _("Serious")
