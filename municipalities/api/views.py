from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from municipalities.api.filters import AdhesionFilter, MunicipalityFilter
from municipalities.api.listing import OpenList, documented
from municipalities.api.serializers import AdhesionSerializer, MunicipalitySerializer, RegionSerializer
from municipalities.choices import SignatureState
from municipalities.models import Act, Adhesion, Municipality, Region, Signature


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


# The accepted act of each adhesion, with two questions more for a page, however long.
_SIGNATURES = Signature.objects.filter(state=SignatureState.ACCEPTED).select_related(
    "act__authority", "document", "public_document"
)
_ACTS = Act.objects.filter(signatures__state=SignatureState.ACCEPTED).prefetch_related(
    Prefetch("signatures", _SIGNATURES, to_attr="accepted")
)


@documented(
    AdhesionSerializer,
    tag="adhesiones",
    many=_("Adhesions in force, suspended or ended"),
    one=_("An adhesion by its number"),
)
class Adhesions(OpenList[Adhesion]):
    queryset = (
        Adhesion.objects.published()
        .select_related("municipality")
        .prefetch_related(Prefetch("acts", _ACTS, to_attr="accepted_acts"))
    )
    serializer_class = AdhesionSerializer
    filterset_class = AdhesionFilter
    page_order = "pk"
    lookup_value_regex = "[0-9]{1,15}"
