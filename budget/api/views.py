from django.utils.translation import gettext_lazy as _

from budget.api.filters import DatasetFilter, IndicatorFilter, IndicatorValueFilter, LineFilter
from budget.api.serializers import DatasetSerializer, IndicatorSerializer, IndicatorValueSerializer, LineSerializer
from budget.choices import DatasetState
from budget.models import Dataset, Indicator, IndicatorValue, Line
from municipalities.api.listing import OpenList, documented

PUBLIC = [DatasetState.PUBLISHED, DatasetState.SUPERSEDED]


@documented(
    DatasetSerializer,
    tag="presupuesto",
    many=_("Editions of budgets: one municipality, year and source each"),
    one=_("An edition by its number, in force or not"),
)
class Datasets(OpenList[Dataset]):
    queryset = Dataset.objects.public().select_related("municipality", "file")
    serializer_class = DatasetSerializer
    filterset_class = DatasetFilter
    lookup_value_regex = "[0-9]{1,12}"


@documented(
    LineSerializer, tag="presupuesto", many=_("Lines: the amounts of an account"), one=_("A line by its number")
)
class Lines(OpenList[Line]):
    queryset = Line.objects.filter(dataset__state__in=PUBLIC).select_related("dataset", "account")
    serializer_class = LineSerializer
    filterset_class = LineFilter
    lookup_value_regex = "[0-9]{1,12}"


@documented(
    IndicatorSerializer,
    tag="indicadores",
    many=_("Indicators that the sources publish"),
    one=_("An indicator by its code"),
)
class Indicators(OpenList[Indicator]):
    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilter
    page_order = "code"
    lookup_field = "code"
    lookup_value_regex = "[A-Za-z0-9. ]{1,30}"


@documented(
    IndicatorValueSerializer, tag="indicadores", many=_("Values of the indicators"), one=_("A value by its number")
)
class IndicatorValues(OpenList[IndicatorValue]):
    queryset = IndicatorValue.objects.filter(dataset__state__in=PUBLIC).select_related("dataset", "indicator")
    serializer_class = IndicatorValueSerializer
    filterset_class = IndicatorValueFilter
    lookup_value_regex = "[0-9]{1,12}"
