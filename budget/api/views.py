from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view

from budget.api.filters import DatasetFilter, IndicatorFilter, IndicatorValueFilter, LineFilter
from budget.api.serializers import DatasetSerializer, IndicatorSerializer, IndicatorValueSerializer, LineSerializer
from budget.choices import DatasetState
from budget.models import Dataset, Indicator, IndicatorValue, Line
from municipalities.api.listing import OpenList

PUBLIC = [DatasetState.PUBLISHED, DatasetState.SUPERSEDED]


@extend_schema_view(
    list=extend_schema(summary=_("Editions of budgets: one municipality, year and source each"), tags=["budget"]),
    retrieve=extend_schema(summary=_("An edition by its number, in force or not"), tags=["budget"]),
)
class Datasets(OpenList[Dataset]):
    queryset = Dataset.objects.public().select_related("municipality", "file")
    serializer_class = DatasetSerializer
    filterset_class = DatasetFilter
    lookup_value_regex = "[0-9]{1,12}"


@extend_schema_view(
    list=extend_schema(summary=_("Lines: the amounts of an account"), tags=["budget"]),
    retrieve=extend_schema(summary=_("A line by its number"), tags=["budget"]),
)
class Lines(OpenList[Line]):
    queryset = Line.objects.filter(dataset__state__in=PUBLIC).select_related("dataset", "account")
    serializer_class = LineSerializer
    filterset_class = LineFilter
    lookup_value_regex = "[0-9]{1,12}"


@extend_schema_view(
    list=extend_schema(summary=_("Indicators that the sources publish"), tags=["indicators"]),
    retrieve=extend_schema(summary=_("An indicator by its code"), tags=["indicators"]),
)
class Indicators(OpenList[Indicator]):
    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilter
    page_order = "code"
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9. ]{1,30}"


@extend_schema_view(
    list=extend_schema(summary=_("Values of the indicators"), tags=["indicators"]),
    retrieve=extend_schema(summary=_("A value by its number"), tags=["indicators"]),
)
class IndicatorValues(OpenList[IndicatorValue]):
    queryset = IndicatorValue.objects.filter(dataset__state__in=PUBLIC).select_related("dataset", "indicator")
    serializer_class = IndicatorValueSerializer
    filterset_class = IndicatorValueFilter
    lookup_value_regex = "[0-9]{1,12}"
