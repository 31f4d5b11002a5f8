from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view

from municipalities.api.filters import MunicipalityFilter
from municipalities.api.listing import OpenList
from municipalities.api.serializers import MunicipalitySerializer, RegionSerializer
from municipalities.models import Municipality, Region


@extend_schema_view(
    list=extend_schema(summary=_("Regions, from north to south"), tags=["register"]),
    retrieve=extend_schema(summary=_("A region by its code"), tags=["register"]),
)
class Regions(OpenList[Region]):
    queryset = Region.objects.all()
    serializer_class = RegionSerializer
    page_order = "order"
    lookup_value_regex = "[0-9]{2}"


@extend_schema_view(
    list=extend_schema(summary=_("Municipalities of the register"), tags=["register"]),
    retrieve=extend_schema(summary=_("A municipality by its code (CUT)"), tags=["register"]),
)
class Municipalities(OpenList[Municipality]):
    queryset = Municipality.objects.all()
    serializer_class = MunicipalitySerializer
    filterset_class = MunicipalityFilter
    page_order = "cut"
    lookup_value_regex = "[0-9]{5}"
