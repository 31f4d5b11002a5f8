from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RuralClass(TextChoices):
    """Class of a commune in the national policy of rural development (PNDR), Censo 2024."""

    URBAN = "urban", _("Urban")
    MIXED = "mixed", _("Mixed")
    RURAL = "rural", _("Rural")


class PopulationSource(TextChoices):
    CENSUS_2024 = "census_2024", _("Census 2024 (INE)")
    PROJECTION_2017 = "projection_2017", _("Projections 2002-2035, base 2017 (INE)")
