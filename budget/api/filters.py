from typing import cast

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from budget.choices import Area, DatasetState, Level, Sector, Side, Source, Unit
from budget.models import Dataset, Indicator, IndicatorValue, Line
from municipalities.api.filters import of_municipality

PUBLIC_STATES = [(state.value, state.label) for state in (DatasetState.PUBLISHED, DatasetState.SUPERSEDED)]


class Year(filters.NumberFilter):
    def __init__(self, path: str = "") -> None:
        super().__init__(
            field_name=f"{path}year", min_value=1900, max_value=2200, help_text=_("Year of the budget, such as 2024.")
        )


class SourceFilter(filters.ChoiceFilter):
    def __init__(self, path: str = "") -> None:
        super().__init__(
            field_name=f"{path}source",
            choices=Source.choices,
            help_text=_("sinim, or demonstration for invented data."),
        )


class SectorFilter(filters.ChoiceFilter):
    def __init__(self, path: str = "") -> None:
        choices = Sector.choices
        super().__init__(
            field_name=f"{path}sector", choices=choices, help_text=_("municipal, education, health or cemetery.")
        )


class DatasetFilter(filters.FilterSet):
    """Filters of editions. Without `state`, those in force."""

    cut, region, rural_class = of_municipality("").values()
    year = Year()
    source = SourceFilter()
    sector = SectorFilter()
    state = filters.ChoiceFilter(
        choices=PUBLIC_STATES, help_text=_("published (in force) or superseded. In force if nothing is said.")
    )

    class Meta:
        model = Dataset
        fields: list[str] = []

    def filter_queryset(self, queryset: QuerySet[Dataset]) -> QuerySet[Dataset]:
        found = cast("QuerySet[Dataset]", super().filter_queryset(queryset))
        return found if self.form.cleaned_data.get("state") else found.filter(state=DatasetState.PUBLISHED)


class InDataset(filters.FilterSet):
    """Filters of rows that belong to an edition. Without `dataset`, rows of the editions in force."""

    dataset = filters.NumberFilter(
        field_name="dataset",
        min_value=1,
        help_text=_("Number of the edition, in force or not. Those in force if nothing is said."),
    )
    cut, region, rural_class = of_municipality("dataset__").values()
    year = Year("dataset__")
    source = SourceFilter("dataset__")
    sector = SectorFilter("dataset__")

    class Meta:
        abstract = True

    def filter_queryset(self, queryset: QuerySet[Line]) -> QuerySet[Line]:
        found = cast("QuerySet[Line]", super().filter_queryset(queryset))
        return found if self.form.cleaned_data.get("dataset") else found.filter(dataset__state=DatasetState.PUBLISHED)


class LineFilter(InDataset):
    account = filters.CharFilter(field_name="account__code", help_text=_("Code of the account, such as 215.21."))
    below = filters.CharFilter(
        method="inside", help_text=_("Code of an account: its parts at any depth, without itself.")
    )
    area = filters.ChoiceFilter(choices=Area.choices, help_text=_("Management area, from 01 to 06."))
    side = filters.ChoiceFilter(field_name="account__side", choices=Side.choices, help_text=_("income or expense."))
    level = filters.ChoiceFilter(
        field_name="account__level", choices=Level.choices, help_text=_("Depth of the account.")
    )

    class Meta:
        model = Line
        fields: list[str] = []

    def inside(self, queryset: QuerySet[Line], name: str, value: str) -> QuerySet[Line]:
        return queryset.filter(account__code__startswith=f"{value}.")


class IndicatorFilter(filters.FilterSet):
    unit = filters.ChoiceFilter(choices=Unit.choices, help_text=_("pesos, percent, count, rate, m2 or yes_no."))
    subject = filters.CharFilter(help_text=_("Group to which it belongs, as written in the list."))
    source = SourceFilter()

    class Meta:
        model = Indicator
        fields: list[str] = []


class IndicatorValueFilter(InDataset):
    code = filters.CharFilter(field_name="indicator__code", help_text=_("Code of the indicator, such as IADM41."))

    class Meta:
        model = IndicatorValue
        fields: list[str] = []
