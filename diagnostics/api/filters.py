from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from diagnostics.choices import RoundKind, ScoreLevel
from diagnostics.models import Diagnostic
from municipalities.api.filters import of_municipality


class DiagnosticFilter(filters.FilterSet):
    """Filters of the published diagnostics."""

    locals().update(of_municipality(""))
    round = filters.NumberFilter(field_name="round", min_value=0, help_text=_("Number of the round."))
    moment = filters.ChoiceFilter(
        field_name="round__kind", choices=RoundKind.choices, help_text=_("baseline, midterm or final.")
    )
    version = filters.CharFilter(
        field_name="version__version", help_text=_("Version of the instrument, such as 2026.1.")
    )
    level = filters.NumberFilter(
        method="by_level", min_value=1, max_value=100, help_text=_("Level of the index, from 1.")
    )
    since = filters.DateFilter(
        field_name="public_from", lookup_expr="gte", help_text=_("Public from this day on, such as 2026-03-01.")
    )

    class Meta:
        model = Diagnostic
        fields: list[str] = []

    def by_level(self, queryset: QuerySet[Diagnostic], name: str, value: int) -> QuerySet[Diagnostic]:
        return queryset.filter(scores__level=ScoreLevel.INDEX, scores__step=value)
