from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from municipalities.choices import RuralClass
from municipalities.models import Municipality, Region


class RegionSerializer(serializers.ModelSerializer[Region]):
    code = serializers.CharField(help_text=_("Code of the region: two digits."))
    name = serializers.CharField(help_text=_("Official name."))
    short_name = serializers.CharField(help_text=_("Name people use."))
    order = serializers.IntegerField(help_text=_("Place from north to south."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))

    class Meta:
        model = Region
        fields = ["code", "name", "short_name", "order", "page"]

    def get_page(self, region: Region) -> str:
        return absolute(self.context, f"/regiones/{region.code}-{region.slug}/")


class MunicipalitySerializer(serializers.ModelSerializer[Municipality]):
    cut = serializers.CharField(help_text=_("Code of the municipality (CUT): five digits, the first may be zero."))
    name = serializers.CharField(help_text=_("Official name."))
    region = serializers.CharField(source="region_id", help_text=_("Code of its region."))
    province = serializers.CharField(source="province_id", help_text=_("Code of its province."))
    rural_class = serializers.ChoiceField(
        choices=RuralClass.choices, help_text=_("Class in the national policy of rural development, Census 2024.")
    )
    latitude = serializers.FloatField(help_text=_("Latitude of the seat, in degrees."))
    longitude = serializers.FloatField(help_text=_("Longitude of the seat, in degrees."))
    distance_km = serializers.IntegerField(help_text=_("Kilometres to Santiago in a straight line."))
    inhabitants = serializers.IntegerField(help_text=_("Inhabitants in the latest census."))
    peer_group = serializers.CharField(help_text=_("Code of the group of municipalities alike."))
    page = serializers.SerializerMethodField(help_text=_("Address of its page in this portal."))

    class Meta:
        model = Municipality
        fields = [
            "cut", "name", "region", "province", "rural_class", "latitude", "longitude", "distance_km", "inhabitants",
            "peer_group", "page",
        ]  # fmt: skip

    def get_page(self, municipality: Municipality) -> str:
        return absolute(self.context, f"/municipios/{municipality.cut}-{municipality.slug}/")


def absolute(context: Mapping[str, Any], path: str) -> str:
    return str(context["request"].build_absolute_uri(path)) if "request" in context else path
