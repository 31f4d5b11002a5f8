from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from municipalities.choices import AdhesionState, RuralClass
from municipalities.models import Adhesion, Municipality
from municipalities.rules.adhesion_states import FINAL, PUBLIC
from municipalities.rules.register import compact, normalise


class MunicipalityFilter(filters.FilterSet):
    """Filters of the register."""

    region = filters.CharFilter(field_name="region", help_text=_("Code of the region, such as 13."))
    province = filters.CharFilter(field_name="province", help_text=_("Code of the province, such as 131."))
    rural_class = filters.ChoiceFilter(choices=RuralClass.choices, help_text=_("urban, mixed or rural."))
    peer_group = filters.CharFilter(help_text=_("Code of the group of municipalities alike."))
    q = filters.CharFilter(method="search", help_text=_("Part of the name, with or without accents."))

    class Meta:
        model = Municipality
        fields: list[str] = []

    def search(self, queryset: QuerySet[Municipality], name: str, value: str) -> QuerySet[Municipality]:
        found = queryset.filter(search__contains=normalise(value)) | queryset.filter(search__contains=compact(value))
        return found if compact(value) else queryset.none()


def of_municipality(path: str) -> dict[str, Any]:
    """The filters by place of rows that belong to a municipality, reached over `path` (`""` or `"dataset__"`)."""
    place = f"{path}municipality"
    return {
        "cut": filters.CharFilter(field_name=place, help_text=_("Code (CUT) of the municipality, such as 13120.")),
        "region": filters.CharFilter(field_name=f"{place}__region", help_text=_("Code of the region, such as 13.")),
        "rural_class": filters.ChoiceFilter(
            field_name=f"{place}__rural_class", choices=RuralClass.choices, help_text=_("urban, mixed or rural.")
        ),
    }


class AdhesionFilter(filters.FilterSet):
    """Filters of the adhesions."""

    cut = filters.CharFilter(field_name="municipality", help_text=_("Code (CUT) of the municipality, such as 13120."))
    region = filters.CharFilter(field_name="municipality__region", help_text=_("Code of the region, such as 13."))
    rural_class = filters.ChoiceFilter(
        field_name="municipality__rural_class", choices=RuralClass.choices, help_text=_("urban, mixed or rural.")
    )
    state = filters.ChoiceFilter(
        choices=[(state.value, state.label) for state in AdhesionState if state in PUBLIC | FINAL],
        help_text=_("in_force, suspended, withdrawn or concluded."),
    )
    since = filters.DateFilter(
        field_name="in_force_from", lookup_expr="gte", help_text=_("In force from this day on, such as 2026-03-01.")
    )

    class Meta:
        model = Adhesion
        fields: list[str] = []
