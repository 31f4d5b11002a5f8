from django.utils.translation import gettext_lazy as _

from municipalities.api.filters import MunicipalityFilter
from municipalities.api.listing import OpenList, documented
from municipalities.api.serializers import MunicipalitySerializer, RegionSerializer
from municipalities.models import Municipality, Region


@documented(RegionSerializer, tag="registro", many=_("Regions, from north to south"), one=_("A region by its code"))
class Regions(OpenList[Region]):
    queryset = Region.objects.all()
    serializer_class = RegionSerializer
    page_order = "order"
    lookup_value_regex = "[0-9]{2}"


@documented(
    MunicipalitySerializer,
    tag="registro",
    many=_("Municipalities of the register"),
    one=_("A municipality by its code (CUT)"),
)
class Municipalities(OpenList[Municipality]):
    queryset = Municipality.objects.all()
    serializer_class = MunicipalitySerializer
    filterset_class = MunicipalityFilter
    page_order = "cut"
    lookup_value_regex = "[0-9]{5}"
